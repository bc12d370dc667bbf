// What is only observed so far of a credential: calls are held against it beside what bounds the credential today. Nothing is
// refused for it before its end; from then on it counts here by itself, whatever has been heard meanwhile.

import { isObserved, lackOf, type ObservedCall } from '@keyward/rules/observed/observation';
import { intersect } from '@keyward/rules/permission';
import type { Entry, ObservedEntry } from './cache/credential-entry.ts';
import { type Principal, type Refused, type Requirement, refused, type Verdict } from './verdict.ts';

/** A call that was let in, and that something observed would have refused. */
export type WouldRefuse = (principal: Principal, bound: ObservedEntry, reason: string, call: Requirement) => void;

/** Why a call is refused by what was observed and counts at `now`; null if it is not. */
export function lackOfObserved(entry: Entry, call: ObservedCall, now: number): Refused | null {
  for (const bound of entry.observed ?? []) {
    if (isObserved(bound.until, now)) continue;
    const reason = lackOf(bound, call);
    if (reason === null) continue;
    const required = reason === 'missing_permission' ? (call.permissions ?? []) : [];
    return refused(reason, { principal: principalAt(entry, now), required });
  }
  return null;
}

/** The verdict on a call that is let in at `now`, of whoever it then is; `tell` is told of what would have refused it. */
export function observed(entry: Entry, call: Requirement, now: number, verdict: Verdict, tell: WouldRefuse): Verdict {
  for (const bound of entry.observed ?? []) {
    const reason = isObserved(bound.until, now) ? lackOf(bound, call) : null;
    if (reason !== null) tell(entry.principal, bound, reason, call);
  }
  const principal = principalAt(entry, now);
  return principal === entry.principal ? verdict : { ...verdict, principal };
}

const narrower = new WeakMap<Entry, { counting: number; principal: Principal }>();

function principalAt(entry: Entry, now: number): Principal {
  const counting = entry.observed?.filter(({ until }) => !isObserved(until, now)) ?? [];
  if (counting.length === 0) return entry.principal;
  const known = narrower.get(entry);
  if (known?.counting === counting.length) return known.principal;
  let { permissions, apis } = entry.principal;
  for (const bound of counting) {
    permissions = intersect(bound.permissions, permissions);
    if (bound.apis !== null) apis = bound.apis.filter((api) => apis === undefined || apis.includes(api));
  }
  const principal = Object.freeze({
    ...entry.principal,
    permissions: Object.freeze(permissions),
    ...(apis !== undefined && { apis: Object.freeze(apis) }),
  });
  narrower.set(entry, { counting: counting.length, principal });
  return principal;
}
