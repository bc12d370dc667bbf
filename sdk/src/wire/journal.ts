// The journal: what was changed, by whom, when.

import { type Static, Type } from 'typebox';
import { closed, listOf, Time } from './parts.ts';

const Named = Type.Object({ type: Type.String(), id: Type.String() });

export const JournalEntry = Type.Object({
  seq: Type.Integer(),
  at: Time,
  actor: Named,
  /** `noun.verb`, as in `api_token.deactivated`. */
  action: Type.String(),
  subject: Named,
  detail: Type.Record(Type.String(), Type.Unknown()),
  /** Lower-case hex; chains the entry to the one before it. */
  hash: Type.String(),
});
export type JournalEntry = Static<typeof JournalEntry>;

/** `next` is handed back as `before`. */
export const JournalList = listOf(JournalEntry);
export type JournalList = Static<typeof JournalList>;

/** The newest entries, or those before a `seq`; `limit` is 1 to 200, 50 unless said otherwise. */
export const JournalQuery = Type.Object(
  { limit: Type.Optional(Type.String()), before: Type.Optional(Type.String()) },
  closed,
);
export type JournalQuery = Static<typeof JournalQuery>;
