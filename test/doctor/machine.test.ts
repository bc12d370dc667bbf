// What an operator reads of `keyward doctor` on the server's own machine: everything is right, or one thing is wrong and the
// mend is named. The folder, the database and the files are real.

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { run } from '../../server/src/cli/program.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { newPlace, type TestPlace } from '../assembled-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;

async function keyward(args: readonly string[], { input = '', environment = {} as NodeJS.ProcessEnv } = {}) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const HOME = folder;
  const around = {
    KEYWARD_LOG_LEVEL: 'silent',
    HOME,
    KEYWARD_CREDENTIALS: join(folder, 'nobody.yaml'),
    ...environment,
  };
  const code = await run(args, { input: Readable.from([input]), output, errors, environment: around, folder });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

/** The findings that are not `ok`, by what was looked at. */
async function faults(environment: NodeJS.ProcessEnv = {}) {
  const { code, output } = await keyward(['doctor', '--json', '--data', join(folder, 'data')], { environment });
  const { healthy, findings } = JSON.parse(output) as { healthy: boolean; findings: Finding[] };
  expect(code).toBe(healthy ? 0 : 1);
  return findings.filter(({ status, check }) => status !== 'ok' && check !== 'disk');
}

function useCertificate(wanted: Parameters<typeof selfSigned>[0] = {}): void {
  const { cert, key } = selfSigned({ validTo: Date.now() + 90 * day, ...wanted });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'keyward.yaml'), 'tls: { cert: cert.pem, key: key.pem }\n');
}

/** A server with an owner and a certificate, of which nothing is wrong. */
async function sound(): Promise<void> {
  useCertificate();
  const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'];
  expect(await keyward(init, { input: 'a kettle on the mountain\n' })).toMatchObject({ code: 0 });
}

const inDatabase = (statement: string) => {
  const database = new Database(join(folder, 'data', 'keyward.db'));
  database.exec(statement);
  database.close();
};

describe('on the machine of a server', () => {
  test('says of each thing that it is right, and that nothing is wrong', async () => {
    await sound();
    const { code, output } = await keyward(['doctor']);
    expect(output).toContain('Nothing is wrong');
    for (const check of ['settings', 'certificate', 'data folder', 'database', 'sealing keys', 'journal'])
      expect(output).toMatch(new RegExp(`^✓ ${check}`, 'm'));
    expect(code).toBe(0);
  });

  test('makes and changes nothing', async () => {
    await sound();
    // SQLite makes its -wal and -shm files for whoever reads.
    const files = () => readdirSync(join(folder, 'data')).filter((name) => !/-(?:wal|shm)$/.test(name));
    const before = files();
    await keyward(['doctor']);
    expect(files()).toEqual(before);
    await keyward(['doctor', '--data', join(folder, 'elsewhere')]);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });

  test.each([
    [
      'a certificate that ended',
      () => useCertificate({ validFrom: Date.now() - 9 * day, validTo: Date.now() - day }),
      { check: 'certificate', status: 'warning', text: expect.stringMatching(/expired on .* clients refuse it/) },
    ],
    [
      'a certificate of another key',
      () => writeFileSync(join(folder, 'key.pem'), selfSigned().key),
      { check: 'certificate', status: 'problem', text: expect.stringContaining('do not belong together') },
    ],
    [
      'no certificate and no proxy',
      () => rmSync(join(folder, 'keyward.yaml')),
      { check: 'certificate', status: 'problem', mend: expect.stringContaining('trustedProxies') },
    ],
    [
      'sealing keys that others may read',
      () => chmodSync(join(folder, 'data', 'secrets.key'), 0o644),
      { check: 'data folder', status: 'warning', text: expect.stringMatching(/mode 0644.*chmod 600 .*secrets\.key/) },
    ],
    [
      'sealing keys of another server',
      () => writeFileSync(join(folder, 'data', 'secrets.key'), generateSealingKeys()),
      { check: 'sealing keys', status: 'problem', text: expect.stringContaining('do not fit this database') },
    ],
    [
      'sealing keys that are gone',
      () => rmSync(join(folder, 'data', 'secrets.key')),
      { check: 'sealing keys', status: 'problem', text: expect.stringMatching(/secrets\.key is missing/) },
    ],
    [
      'a database without its newest tables',
      () => inDatabase('delete from schema_migrations where name = (select max(name) from schema_migrations)'),
      { check: 'database', status: 'problem', mend: expect.stringContaining('keyward migrate') },
    ],
    [
      'a file that is no database',
      () => writeFileSync(join(folder, 'data', 'keyward.db'), 'this is a text, and not a short one either'),
      { check: 'database', status: 'problem', text: expect.stringContaining('no SQLite database') },
    ],
    [
      'no database',
      () => rmSync(join(folder, 'data', 'keyward.db')),
      { check: 'database', status: 'problem', mend: expect.stringContaining('keyward init') },
    ],
    [
      'a setting that does not exist',
      () => writeFileSync(join(folder, 'keyward.yaml'), 'prot: 8080\n'),
      { check: 'settings', status: 'problem', text: expect.stringContaining('prot') },
    ],
  ] as [string, () => void, Partial<Finding>][])('names %s, and the mend', async (_what, spoil, finding) => {
    await sound();
    spoil();
    expect(await faults()).toEqual([expect.objectContaining(finding)]);
  });

  test('finds an entry of the journal that was altered', async () => {
    await sound();
    const database = new Database(join(folder, 'data', 'keyward.db'));
    const triggers = database.prepare("select name from sqlite_master where type = 'trigger'").all() as {
      name: string;
    }[];
    for (const { name } of triggers) database.exec(`drop trigger "${name}"`);
    database.exec("update journal set action = 'nothing.happened' where seq = 1");
    database.close();
    const altered = { check: 'journal', status: 'problem', text: expect.stringContaining('Entry 1 was altered') };
    expect(await faults()).toEqual([expect.objectContaining(altered)]);
  });
});

describe('with PostgreSQL', () => {
  let place: TestPlace;
  afterEach(() => place.remove());

  test('looks at version, answer time, durability and clock, and at the address that nobody answers', async () => {
    place = await newPlace('postgres');
    useCertificate();
    const { output } = await keyward(['doctor', '--json'], { environment: place.environment });
    const { findings } = JSON.parse(output) as { findings: Finding[] };
    expect(findings).toContainEqual({
      check: 'database',
      status: 'ok',
      text: expect.stringMatching(/^PostgreSQL \d+.*answers in \d+\.\d ms$/),
      mend: null,
    });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'clock', status: 'ok' }));
    const away = { ...place.environment, KEYWARD_DATABASE: 'postgres://keyward:hunter2secret@127.0.0.1:1/keyward' };
    const told = await keyward(['doctor', '--json'], { environment: away });
    expect(told.code).toBe(1);
    expect(told.output).toContain('cannot be used');
    expect(told.output).not.toContain('hunter2secret');
  });
});

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
  ])('refuses %s, and names it', async (_what, text, named) => {
    writeFileSync(join(folder, 'keyward.yaml'), text);
    const { code, errors } = await keyward(['config', 'check']);
    expect(code).toBeGreaterThan(0);
    expect(errors).toMatch(named);
    expect(errors).not.toContain('should not have happened');
  });
});
