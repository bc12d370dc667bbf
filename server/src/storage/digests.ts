// The digests of all API tokens, and of those from before a rotation that still count, for the index in memory. They are
// read from the indexes on them alone, without the rows.

import type { DigestReads } from '../core/credentials/ports.ts';
import type { Db } from './schema.ts';
import { lookup, run } from './statement.ts';

/** The most values that one list in a query has. */
const listLimit = 500;

export function digestReads(db: Db): DigestReads {
  return {
    page: async (after, limit) => {
      const found = [...(await above(db, { after, limit })), ...(await previousAbove(db, { after, limit }))];
      return found
        .map(({ digest }) => digest)
        .sort()
        .slice(0, limit);
    },
    of: async (tokenIds) => {
      const found: string[] = [];
      for (let start = 0; start < tokenIds.length; start += listLimit) {
        const some = tokenIds.slice(start, start + listLimit);
        const current = db.selectFrom('api_tokens').select('digest').where('id', 'in', some);
        const previous = db.selectFrom('previous_secrets').select('digest').where('token_id', 'in', some);
        const { rows } = await run(db, current.unionAll(previous).compile());
        found.push(...rows.map(({ digest }) => digest));
      }
      return found;
    },
  };
}

const above = lookup((db, v: { after: string; limit: number }) =>
  db.selectFrom('api_tokens').select('digest').where('digest', '>', v.after).orderBy('digest').limit(v.limit).compile(),
);

const previousAbove = lookup((db, v: { after: string; limit: number }) =>
  db
    .selectFrom('previous_secrets')
    .select('digest')
    .where('digest', '>', v.after)
    .orderBy('digest')
    .limit(v.limit)
    .compile(),
);
