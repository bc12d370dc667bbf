// What core needs of a place where calls are counted, and the keys under which they are. Contracts and names only: the
// arithmetic is in rules/limit.ts and rules/ledger.ts, and where counters live is decided in limits/.

import type { Admission, LimitRule } from '@keyward/rules/limit';

/** What is counted together; made by `limitKey` alone. */
export type LimitKey = string;

/** Only `organization` keys are ours to make; of the others anybody on the network can bring about as many as he likes. */
export type LimitedKind = 'organization' | 'address' | 'guess';

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
 * One key for one tuple and no other: each part is preceded by its length (S15). `scope`: the plan's id (empty for the
 * organization's own plan, whichever it is), or what is
 * guessed at; `subject`: the organization's id, an `addressKey`, a canonical name.
 */
export function limitKey(kind: LimitedKind, scope: string, subject: string): LimitKey {
  return `${kind.length}:${kind}${scope.length}:${scope}${subject.length}:${subject}`;
}

/** True for a key of a kind that anybody can bring about, so that memory for it must have a bound (S95). */
export function isOpenKey(key: LimitKey): boolean {
  return !key.startsWith('12:organization');
}

/** Where a plan's budget stands after a call. */
export interface Budget extends LimitAnswer {
  plan: string;
}
