// The settings of what tells an older database from the one that was served last.

import * as read from './value.ts';

export interface RecoveryConfig {
  /** Null: `<data>/journal.head`, and nowhere with PostgreSQL. */
  readonly journalHead: string | null;
}

export const recoverySettings = {
  journalHead: {
    env: 'KEYWARD_JOURNAL_HEAD',
    flag: null,
    fallback: null,
    read: read.orNull(read.path),
    help: "file that keeps the journal's head outside the database; default: <data>/journal.head, with PostgreSQL none",
  },
};
