// What one node remembers of one limit that it shares with others.

import type { Holding } from '@keyward/rules/lease';
import type { LimitAnswer, LimitKey, Quota } from '../core/checking/limit.ts';

export interface Entry {
  key: LimitKey;
  quota: Quota;
  holding: Holding;
  /** Those who wait for this limit alone. */
  waiting: Waiting[];
  /** Units for calls that wait for other limits too, and are not being asked for. */
  wanted: number;
  /** When it was asked for last. */
  usedAt: number;
  /** The questions under way, which end when nobody waits any more. */
  asking: Promise<void> | null;
}

export interface Waiting {
  cost: number;
  isLook: boolean;
  resolve(answer: LimitAnswer): void;
  reject(error: unknown): void;
}
