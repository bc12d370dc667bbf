// What core needs of a place where calls are counted, and the keys under which they are. Contracts and names only: the
// arithmetic is in rules/limit.ts and rules/ledger.ts, and where counters live is decided in limits/.

import type { Admission, LimitRule } from '@keyward/rules/limit';

/** What is counted together; made by `limitKey` alone. */
export type LimitKey = string;

/** `token` counts by a token's own limits, and `credential` by a plan's. */
export type LimitedKind = 'organization' | 'credential' | 'token' | 'address' | 'guess';

/** What becomes of calls while the store of leases cannot be asked (S100). */
export type WhenUnavailable =
  /** What is leased already is spent, then calls are refused: the limit holds. */
  | 'local'
  /** Calls are refused at once. */
  | 'deny'
  /** What is leased already is spent, then calls are admitted uncounted: the limit may be exceeded. */
  | 'allow';

export interface Quota extends LimitRule {
  /** `local` unless said otherwise. */
  whenUnavailable?: WhenUnavailable;
}

export interface LimitAnswer extends Admission {
  /** Set if the policy decided because the store of leases did not answer; a refusal is then no 429 but a 503. */
  unavailable?: WhenUnavailable;
}

/**
 * One key for one tuple and no other: each part is preceded by its length (S15). Of calls the parts are their organization's
 * id, so that all of one begin alike; the plan's id (empty for the caller's own, whichever it is); the window; and whose they
 * are, where they are not the organization's as a whole.
 */
export function limitKey(kind: LimitedKind, ...parts: readonly string[]): LimitKey {
  let key = `${kind.length}:${kind}`;
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}

/** Of what is counted beside that for an observation: another key, which begins alike. */
export function observedKey(key: LimitKey, until: number): LimitKey {
  const end = String(until);
  return `${key}8:observed${end.length}:${end}`;
}

/** What the keys of all that is counted for an organization begin with, one of these each. */
export function keysOfOrganization(id: string): readonly string[] {
  return (['organization', 'credential', 'token', 'address'] as const).map((kind) => limitKey(kind, id));
}

/** True for a key of a kind that anybody on the network can bring about, so that memory for it must have a bound (S95). */
export function isOpenKey(key: LimitKey): boolean {
  return key.startsWith('7:address') || key.startsWith('5:guess');
}

/** One limit that a call is counted by. */
export interface Charge {
  key: LimitKey;
  quota: Quota;
  /** The plan's id; of a limit of a token's own, `token`. */
  plan: string;
  /** The plan's id where that has one limit alone; otherwise also whose calls it counts, and in what window. */
  name: string;
}

/** Where a budget stands after a call: of several limits the one that refused it, or the one with least left. */
export interface Budget extends LimitAnswer, Pick<Charge, 'plan' | 'name'> {
  /** Where there are several limits, all of them. */
  all?: readonly Budget[];
}
