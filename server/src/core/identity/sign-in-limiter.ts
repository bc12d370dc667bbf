// Guessing at people's passwords, kept slow: failures are counted by name and by address, and attempts under way count
// as failures until they turn out otherwise, so that many at once are no way around. Nobody is locked out for ever.

import { addressKey, canonicalAddress } from '@keyward/rules/address';
import { crc32 } from '@keyward/rules/checksum';
import { type Counter, count, createCounter, isIdle, look } from '@keyward/rules/limit';
import type { Clock } from '../clock.ts';
import { KeywardError } from '../errors.ts';

export interface SignInLimiter {
  /**
   * Runs an attempt and counts it if it fails. Throws `too_many_requests` without running it when this name and address,
   * or this address, has failed too often; where this name has failed too often everywhere, one failure from an address
   * is too often. The wait is a minute at most. `name` is canonical, so that spellings share a counter; null where nobody
   * is named. An address is the /64 of an IPv6 one. An attempt that throws is neither a failure nor a success.
   */
  attempt<T>(name: string | null, address: string, run: () => Promise<T>, failed: (outcome: T) => boolean): Promise<T>;
  /**
   * The same for a code of the second factor, of six digits: so few that many addresses must not add up. Who guesses one
   * has shown the right password, so a name has one budget from wherever it comes, but for addresses where it signed in.
   */
  attemptCode(name: string, address: string, run: () => Promise<boolean>): Promise<boolean>;
}

interface Entry {
  counter: Counter;
  running: number;
}

const minute = 60_000;
const mostCounters = 100_000;
/** At that many, new keys share these, which may refuse early and never let more through. */
const sharedCounters = 1024;

/** Failures of one name from one address, of one name from all addresses that are new to it, of one address; of codes. */
export function signInRules(perMinute: number) {
  return {
    pair: { limit: perMinute, windowMs: minute },
    name: { limit: 10 * perMinute, windowMs: 60 * minute },
    address: { limit: 6 * perMinute, windowMs: minute },
    code: { limit: 10 * perMinute, windowMs: 60 * minute },
  };
}

/** Whose failures count as one address's: the /64 of an IPv6 one. */
export function placeOf(from: string): string {
  return canonicalAddress(from) === null ? from : addressKey(from);
}

export function tooManyWrong(retryAfterMs: number): KeywardError {
  return new KeywardError('too_many_requests', 'Too many wrong attempts. Wait, then try again.', { retryAfterMs });
}

/**
 * `now` is monotonic milliseconds; `perMinute` is how often one name may fail from one address. Counters live in this
 * process; where there are others, `sharedSignIns` counts over all of them.
 */
export function createSignInLimiter(now: Clock, perMinute: number): SignInLimiter {
  const rules = signInRules(perMinute);
  const counters = new Map<string, Entry>();
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

  /** Throws unless `cost` more failures have room, beside those that attempts under way may turn out to be. */
  function demand(watched: Entry | undefined, cost: number, longestMs = minute): void {
    if (watched === undefined) return;
    const { admitted, retryAfterMs } = look(watched.counter, now(), watched.running + cost);
    if (admitted) return;
    throw tooManyWrong(Math.min(retryAfterMs, longestMs));
  }

  const pairOf = (name: string, address: string) => `${name.length}:${name}${address}`;

  return {
    async attempt(name, from, run, failed) {
      const address = placeOf(from);
      const pair = name === null ? null : pairOf(name, address);
      const watched = [entry('address', address)];
      demand(watched[0], 1);
      if (name !== null && pair !== null) {
        const own = entry('pair', pair);
        // Others' failures must not keep the right password out: they leave each address its first guess in a minute.
        const anywhere = known.has(pair) ? null : entry('name', name);
        const isSpent = anywhere !== null && !look(anywhere.counter, now(), anywhere.running + 1).admitted;
        demand(own, isSpent ? own.counter.limit : 1);
        watched.push(own);
        if (anywhere !== null) watched.push(anywhere);
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
    async attemptCode(name, from, run) {
      if (known.has(pairOf(name, placeOf(from)))) return run();
      const codes = entry('code', name);
      demand(codes, 1, rules.code.windowMs);
      codes.running += 1;
      try {
        const isRight = await run();
        if (!isRight) count(codes.counter, now(), 1);
        return isRight;
      } finally {
        codes.running -= 1;
      }
    },
  };
}
