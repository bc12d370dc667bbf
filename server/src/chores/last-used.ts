// Remembers who used what, and writes it down in batches: a check itself never waits and never writes. What was seen
// since the last flush is lost with the process if that is killed; a normal stop flushes.

import {
  type LastUse,
  newTrace,
  type SecretPresented,
  type SecretUse,
  type Use,
  type UseKind,
  type UseTrace,
} from '../core/caller/use.ts';
import { anySecrets, textKeeper } from '../core/checking/calls/kept-texts.ts';
import type { NewLastUse, UsageCount } from '../core/checking/records.ts';
import { hourMs } from '../core/checking/usage.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../core/ports.ts';

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

/** What is taken of a trace, to be written. */
interface Tally {
  use: Pick<Use, 'source' | 'organizationId' | 'trace'>;
  /** When the first of these calls was seen. */
  since: number;
  lastUse: NewLastUse | null;
  /** Of a credential that answers to two secrets: the last use of each. */
  secretUses: readonly SecretUse[];
  counts: readonly UseKind[];
}

/** What waits to be written. */
interface Waiting extends Pick<Use, 'source' | 'organizationId'> {
  trace: UseTrace;
}

/** Counts that one transaction writes: few enough that nobody notices the pause (SQLite writes on this thread). */
const countsPerWrite = 50;
/** Clients that name themselves by their credential are known by less. */
const keepText = textKeeper(anySecrets);

export function usageRecorder(
  store: Pick<Store, 'write'>,
  clock: Clock,
  { mostWaiting = 200_000, mostAtOnce = 2000 }: UsageRecorderOptions = {},
): UsageRecorder {
  /** By the credential's id: ids are unique whatever they are of. Those that have waited longest come first. */
  const waiting = new Map<string, Waiting>();
  /** The counts of all that waits. */
  let waitingCounts = 0;
  let lost = 0;
  let flushing: Promise<void> = Promise.resolve();

  /** The trace to count on: the record's own, unless another record of the same credential had uses before. */
  const enlist = ({ source, organizationId, trace }: Tally['use'], since: number): UseTrace => {
    const known = waiting.get(source.id);
    if (known !== undefined) return known.trace;
    const chosen = trace ?? newTrace();
    chosen.since = since;
    if (waitingCounts >= mostWaiting) return chosen;
    chosen.waits = true;
    waiting.set(source.id, { source, organizationId, trace: chosen });
    return chosen;
  };

  const add = (trace: UseTrace, kind: UseKind): void => {
    const known =
      trace.calls > 0 && isSameKind(trace, kind) ? trace : trace.others?.find((one) => isSameKind(one, kind));
    if (known !== undefined) {
      known.calls += kind.calls;
    } else if (waitingCounts >= mostWaiting) {
      lost += kind.calls;
    } else {
      waitingCounts += 1;
      if (trace.calls === 0) Object.assign(trace, kind);
      else trace.others = [...(trace.others ?? []), kind];
    }
  };

  /** Back to what waits; what was seen meanwhile is newer. */
  const keep = (kept: readonly Tally[]): void => {
    for (const { use, since, lastUse, secretUses, counts } of kept) {
      const trace = enlist(use, since);
      trace.since = Math.min(trace.since, since);
      if (lastUse !== null && trace.lastHour < 0) {
        const hour = Math.floor(lastUse.at / hourMs);
        noteLastUse(trace, lastUse, hour, lastUse.at - hour * hourMs);
      }
      for (const secretUse of secretUses) keepSecretUse(trace, secretUse);
      for (const count of counts) add(trace, count);
    }
  };

  const take = (most: number, waitedSince: number): Tally[] => {
    const taken: Tally[] = [];
    for (const [id, one] of waiting) {
      if (taken.length >= most && one.trace.since > waitedSince) break;
      waiting.delete(id);
      const tally = emptied(one);
      waitingCounts -= tally.counts.length;
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
        await store.write(async ({ usage, previousSecrets, previousPasswords }) => {
          await usage.touch(uses);
          await previousSecrets.touch(secretUses.filter(({ source }) => source.type === 'api_token'));
          await previousPasswords.touch(secretUses.filter(({ source }) => source.type === 'api_user'));
          await usage.count(counts);
        });
      } catch (error) {
        keep(batches.slice(at).flat());
        throw error;
      }
    }
  };

  const enqueue = (act: () => Promise<void>): Promise<void> => {
    flushing = flushing.catch(() => {}).then(act);
    return flushing;
  };

  return {
    saw: (use) => {
      const at = use.at ?? clock();
      const trace = use.trace?.waits === true ? use.trace : enlist(use, at);
      const hour = Math.floor(at / hourMs);
      const { rule, verdict } = use;
      if (trace.calls > 0 && trace.hour === hour && trace.verdict === verdict && trace.rule === rule) trace.calls += 1;
      else add(trace, { calls: 1, rule, verdict, hour });
      if (verdict !== 'allowed') return;
      if (use.presented !== undefined) keepSecretUse(trace, secretUseOf(use, use.presented, at));
      noteLastUse(trace, use, hour, at - hour * hourMs);
    },
    flush: () => enqueue(() => write(take(Number.POSITIVE_INFINITY, 0))),
    flushSome: () => enqueue(() => write(take(mostAtOnce, clock() + flushMs - longestWaitMs))),
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
  const key = (count: UseKind) => `${count.hour} ${count.rule} ${count.verdict}`;
  const sorted = counts.length === 1 ? counts : counts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return sorted.map(({ hour, ...count }) => ({ source, organizationId, hour: hour * hourMs, ...count }));
}

function isSameKind(one: UseKind, other: UseKind): boolean {
  return one.hour === other.hour && one.verdict === other.verdict && one.rule === other.rule;
}

/** A text that is the same is not put in the place of the one that is there: that would keep every request's own. */
function noteLastUse(
  trace: UseTrace,
  { address, userAgent }: Pick<LastUse, 'address' | 'userAgent'>,
  hour: number,
  ms: number,
): void {
  if (hour < trace.lastHour || (hour === trace.lastHour && ms < trace.lastMs)) return;
  trace.lastHour = hour;
  trace.lastMs = ms;
  if (trace.address !== address) trace.address = address;
  if (trace.userAgent !== userAgent) trace.userAgent = userAgent;
}

/** What the trace has, which is then as new. */
function emptied({ source, organizationId, trace }: Waiting): Tally {
  const { calls, rule, verdict, hour, lastHour, lastMs, address, userAgent, others, secretUses, since } = trace;
  const tally: Tally = {
    use: { source, organizationId, trace },
    since,
    lastUse: lastHour < 0 ? null : { source, organizationId, at: lastHour * hourMs + lastMs, address, userAgent },
    secretUses: secretUses ?? [],
    counts: calls === 0 ? [] : [{ calls, rule, verdict, hour }, ...(others ?? [])],
  };
  trace.waits = false;
  trace.calls = 0;
  trace.lastHour = -1;
  trace.others = null;
  trace.secretUses = null;
  return tally;
}

function secretUseOf(use: Use, { secret, inUseUntil }: SecretPresented, at: number): SecretUse {
  const { source, organizationId, address, userAgent } = use;
  return { source, organizationId, secret, inUseUntil: Math.max(at, inUseUntil), at, address, userAgent };
}

/** The later of two uses of the same secret counts, and the longest time that any of them keeps it in use. */
function keepSecretUse(trace: UseTrace, use: SecretUse): void {
  const known = trace.secretUses?.find(({ secret }) => secret === use.secret);
  if (known === undefined) {
    trace.secretUses = [...(trace.secretUses ?? []), use];
    return;
  }
  const inUseUntil = Math.max(known.inUseUntil, use.inUseUntil);
  Object.assign(known, use.at >= known.at ? use : {}, { inUseUntil });
}

function shortened<U extends LastUse>(use: U): U {
  return { ...use, userAgent: use.userAgent === null ? null : keepText(use.userAgent) };
}
