// A change that cannot be written down is not made, and says so; checks go on.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { assemble } from '../../server/src/assemble.ts';
import type { Config } from '../../server/src/config/config.ts';
import { publicIdOf } from '../../server/src/core/secret.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { openConnection } from '../bad-input/http-client.ts';
import { lossesIn } from '../faults/losses.ts';
import { prepareDatabase, readDatabaseState } from '../faults/prepared-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refuse = {
  sqlite: "create trigger refuse before insert on journal begin select raise(abort, 'no room in the journal'); end",
  postgres: `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room in the journal'; end $$;
    create trigger refuse before insert on journal for each row execute function refuse()`,
};
const allow = { sqlite: 'drop trigger refuse', postgres: 'drop trigger refuse on journal' };

test.each(['sqlite', 'postgres'] as const)(
  'on %s, while the journal takes no entry every change is refused and undone, checks go on, and then all is well [S49] [S122]',
  async (database) => {
    const { config, bearer } = await prepareDatabase(join(folder, database), database);
    const server = await assemble(config, { demo: true, logger: createLogger('silent') });
    const connection = openConnection(await server.listen());
    const ask = async (method: string, target: string, body?: object) => {
      const type = body === undefined ? [] : [['Content-Type', 'application/json'] as const];
      const headers = [['Authorization', `Bearer ${bearer}`] as const, ...type];
      const reply = await connection.send({
        method,
        target,
        headers,
        ...(body && { body: Buffer.from(JSON.stringify(body)) }),
      });
      return { status: reply.status, told: reply.body === '' ? {} : JSON.parse(reply.body) };
    };
    const token = { name: 'before', permissions: ['read:funds'] };
    const { told } = await ask('POST', '/v1/tokens', token);
    const one = `/v1/tokens/${told.token.id}`;
    const form = async (path: string, fields: Record<string, string>) => {
      const [headers, body] = [
        [['Content-Type', 'application/x-www-form-urlencoded'] as const],
        new URLSearchParams(fields),
      ];
      const reply = await connection.send({ method: 'POST', target: path, headers, body: Buffer.from(String(body)) });
      return { ...reply, told: reply.body === '' ? {} : JSON.parse(reply.body) };
    };
    const asClient = { client_id: publicIdOf(told.token.id), client_secret: told.secret };
    const { told: granted } = await form('/oauth/token', { grant_type: 'client_credentials', ...asClient });
    const revocation = { token: granted.access_token, ...asClient };
    const { told: till } = await ask('POST', '/v1/api-users', { name: 'Till', role: 'viewer' });
    const before = (await readDatabaseState(config)).rows;

    await execute(config, refuse[database]);
    for (const [method, target, body] of [
      ['POST', '/v1/tokens', { ...token, name: 'after' }],
      ['PATCH', one, { name: 'renamed' }],
      ['POST', `${one}/deactivate`],
      ['DELETE', one],
      ['POST', `${one}/rotate`, { overlapSeconds: 60 }],
      ['POST', '/v1/tokens/bulk', { ids: [told.token.id], action: 'deactivate' }],
      ['POST', '/v1/roles', { name: 'late', permissions: [] }],
      ['POST', '/v1/permissions', { name: 'read:late' }],
      ['POST', '/v1/api-users', { name: 'Late', role: 'viewer' }],
      ['POST', `/v1/api-users/${till.id}/rotate`, { overlapSeconds: 60 }],
    ] as const) {
      const { status, told: problem } = await ask(method, target, body);
      expect.soft(status, `${method} ${target}`).toBe(503);
      expect.soft(problem).toMatchObject({ type: expect.stringMatching(/\/problems\/unavailable$/) });
      expect.soft(JSON.stringify(problem)).not.toContain('room');
      expect.soft((await ask('GET', '/v1/self')).status).toBe(200);
    }
    // RFC 7009 section 2.2.1: never 200 before it is durable.
    const revoked = await form('/oauth/revoke', revocation);
    expect.soft([revoked.status, revoked.told.error]).toEqual([503, 'temporarily_unavailable']);
    expect.soft(Number(revoked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect.soft(await server.core.inspect(granted.access_token)).toMatchObject({ allowed: true });
    const during = await readDatabaseState(config);
    expect(during.rows).toEqual(before);
    expect(lossesIn(during, [])).toEqual([]);
    expect(await server.core.inspect(told.secret)).toMatchObject({ allowed: true });

    await execute(config, allow[database]);
    expect((await form('/oauth/revoke', revocation)).status).toBe(200);
    expect(await server.core.inspect(granted.access_token)).toMatchObject({ allowed: false, reason: 'revoked' });
    expect((await ask('POST', `${one}/deactivate`)).status).toBe(204);
    expect(await server.core.inspect(told.secret)).toMatchObject({ allowed: false, reason: 'inactive' });
    expect(await server.core.inspect(granted.access_token)).toMatchObject({ allowed: false });
    connection.close();
    await server.close();
  },
);

async function execute(config: Config, sql: string): Promise<void> {
  if (config.database === null) {
    const file = new Sqlite(join(config.data, 'keyward.db'));
    file.exec(sql);
    file.close();
    return;
  }
  const client = new pg.Client({ connectionString: config.database });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('the journal', () => {
  test('has the entry of a change before the change is answered [S122]', async () => {
    const { config, bearer } = await prepareDatabase(join(folder, 'order'), 'sqlite');
    const server = await assemble(config, { demo: true, logger: createLogger('silent') });
    const url = await server.listen();
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    for (let at = 0; at < 20; at += 1) {
      const name = `read:thing-${at}`;
      const answer = await fetch(`${url}/v1/permissions`, { method: 'POST', headers, body: JSON.stringify({ name }) });
      expect(answer.status).toBe(201);
      const { journal } = await readDatabaseState(config);
      expect(journal.at(-1)).toMatchObject({ action: 'permission.registered', subject: { id: name } });
    }
    await server.close();
  });
});
