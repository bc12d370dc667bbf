// Notices that were given, so that each is given once, whichever node thinks of it. They say nothing of themselves.

import type { Notices } from '../core/feed/webhooks/ports.ts';
import type { Session } from './database.ts';
import { changed, run } from './statement.ts';

export function noticeChanges({ db }: Session): Notices {
  return {
    insert: async (key, expiresAt, now) => {
      const query = db
        .insertInto('notices')
        .values({ key, expires_at: expiresAt })
        .onConflict((known) =>
          known.column('key').doUpdateSet({ expires_at: expiresAt }).where('notices.expires_at', '<=', now),
        );
      return changed(await run(db, query.compile())) > 0;
    },
    deleteExpired: async (before, limit) => {
      const some = db.selectFrom('notices').select('key').where('expires_at', '<', before).limit(limit);
      return changed(await run(db, db.deleteFrom('notices').where('key', 'in', some).compile()));
    },
  };
}
