// Ledgers of shared limits in the database: core's LeaseStore. Requests that wait together share one transaction, in
// which each ledger is a locked row. What a ledger grants is decided in rules/ledger.ts. Leases are not journalled.
//
// Time is the database's wherever several nodes share it, read after the lock: one clock for all, so that no node's can
// be wrong. Only waits leave this room, which holders count by clocks of their own from before they asked.

import { setTimeout as pause } from 'node:timers/promises';
import {
  createLedger,
  endOf,
  forgetSpent,
  fromSaved,
  grantTogether,
  type LeaseGrant,
  type Ledger,
  toSaved,
} from '@keyward/rules/ledger';
import { sql } from 'kysely';
import type { LeaseQuestion, LeaseStore } from '../core/checking/ports.ts';
import type { Clock } from '../core/clock.ts';
import type { Database, Session } from './database.ts';
import { databaseErrorOf, unavailable } from './database-error.ts';
import type { LeaseRow } from './schema.ts';
import { changed, run } from './statement.ts';

/** Runs `work` in a transaction, again if it collided with another, and answers after the commit. */
export type Transact = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

export interface StoredLeases extends LeaseStore {
  /** Deletes at most `limit` ledgers of which nothing counts any more; returns how many. */
  deleteEnded(limit: number): Promise<number>;
  /** Refuses new requests and resolves when those that wait are settled. */
  close(): Promise<void>;
}

interface Waiting {
  questions: readonly LeaseQuestion[];
  resolve(granted: LeaseGrant[]): void;
  reject(error: unknown): void;
}

const requestsPerCommit = 256;
const mostWaiting = 50_000;
const attempts = 5;

/** `clock` is asked only where the database is this process's alone (SQLite). */
export function openLeases(transact: Transact, clock: Clock): StoredLeases {
  const waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  let closed = false;

  const work = async () => {
    while (waiting.length > 0) await settle(transact, waiting.splice(0, requestsPerCommit), clock);
    working = null;
  };

  const grantAll = (questions: readonly LeaseQuestion[]): Promise<LeaseGrant[]> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(unavailable(new Error('The server is stopping.')));
      if (waiting.length >= mostWaiting) return reject(unavailable(new Error('Too many requests wait.')));
      waiting.push({ questions, resolve, reject });
      working ??= work();
    });

  return {
    grant: async (key, rule, request) => {
      const [granted] = await grantAll([{ key, rule, request }]);
      if (granted === undefined) throw new Error('There is no answer to a request for a lease.');
      return granted;
    },
    grantAll,
    reset: async (beginnings) => {
      try {
        await transact((session) => forgetAll(session, beginnings));
      } catch (error) {
        throw databaseErrorOf(error) === null ? error : unavailable(error);
      }
    },
    deleteEnded: (limit) => transact(async (session) => deleteEnded(session, await timeOf(session, clock), limit)),
    close: async () => {
      closed = true;
      await working;
    },
  };
}

/**
 * Transactions of the leases' own, one after the other. On PostgreSQL each takes a connection of the pool. On SQLite
 * they would meet the writer's, which has the only connection that writes: there it must be the writer who runs them.
 */
export function inOwnTransactions(database: Database): Transact {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(() => attempt(database, work));
    last = done.catch(() => {});
    return done;
  };
}

async function attempt<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(database, work);
    } catch (error) {
      if (databaseErrorOf(error) !== 'retry' || tried === attempts) throw error;
      await pause(Math.random() * 20 * tried);
    }
  }
}

async function once<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await database.begin();
  try {
    const value = await work(session);
    await session.commit();
    return value;
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** Never rejects. A request that is itself at fault fails alone. */
async function settle(transact: Transact, batch: Waiting[], clock: Clock): Promise<void> {
  try {
    const outcomes = await transact((session) => grantAll(session, batch, clock));
    batch.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at];
      if (outcome !== undefined && 'granted' in outcome) resolve(outcome.granted);
      else reject(outcome?.error);
    });
  } catch (error) {
    for (const { reject } of batch) reject(databaseErrorOf(error) === null ? error : unavailable(error));
  }
}

type Outcome = { granted: LeaseGrant[] } | { error: unknown };

async function grantAll(session: Session, batch: readonly Waiting[], clock: Clock): Promise<Outcome[]> {
  const asked = batch.flatMap(({ questions }) => questions);
  const keys = [...new Set(asked.map(({ key }) => key))].sort();
  const { rows, now } = await lockRows(session, keys, clock);
  const ledgers = new Map(rows.flatMap(({ key, ledger }) => (ledger === '' ? [] : [[key, fromText(ledger)] as const])));
  const outcomes = batch.map(({ questions }): Outcome => {
    try {
      const made = questions.map((question) => ({
        ...question,
        ledger: ledgers.get(question.key) ?? createLedger(question.rule),
      }));
      const granted = grantTogether(made, now);
      for (const { key, ledger } of made) ledgers.set(key, ledger);
      return { granted };
    } catch (error) {
      return { error };
    }
  });
  if (ledgers.size > 0) await putRows(session, [...ledgers].map(toRow));
  return outcomes;
}

/** Leases stay as they are: whoever holds one may still spend it. */
async function forgetAll(session: Session, beginnings: readonly string[]): Promise<void> {
  const { db, rowLocks } = session;
  const begins = beginnings.map((text) => sql<boolean>`substr(key, 1, ${text.length}) = ${text}`);
  const query = db
    .selectFrom('leases')
    .select(['key', 'ledger'])
    .where((eb) => eb.or(begins))
    .where('ledger', '<>', '')
    .orderBy('key');
  const { rows } = await run(db, (rowLocks ? query.forUpdate() : query).compile());
  const ledgers = rows.map(({ key, ledger }) => [key, fromText(ledger)] as const);
  for (const [, ledger] of ledgers) forgetSpent(ledger);
  if (ledgers.length > 0) await putRows(session, ledgers.map(toRow));
}

function fromText(ledger: string): Ledger {
  return fromSaved(JSON.parse(ledger));
}

function toRow([key, ledger]: readonly [string, Ledger]): LeaseRow {
  return { key, ledger: JSON.stringify(toSaved(ledger)), ends_at: Math.ceil(endOf(ledger)) };
}

/** All rows in the order of their keys, so that two nodes do not wait for one another; those that lack are made. */
async function lockRows(session: Session, keys: readonly string[], clock: Clock) {
  const found = await readRows(session, keys);
  for (let tried = 0; found.length < keys.length; tried += 1) {
    // A row that was made or found in the way may be deleted before it is locked.
    if (tried === attempts) throw new Error('The ledgers of some limits cannot be locked.');
    const missing = keys.filter((key) => !found.some((row) => row.key === key));
    const { db } = session;
    const insert = db.insertInto('leases').values(missing.map((key) => ({ key, ledger: '', ends_at: 0 })));
    await run(db, insert.onConflict((conflict) => conflict.doNothing()).compile());
    found.push(...(await readRows(session, missing)));
  }
  return { rows: found, now: await timeOf(session, clock) };
}

async function readRows(
  { db, rowLocks }: Session,
  keys: readonly string[],
): Promise<Pick<LeaseRow, 'key' | 'ledger'>[]> {
  const query = db.selectFrom('leases').select(['key', 'ledger']).where('key', 'in', keys).orderBy('key');
  return (await run(db, (rowLocks ? query.forUpdate() : query).compile())).rows;
}

/** Milliseconds and their fractions: rounded, a lease could end too late. `now()` would be when the transaction began. */
async function timeOf({ db, rowLocks }: Session, clock: Clock): Promise<number> {
  if (!rowLocks) return clock();
  const query = sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  const [row] = (await run(db, query.compile(db))).rows;
  if (row === undefined) throw new Error('The database did not say what time it is.');
  return row.now;
}

async function putRows({ db }: Session, rows: LeaseRow[]): Promise<void> {
  const insert = db.insertInto('leases').values(rows);
  const query = insert.onConflict((conflict) =>
    conflict.column('key').doUpdateSet((eb) => ({
      ledger: eb.ref('excluded.ledger'),
      ends_at: eb.ref('excluded.ends_at'),
    })),
  );
  await run(db, query.compile());
}

/** Skips what others have locked: it is in use. */
async function deleteEnded({ db, rowLocks }: Session, now: number, limit: number): Promise<number> {
  const ended = db
    .selectFrom('leases')
    .select('key')
    .where('ends_at', '<', Math.floor(now))
    .orderBy('ends_at')
    .limit(limit);
  const some = rowLocks ? ended.forUpdate().skipLocked() : ended;
  return changed(await run(db, db.deleteFrom('leases').where('key', 'in', some).compile()));
}
