// What an operator reads of `keyward doctor` about a database of PostgreSQL.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { newPlace, type TestPlace } from '../assembled-server.ts';
import { folder, keyward, useCertificate } from './installation.ts';

describe('with PostgreSQL', () => {
  let place: TestPlace;
  afterEach(() => place.remove());
  const told = async (environment: NodeJS.ProcessEnv) => {
    const { code, output } = await keyward(['doctor', '--json'], { environment });
    const { findings } = JSON.parse(output) as { findings: Finding[] };
    return { code, output, findings, database: findings.filter(({ check }) => check === 'database') };
  };

  test('looks at version, answer time, durability and clock', async () => {
    place = await newPlace('postgres');
    useCertificate();
    const { findings } = await told(place.environment);
    expect(findings).toContainEqual({
      check: 'database',
      status: 'ok',
      text: expect.stringMatching(/^PostgreSQL \d+.*answers in \d+\.\d ms$/),
      mend: null,
    });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'clock', status: 'ok' }));
    const unnoticed = { status: 'warning', text: expect.stringContaining('older copy'), mend: expect.any(String) };
    expect(findings).toContainEqual(expect.objectContaining(unnoticed));
    const { database } = await told({ ...place.environment, KEYWARD_JOURNAL_HEAD: 'journal.head' });
    expect(database).not.toContainEqual(expect.objectContaining(unnoticed));
  });

  test('names one that nobody answers for, one that is not there, and one without tables, and no password', async () => {
    place = await newPlace('postgres', { isEmpty: true });
    useCertificate();
    const away = { ...place.environment, KEYWARD_DATABASE: 'postgres://keyward:hunter2secret@127.0.0.1:1/keyward' };
    const unreachable = await told(away);
    expect(unreachable.code).toBe(1);
    expect(unreachable.database).toEqual([
      expect.objectContaining({ text: expect.stringContaining('nobody listens on'), mend: expect.any(String) }),
    ]);
    expect(unreachable.output).not.toContain('hunter2secret');
    const other = new URL(place.databaseUrl ?? '');
    other.pathname = '/no_such_database';
    const { database } = await told({ ...place.environment, KEYWARD_DATABASE: other.href });
    expect(database[0]?.mend).toContain('createdb');
    expect((await told(place.environment)).database).toContainEqual(
      expect.objectContaining({ status: 'problem', mend: expect.stringContaining('keyward migrate') }),
    );
  });

  test('names one that takes no changes, and a settings file that shows its password to others', async () => {
    place = await newPlace('postgres');
    const { databaseUrl } = place;
    if (databaseUrl === null) throw new Error('There is no database.');
    const client = new pg.Client(databaseUrl);
    await client.connect();
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.query(`alter database "${name}" set default_transaction_read_only = on`);
    await client.end();
    useCertificate();
    const withPassword = Object.assign(new URL(databaseUrl), { password: new URL(databaseUrl).password || 'unused' });
    const settings = `database: ${JSON.stringify(withPassword.href)}\ntls: { cert: cert.pem, key: key.pem }\n`;
    writeFileSync(join(folder, 'keyward.yaml'), settings, { mode: 0o644 });
    const { KEYWARD_DATABASE: _, ...others } = place.environment;
    const { database, findings } = await told(others);
    expect(database).toContainEqual(
      expect.objectContaining({ status: 'problem', text: expect.stringContaining('takes no changes') }),
    );
    const open = { check: 'permissions', status: 'warning', mend: expect.stringMatching(/chmod 600 .*keyward\.yaml/) };
    expect(findings).toContainEqual(expect.objectContaining(open));
  });
});
