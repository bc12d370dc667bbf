// Queries that Kysely builds once per database and that then run with other values each time: building costs several
// times what running does. Queries whose shape depends on the request are built as they come and run through `run`.

import type { CompiledQuery, QueryResult } from 'kysely';
import { databaseErrorOf, unavailable } from './database-error.ts';
import type { Db, Schema } from './schema.ts';

type Values = Record<string, unknown>;

/** Runs a query to its end before it returns. */
export type DirectRun = <O>(query: CompiledQuery<O>) => QueryResult<O>;

const direct = new WeakMap<Db, DirectRun>();

/** Has the queries of a database that answers at once run without Kysely's pool, whose waiting costs more than they do. */
export function runsDirectly(db: Db, by: DirectRun): Db {
  direct.set(db, by);
  return db;
}

/** Every query goes through here. Throws `unavailable` for errors of the database, other errors as they came. */
export async function run<O>(db: Db, query: CompiledQuery<O>): Promise<QueryResult<O>> {
  try {
    const now = direct.get(db);
    return now === undefined ? await db.executeQuery(query) : now(query);
  } catch (error) {
    throw databaseErrorOf(error) === 'unavailable' ? unavailable(error) : error;
  }
}

/** What `make` makes, once for each kind of database. */
export function perDatabase<T>(make: (db: Db) => T): (db: Db) => T {
  const made = new Map<unknown, T>();
  return (db) => {
    const kind = db.getExecutor().adapter.constructor;
    const known = made.get(kind);
    if (known !== undefined) return known;
    const fresh = make(db);
    made.set(kind, fresh);
    return fresh;
  };
}

/** A query whose `values` are filled in at each run; answers its rows. `build` sees stand-ins and must not look at them. */
export function lookup<V extends Values, O>(build: (db: Db, values: V) => CompiledQuery<O>) {
  const execute = statement(build);
  return async (db: Db, values: V): Promise<O[]> => (await execute(db, values)).rows;
}

/** A change whose `values` are filled in at each run; answers whether a row was changed. */
export function verb<V extends Values>(build: (db: Db, values: V) => CompiledQuery<unknown>) {
  const execute = statement(build);
  return async (db: Db, values: V): Promise<boolean> => changed(await execute(db, values)) > 0;
}

/** Inserts a row, whose columns are always the same, unless one of its unique values is taken; answers whether it did. */
export function insertion<T extends keyof Schema & string>(table: T) {
  const prepared = perDatabase(() => ({ query: undefined as CompiledQuery<unknown> | undefined }));
  return async (db: Db, row: Schema[T]): Promise<boolean> => {
    const known = prepared(db);
    known.query ??= insertQuery(db, table, row);
    return changed(await run(db, { ...known.query, parameters: Object.values(row) })) > 0;
  };
}

function insertQuery<T extends keyof Schema & string>(db: Db, table: T, row: Schema[T]): CompiledQuery<unknown> {
  const into = db.insertInto(table as 'organizations').values(row as unknown as Schema['organizations']);
  return into.onConflict((conflict) => conflict.doNothing()).compile();
}

/** The members of an update that were given. */
export function given<C extends object>(columns: { [K in keyof C]: C[K] | undefined }): Partial<C> {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as Partial<C>;
}

/** How many rows a change touched. */
export function changed(result: QueryResult<unknown>): number {
  return Number(result.numAffectedRows ?? 0);
}

function statement<V extends Values, O>(build: (db: Db, values: V) => CompiledQuery<O>) {
  const prepared = perDatabase((db) => prepare(db, build));
  return (db: Db, values: V): Promise<QueryResult<O>> => {
    const { query, fill } = prepared(db);
    return run(db, { ...query, parameters: fill(values) });
  };
}

function prepare<V extends Values, O>(db: Db, build: (db: Db, values: V) => CompiledQuery<O>) {
  const names = new Map<unknown, string>();
  const standIns = new Proxy({} as V, {
    get(_target, name) {
      const standIn = Object.freeze({ parameter: String(name) });
      names.set(standIn, standIn.parameter);
      return standIn;
    },
  });
  const query = build(db, standIns);
  const sources = query.parameters.map((parameter) => ({ name: names.get(parameter), constant: parameter }));
  const fill = (values: V) => sources.map(({ name, constant }) => (name === undefined ? constant : values[name]));
  return { query, fill };
}
