// Usage over HTTP: sums of calls, by time and by verdict, credential or rule.

import { UsageList, UsageQuery, type UsageRow } from '@keyward/sdk/wire';
import type { NamedSum } from '../../core/checking/usage.ts';
import type { Core } from '../../core/core.ts';
import { callerOf, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { sourceIn } from './source.ts';
import { timeInQuery, toTime } from './time.ts';

export function mountUsage(scope: Scope, core: Core): void {
  const schema = { querystring: UsageQuery, response: { 200: UsageList } };
  scope.get('/v1/usage', { schema }, async (request) => {
    const { from, until, source, ...how } = request.query;
    const sums = await core.readUsage(callerOf(request), {
      ...how,
      ...(from !== undefined && { from: timeInQuery('from', from) }),
      ...(until !== undefined && { until: timeInQuery('until', until) }),
      ...(source !== undefined && { source: sourceIn('source', source) }),
    });
    return wholeList(sums, toWire);
  });
}

function toWire({ at, calls, verdict, source, rule, sourceName, ...of }: NamedSum): UsageRow {
  return {
    at: toTime(at),
    ...(verdict !== undefined && { verdict }),
    ...(source !== undefined && { source: { ...source, name: sourceName } }),
    ...(rule !== undefined && { rule }),
    ...(of.organizationId !== undefined && { organization: { id: of.organizationId, name: of.organizationName } }),
    calls,
  };
}
