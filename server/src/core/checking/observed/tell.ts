// Who would have been refused: a call that was let in is held against each bound that is only observed so far. Nothing is
// refused here, and a credential of which nothing is observed costs nothing.

import { isObserved, lackOf, type ObservedCall, type Reach } from '@keyward/rules/observed/observation';
import { type Awaitable, whenHere } from '../../awaitable.ts';
import { shadowsOf } from '../../caller/observed.ts';
import { boundPrincipal, principalOf } from '../../caller/principal.ts';
import type { CredentialRecord, ObservedBound } from '../../caller/records.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import type { Clocked } from '../../clock.ts';
import type { ReadToken } from '../../tokens/records.ts';
import { type SpendingPorts, spendShadow } from '../budget.ts';
import type { Plan } from '../records.ts';
import type { ObservationRecorder, Observed } from './recorder.ts';

export type ObservingPorts = Clocked & { observations: ObservationRecorder; apis: Pick<ApiCache, 'handleOf'> };

/** A call that was let in. */
export interface SeenCall extends ObservedCall {
  rule?: string;
}

/** What a credential, or an access token made from it, is to be left with from some time on. */
export interface ObservedReach extends Observed, Reach {}

export function reachesOf(
  ports: Pick<ObservingPorts, 'apis'>,
  record: CredentialRecord,
  token: ReadToken | undefined,
): readonly ObservedReach[] {
  const { observed = [] } = record;
  const bounds = token?.bounds ?? null;
  return shadowsOf(record).flatMap((shadow, at) => {
    const bound = observed[at];
    if (bound === undefined) return [];
    const whole = principalOf(shadow);
    const { permissions } =
      bounds === null ? whole : boundPrincipal(whole, bounds, ports.apis.handleOf(bounds.audience));
    const { addresses = [], apis = null } = shadow.token ?? {};
    return [{ ...observedOf(bound), permissions, addresses, apis }];
  });
}

/** Tells of each that would refuse the call. */
export function tellBounds(
  ports: Pick<ObservingPorts, 'observations'>,
  record: CredentialRecord,
  reaches: readonly ObservedReach[],
  call: SeenCall,
): void {
  for (const { subject, bound, until, ...reach } of reaches) {
    const reason = lackOf(reach, call);
    if (reason !== null) tell(ports, record, { ...call, subject, bound, until, reason });
  }
}

/** A route's permissions that are only observed until a time: true, and told, if the call is let in without them. */
export function passesUnpermitted(
  ports: ObservingPorts,
  record: CredentialRecord,
  call: SeenCall & { observedUntil?: number },
): boolean {
  const { observedUntil: until, rule = '' } = call;
  if (until === undefined || !isObserved(until, ports.clock())) return false;
  const subject = { type: 'route', id: rule } as const;
  tell(ports, record, { ...call, subject, bound: 'permissions', until, reason: 'missing_permission' });
  return true;
}

/** A plan's limits that are only observed: counted beside those of today, and told of once they are spent. */
export function tellLimits(
  ports: ObservingPorts & Pick<SpendingPorts, 'limits'>,
  record: CredentialRecord,
  plan: Plan,
  cost: number,
  call: SeenCall,
): Awaitable<void> {
  const { observed, id } = plan;
  if (observed?.limits === undefined) return;
  const { until } = observed;
  return whenHere(spendShadow(ports, record, plan, cost, call.address ?? ''), (isAdmitted) => {
    if (isAdmitted) return;
    const subject = { type: 'plan', id } as const;
    tell(ports, record, { ...call, subject, bound: 'limits', until, reason: 'rate_limited' });
  });
}

function observedOf({ subject, until, entitlement }: ObservedBound): Observed {
  return { subject, until, bound: entitlement === undefined ? 'narrowing' : 'entitlement' };
}

function tell(
  { observations }: Pick<ObservingPorts, 'observations'>,
  { source, organization }: CredentialRecord,
  { subject, bound, until, reason, rule = '', address = undefined }: Observed & SeenCall & { reason: Told['reason'] },
): void {
  const organizationId = organization.id;
  observations.saw({ subject, bound, until, organizationId, source, reason, rule, address: address ?? null });
}

type Told = Parameters<ObservationRecorder['saw']>[0];
