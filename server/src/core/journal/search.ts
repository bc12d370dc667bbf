// Finding entries in a long journal. It has one index, on its numbers, so that a change costs little to write: a filter
// walks backwards through spans of numbers; the store lets others have their turn after each.

import { type Caller, demand, isOperating } from '../caller/caller.ts';
import type { Clocked } from '../clock.ts';
import type { JournalEntry } from './entry.ts';
import { type NamedEntry, named } from './named.ts';
import type { JournalFilter, JournalReads, Reading } from './ports.ts';

export interface JournalQuery extends JournalFilter {
  /** 1 to 200. */
  limit: number;
  /** Only entries before this sequence number. */
  before?: number;
}

export interface JournalPage {
  items: NamedEntry[];
  /** Where to go on, or null where nothing is left. */
  next: number | null;
}

/** Entries that one query looks at: a few milliseconds. */
const spanLength = 5000;
/** After so long a page is answered as far as it has come. */
const searchMs = 1000;
/**
 * Numbers are given at the commit, times before it, and clocks of nodes differ: entries are not quite in the order of
 * time. Nothing is out of order by more.
 */
const slackMs = 3_600_000;

/**
 * The organization's entries, the newest first, and to those who may see the customers also what the organization's people
 * did at those. Needs `read:journal`. A filter that finds little answers what it found within a second, and where to go on.
 */
export async function listJournal(
  ports: Reading<'journal' | 'names'> & Clocked,
  caller: Caller,
  query: JournalQuery,
): Promise<JournalPage> {
  demand(caller, 'read:journal');
  const { limit, before, ...filter } = query;
  const { journal } = ports.store;
  if (Object.keys(filter).length === 0) {
    const entries = await journal.latest(caller.organization.id, limit, before, isOperating(caller));
    const last = entries.length === limit ? entries.at(-1) : undefined;
    return { items: await named(ports, caller, entries), next: last?.seq ?? null };
  }
  const until = ports.clock() + searchMs;
  const found: JournalEntry[] = [];
  for await (const span of spansOf(journal, caller, filter, before, () => limit - found.length)) {
    found.push(...span.entries);
    if (found.length >= limit) return { items: await named(ports, caller, found), next: found.at(-1)?.seq ?? null };
    if (ports.clock() > until && span.rest !== null) {
      return { items: await named(ports, caller, found), next: span.rest };
    }
  }
  return { items: await named(ports, caller, found), next: null };
}

/** All entries that match, the newest first, some at a time. Needs `read:journal`, which it asks for at once. */
export function exportJournal(
  ports: Reading<'journal' | 'names'>,
  caller: Caller,
  filter: JournalFilter,
): AsyncGenerator<NamedEntry[], void> {
  demand(caller, 'read:journal');
  return exported(ports, caller, filter);
}

async function* exported(
  ports: Reading<'journal' | 'names'>,
  caller: Caller,
  filter: JournalFilter,
): AsyncGenerator<NamedEntry[], void> {
  let before: number | undefined;
  for (;;) {
    let rest: number | null = null;
    for await (const span of spansOf(ports.store.journal, caller, filter, before, () => mostAtOnce)) {
      if (span.entries.length > 0) yield await named(ports, caller, span.entries);
      // A full answer may have left some of its span.
      rest = span.entries.length >= mostAtOnce ? (span.entries.at(-1)?.seq ?? null) : null;
      if (rest !== null) break;
    }
    if (rest === null) return;
    before = rest;
  }
}

const mostAtOnce = 500;

interface Span {
  entries: JournalEntry[];
  /** Below this number nothing was looked at; null where there is nothing. */
  rest: number | null;
}

/** Walks backwards from `before`. `wanted`: how many entries are still of use. */
async function* spansOf(
  journal: JournalReads,
  caller: Caller,
  filter: JournalFilter,
  before: number | undefined,
  wanted: () => number,
): AsyncGenerator<Span, void> {
  const head = await journal.head();
  const end = filter.until === undefined ? head : await lastBefore(journal, filter.until + slackMs, head);
  const start = filter.from === undefined ? 0 : await lastBefore(journal, filter.from - slackMs, head);
  let above = Math.min(before ?? Number.MAX_SAFE_INTEGER, end + 1);
  while (above > start + 1) {
    const from = Math.max(start + 1, above - spanLength);
    const span = { from, before: above };
    const entries = await journal.matching(caller.organization.id, span, filter, wanted(), isOperating(caller));
    above = from;
    yield { entries, rest: from > start + 1 ? from : null };
  }
}

/** The number of about the last entry from before a time: the one in the middle is looked at, again and again. */
async function lastBefore(journal: JournalReads, time: number, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const entry = await journal.at(middle);
    if (entry === null || entry.at < time) low = middle;
    else high = middle - 1;
  }
  return low;
}
