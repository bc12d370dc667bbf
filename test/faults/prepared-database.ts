// The database that the fault tests begin with, SQLite's folder or PostgreSQL, with an organization and a token to call
// with; and what its tables hold, read past everything that Keyward remembers.

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { openJournal } from '../../server/src/assemble/database.ts';
import { assemble } from '../../server/src/assemble.ts';
import { type Config, loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { type ChainReport, verifyChain } from '../../server/src/core/journal/chain.ts';
import type { JournalEntry } from '../../server/src/core/journal/entry.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { register } from '../assembled-server.ts';
import { sharedPostgres } from '../postgres.ts';

export interface PreparedDatabase {
  /** What the program must be told. */
  environment: NodeJS.ProcessEnv;
  config: Config;
  /** An API token that may do everything in its organization. */
  bearer: string;
}

/** Everything that is compared after a fault. */
export interface DatabaseState {
  chain: ChainReport;
  journal: JournalEntry[];
  rows: Record<Table, Row[]>;
}

export type Table = 'api_tokens' | 'api_users' | 'api_permissions' | 'roles';
export type Row = Record<string, string | number | null>;

/** Fills a data folder, or a new PostgreSQL database, with an organization and its token. */
export async function prepareDatabase(folder: string, database: 'sqlite' | 'postgres'): Promise<PreparedDatabase> {
  const environment: NodeJS.ProcessEnv = {
    KEYWARD_DATA: folder,
    KEYWARD_PORT: '0',
    KEYWARD_TRUSTED_PROXIES: '127.0.0.1',
    ...(database === 'postgres' && {
      KEYWARD_DATABASE: await (await sharedPostgres()).createDatabase(),
      KEYWARD_SECRETS: generateSealingKeys(),
    }),
  };
  const config = loadConfig({}, environment, folder);
  const { core, store, close } = await assemble(config, { demo: true, logger: createLogger('silent') });
  await register({ store }, 'read:funds', 'read:other');
  const organization = await core.createOrganization(systemIn(), { name: 'acme', isOperator: true });
  const owner = { email: 'owner@acme.example', name: 'Owner', role: 'owner' };
  const { user } = await core.createUser(systemIn(organization), owner);
  const record = await store.credentials.bySource({ type: 'user', id: user.id });
  if (record === null) throw new Error('The owner is gone.');
  const { secret } = await core.createApiToken(principalOf(record), { name: 'prepared', permissions: ['*:*'] });
  await close();
  return { environment, config, bearer: secret };
}

/** Reads the tables beside a server that may be running. */
export async function readDatabaseState(config: Config): Promise<DatabaseState> {
  const { journal, close } = await openJournal(config);
  const entries: JournalEntry[] = [];
  const chain = await verifyChain(journal);
  for (let after = 0; ; after = entries.length) {
    const more = await journal.after(after, 5000);
    if (more.length === 0) break;
    entries.push(...more);
  }
  await close();
  const rows = await tablesOf(config);
  return { chain, journal: entries, rows };
}

const columns: Record<Table, string> = {
  api_tokens: 'id, name, description, permissions, deactivated_at, deleted_at',
  api_users: 'id, name, role, deactivated_at, deleted_at',
  api_permissions: 'name, api, description',
  roles: 'name, description, permissions',
};

async function tablesOf(config: Config): Promise<DatabaseState['rows']> {
  const tables = Object.keys(columns) as Table[];
  if (config.database === null) {
    const file = new Sqlite(join(config.data, 'keyward.db'), { readonly: true });
    const read = (table: Table) => file.prepare<[], Row>(`select ${columns[table]} from ${table}`).all();
    const rows = Object.fromEntries(tables.map((table) => [table, read(table)]));
    file.close();
    return rows as DatabaseState['rows'];
  }
  const client = new pg.Client({ connectionString: config.database });
  await client.connect();
  try {
    const rows: Partial<DatabaseState['rows']> = {};
    for (const table of tables) rows[table] = (await client.query<Row>(`select ${columns[table]} from ${table}`)).rows;
    return rows as DatabaseState['rows'];
  } finally {
    await client.end();
  }
}
