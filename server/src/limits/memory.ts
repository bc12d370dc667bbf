// Limits counted in the memory of one node. Memory has a bound, and nothing that still counts is forgotten to keep it:
// at the bound, new keys of the open kinds share counters, which may refuse early and never admit more. It writes no
// file: whoever does stores `snapshot()` and then `changes()` every second, and gives them back to `restore`.

import {
  createLedger,
  endOf,
  grant,
  type Ledger,
  fromSaved as ledgerFromSaved,
  toSaved as ledgerToSaved,
  spendBeside,
} from '@keyward/rules/ledger';
import {
  type Counter,
  fromSaved as counterFromSaved,
  toSaved as counterToSaved,
  createCounter,
  hasRoom,
  isIdle,
  type LimitRule,
  look,
  spend,
  withRule,
} from '@keyward/rules/limit';
import { isOpenKey, type LimitKey } from '../core/checking/limit.ts';
import type { LimitStore } from '../core/checking/ports.ts';
import { createEvictor } from './eviction.ts';

export interface MemoryLimits extends LimitStore {
  /** All that still counts, as lines of text. A line says all of one key, and a later one of the same key replaces it. */
  snapshot(): string;
  /**
   * The lines of those keys of which something was spent since the last `snapshot` or `changes`; empty if of none. What
   * `save` throws at counts as changed still.
   */
  changes(save?: (lines: string) => void): string;
  /** Takes lines back, a torn last one excepted, and says how many keys count now. Call it before the first `spend`. */
  restore(text: string): number;
  /** How many counters there are. */
  size(): number;
}

export interface MemoryLimitOptions {
  /**
   * Monotonic milliseconds. For saved counters to be of use it must go on after a restart, as the epoch's do. If it has
   * gone back meanwhile, no time is taken to have passed; what it has jumped ahead is forgotten early.
   */
  clock: () => number;
  /** Keys of the open kinds with a counter of their own; 200,000 unless told. One takes 0.4 to 1.5 kB. */
  mostOpenKeys?: number;
  /** How many counters the others share, for each rule; 1024 unless told. */
  sharedCounters?: number;
}

interface Entry {
  key: string;
  isOpen: boolean;
  counter: Counter;
  /** Over the same counter, once something was leased. */
  ledger: Ledger | null;
  isChanged: boolean;
}

export function memoryLimits({
  clock,
  mostOpenKeys = 200_000,
  sharedCounters = 1024,
}: MemoryLimitOptions): MemoryLimits {
  const entries = new Map<string, Entry>();
  const shared = new Map<string, Entry>();
  let openKeys = 0;
  let changed: Entry[] = [];

  const remove = (entry: Entry) => {
    entries.delete(entry.key);
    if (entry.isOpen) openKeys -= 1;
  };

  const sweep = createEvictor(entries, isUnused, remove);

  /** The counter that a key without its own has to share, as long as something counts in it or the bound is met. */
  const sharedWith = (key: LimitKey, rule: LimitRule, now: number): Entry | undefined => {
    if (!isOpenKey(key) || (shared.size === 0 && openKeys < mostOpenKeys)) return undefined;
    const name = `shared:${hashOf(key) % sharedCounters}:${rule.limit}:${rule.windowMs}`;
    const known = shared.get(name);
    if (known !== undefined && !isUnused(known, now)) return known;
    if (openKeys < mostOpenKeys) {
      shared.delete(name);
      return undefined;
    }
    const entry = known ?? newEntry(name, createCounter(rule));
    shared.set(name, entry);
    return entry;
  };

  const entryOf = (key: LimitKey, rule: LimitRule, now: number): Entry => {
    const known = entries.get(key);
    if (known !== undefined) return underRule(known, rule);
    sweep(now);
    const entry = sharedWith(key, rule, now);
    return entry === undefined ? insert(newEntry(key, createCounter(rule))) : entry;
  };

  const insert = (entry: Entry): Entry => {
    entries.set(entry.key, entry);
    if (entry.isOpen) openKeys += 1;
    return entry;
  };

  const spendAt = (key: LimitKey, rule: LimitRule, cost: number, now: number) => {
    const entry = entryOf(key, rule, now);
    const answer = entry.ledger === null ? spend(entry.counter, now, cost) : spendBeside(entry.ledger, now, cost, true);
    if (answer.admitted && cost > 0) noteChange(entry);
    return answer;
  };

  /** Makes no entry: one that nothing is spent of could be swept before it is asked again. */
  const findEntry = (key: LimitKey, rule: LimitRule, now: number): Entry | undefined => {
    const known = entries.get(key);
    return known === undefined ? sharedWith(key, rule, now) : underRule(known, rule);
  };

  const hasRoomAt = (key: LimitKey, rule: LimitRule, cost: number, now: number): boolean => {
    const entry = findEntry(key, rule, now);
    if (entry?.ledger) return spendBeside(entry.ledger, now, cost, false).admitted;
    return hasRoom(entry?.counter ?? createCounter(rule), now, cost);
  };

  const lookAt = (key: LimitKey, rule: LimitRule, cost: number, now: number) => {
    const entry = findEntry(key, rule, now);
    if (entry?.ledger) return spendBeside(entry.ledger, now, cost, false);
    return look(entry?.counter ?? createCounter(rule), now, cost);
  };

  const noteChange = (entry: Entry) => {
    if (entry.isChanged) return;
    entry.isChanged = true;
    changed.push(entry);
  };

  return {
    spend: (key, rule, cost) => spendAt(key, rule, cost, clock()),
    spendAll: (charges, cost) => {
      const now = clock();
      const haveRoom = charges.every(({ key, quota }) => hasRoomAt(key, quota, cost, now));
      return charges.map(({ key, quota }) => (haveRoom ? spendAt : lookAt)(key, quota, cost, now));
    },
    look: (key, rule, cost) => lookAt(key, rule, cost, clock()),
    lease: async (key, rule, request) => {
      const now = clock();
      const entry = entryOf(key, rule, now);
      entry.ledger ??= { ...createLedger(rule), counter: entry.counter };
      const granted = grant(entry.ledger, rule, request, now);
      entry.counter = entry.ledger.counter;
      noteChange(entry);
      return granted;
    },
    reset: async (beginnings) => {
      const now = clock();
      for (const entry of entries.values()) {
        if (!beginnings.some((beginning) => entry.key.startsWith(beginning))) continue;
        entry.counter = { ...createCounter(entry.counter, entry.counter.parts), at: now };
        if (entry.ledger !== null) entry.ledger.counter = entry.counter;
        noteChange(entry);
      }
    },
    // There is no other node.
    wasReset: () => {},
    snapshot: () => {
      const now = clock();
      changes();
      const counting = [...entries.values(), ...shared.values()].filter((entry) => !isUnused(entry, now));
      return counting.map(toLine).join('');
    },
    changes,
    restore: (text) => {
      const now = clock();
      for (const line of text.split('\n')) {
        const entry = fromLine(line, now);
        if (entry === null) continue;
        const isShared = entry.key.startsWith('shared:');
        const old = (isShared ? shared : entries).get(entry.key);
        if (isShared) shared.set(entry.key, entry);
        else {
          if (old !== undefined) remove(old);
          insert(entry);
        }
      }
      for (const entry of entries.values()) if (isUnused(entry, now)) remove(entry);
      return entries.size + shared.size;
    },
    size: () => entries.size + shared.size,
  };

  function changes(save?: (lines: string) => void): string {
    const lines = changed.map(toLine).join('');
    if (lines !== '') save?.(lines);
    for (const entry of changed) entry.isChanged = false;
    changed = [];
    return lines;
  }
}

function newEntry(key: string, counter: Counter): Entry {
  return { key, isOpen: isOpenKey(key), counter, ledger: null, isChanged: false };
}

function underRule(entry: Entry, rule: LimitRule): Entry {
  entry.counter = withRule(entry.counter, rule);
  if (entry.ledger !== null) entry.ledger.counter = entry.counter;
  return entry;
}

function isUnused({ counter, ledger }: Entry, now: number): boolean {
  return isIdle(counter, now) && (ledger === null || endOf(ledger) <= now);
}

function toLine({ key, counter, ledger }: Entry): string {
  return `${JSON.stringify([key, ledger === null ? counterToSaved(counter) : ledgerToSaved(ledger)])}\n`;
}

/** Null for a line that was torn when the process was killed. */
function fromLine(line: string, now: number): Entry | null {
  try {
    const [key, saved] = JSON.parse(line);
    if (typeof key !== 'string') return null;
    if (!Array.isArray(saved[0])) {
      const counter = counterFromSaved(saved, now);
      return counter === null ? null : newEntry(key, counter);
    }
    const ledger = ledgerFromSaved(saved, now);
    return { ...newEntry(key, ledger.counter), ledger };
  } catch {
    return null;
  }
}

/** FNV-1a. Who makes his key meet another's only makes both refused early, which the bound's being met does anyway. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
