// What a report says of a call, cut to what Keyward takes: longer texts would have the whole report refused.

import type { ReportedCall } from '../../wire/verifier-reports.ts';
import type { Requirement } from '../verdict.ts';

type Said = Pick<ReportedCall, 'permissions' | 'match' | 'api' | 'address' | 'method' | 'route'>;

export function saidOf({ permissions, match, api, address, method, route }: Requirement): Said {
  return {
    ...(permissions !== undefined && { permissions: permissions.slice(0, 20).map((one) => one.slice(0, 129)) }),
    ...(match !== undefined && { match }),
    ...(api !== undefined && { api }),
    ...(address !== undefined && address.length <= 64 && { address }),
    ...(method !== undefined && method.length <= 16 && { method }),
    ...(route !== undefined && { route: route.slice(0, 200) }),
  };
}
