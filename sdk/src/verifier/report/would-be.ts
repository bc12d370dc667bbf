// Counts the calls that were let in here and that something observed would have refused, with the last one of each kind, until they
// are told. Nothing is refused here.

import type { ReportedObservation } from '../../wire/verifier-reports.ts';
import type { ObservedEntry } from '../cache/credential-entry.ts';
import type { Principal, Requirement } from '../verdict.ts';
import { saidOf } from './said.ts';

export interface WouldBe {
  /** `refusal`: the id of this one. */
  saw(principal: Principal, bound: ObservedEntry, reason: string, call: Requirement, refusal: string): void;
  take(): Counted[];
  /** They were not told. */
  giveBack(counted: readonly Counted[]): void;
}

export interface Counted {
  key: string;
  principal: Principal;
  bound: ObservedEntry;
  reason: string;
  calls: number;
  last: { call: Requirement; refusal: string; at: number };
}

/** In a report; what is beyond it until then goes uncounted. */
const most = 100;

/** `clock`: milliseconds since the epoch. */
export function createWouldBe(clock: () => number): WouldBe {
  let counted = new Map<string, Counted>();
  return {
    saw(principal, bound, reason, call, refusal) {
      const { subject, until } = bound;
      const key = JSON.stringify([principal.id, subject.type, subject.id, bound.bound, until, reason]);
      const calls = counted.get(key)?.calls ?? 0;
      if (calls === 0 && counted.size >= most) return;
      const last = { call, refusal, at: clock() };
      counted.set(key, { key, principal, bound, reason, calls: calls + 1, last });
    },
    take() {
      const taken = [...counted.values()];
      counted = new Map();
      return taken;
    },
    giveBack(untold) {
      for (const one of untold) {
        const since = counted.get(one.key);
        if (since !== undefined) since.calls += one.calls;
        else if (counted.size < most) counted.set(one.key, one);
      }
    },
  };
}

/** As a report has it. */
export function toReported({ principal, bound, reason, calls, last }: Counted): ReportedObservation {
  const { type, id } = principal;
  const { call, refusal, at } = last;
  return {
    credential: { type, id },
    subject: bound.subject,
    bound: bound.bound,
    until: new Date(bound.until).toISOString(),
    reason,
    calls,
    last: { ...saidOf(call), at: new Date(at).toISOString(), refusal },
  };
}
