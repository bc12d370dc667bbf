// Notices that were given, so that each is given once, whichever node thinks of it. They say nothing of themselves.

import type { Notices } from '../core/feed/webhooks/ports.ts';
import type { Session } from './database.ts';
import { changed, insertion, run } from './statement.ts';

export function noticeChanges({ db }: Session): Notices {
  return {
    insert: (key, expiresAt) => insert(db, { key, expires_at: expiresAt }),
    deleteExpired: async (before, limit) => {
      const some = db.selectFrom('notices').select('key').where('expires_at', '<', before).limit(limit);
      return changed(await run(db, db.deleteFrom('notices').where('key', 'in', some).compile()));
    },
  };
}

const insert = insertion('notices');
