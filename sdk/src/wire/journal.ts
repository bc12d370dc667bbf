// The journal: what was changed, by whom, when.

import { type Static, Type } from 'typebox';
import { closed, listOf, Time, TimeOrNull } from './parts.ts';

/** `name` is what it is called now: an e-mail, a username, a name; null where that is not known. */
const Named = Type.Object({
  type: Type.String(),
  id: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
});

const Organization = Type.Union([
  Type.Object({ id: Type.String(), name: Type.Union([Type.String(), Type.Null()]) }),
  Type.Null(),
]);

export const JournalEntry = Type.Object({
  seq: Type.Integer(),
  at: Time,
  /** Whose the entry is; null for one's own organization's. */
  organization: Organization,
  /** `organization` is the one that it is of, where it acted for another; null otherwise. */
  actor: Type.Object({ ...Named.properties, organization: Organization }),
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

const filter = {
  /** The action, or the beginning of it: `api_token.` is everything that was done to API tokens. */
  action: Type.Optional(Type.String({ maxLength: 100 })),
  /** The id of whoever did it. */
  actor: Type.Optional(Type.String({ maxLength: 64 })),
  /** What it was done to, as `api_token:<id>`. */
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  /** From this time on. */
  from: Type.Optional(Time),
  /** Before this time. */
  until: Type.Optional(Time),
  /** Anywhere in the action, the ids or the detail; ASCII letters in either case. */
  search: Type.Optional(Type.String({ maxLength: 200 })),
};

/**
 * The newest entries, or those before a `seq`; `limit` is 1 to 200, 50 unless said otherwise. A filter that finds little
 * in a long journal may answer fewer than `limit`, even none, with a `next` to go on from.
 */
export const JournalQuery = Type.Object(
  { limit: Type.Optional(Type.String()), before: Type.Optional(Type.String()), ...filter },
  closed,
);
export type JournalQuery = Static<typeof JournalQuery>;

/** Everything that matches, the newest first, as a file: `csv` unless said otherwise. */
export const JournalExportQuery = Type.Object({ format: Type.Optional(Type.Enum(['csv', 'json'])), ...filter }, closed);
export type JournalExportQuery = Static<typeof JournalExportQuery>;

/** How far the chain of hashes was checked since the server started, and what came of it. */
export const ChainStatus = Type.Object({
  /** Null until all of it was checked once. */
  intact: Type.Union([Type.Boolean(), Type.Null()]),
  checkedTo: Type.Integer(),
  head: Type.Integer(),
  checkedAt: TimeOrNull,
  problem: Type.Optional(Type.String()),
});
export type ChainStatus = Static<typeof ChainStatus>;
