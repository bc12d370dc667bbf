// Remembers who used what, and writes it down in batches: a check itself never waits and never writes. What was seen
// since the last flush is lost with the process if that is killed; a normal stop flushes.

import type { Clock, Store } from '../core/ports.ts';
import {
  hourOf,
  type LastUse,
  type NewLastUse,
  type SecretPresented,
  type SecretUse,
  type UsageCount,
  type Use,
  type UseVerdict,
} from '../core/usage.ts';

/** How often it is written, and so how much may be lost to a kill while few credentials are in use. */
export const flushMs = 5000;
/** Where many are in use, each waits for its turn, at most so long: writing is not to cost more than checking. */
export const longestWaitMs = 60_000;

export interface UsageRecorder {
  saw(use: Use): void;
  /**
   * Writes all that was seen before this call. What cannot be written is kept for the next time, and then it rejects. A
   * commit whose acknowledgement was lost is written again: calls may then count twice, and are never lost.
   */
  flush(): Promise<void>;
  /** As `flush`, but of many credentials only those that have waited longest; to be called every `flushMs`. */
  flushSome(): Promise<void>;
  /** How many calls were not counted because too much waited to be written. */
  lost(): number;
}

export interface UsageRecorderOptions {
  /** Counts that wait at most, of some 400 bytes each; 200,000 unless told. Beyond it calls go uncounted. */
  mostWaiting?: number;
  /** Credentials that `flushSome` writes down, if none has waited too long; 2,000 unless told. */
  mostAtOnce?: number;
}

/** What one credential did since the last flush. */
interface Tally {
  use: Pick<Use, 'source' | 'organizationId'>;
  /** When the first of these calls was seen. */
  since: number;
  lastUse: NewLastUse | null;
  /** Of a token that answers to two secrets: the last use of each. */
  secretUses: SecretUse[];
  counts: Count[];
}

interface Count {
  rule: string;
  verdict: UseVerdict;
  hour: number;
  calls: number;
}

/** Counts that one transaction writes: few enough that nobody notices the pause (SQLite writes on this thread). */
const countsPerWrite = 200;
const longestText = 200;

export function usageRecorder(
  store: Pick<Store, 'write'>,
  clock: Clock,
  { mostWaiting = 200_000, mostAtOnce = 2000 }: UsageRecorderOptions = {},
): UsageRecorder {
  /** By the credential's id: ids are unique whatever they are of. Those that have waited longest come first. */
  const tallies = new Map<string, Tally>();
  let waiting = 0;
  let lost = 0;
  let flushing: Promise<void> = Promise.resolve();

  const tallyOf = (use: Pick<Use, 'source' | 'organizationId'>, since: number): Tally => {
    const known = tallies.get(use.source.id);
    if (known !== undefined) return known;
    const tally: Tally = { use, since, lastUse: null, secretUses: [], counts: [] };
    if (waiting < mostWaiting) tallies.set(use.source.id, tally);
    return tally;
  };

  const add = (tally: Tally, rule: string, verdict: UseVerdict, hour: number, calls: number): void => {
    for (const count of tally.counts) {
      if (count.rule === rule && count.verdict === verdict && count.hour === hour) {
        count.calls += calls;
        return;
      }
    }
    if (waiting >= mostWaiting) {
      lost += calls;
      return;
    }
    waiting += 1;
    tally.counts.push({ rule, verdict, hour, calls });
  };

  /** Back to what waits; what was seen meanwhile is newer. */
  const keep = (kept: readonly Tally[]): void => {
    for (const { use, since, lastUse, secretUses, counts } of kept) {
      const tally = tallyOf(use, since);
      tally.since = Math.min(tally.since, since);
      tally.lastUse ??= lastUse;
      for (const secretUse of secretUses) keepSecretUse(tally, secretUse);
      for (const { rule, verdict, hour, calls } of counts) add(tally, rule, verdict, hour, calls);
    }
  };

  const take = (most: number, waitedSince: number): Tally[] => {
    const taken: Tally[] = [];
    for (const [id, tally] of tallies) {
      if (taken.length >= most && tally.since > waitedSince) break;
      tallies.delete(id);
      waiting -= tally.counts.length;
      taken.push(tally);
    }
    return taken;
  };

  const write = async (taken: Tally[]): Promise<void> => {
    const batches = batchesOf(taken);
    for (let at = 0; at < batches.length; at += 1) {
      const batch = batches[at] ?? [];
      const uses = batch.flatMap(({ lastUse }) => (lastUse === null ? [] : shortened(lastUse)));
      const secretUses = batch.flatMap((tally) => tally.secretUses.map(shortened));
      const counts = batch.flatMap(countsOf);
      try {
        await store.write(async ({ usage, previousSecrets }) => {
          await usage.touch(uses);
          await previousSecrets.touch(secretUses);
          await usage.count(counts);
        });
      } catch (error) {
        keep(batches.slice(at).flat());
        throw error;
      }
    }
  };

  const inTurn = (act: () => Promise<void>): Promise<void> => {
    flushing = flushing.catch(() => {}).then(act);
    return flushing;
  };

  return {
    saw: (use) => {
      const at = clock();
      const tally = tallyOf(use, at);
      add(tally, use.rule, use.verdict, hourOf(at), 1);
      if (use.verdict !== 'allowed') return;
      if (use.presented !== undefined) keepSecretUse(tally, secretUseOf(use, use.presented, at));
      const { lastUse } = tally;
      if (lastUse === null) {
        const { source, organizationId, address, userAgent } = use;
        tally.lastUse = { source, organizationId, at, address, userAgent };
      } else if (at >= lastUse.at) {
        lastUse.at = at;
        lastUse.address = use.address;
        lastUse.userAgent = use.userAgent;
      }
    },
    flush: () => inTurn(() => write(take(Number.POSITIVE_INFINITY, 0))),
    flushSome: () => inTurn(() => write(take(mostAtOnce, clock() + flushMs - longestWaitMs))),
    lost: () => lost,
  };
}

/** In the order of ids, in which every node writes, so that two never wait for one another. */
function batchesOf(tallies: readonly Tally[]): Tally[][] {
  const batches: Tally[][] = [];
  let size = countsPerWrite;
  for (const tally of tallies.toSorted((a, b) => (a.use.source.id < b.use.source.id ? -1 : 1))) {
    if (size >= countsPerWrite) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(tally);
    size += tally.counts.length;
  }
  return batches;
}

function countsOf({ use, counts }: Tally): UsageCount[] {
  const { source, organizationId } = use;
  const key = (count: Count) => `${count.hour} ${count.rule} ${count.verdict}`;
  const sorted = counts.length === 1 ? counts : counts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return sorted.map((count) => ({ source, organizationId, ...count }));
}

function secretUseOf(use: Use, { secret, inUseUntil }: SecretPresented, at: number): SecretUse {
  const { source, organizationId, address, userAgent } = use;
  return { tokenId: source.id, organizationId, secret, inUseUntil: Math.max(at, inUseUntil), at, address, userAgent };
}

/** The later of two uses of the same secret counts, and the longest time that any of them keeps it in use. */
function keepSecretUse(tally: Tally, use: SecretUse): void {
  const known = tally.secretUses.find(({ secret }) => secret === use.secret);
  if (known === undefined) {
    tally.secretUses.push(use);
    return;
  }
  const inUseUntil = Math.max(known.inUseUntil, use.inUseUntil);
  Object.assign(known, use.at >= known.at ? use : {}, { inUseUntil });
}

function shortened<U extends LastUse>(use: U): U {
  return { ...use, userAgent: use.userAgent?.slice(0, longestText) ?? null };
}
