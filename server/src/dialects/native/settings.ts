// Settings over HTTP, to be read. They are changed in the server's file.

import { ServerSettings } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountSettings(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: ServerSettings } };
  scope.get('/v1/settings', { schema }, async (request) => {
    const { url, dialects, policies } = core.readSettings(callerOf(request));
    if (policies === null) return { url, dialects: { ...dialects } };
    const { sessionIdleMs, sessionMs, ...others } = policies;
    return {
      url,
      dialects: { ...dialects },
      ...others,
      sessionIdleMinutes: sessionIdleMs / 60_000,
      sessionHours: sessionMs / 3_600_000,
    };
  });
}
