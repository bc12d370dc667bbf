// Many rows in few statements: of each number of rows one query is built, once for a database, and then run with other values.

import type { CompiledQuery } from 'kysely';
import type { Db, Schema } from './schema.ts';
import { perDatabase, run } from './statement.ts';

/** Rows of one statement: each value is a parameter, of which a statement has a bounded number. */
const rowsAtOnce = 50;
const valuesAtOnce = 250;

/** Inserts the rows of which nothing unique is taken; answers this column of theirs. */
export function insertionOfMany<T extends keyof Schema & string>(table: T, answered: keyof Schema[T] & string) {
  const queries = perDatabase(() => new Map<number, CompiledQuery<Record<string, string>>>());
  return async (db: Db, rows: readonly Schema[T][]): Promise<Set<string>> => {
    const inserted = new Set<string>();
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const some = rows.slice(start, start + rowsAtOnce);
      const known = queries(db);
      let query = known.get(some.length);
      if (query === undefined) {
        query = insertQuery(db, table, answered, some);
        known.set(some.length, query);
      }
      const parameters = some.flatMap((row) => Object.values(row as object));
      const { rows: kept } = await run<Record<string, string>>(db, { ...query, parameters });
      for (const row of kept) inserted.add(row[answered] ?? '');
    }
    return inserted;
  };
}

function insertQuery<T extends keyof Schema & string>(
  db: Db,
  table: T,
  answered: string,
  rows: readonly Schema[T][],
): CompiledQuery<Record<string, string>> {
  const into = db.insertInto(table as 'organizations').values(rows as unknown as Schema['organizations'][]);
  const query = into.onConflict((conflict) => conflict.doNothing()).returning(answered as 'id');
  return query.compile() as CompiledQuery<Record<string, string>>;
}

/** The rows for any of these values. `build` sees stand-ins for the values and must not look at them. */
export function lookupOfMany<O>(build: (db: Db, values: string[]) => CompiledQuery<O>) {
  const queries = perDatabase(() => new Map<number, CompiledQuery<O>>());
  return async (db: Db, values: readonly string[]): Promise<O[]> => {
    const found: O[] = [];
    for (let start = 0; start < values.length; start += valuesAtOnce) {
      const some = values.slice(start, start + valuesAtOnce);
      const known = queries(db);
      const query = known.get(some.length) ?? build(db, [...some]);
      known.set(some.length, query);
      found.push(...(await run<O>(db, { ...query, parameters: some })).rows);
    }
    return found;
  };
}
