// What is only observed, as a column keeps it: JSON, with its end in a column of its own for who looks for what is due. What
// cannot be read there counts at once and allows nothing.

import { isObserved, type Narrowing, narrowed } from '@keyward/rules/observed/observation';
import type { PlanLimit } from '../core/checking/records.ts';

interface Kept extends Narrowing {
  since: number;
  until: number;
  entitlement?: readonly string[];
  limits?: readonly PlanLimit[];
}

interface Columns {
  observed: string | null;
  observed_until: number | null;
}

export function toObserved(kept: Kept | null): Columns {
  return { observed: kept && JSON.stringify(kept), observed_until: kept?.until ?? null };
}

export function observedIn({ observed }: Pick<Columns, 'observed'>): Kept | null {
  if (observed === null) return null;
  const kept = parsed(observed);
  return kept !== null && [kept.since, kept.until].every(Number.isSafeInteger) ? kept : nothingLeft;
}

/** What is observed of a token, and what bounds it, as they are at `now`. */
export function tokenAt<T extends Required<Narrowing>>(token: T, row: Columns, now: number) {
  const kept = observedIn(row);
  if (kept === null) return { ...token, narrowing: null };
  return isObserved(kept.until, now)
    ? { ...token, narrowing: kept }
    : { ...token, ...narrowed(token, kept), narrowing: null };
}

const nothingLeft: Kept = { since: 0, until: 0, permissions: [], entitlement: [] };

function parsed(text: string): Kept | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Kept | null) : null;
  } catch {
    return null;
  }
}
