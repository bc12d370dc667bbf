// Who would have been refused: a call that was let in is held against each bound that is only observed so far. Nothing is
// refused here, and a credential of which nothing is observed costs nothing.

import { isObserved, lackOf, type ObservedCall, type Reach } from '@keyward/rules/observed/observation';
import { type Awaitable, whenHere } from '../../awaitable.ts';
import { shadowsOf } from '../../caller/observed.ts';
import { boundPrincipal, principalOf } from '../../caller/principal.ts';
import type { CredentialRecord, ObservedBound, Principal } from '../../caller/records.ts';
import type { Refusal } from '../../caller/refusal.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import type { Clocked } from '../../clock.ts';
import type { ReadToken } from '../../tokens/records.ts';
import { type SpendingPorts, spendShadow } from '../budget.ts';
import type { WouldBeRefusal } from '../calls/recorder.ts';
import type { Plan } from '../records.ts';
import type { ObservationRecorder, Observed } from './recorder.ts';

/** A call that was let in. */
export interface SeenCall extends ObservedCall {
  rule?: string;
}

/** What a credential, or an access token made from it, is to be left with from some time on. */
export interface ObservedReach extends Observed, Reach {
  /** The record and the principal as they then are. */
  record: CredentialRecord;
  principal: Principal;
}

/** What of that is observed would have refused a call, and why. */
export interface WouldRefuse extends Observed, WouldBeRefusal {}

export function reachesOf(
  { apis: { handleOf } }: { apis: Pick<ApiCache, 'handleOf'> },
  record: CredentialRecord,
  token: ReadToken | undefined,
): readonly ObservedReach[] {
  const { observed = [] } = record;
  const bounds = token?.bounds ?? null;
  return shadowsOf(record).flatMap((shadow, at) => {
    const bound = observed[at];
    if (bound === undefined) return [];
    const whole = principalOf(shadow);
    const principal = bounds === null ? whole : boundPrincipal(whole, bounds, handleOf(bounds.audience));
    const { permissions } = principal;
    const { addresses = [], apis = null } = shadow.token ?? {};
    return [{ ...observedOf(bound), permissions, addresses, apis, record: shadow, principal }];
  });
}

/** Those that would refuse the call. `lacking`: what stands in the way of each permission that the record does not have. */
export function refusingBounds(
  reaches: readonly ObservedReach[],
  call: SeenCall,
  lacking: (record: CredentialRecord) => NonNullable<Refusal['lacking']>,
): WouldRefuse[] {
  return reaches.flatMap(({ subject, bound, until, record, principal, ...reach }) => {
    const reason = lackOf(reach, call);
    if (reason === null) return [];
    const { permissions: required = [] } = call;
    const lack = reason === 'missing_permission' ? { required, lacking: lacking(record) } : {};
    return [{ subject, bound, until, record, verdict: { allowed: false, reason, principal, ...lack } }];
  });
}

/** A route's permissions, if they are only observed so far: what would have refused a call without them. */
export function refusingRoute(
  { clock }: Clocked,
  record: CredentialRecord,
  { rule = '', observedUntil: until }: SeenCall & { observedUntil?: number },
  verdict: Refusal,
): WouldRefuse | null {
  if (until === undefined || !isObserved(until, clock())) return null;
  return { subject: { type: 'route', id: rule }, bound: 'permissions', until, record, verdict };
}

/** A plan's limits that are only observed: counted beside those of today, and null while they have room. */
export function refusingLimits(
  ports: Pick<SpendingPorts, 'limits'>,
  record: CredentialRecord,
  plan: Plan,
  cost: number,
  { address = '' }: SeenCall,
): Awaitable<WouldRefuse | null> {
  const { observed, id } = plan;
  if (observed?.limits === undefined) return null;
  const { until } = observed;
  return whenHere(spendShadow(ports, record, plan, cost, address), (budget) => {
    const subject = { type: 'plan', id } as const;
    const verdict = budget && ({ allowed: false, reason: 'rate_limited', budget } as const);
    return verdict && { subject, bound: 'limits', until, record, verdict };
  });
}

export function observedOf({ subject, until, entitlement }: ObservedBound): Observed {
  return { subject, until, bound: entitlement === undefined ? 'narrowing' : 'entitlement' };
}

/** `call`: what recent calls know it by, once they have heard of it. */
export function tellObserved(
  { observations }: { observations: ObservationRecorder },
  { rule = '', address = undefined }: SeenCall,
  would: readonly WouldRefuse[],
): void {
  const call = would[0]?.refusalId ?? null;
  for (const { subject, bound, until, record, verdict } of would) {
    const { source, organization } = record;
    const seen = { subject, bound, until, organizationId: organization.id, source, reason: verdict.reason };
    observations.saw({ ...seen, rule, address: address ?? null, call });
  }
}
