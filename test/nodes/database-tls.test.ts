// TLS to a real PostgreSQL: each sslmode with the right authority, with a wrong one and with a wrong name, as an operator
// would meet it. The certificate is made here.

import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { databaseFailure } from '../../server/src/startup/database-failure.ts';
import { StartupError } from '../../server/src/startup/startup-error.ts';
import { openDatabase } from '../../server/src/storage/open.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { newFolder } from './folder.ts';

let postgres: TestPostgres;
const folder = newFolder();
let own = '';
let foreign = '';

beforeAll(async () => {
  postgres = await startPostgres();
  const { cert, key } = selfSigned();
  own = folder.write('own.pem', cert);
  foreign = folder.write('foreign.pem', selfSigned().cert);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  // The server itself writes them, as only its account may read the key.
  for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    const lines = `select unnest(string_to_array('${text.trim()}', E'\n'))`;
    await client.query(`copy (${lines}) to program 'umask 077; cat > ${name}'`);
  }
  await client.query('alter system set ssl = on');
  await client.query('select pg_reload_conf()');
  while ((await client.query('show ssl')).rows[0]?.ssl !== 'on') await pause(20);
  await client.end();
}, 120_000);
afterAll(async () => {
  await postgres?.stop();
  folder.remove();
});

/** "encrypted", "in clear", or what the operator is told. */
async function opened(parameters: string, host = '127.0.0.1'): Promise<string> {
  const url = `${postgres.url.replace('127.0.0.1', host)}?${parameters}`;
  const place = { postgres: { url } };
  try {
    const database = await openDatabase(place, false);
    const query = sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    const { rows } = await query.execute(database.reads);
    await database.close();
    return rows[0]?.ssl === true ? 'encrypted' : 'in clear';
  } catch (error) {
    const told = databaseFailure(error, place);
    if (!(told instanceof StartupError)) throw told;
    return `${told.message} ${told.hint}`;
  }
}

const trust = () => `sslrootcert=${own}`;

test('each sslmode does what it says where all is right [S112]', async () => {
  expect(await opened('')).toBe('in clear');
  expect(await opened('sslmode=disable')).toBe('in clear');
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
    expect(await opened(`sslmode=${mode}&${trust()}`), mode).toBe('encrypted');
  }
  expect(await opened('sslmode=no-verify')).toBe('encrypted');
});

test('a certificate of another authority is refused in every mode that checks one, in plain words [S112]', async () => {
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
    for (const more of ['', `&sslrootcert=${foreign}`]) {
      expect(await opened(`sslmode=${mode}${more}`), mode).toMatch(
        /its certificate is not trusted .* Name the authority that issued it: .*sslrootcert/,
      );
    }
  }
});

test('a certificate for another name is refused unless verify-ca says that any will do, in plain words [S112]', async () => {
  for (const mode of ['prefer', 'require', 'verify-full']) {
    expect(await opened(`sslmode=${mode}&${trust()}`, 'localhost'), mode).toMatch(
      /its certificate is for another name .* Name the host in KEYWARD_DATABASE as the certificate does/,
    );
  }
  expect(await opened(`sslmode=verify-ca&${trust()}`, 'localhost')).toBe('encrypted');
});
