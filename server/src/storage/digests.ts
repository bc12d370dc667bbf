// The digests of all API tokens, for the index in memory. They are read from the index on them alone, without the rows.

import type { DigestReads } from '../core/ports.ts';
import type { Db } from './schema.ts';
import { lookup, run } from './statement.ts';

/** The most values that one list in a query has. */
const listLimit = 500;

export function digestReads(db: Db): DigestReads {
  return {
    page: async (after, limit) => (await above(db, { after, limit })).map(({ digest }) => digest),
    of: async (tokenIds) => {
      const found: string[] = [];
      for (let start = 0; start < tokenIds.length; start += listLimit) {
        const some = tokenIds.slice(start, start + listLimit);
        const query = db.selectFrom('api_tokens').select('digest').where('id', 'in', some);
        found.push(...(await run(db, query.compile())).rows.map(({ digest }) => digest));
      }
      return found;
    },
  };
}

const above = lookup((db, v: { after: string; limit: number }) =>
  db.selectFrom('api_tokens').select('digest').where('digest', '>', v.after).orderBy('digest').limit(v.limit).compile(),
);
