// What core is told of the configuration.

import about from '../../../package.json' with { type: 'json' };
import { type Config, listenUrl } from '../../config/config.ts';
import { defaultApi } from '../../core/caller/catalogue.ts';
import type { Settings } from '../../core/settings.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import type { GuardedRoute } from '../../http/gateway/guarded-route.ts';

/** `port` is asked for once the server listens, where the configuration leaves it open. */
export function coreSettings(
  config: Config,
  dialects: readonly Dialect[],
  routes: readonly GuardedRoute[],
  port: () => number,
): Settings {
  return {
    get issuer() {
      return config.url ?? listenUrl(config, port());
    },
    guarded: routes.map(({ path, api, permissions, observedUntil }) => ({
      path,
      api: api ?? defaultApi,
      permissions,
      ...(observedUntil !== undefined && { observedUntil }),
    })),
    apiUserDomain: config.apiUserDomain,
    tokenPrefix: config.tokenPrefix,
    defaultPlan: config.defaultPlan,
    accepts: new Set(dialects.flatMap((dialect) => dialect.accepts)),
    facts: {
      version: about.version,
      dialects: config.dialects,
      database: config.database === null ? 'sqlite' : 'postgresql',
      signInFailures: config.signInFailures,
      whereToChange: 'keyward.yaml',
    },
    sessionIdleMs: config.sessionIdleMinutes * 60_000,
    sessionMs: config.sessionHours * 3_600_000,
  };
}
