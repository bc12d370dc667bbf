// What the journal needs of the world: entries read and remembered, the names of what they speak of.

import type { JournalEntry, NewJournalEntry } from './entry.ts';

export interface JournalReads {
  /** Entries with `seq` above `after`, in order. `organizationId` null means the whole server's. */
  after(seq: number, limit: number, organizationId?: string | null): Promise<JournalEntry[]>;
  /** The newest first, before `seq` if given; with `elsewhere` also what its people did in other organizations. */
  latest(organizationId: string | null, limit: number, before?: number, elsewhere?: boolean): Promise<JournalEntry[]>;
  /** The newest first of the organization's entries that match, with `seq` from `from` on and below `before`. Others get
   *  their turn after it. `elsewhere` as in `latest`. */
  matching(
    organizationId: string,
    range: { from: number; before: number },
    filter: JournalFilter,
    limit: number,
    elsewhere?: boolean,
  ): Promise<JournalEntry[]>;
  /** The newest of the whole server's entries with `seq` up to this one: its number and time. */
  at(seq: number): Promise<{ seq: number; at: number } | null>;
  /** The newest sequence number, 0 when empty. */
  head(): Promise<number>;
}

/** What things are called: for showing ids to people. */
export interface NameReads {
  /** By `<type>:<id>`; an e-mail, a username, a name, of what was deleted too. What is not known is left out. */
  of(organizationId: string, things: readonly { type: string; id: string }[]): Promise<ReadonlyMap<string, string>>;
  /** By id, of those of these organizations that ever were. */
  ofOrganizations(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** What entries are narrowed to; unset members do not narrow. */
export interface JournalFilter {
  /** The beginning of the action. */
  action?: string;
  actorId?: string;
  subject?: { type: string; id: string };
  /** Milliseconds since the epoch: from this time on, and before that. */
  from?: number;
  until?: number;
  /** Anywhere in action, ids or detail, ASCII letters in either case. */
  search?: string;
}

/** How far this node answers by what the journal says. */
export interface JournalProgress {
  /**
   * Resolves when this node answers by everything up to `cursor`; false if the journal does not go so far, or if what it
   * asks for takes too long to load.
   */
  reaches(cursor: number): boolean | Promise<boolean>;
}

/** What a change remembers of itself. */
export interface Journalled {
  /** Remembers an entry; it gets its number and hash just before the commit. */
  journal(entry: NewJournalEntry): void;
}

/** What the store lets this part read. */
export interface JournalStoreReads {
  journal: JournalReads;
  names: NameReads;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof JournalStoreReads> {
  store: Pick<JournalStoreReads, Noun>;
}
