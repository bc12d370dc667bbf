// The writer queue. Changes that wait together share one transaction and one commit (group commit), and a savepoint each
// once one of them fails; they are acknowledged only after that commit. What a change does, and what becomes of its entries, is not known here.

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { KeywardError } from '../core/errors.ts';
import type { JournalEntry, NewJournalEntry } from '../core/journal/entry.ts';
import type { Changes, Store } from '../core/ports.ts';
import { changesOver } from './changes.ts';
import type { Database, Session } from './database.ts';
import { commitFailure, databaseErrorOf, unavailable } from './database-error.ts';
import { appendEntries } from './journal.ts';

export interface Writer extends Pick<Store, 'write' | 'onCommit' | 'waiting'> {
  /** Refuses new changes and resolves when those that wait are settled. */
  close(): Promise<void>;
}

/** What may be touched in a transaction, and where its journal entries go. */
type Over = (session: Session, journal: (entry: NewJournalEntry) => void) => Changes;

type Listener = (entries: readonly JournalEntry[]) => void;

interface Waiting {
  change(changes: Changes): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Settles one change once its batch is durable. */
type Outcome = () => void;

const changesPerCommit = 64;
const attempts = 5;
/** More than this waits only when the database has stalled. */
const mostWaiting = 10_000;

export function openWriter(database: Database, clock: Clock = Date.now): Writer {
  const over: Over = (session, journal) => changesOver(session, clock, journal);
  const waiting: Waiting[] = [];
  const listeners: Listener[] = [];
  let working: Promise<void> | null = null;
  let closed = false;

  const work = async () => {
    // After this turn of the event loop, so that requests which arrived together share a commit.
    await nextTurn();
    while (waiting.length > 0) {
      await settle(database, over, waiting.splice(0, changesPerCommit), listeners);
      await nextTurn();
    }
    working = null;
  };

  return {
    write: <T>(change: (changes: Changes) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(new KeywardError('unavailable', 'The server is stopping.'));
        if (waiting.length >= mostWaiting) return reject(unavailable(new Error('Too many changes wait.')));
        waiting.push({ change, resolve: resolve as (value: unknown) => void, reject });
        working ??= work();
      }),
    onCommit: (listener) => {
      listeners.push(listener);
    },
    waiting: () => waiting.length,
    close: async () => {
      closed = true;
      await working;
    },
  };
}

/** Runs a batch to its end, whatever that is. Never rejects. */
async function settle(database: Database, over: Over, batch: Waiting[], listeners: Listener[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { outcomes, entries } = await runBatch(database, over, batch);
      if (entries.length > 0) tell(listeners, entries);
      for (const outcome of outcomes) outcome();
      return;
    } catch (error) {
      if (databaseErrorOf(error) === 'retry' && attempt < attempts) {
        // Two nodes that collided must not collide again in step.
        await pause(Math.random() * 20 * attempt);
        continue;
      }
      for (const { reject } of batch) reject(unavailable(error));
      return;
    }
  }
}

async function runBatch(
  database: Database,
  over: Over,
  batch: Waiting[],
): Promise<{ outcomes: Outcome[]; entries: JournalEntry[] }> {
  const session = await database.begin();
  try {
    const { outcomes, added } = (await runTogether(session, over, batch)) ?? (await runApart(session, over, batch));
    const entries = await appendEntries(session, added);
    await commit(session);
    return { outcomes, entries };
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

async function commit(session: Session): Promise<void> {
  try {
    await session.commit();
  } catch (error) {
    throw commitFailure(error);
  }
}

/** What a batch came to, before its commit. */
interface Ran {
  outcomes: Outcome[];
  added: NewJournalEntry[];
}

/**
 * Without savepoints, since most batches fail nowhere and to be able to undo each change costs as much as making it.
 * Null, with nothing done, if one of them failed. Throws as `runApart` does.
 */
async function runTogether(session: Session, over: Over, batch: Waiting[]): Promise<Ran | null> {
  if (batch.length === 1) return null;
  const ran: Ran = { outcomes: [], added: [] };
  const changes = over(session, (entry) => ran.added.push(entry));
  try {
    for (const { change, resolve } of batch) {
      const value = await change(changes);
      ran.outcomes.push(() => resolve(value));
    }
    return ran;
  } catch (error) {
    if (endsBatch(error)) throw error;
    await session.again();
    return null;
  }
}

/** Throws only what ends the whole batch: an error of the database, or a savepoint that cannot be undone. */
async function runApart(session: Session, over: Over, batch: Waiting[]): Promise<Ran> {
  const added: NewJournalEntry[] = [];
  const changes = over(session, (entry) => added.push(entry));
  const outcomes: Outcome[] = [];
  for (const one of batch) outcomes.push(await runChange(session, changes, one, added));
  return { outcomes, added };
}

async function runChange(
  session: Session,
  changes: Changes,
  { change, resolve, reject }: Waiting,
  added: NewJournalEntry[],
): Promise<Outcome> {
  const before = added.length;
  await session.command('savepoint change');
  try {
    const value = await change(changes);
    await session.command('release savepoint change');
    return () => resolve(value);
  } catch (error) {
    if (endsBatch(error)) throw error;
    added.length = before;
    await session.command('rollback to savepoint change');
    await session.command('release savepoint change');
    return () => reject(error);
  }
}

function endsBatch(error: unknown): boolean {
  const databaseError = databaseErrorOf(error);
  return databaseError === 'retry' || databaseError === 'unavailable';
}

function tell(listeners: Listener[], entries: JournalEntry[]): void {
  for (const listener of listeners) {
    try {
      listener(entries);
    } catch (error) {
      // The commit stands; its writers must be answered.
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}
