// Fills a server with API tokens, quickly and all different: some inactive, some expired, some that expire, most of them in
// use. Their rows are the store's own, but go into its database thousands at a time. For tests only.

import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { newLifecycle } from '../server/src/core/caller/lifecycle.ts';
import type { ApiToken } from '../server/src/core/credentials/records.ts';
import { apiTokenRow } from '../server/src/storage/api-tokens.ts';
import type { StoreLocation } from '../server/src/storage/open.ts';
import type { TestServer } from './server.ts';

const day = 24 * 3_600_000;

/**
 * `count` tokens of the owner, every tenth of the member, all made more than a month ago; of 100 one is inactive, one expired and
 * ten expire within a year; of 1,000 one holds `read:rare`; nine of ten were used within a month, the others long ago or never.
 */
export async function fillWithTokens(server: TestServer, count: number): Promise<void> {
  const now = server.clock.now();
  const table = await openTable(server.database);
  for (let start = 0; start < count; start += 2000) {
    const numbers = Array.from({ length: Math.min(2000, count - start) }, (_, index) => start + index);
    const tokens = numbers.map((n) => aToken(server, n, now));
    await table.insert(tokens.map(apiTokenRow));
    await server.store.write(({ usage }) =>
      usage.touch(tokens.flatMap((token, index) => useOf(token, start + index, now))),
    );
  }
  await table.close();
}

type Row = ReturnType<typeof apiTokenRow>;

async function openTable(database: StoreLocation) {
  if ('sqlite' in database) {
    const file = new Sqlite(database.sqlite.file);
    return {
      insert: async (rows: readonly Row[]) => {
        const names = Object.keys(rows[0] ?? {});
        const places = names.map((name) => `@${name}`);
        const insert = file.prepare(`insert into api_tokens (${columns(names)}) values (${places})`);
        file.transaction(() => rows.forEach((row) => void insert.run(row)))();
      },
      close: async () => void file.close(),
    };
  }
  const client = new pg.Client({ connectionString: database.postgres.url });
  await client.connect();
  return {
    insert: async (rows: readonly Row[]) => {
      const names = columns(Object.keys(rows[0] ?? {}));
      const given = 'json_populate_recordset(null::api_tokens, $1)';
      await client.query(`insert into api_tokens (${names}) select ${names} from ${given}`, [JSON.stringify(rows)]);
    },
    close: async () => {
      // What autovacuum does within a minute: the planner knows nothing of the rows before.
      await client.query('analyze');
      await client.end();
    },
  };
}

function columns(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function aToken(server: TestServer, n: number, now: number): ApiToken {
  const id = `${n.toString(16).padStart(8, '0')}-0000-4000-8000-${((n * 2654435761) % 2 ** 32).toString(16).padStart(12, '0')}`;
  const createdAt = now - 365 * day + Math.floor((n * 365 * day) / 200_000);
  return {
    id,
    number: 10_000_000 + n,
    organizationId: server.organization.id,
    owner: { type: 'user', id: n % 10 === 3 ? server.member.id : server.owner.id },
    name: `token ${n}`,
    description: `One of batch ${n % 97}.`,
    permissions: n % 1000 === 13 ? ['read:rare', 'read:funds'] : ['read:funds', 'create:inference'],
    use: 'both',
    digest: n.toString(16).padStart(64, '0'),
    prefix: 'kw',
    lastFour: null,
    sealedSecret: null,
    addresses: [],
    apis: null,
    limits: [],
    limitedWith: null,
    leakedAt: null,
    leakEndsAt: null,
    narrowing: null,
    expiresAt: n % 100 === 51 ? now - day : n % 10 === 7 ? now + ((n % 365) + 1) * day : null,
    externalId: null,
    metadata: null,
    createdAt,
    updatedAt: null,
    createdBy: server.owner.id,
    lifecycle: { ...newLifecycle, deactivatedAt: n % 100 === 77 ? now - day : null },
  };
}

function useOf(token: ApiToken, n: number, now: number) {
  if (n % 20 === 13) return [];
  const at = n % 20 === 5 ? now - 90 * day : now - (n % 29) * day;
  const source = { type: 'api_token', id: token.id } as const;
  return [{ source, organizationId: token.organizationId, at, address: '192.0.2.1', userAgent: 'curl' }];
}
