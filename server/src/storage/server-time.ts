// The latest time that was told, in the database. It only goes forward; what it is good for is startup/steady-clock.ts.

import type { ServerTimeChanges, ServerTimeReads } from '../core/ports.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

export function serverTimeReads(db: Db): ServerTimeReads {
  return {
    latest: async () => {
      const { rows } = await run(
        db,
        db.selectFrom('server_time').select('latest').where('id', '=', theOnlyRow).compile(),
      );
      return rows[0]?.latest ?? 0;
    },
  };
}

export function serverTimeChanges({ db }: Session): ServerTimeChanges {
  return {
    keep: async (at) => {
      const query = db
        .insertInto('server_time')
        .values({ id: theOnlyRow, latest: at })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({ latest: at }).where('server_time.latest', '<', at),
        );
      await run(db, query.compile());
    },
  };
}

const theOnlyRow = 1;
