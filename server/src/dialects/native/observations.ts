// Over HTTP: what is only observed so far, and who would have been refused.

import { type ObservationItem, ObservationList } from '@keyward/sdk/wire';
import type { NamedRefusal, Observation } from '../../core/checking/observed/list.ts';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountObservations(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: ObservationList } };
  scope.get('/v1/observations', { schema }, async (request) =>
    wholeList(await core.listObservations(callerOf(request)), toWire),
  );
}

function toWire({
  bound,
  subject,
  subjectName,
  organization,
  state,
  since,
  until,
  change,
  calls,
  ...of
}: Observation): ObservationItem {
  return {
    bound,
    subject: { ...subject, name: subjectName },
    organization: organization && { ...organization },
    state,
    since: toTimeOrNull(since),
    until: toTime(until),
    change: change && changeToWire(change),
    calls,
    refusals: of.refusals.map(refusalToWire),
  };
}

function changeToWire({ permissions, addresses, apis, entitlement, limits }: NonNullable<Observation['change']>) {
  return {
    ...(permissions !== undefined && { permissions: [...permissions] }),
    ...(addresses !== undefined && { addresses: [...addresses] }),
    ...(apis !== undefined && { apis: apis === null ? null : [...apis] }),
    ...(entitlement !== undefined && { entitlement: [...entitlement] }),
    ...(limits !== undefined && { limits: [...limits] }),
  };
}

function refusalToWire({ source, organizationId, sourceName, organizationName, ...of }: NamedRefusal) {
  return {
    organization: { id: organizationId, name: organizationName },
    credential: { ...source, name: sourceName },
    reason: of.reason,
    calls: of.calls,
    lastAt: toTime(of.lastAt),
    rule: of.rule,
    address: of.address,
    call: of.lastCall,
  };
}
