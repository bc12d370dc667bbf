// What can be said of a database without changing it: its version, how fast it answers, whether it keeps what it is given.
// What follows from that is for whoever asks.

import { sql } from 'kysely';
import type { Database } from './database.ts';
import { pendingMigrations } from './migrate.ts';
import { openSqlite } from './sqlite.ts';
import { run } from './statement.ts';

export interface DatabaseFacts {
  kind: 'sqlite' | 'postgresql';
  version: string;
  /** Of the middle one of ten trivial questions. */
  latencyMs: number;
  /** The database's own clock, epoch milliseconds; null where it has none of its own. */
  time: number | null;
  bytes: number;
  /** What would lose commits in a power cut, as the database calls it. */
  notDurable: string[];
  /** It only repeats what another one is told. */
  isReplica: boolean;
  /** It takes no changes from whoever asks for nothing else. */
  isReadOnly: boolean;
  /** Connections that are open, and how many may be; null where there are none. */
  connections: { open: number; most: number } | null;
  /** Migrations that have not run. */
  pending: string[];
}

type Place = { sqlite: { file: string } } | { postgres: { url: string } };

/** Reads only, beside a running server. Throws what opening the database throws. */
export async function databaseFacts(place: Place): Promise<DatabaseFacts> {
  const isSqlite = 'sqlite' in place;
  const database = isSqlite
    ? openSqlite({ ...place.sqlite, readOnly: true })
    : // As a server opens it, which tells whether it would be let write; a standby is told of, not refused.
      await (await import('./postgres.ts')).openPostgres({ ...place.postgres, mayBeStandby: true });
  try {
    const own = isSqlite ? await ofSqlite(database) : await ofPostgres(database);
    return { ...own, latencyMs: await latency(database), pending: await pendingMigrations(database.reads) };
  } finally {
    await database.close();
  }
}

type Own = Omit<DatabaseFacts, 'latencyMs' | 'pending'>;

async function ofSqlite({ reads }: Database): Promise<Own> {
  const query = sql<{ version: string; mode: string; bytes: number }>`
    select sqlite_version() as version, (select journal_mode from pragma_journal_mode()) as mode,
      (select page_count from pragma_page_count()) * (select page_size from pragma_page_size()) as bytes`;
  const { version = '', mode, bytes = 0 } = (await run(reads, query.compile(reads))).rows[0] ?? {};
  // A server sets wal as it opens the file; a file that was copied has another, and is as durable.
  const notDurable = mode === 'off' || mode === 'memory' ? [`journal_mode=${mode}`] : [];
  return {
    kind: 'sqlite',
    version,
    time: null,
    bytes,
    notDurable,
    isReplica: false,
    isReadOnly: false,
    connections: null,
  };
}

async function ofPostgres({ reads }: Database): Promise<Own> {
  const query = sql<{
    version: string;
    time: number;
    bytes: number;
    replica: boolean;
    readonly: string;
    fsync: string;
    commit: string;
    pages: string;
    open: number;
    most: number;
  }>`
    select current_setting('server_version') as version,
      cast(extract(epoch from clock_timestamp()) * 1000 as double precision) as time,
      pg_database_size(current_database()) as bytes, pg_is_in_recovery() as replica,
      current_setting('default_transaction_read_only') as readonly,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
      current_setting('full_page_writes') as pages,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as open,
      cast(current_setting('max_connections') as integer) as most`;
  const row = (await run(reads, query.compile(reads))).rows[0];
  if (row === undefined) throw new Error('The database answered nothing.');
  const { version, time, bytes, replica: isReplica, open, most } = row;
  const needed = { fsync: row.fsync, synchronous_commit: row.commit, full_page_writes: row.pages };
  const notDurable = Object.entries(needed)
    .filter(([, value]) => value === 'off')
    .map(([name]) => `${name}=off`);
  const isReadOnly = row.readonly === 'on';
  return { kind: 'postgresql', version, time, bytes, notDurable, isReplica, isReadOnly, connections: { open, most } };
}

async function latency({ reads }: Database): Promise<number> {
  const question = reads.selectNoFrom((eb) => eb.lit(1).as('one')).compile();
  const times: number[] = [];
  for (let asked = 0; asked < 10; asked += 1) {
    const began = performance.now();
    await run(reads, question);
    times.push(performance.now() - began);
  }
  return times.sort((one, other) => one - other)[5] ?? 0;
}
