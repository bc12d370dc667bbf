// The newest entries of the journal in memory, in order and without gaps; older ones are read from the store. What a
// follower far away reads on from. It knows nobody who reads.

import type { Clock } from '../clock.ts';
import type { JournalEntry } from './entry.ts';
import { isNotice } from './notice.ts';
import type { JournalReads } from './ports.ts';

/** As much of an entry as is kept in memory. */
export type TailEntry = Pick<JournalEntry, 'seq' | 'at' | 'organizationId' | 'action' | 'subject'>;

export interface JournalTail {
  /** Up to this number nothing is missing. */
  head(): number;
  /** Adds what is new and fits on; false if there is a gap before some of it, which is then left out. */
  add(entries: readonly JournalEntry[]): boolean;
  /** Forgets all entries and begins behind this one: the journal has become another. */
  startOver(head: number): void;
  /** The next entries behind `seq`, in order, at most 500 of them. */
  after(seq: number): readonly TailEntry[] | Promise<readonly TailEntry[]>;
  /**
   * The newest remembered entry about a subject, or about what it made and was ended with it, and whose the remembered ones
   * are; undefined if there is none.
   */
  about(subject: JournalEntry['subject']): { newest: number; organizationIds: ReadonlySet<string> } | undefined;
  /** The remembered entries behind `after` and up to `upTo`, with when this process heard of them. */
  heard(after: number, upTo: number): { entry: TailEntry; heardAt: number }[];
}

/** Entries that are kept. */
export const mostRemembered = 10_000;
const mostAtOnce = 500;

/** Subjects that no verdict depends on. */
const silent = new Set(['permission', 'webhook']);
/** No verdict depends on these either, unlike on the end of the same. */
const silentActions = new Set([
  ...['session.started', 'session.granted'],
  ...['authorization.given', 'application.device_allowed'],
]);
/** Subjects that concern every organization, whoever changed them. */
const serverWide = new Set(['plan', 'signing_key', 'api']);

/** Begins behind the entry numbered `start`. `now`: monotonic milliseconds. */
export function createJournalTail(journal: Pick<JournalReads, 'after'>, start: number, now: Clock): JournalTail {
  /** Twice the number at most, so that cutting off the older half is rare. */
  let kept: { entry: TailEntry; heardAt: number; descendantOf: unknown }[] = [];
  let head = start;

  const placeOf = (seq: number) => seq - (head - kept.length) - 1;

  return {
    head: () => head,
    add(entries) {
      const heardAt = now();
      for (const { seq, at, organizationId, action, subject, detail } of entries) {
        if (seq <= head) continue;
        if (seq > head + 1) return false;
        const { descendantOf } = detail;
        kept.push({ entry: { seq, at, organizationId, action, subject }, heardAt, descendantOf });
        head = seq;
      }
      if (kept.length >= 2 * mostRemembered) kept = kept.slice(-mostRemembered);
      return true;
    },
    startOver(seq) {
      kept = [];
      head = seq;
    },
    after(seq) {
      const place = placeOf(seq + 1);
      if (place < 0) return journal.after(seq, mostAtOnce);
      return kept.slice(place, place + mostAtOnce).map(({ entry }) => entry);
    },
    about({ type, id }) {
      const isAbout = ({ subject }: TailEntry) => subject.id === id && subject.type === type;
      const found = kept.filter(({ entry, descendantOf }) => descendantOf === id || isAbout(entry));
      const newest = found.at(-1)?.entry.seq;
      const organizationIds = new Set(found.map(({ entry }) => entry.organizationId).filter((one) => one !== null));
      return newest === undefined ? undefined : { newest, organizationIds };
    },
    heard: (after, upTo) => kept.slice(Math.max(0, placeOf(after + 1)), Math.max(0, placeOf(upTo + 1))),
  };
}

/** Whose changes somebody follows: an organization's, by its id; null for every organization's. */
export type FeedScope = string | null;

/** True if what verifiers of this scope remember may depend on the entry. */
export function concerns(entry: TailEntry, scope: FeedScope): boolean {
  if (silent.has(entry.subject.type) || silentActions.has(entry.action) || isNotice(entry.action)) return false;
  const concerned = concernedOrganization(entry);
  return scope === null || concerned === null || concerned === scope;
}

/** The organization that an entry concerns; null for the whole server, whoever made the change. */
export function concernedOrganization({ subject, organizationId }: TailEntry): string | null {
  return serverWide.has(subject.type) ? null : organizationId;
}
