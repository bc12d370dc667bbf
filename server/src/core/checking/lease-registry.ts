// The last lease of each verifier, remembered so that it can be settled. Lending belongs to lease.ts.

import type { Clock } from '../clock.ts';

/** The last lease of each verifier, so that it can be settled. In memory: one that is forgotten counts to its end. */
export interface LeaseRegistry {
  /** Takes it out. */
  take(verifier: string): Lent | undefined;
  /** `countsForMs`: how long settling it changes anything. */
  put(verifier: string, lent: Lent, countsForMs: number): void;
}

export interface Lent {
  /** Of the limit, and of the lease. */
  key: string;
  name: string;
  amount: number;
}

/** Beyond this nothing is remembered, and so nothing given back. */
const mostLent = 10_000;

/** `now`: monotonic milliseconds. */
export function createLeaseRegistry(now: Clock): LeaseRegistry {
  const all = new Map<string, { lent: Lent; countsUntil: number }>();
  return {
    take(verifier) {
      const found = all.get(verifier);
      all.delete(verifier);
      return found?.lent;
    },
    put(verifier, lent, countsForMs) {
      if (all.size >= mostLent) {
        for (const [name, { countsUntil }] of all) if (countsUntil <= now()) all.delete(name);
      }
      if (all.size < mostLent) all.set(verifier, { lent, countsUntil: now() + countsForMs });
    },
  };
}
