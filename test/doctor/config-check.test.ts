// `keyward config check` reads settings as a start would, and a doctor that has nothing to look at says what to name.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { folder, keyward, useCertificate } from './installation.ts';

test('says what to name where there is neither a server nor a sign-in', async () => {
  const { code, errors } = await keyward(['doctor']);
  expect(code).toBe(2);
  expect(errors).toMatch(/--data.*--url.*keyward login/s);
});

describe('keyward config check', () => {
  test('shows what the settings came to, and no secret', async () => {
    useCertificate();
    const KEYWARD_SECRETS = generateSealingKeys();
    const KEYWARD_DATABASE = 'postgres://keyward:hunter2secret@db.example/keyward?sslmode=require';
    const { code, output } = await keyward(['config', 'check', '--json'], {
      environment: { KEYWARD_DATABASE, KEYWARD_SECRETS },
    });
    expect(code).toBe(0);
    const { valid, settings } = JSON.parse(output);
    expect(valid).toBe(true);
    expect(settings).toMatchObject({ port: 8080, secrets: 'set', database: expect.stringContaining('db.example') });
    expect(output).not.toContain('hunter2secret');
    expect(output).not.toContain(KEYWARD_SECRETS.trim());
  });

  test.each([
    ['a setting that does not exist', 'prot: 8080\n', /prot/],
    ['a value that cannot be used', 'port: eighty\n', /port/],
    ['a certificate that is not there', 'tls: { cert: no.pem, key: no.pem }\n', /no\.pem/],
    ['authorities that are not there', 'outbound: { ca: no.pem }\n', /no\.pem/],
  ])('refuses %s, and names it', async (_what, text, named) => {
    writeFileSync(join(folder, 'keyward.yaml'), text);
    const { code, errors } = await keyward(['config', 'check']);
    expect(code).toBeGreaterThan(0);
    expect(errors).toMatch(named);
    expect(errors).not.toContain('should not have happened');
  });

  test('refuses sealing keys that are none, as a start would', async () => {
    const { code, errors } = await keyward(['config', 'check'], { environment: { KEYWARD_SECRETS: './secrets.key' } });
    expect(code).toBe(1);
    expect(errors).toContain('$(cat secrets.key)');
  });

  test('takes the variables that are for other commands', async () => {
    useCertificate();
    const environment = { KEYWARD_PROFILE: 'staging', KEYWARD_TOKEN: 'x', KEYWARD_MOVE_TO: 'sqlite:elsewhere' };
    expect(await keyward(['config', 'check'], { environment })).toMatchObject({ code: 0 });
  });
});
