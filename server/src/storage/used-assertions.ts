// Outside tokens that were taken, by their digests, so that none is taken twice on any node.

import type { UsedAssertionChanges } from '../core/federation/ports.ts';
import type { Session } from './database.ts';
import { changed, insertion, run } from './statement.ts';

export function usedAssertionChanges({ db }: Session): UsedAssertionChanges {
  return {
    insert: ({ digest, expiresAt }) => insert(db, { digest, expires_at: expiresAt }),
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('used_assertions').select('digest').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('used_assertions').where('digest', 'in', some).compile()));
    },
  };
}

const insert = insertion('used_assertions');
