// The limits of a plan or of a token as they are filled in, and as the wire has them; what is plainly wrong with them, and
// what the server finds wrong.

import type { PlanLimit, Token } from '@keyward/sdk/wire';
import { useState } from 'react';
import { problemOf } from '../../problem.ts';
import { planWords } from '../../words/plans.ts';

const words = planWords.form;
/** Milliseconds. */
export const units = Object.keys(words.units).map(Number);

export interface LimitValues {
  /** Tells the rows apart, whatever is removed. */
  key: number;
  limit: number | string;
  window: number | string;
  unit: string;
  per: PlanLimit['per'];
  cap: number | string;
}

/** By `<row>/<field>`; what is wrong with a whole row is by the row alone. */
export type LimitFaults = Readonly<Record<string, string>>;

export interface LimitsState {
  faults: LimitFaults;
  clear: () => void;
  /** Tells what is plainly wrong; answers the first of it. */
  check: (limits: readonly LimitValues[]) => string | undefined;
  /** Sends the form, and tells what the server finds wrong with limits. */
  sending: <T>(send: () => Promise<T>) => Promise<T>;
}

export function useLimits(): LimitsState {
  const [faults, tell] = useState<LimitFaults>({});
  return {
    faults,
    clear: () => tell({}),
    check: (limits) => {
      const wrong = limitFaults(limits);
      tell(wrong);
      return Object.values(wrong)[0];
    },
    sending: async (send) => {
      try {
        return await send();
      } catch (error) {
        tell(faultsIn(error));
        throw error;
      }
    },
  };
}

export function newLimit(key: number): LimitValues {
  return { key, limit: '', window: 1, unit: '3600000', per: 'organization', cap: '' };
}

export function limitValuesOf({ limit, windowMs, per, cap }: PlanLimit, key: number): LimitValues {
  const unit = units.toSorted((a, b) => b - a).find((ms) => windowMs % ms === 0) ?? 1000;
  return { key, limit, window: windowMs / unit, unit: String(unit), per, cap: cap ?? '' };
}

export function limitOf({ limit, window, unit, per, cap }: LimitValues): PlanLimit {
  const hasCap = per === 'contributor' && cap !== '';
  return { limit: Number(limit), windowMs: Number(window) * Number(unit), per, cap: hasCap ? Number(cap) : null };
}

/** Those of a token, which count by its windows alone. */
export function tokenLimitValuesOf(limits: Token['limits']): LimitValues[] {
  return limits.map((limit, index) => limitValuesOf({ ...limit, per: 'api_token', cap: null }, index + 1));
}

export function tokenLimitsIn(values: readonly LimitValues[]): Token['limits'] {
  return values.map(limitOf).map(({ limit, windowMs }) => ({ limit, windowMs }));
}

/** What is plainly wrong, by `<row>/<field>`. */
export function limitFaults(limits: readonly LimitValues[]): Record<string, string> {
  const faults: Record<string, string> = {};
  limits.forEach(({ limit, window, per, cap }, index) => {
    if (!isCount(limit)) faults[`${index}/limit`] = words.whole;
    if (!isCount(window)) faults[`${index}/windowMs`] = words.whole;
    if (per === 'contributor' && cap !== '' && !isCount(cap)) faults[`${index}/cap`] = words.whole;
  });
  return faults;
}

function isCount(value: number | string): boolean {
  const count = value === '' ? 0 : Number(value);
  return Number.isInteger(count) && count >= 1;
}

function faultsIn(error: unknown): LimitFaults {
  const fields = Object.entries(problemOf(error).fields());
  const own = fields.filter(([path]) => path.startsWith('limits/'));
  return Object.fromEntries(own.map(([path, message]) => [path.slice('limits/'.length), message]));
}
