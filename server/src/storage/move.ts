// Carries all tables from one database to an empty one, some rows at a time, and holds both against each other afterwards. What is
// sealed is sealed anew on the way, by whoever asks.

import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type CompiledQuery, sql } from 'kysely';
import { KeywardError } from '../core/errors.ts';
import { verifyChain } from '../core/journal/chain.ts';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { Database } from './database.ts';
import { appendEntries, journalReads } from './journal.ts';
import { migrateToLatest } from './migrate.ts';
import { type MovedTable, movedTables, type SealedPurpose } from './moved-tables.ts';
import type { Db, Schema } from './schema.ts';
import { keepState, serverStateReads } from './server-state.ts';
import { run } from './statement.ts';

export interface MoveOptions {
  source: Database;
  target: Database;
  /** The same secret under the target's keys; null for what the source's keys do not open. */
  reseal(purpose: SealedPurpose, sealed: string, context: string): string | null;
  /** Whether both open to the same secret. */
  isSame(purpose: SealedPurpose, before: string, after: string, context: string): boolean;
  progress(table: string, done: number, total: number): void;
  /** Ends it between two batches; what is done so far begins anew the next time. */
  signal: AbortSignal;
  at: number;
  /** Remembered in the target at the end. */
  entry: (epoch: string) => NewJournalEntry;
}

export interface Moved {
  rows: Readonly<Record<string, number>>;
  /** The end of the journal that was carried over. */
  journal: { entries: number; head: string };
  /** Sealed values that no key of the source opens: they were carried over as they are. */
  unopened: number;
}

type Row = Record<string, unknown>;
type Name = keyof Schema;

const names = Object.keys(movedTables) as Name[];
const carried = names.filter((name) => movedTables[name].left !== true);
const rowsAtOnce = 500;
const sampledPerTable = 25;

/**
 * Throws `conflict` if the target is not empty or the source was moved elsewhere, and an Error where both differ afterwards. The
 * source is marked before the target may be served, so that at no time both may.
 */
export async function moveTables(options: MoveOptions): Promise<Moved> {
  const { source, target, at } = options;
  await migrateToLatest(source);
  await migrateToLatest(target);
  const { epoch, restoredAt } = await begin(options);
  return target.atLeisure(async (into) => {
    const rows: Record<string, number> = {};
    const samples = new Map<Name, Row[]>();
    const sealing = { unopened: 0 };
    for (const name of carried) rows[name] = await carry(options, into, name, samples, sealing);
    const journal = await compare(options, into, rows, samples);
    // From here on it is brought to its end.
    options.signal.throwIfAborted();
    await keepState(into, { epoch, restored_at: restoredAt });
    await source.atLeisure((db) => keepState(db, { moved_at: at }));
    const session = await target.begin();
    try {
      await appendEntries(session, [options.entry(epoch)]);
      await keepState(session.db, { moving_since: null });
      await session.commit();
    } catch (error) {
      await session.rollback();
      throw error;
    }
    return { rows, journal, unopened: sealing.unopened };
  });
}

/** Empties a target that an earlier call has left unfinished. */
async function begin({ source, target, at }: MoveOptions): Promise<{ epoch: string; restoredAt: number | null }> {
  const from = await serverStateReads(source.reads).read();
  const to = await serverStateReads(target.reads).read();
  const isUnfinished = to.movingSince !== null && to.epoch === from.epoch;
  if (from.movingSince !== null)
    throw conflict(
      'The database to move from is itself one that a move has not finished. Run that move again, from where it began.',
    );
  if (from.movedAt !== null && !isUnfinished) {
    throw conflict(
      `This database was moved elsewhere already, on ${new Date(from.movedAt).toISOString()}. Serve that one; if it is lost, ` +
        'decide about this one (keyward restore --in-place), and move it then.',
    );
  }
  if (!isUnfinished) {
    for (const name of carried) {
      if (movedTables[name].seeded === true || (await countOf(target.reads, name)) === 0) continue;
      throw conflict(
        `The database to move to is not empty: its table ${name} has rows. Name an empty one: nothing is overwritten.`,
      );
    }
  }
  await target.atLeisure(async (db) => {
    await keepState(db, { epoch: from.epoch, moving_since: at, moved_at: null });
    for (const name of [...carried].reverse()) await run(db, sql`delete from ${sql.table(name)}`.compile(db));
  });
  return { epoch: from.epoch, restoredAt: from.restoredAt };
}

async function carry(
  options: MoveOptions,
  into: Db,
  name: Name,
  samples: Map<Name, Row[]>,
  sealing: { unopened: number },
): Promise<number> {
  const { source, progress, signal } = options;
  const total = await countOf(source.reads, name);
  const inserts = new Map<number, CompiledQuery<unknown>>();
  const sampled: Row[] = [];
  samples.set(name, sampled);
  let done = 0;
  progress(name, 0, total);
  for await (const rows of batches(source.reads, name)) {
    signal.throwIfAborted();
    const [first] = rows;
    if (first === undefined) break;
    for (const [index, row] of rows.entries()) keepSample(sampled, row, done + index);
    await insert(
      into,
      name,
      inserts,
      rows.map((row) => resealed(options, name, row, sealing)),
    );
    done += rows.length;
    progress(name, done, total);
    await turn();
  }
  return done;
}

/** In the order of their keys. */
async function* batches(db: Db, name: Name): AsyncGenerator<Row[], void> {
  const key = movedTables[name].key as readonly string[];
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let last: Row | undefined;
  for (;;) {
    const behind =
      last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => last?.[column]))})`;
    const query = sql<Row>`
      select * from ${sql.table(name)} ${behind} order by ${columns} limit ${sql.lit(rowsAtOnce)}`;
    const { rows } = await run(db, query.compile(db));
    if (rows.length === 0) return;
    yield rows;
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1);
  }
}

async function insert(db: Db, name: Name, inserts: Map<number, CompiledQuery<unknown>>, rows: Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  // SQLite takes 32,766 values.
  const most = Math.max(1, Math.floor(30_000 / columns.length));
  for (let start = 0; start < rows.length; start += most) {
    const some = rows.slice(start, start + most);
    let query = inserts.get(some.length);
    if (query === undefined) {
      const values = some.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
      const names = sql.join(columns.map((column) => sql.ref(column)));
      query = sql`insert into ${sql.table(name)} (${names}) values ${sql.join(values)}`.compile(db);
      inserts.set(some.length, query);
    }
    await run(db, { ...query, parameters: some.flatMap((row) => columns.map((column) => row[column])) });
  }
}

function resealed({ reseal }: MoveOptions, name: Name, row: Row, sealing: { unopened: number }): Row {
  const { sealed } = movedTables[name] as MovedTable;
  if (sealed === undefined) return row;
  const next = { ...row };
  for (const { column, purpose, context } of sealed) {
    const before = row[column];
    if (typeof before !== 'string') continue;
    const after = reseal(purpose, before, String(row[context]));
    if (after === null) sealing.unopened += 1;
    next[column] = after ?? before;
  }
  return next;
}

/** Each row of a table is among them with the same chance (Vitter's algorithm R). */
function keepSample(sampled: Row[], row: Row, index: number): void {
  if (sampled.length < sampledPerTable) sampled.push(row);
  else {
    const place = Math.floor(Math.random() * (index + 1));
    if (place < sampledPerTable) sampled[place] = row;
  }
}

async function compare(
  options: MoveOptions,
  into: Db,
  rows: Readonly<Record<string, number>>,
  samples: ReadonlyMap<Name, Row[]>,
): Promise<Moved['journal']> {
  for (const name of carried) {
    const [from, to] = [await countOf(options.source.reads, name), await countOf(into, name)];
    if (from !== to || to !== rows[name]) throw different(`${name} has ${from} rows here and ${to} there`);
    for (const row of samples.get(name) ?? []) {
      if (!(await isThere(options, into, name, row))) throw different(`a row of ${name} is not the same there`);
    }
  }
  const [here] = await journalReads(options.source.reads).latest(null, 1);
  const chain = await verifyChain(journalReads(into));
  if (!chain.intact) throw different(`the journal's chain is broken there: ${chain.problem}`);
  if (here !== undefined && here.hash !== chain.head) throw different('the journal ends differently there');
  return { entries: chain.entries, head: chain.head };
}

async function isThere({ isSame }: MoveOptions, into: Db, name: Name, row: Row): Promise<boolean> {
  const { key, sealed = [] } = movedTables[name] as MovedTable;
  const places = (key as readonly string[]).map((column) => sql`${sql.ref(column)} = ${row[column]}`);
  const query = sql<Row>`select * from ${sql.table(name)} where ${sql.join(places, sql` and `)}`;
  const [found] = (await run(into, query.compile(into))).rows;
  if (found === undefined) return false;
  return Object.entries(row).every(([column, value]) => {
    const seal = sealed.find((one) => one.column === column);
    if (seal === undefined || typeof value !== 'string') return isDeepStrictEqual(found[column], value);
    return isSame(seal.purpose, value, String(found[column]), String(row[seal.context]));
  });
}

async function countOf(db: Db, name: Name): Promise<number> {
  const query = sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`;
  return Number((await run(db, query.compile(db))).rows[0]?.count ?? 0);
}

function conflict(text: string): KeywardError {
  return new KeywardError('conflict', text);
}

function different(what: string): Error {
  return new Error(`What was moved is not what was there: ${what}. The database that it was moved from is as it was.`);
}
