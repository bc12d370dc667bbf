// The last lease of each verifier for each budget, remembered so that it can be settled. Lending belongs to lease.ts.

import type { Clock } from '../clock.ts';

/** The last lease of each holder for each budget. In memory: one that is forgotten counts to its end. */
export interface LeaseRegistry {
  /** Takes it out. `budget`: what the holder asks for it by. */
  take(holder: string, budget: string): Lent | undefined;
  /** `countsForMs`: how long settling it changes anything. */
  put(holder: string, budget: string, lent: Lent, countsForMs: number): void;
}

export interface Lent {
  /** Of the limit, and of the lease. */
  key: string;
  name: string;
  amount: number;
}

interface Remembered extends Lent {
  countsUntil: number;
}

/** Beyond this nothing is remembered, and so nothing given back. */
const mostLent = 100_000;
/** While it is full, so often is looked for what counts no more: that takes a while. */
const sweepEveryMs = 1000;

/** `now`: monotonic milliseconds. */
export function createLeaseRegistry(now: Clock): LeaseRegistry {
  const holders = new Map<string, Map<string, Remembered>>();
  let size = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  function remove(holder: string, budget: string): Remembered | undefined {
    const budgets = holders.get(holder);
    const found = budgets?.get(budget);
    if (budgets === undefined || found === undefined) return undefined;
    budgets.delete(budget);
    if (budgets.size === 0) holders.delete(holder);
    size -= 1;
    return found;
  }

  function sweep(at: number): void {
    if (at - sweptAt < sweepEveryMs) return;
    sweptAt = at;
    for (const [holder, budgets] of holders) {
      for (const [budget, { countsUntil }] of budgets) if (countsUntil <= at) remove(holder, budget);
    }
  }

  return {
    take: remove,
    put(holder, budget, lent, countsForMs) {
      remove(holder, budget);
      const at = now();
      if (size >= mostLent) sweep(at);
      if (size >= mostLent) return;
      const budgets = holders.get(holder);
      const remembered = { ...lent, countsUntil: at + countsForMs };
      if (budgets === undefined) holders.set(holder, new Map([[budget, remembered]]));
      else budgets.set(budget, remembered);
      size += 1;
    },
  };
}
