// Guessing at people's passwords, kept slow: failures are counted by name and by address, and attempts under way count
// as failures until they turn out otherwise, so that many at once are no way around. Nobody is locked out for ever.

import { crc32 } from '@keyward/rules/checksum';
import { type Counter, count, createCounter, isIdle, look } from '@keyward/rules/limit';
import type { Clock } from '../clock.ts';
import { KeywardError } from '../errors.ts';

export interface SignInLimiter {
  /**
   * Runs an attempt and counts it if it fails. Throws `too_many_requests` without running it when this name and address,
   * this name from everywhere, or this address has failed too often. `name` is canonical, so that spellings share a
   * counter; null where nobody is named. An attempt that throws is neither a failure nor a success.
   */
  attempt<T>(name: string | null, address: string, run: () => Promise<T>, failed: (outcome: T) => boolean): Promise<T>;
}

const minute = 60_000;
const mostCounters = 100_000;
/** At that many, new keys share these, which may refuse early and never let more through. */
const sharedCounters = 1024;

/**
 * `now` is monotonic milliseconds; `perMinute` is how often one name may fail from one address. Counters live in this
 * process; every node keeps its own.
 */
export function createSignInLimiter(now: Clock, perMinute: number): SignInLimiter {
  /** Failures of one name from one address, of one name from all addresses that are new to it, of one address. */
  const rules = {
    pair: { limit: perMinute, windowMs: minute },
    name: { limit: 10 * perMinute, windowMs: 60 * minute },
    address: { limit: 6 * perMinute, windowMs: minute },
  };
  const counters = new Map<string, { counter: Counter; running: number }>();
  /** Name and address that signed in here before: others' failures do not keep them out (S25). */
  const known = new Set<string>();

  let prunedAt = Number.NEGATIVE_INFINITY;

  function entry(kind: keyof typeof rules, key: string) {
    const own = `${kind}:${key}`;
    if (!counters.has(own) && counters.size >= mostCounters) prune();
    const isFull = !counters.has(own) && counters.size >= mostCounters;
    const id = isFull ? `${kind}#${crc32(key) % sharedCounters}` : own;
    const found = counters.get(id) ?? { counter: createCounter(rules[kind]), running: 0 };
    counters.set(id, found);
    return found;
  }

  /** Forgets what counts no more; at most once a second, since a flood would ask for it at every attempt. */
  function prune(): void {
    if (now() - prunedAt < 1000) return;
    prunedAt = now();
    for (const [id, { counter, running }] of counters) {
      if (running === 0 && isIdle(counter, now())) counters.delete(id);
    }
    if (known.size > mostCounters) known.clear();
  }

  return {
    async attempt(name, address, run, failed) {
      const pair = name === null ? null : `${name.length}:${name}${address}`;
      const watched = [entry('address', address)];
      if (pair !== null) watched.push(entry('pair', pair));
      if (name !== null && pair !== null && !known.has(pair)) watched.push(entry('name', name));
      for (const { counter, running } of watched) {
        const { admitted, retryAfterMs } = look(counter, now(), running + 1);
        if (!admitted) {
          throw new KeywardError('too_many_requests', 'Too many wrong attempts. Wait, then try again.', {
            retryAfterMs,
          });
        }
      }
      for (const one of watched) one.running += 1;
      try {
        const outcome = await run();
        if (failed(outcome)) for (const { counter } of watched) count(counter, now(), 1);
        else if (pair !== null) known.add(pair);
        return outcome;
      } finally {
        for (const one of watched) one.running -= 1;
      }
    },
  };
}
