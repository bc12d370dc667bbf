// Where calls are counted: on one node in memory, kept in a file over a restart; on many leased from their database.

import type { LeaseStore, LimitStore } from '../core/checking/ports.ts';
import { leasedLimits } from './leased.ts';
import { memoryLimits } from './memory.ts';
import { savedCounters } from './saved-counters.ts';

export interface OpenLimits {
  limits: LimitStore;
  /** Whether the store of shared counters is away, and how many calls each policy then decided. */
  state(): { isDown: boolean; decided: Readonly<Record<'local' | 'deny' | 'allow', number>> };
  chores: readonly (readonly [everyMs: number, chore: () => Promise<unknown>])[];
  /** Saves what was counted, or gives back what was leased. */
  close(): Promise<void>;
}

export interface SharedLeases extends LeaseStore {
  /** Deletes at most `limit` ledgers of which nothing counts any more. */
  deleteEnded(limit: number): Promise<number>;
}

/** Counters of this node alone, in `file`; or those that all nodes share through `leases`. */
export function openLimits(leases: SharedLeases | null, file: string): OpenLimits {
  return leases === null ? ownLimits(file) : sharedLimits(leases);
}

function ownLimits(file: string): OpenLimits {
  const limits = memoryLimits({ clock: () => performance.timeOrigin + performance.now() });
  const saved = savedCounters(limits, file);
  return {
    limits,
    // Memory always answers.
    state: () => ({ isDown: false, decided: { local: 0, deny: 0, allow: 0 } }),
    chores: [[1000, saved.append]],
    close: async () => saved.rewrite(),
  };
}

function sharedLimits(leases: SharedLeases): OpenLimits {
  const limits = leasedLimits({ store: leases, clock: () => performance.now() });
  return {
    limits,
    state: () => ({ isDown: limits.isDown(), decided: limits.decided() }),
    chores: [
      [500, async () => limits.tidy()],
      [60_000, () => leases.deleteEnded(1000)],
    ],
    close: async () => limits.close?.(),
  };
}
