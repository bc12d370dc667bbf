// Opens a PostgreSQL database: a pool whose clients give up in time, are thrown away when in doubt and speak to a primary
// alone, and transactions that number the journal one node after the other. What is stored in it is not known here.

import { CompiledQuery, Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { Database, Session } from './database.ts';
import { databaseErrorOf, unavailable } from './database-error.ts';
import { withTlsModes } from './postgres-tls.ts';
import type { Db, Schema } from './schema.ts';
import { run } from './statement.ts';
import { kyselyLog, type StatementWatch } from './statement-watch.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  url: string;
  /** Connections at most, beside one for news of the journal; 10 unless told. */
  poolSize?: number;
  /** How long connecting and each statement may take; 2,000 unless told. */
  timeoutMs?: number;
  readOnly?: boolean;
  watch?: StatementWatch | undefined;
  /** Only looked at, and nothing is decided by what it says: it may be a standby too. */
  mayBeStandby?: boolean;
}

/** Any constant will do, as long as every node uses the same. */
const journalLock = 7_236_101;

const int8 = 20;

/** Throws `unavailable` if it cannot be reached or would not store durably. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? 2000;
  const limits = {
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    // The server's own limit should speak first: it frees the connection, ours has to throw it away.
    query_timeout: timeoutMs + 500,
    idle_in_transaction_session_timeout: timeoutMs * 5,
  };
  const primary = options.readOnly === true || options.mayBeStandby === true ? null : primaryOnly();
  const pool = openPool(options, { ...limits, max: options.poolSize ?? 10 });
  const reads = kyselyOver(pool, primary?.onceEach, options.watch);
  // After a stall all the checks wait for the pool; behind them the news that would let memory answer them comes too late.
  const news = kyselyOver(openPool(options, { ...limits, max: 1 }), primary?.eachTime);
  try {
    await assertDurable(reads);
  } catch (error) {
    await pool.end();
    throw unavailable(error);
  }
  return {
    reads,
    news,
    begin: () => begin(reads),
    atLeisure: async (work) => {
      const db = kyselyOver(openPool(options, { max: 1, connectionTimeoutMillis: timeoutMs }), primary?.onceEach);
      try {
        return await work(db);
      } finally {
        await db.destroy();
      }
    },
    close: async () => {
      await Promise.all([reads.destroy(), news.destroy()]);
    },
  };
}

function openPool({ url, readOnly = false }: PostgresOptions, limits: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...limits,
    connectionString: withTlsModes(url),
    application_name: 'keyward',
    keepAlive: true,
    ...(readOnly ? { options: '-c default_transaction_read_only=on' } : {}),
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // An idle client that dies is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // So does a client, from its first moment: its errors also reject its query, the event must merely have a listener.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

function kyselyOver(pool: pg.Pool, assertPrimary?: AssertPrimary, watch?: StatementWatch): Db {
  const connect = async () => {
    const client = await pool.connect();
    try {
      await assertPrimary?.(client);
    } catch (error) {
      client.release(true);
      client.connection.stream.destroy();
      throw error;
    }
    return guarded(client);
  };
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
    ...(watch !== undefined && { log: kyselyLog(watch) }),
  });
}

type AssertPrimary = (client: pg.PoolClient) => Promise<void>;

/**
 * Refuses a standby, which may not have heard of a revocation yet (S113): an address may lead to one after a failover. A
 * connection stays with its server until it ends, but one to a pooler does not. So the news of the journal asks each time,
 * and where it meets a standby every other connection is asked anew.
 */
function primaryOnly(): { onceEach: AssertPrimary; eachTime: AssertPrimary } {
  let round = 0;
  const askedIn = new WeakMap<pg.PoolClient, number>();
  async function eachTime(client: pg.PoolClient): Promise<void> {
    const before = round;
    const { rows } = await client.query('show transaction_read_only');
    if (rows[0]?.transaction_read_only !== 'off') {
      round += 1;
      // PostgreSQL's own code for a change that a standby refuses.
      throw Object.assign(new Error('The database takes no changes.'), { code: '25006' });
    }
    askedIn.set(client, before);
  }
  const onceEach: AssertPrimary = async (client) => {
    if (askedIn.get(client) !== round) await eachTime(client);
  };
  return { onceEach, eachTime };
}

/**
 * A client that is not lent again after a connection error or a timeout: it may still be busy with the old query, or
 * its peer may be gone without a word, and then every later query would wait in vain too.
 */
function guarded(client: pg.PoolClient): PostgresPoolClient {
  let inDoubt = false;
  const query = async (text: string, values: readonly unknown[]) => {
    // Whatever is asked next, a ROLLBACK most often, would only wait in vain.
    if (inDoubt) throw new Error('The connection is in doubt.');
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      inDoubt ||= databaseErrorOf(error) === 'unavailable';
      throw error;
    }
  };
  const release = (destroy = false) => {
    client.release(destroy || inDoubt);
    // A peer that is gone without a word would keep the socket open for minutes.
    if (destroy || inDoubt) client.connection.stream.destroy();
  };
  return { query, release } as unknown as PostgresPoolClient;
}

async function begin(db: Db): Promise<Session> {
  const transaction = await db.startTransaction().execute();
  const command = async (sql: string) => {
    await run(transaction, CompiledQuery.raw(sql));
  };
  return {
    db: transaction,
    rowLocks: true,
    command,
    again: async () => {
      await command('rollback');
      await command('begin');
    },
    lockJournal: () => command(`select pg_advisory_xact_lock(${journalLock})`),
    // Kysely rejects if PostgreSQL answers COMMIT with ROLLBACK, as it does after an error.
    commit: () => transaction.commit().execute(),
    rollback: async () => {
      // When even this fails the connection is thrown away, and the server rolls back by itself.
      await transaction
        .rollback()
        .execute()
        .catch(() => {});
    },
  };
}

async function assertDurable(db: Db): Promise<void> {
  const setting = async (name: string): Promise<unknown> => {
    const { rows } = await run(db, CompiledQuery.raw(`show ${name}`));
    return (rows[0] as Record<string, unknown> | undefined)?.[name];
  };
  const encoding = await setting('server_encoding');
  if (encoding !== 'UTF8') throw new Error(`The database must be encoded in UTF8, not ${encoding}.`);
  const synchronous = await setting('synchronous_commit');
  if (synchronous === 'off') throw new Error('synchronous_commit is off: commits would be lost in a power cut.');
}
