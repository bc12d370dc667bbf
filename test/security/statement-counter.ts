// Counts what SQLite is asked in this process, below everything of ours, so that no way to the database is overlooked.

import Sqlite from 'better-sqlite3';

const verbs = ['all', 'get', 'run', 'iterate'] as const;
let asked = 0;

/** How many statements were run so far; counting begins with the first call. */
export function statementsRun(): number {
  countOnce();
  return asked;
}

let counting = false;

function countOnce(): void {
  if (counting) return;
  counting = true;
  const database = new Sqlite(':memory:');
  const statements = Object.getPrototypeOf(database.prepare('select 1')) as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  database.close();
  for (const verb of verbs) {
    const real = statements[verb];
    if (real === undefined) throw new Error(`A statement of SQLite cannot ${verb}.`);
    statements[verb] = function (this: unknown, ...args) {
      asked += 1;
      return Reflect.apply(real, this, args);
    };
  }
}
