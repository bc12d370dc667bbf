// A guarded route: what a path of an API needs of its callers, and where its calls go on to. It decides nothing: the
// verdict is in access-decision.ts, and which route a call falls under in route-match.ts.

import type { Call } from '../../core/checking/verify.ts';
import type { CredentialForm } from '../../core/settings.ts';
import type { DialectName, RequestView } from '../../dialects/dialect.ts';
import type { CorsPolicy } from '../cors.ts';
import type { PassLimits } from './pass-limits.ts';

/** Whether a call must bring a credential, may bring one, or is let in without anyone looking at what it brings. */
export type CredentialNeed = 'required' | 'optional' | 'none';

/** As a route's `accepts` names them. */
export { credentialForms } from '../../core/settings.ts';

/** A path of a guarded API, and what a call must bring. */
export interface GuardedRoute {
  /** `/api/:environment/items` or `/files/*`. */
  readonly path: string;
  /** In upper case. */
  readonly methods: readonly string[];
  /** What the caller must hold; empty: any valid credential will do. */
  readonly permissions: readonly string[];
  /** Until then nobody is refused for them, and it is told who would be; milliseconds since the epoch. */
  readonly observedUntil?: number;
  /** `all` unless said otherwise. */
  readonly match?: 'all' | 'any';
  /**
   * `required` unless said otherwise. `optional` lets calls without one in as nobody, and refuses an invalid one; with
   * `none` a credential that is sent is neither checked nor passed on.
   */
  readonly credential?: CredentialNeed;
  /** The forms of credential that count here; null, or nothing said: all that the enabled dialects accept. */
  readonly accepts?: readonly CredentialForm[] | null;
  /** Whose words a refusal takes; null leaves it to the credential's form. */
  readonly dialect: DialectName | null;
  /** The path parameter that names the organization the credential must belong to. */
  readonly organizationParam?: string | null;
  /** The handle of the API that it leads to; the default one unless said otherwise. */
  readonly api?: string | null;
  /** The plan that a call spends, by id; the organization's (or the anonymous one) unless said otherwise. */
  readonly plan?: string | null;
  /** What a call costs of it; 1 unless said otherwise. */
  readonly cost?: number;
  /** True lets `%2F` stand in a part of the path, which then holds a slash. */
  readonly encodedSlashes?: boolean;
  /** True lets `;` and `%3B` stand in a part of the path. */
  readonly semicolons?: boolean;
  /**
   * Where the gateway passes the call on to: `http://127.0.0.1:3000`, perhaps with a path that is put before the call's
   * own. Null: the route is for forward-auth alone.
   */
  readonly upstream?: string | null;
  /** True lets the upstream see the Authorization header and the `apiToken` parameter. */
  readonly keepCredential?: boolean;
  /** True gives the upstream the Host that the client asked for, instead of its own. */
  readonly keepHost?: boolean;
  /** False adds no `Cache-Control`, `Strict-Transport-Security` and the like to answers that lack them; true unless said. */
  readonly securityHeaders?: boolean;
  /** Which pages of other origins may call it and read its answers; none unless said. */
  readonly cors?: CorsPolicy | null;
  /** What differs from the limits of the server. */
  readonly limits?: Partial<PassLimits>;
}

/** Whether a route's calls need a credential. */
export function credentialOf({ credential = 'required' }: GuardedRoute): CredentialNeed {
  return credential;
}

/**
 * The routes with HEAD on each that answers GET (RFC 9110 section 9.3.2), unless another route has the HEAD of its path.
 */
export function answeringHead(routes: readonly GuardedRoute[]): readonly GuardedRoute[] {
  const shape = ({ path }: GuardedRoute) => path.replace(/:[^/]*/g, ':');
  const own = new Set(routes.filter(({ methods }) => methods.includes('HEAD')).map(shape));
  return routes.map((route) =>
    route.methods.includes('GET') && !own.has(shape(route)) ? { ...route, methods: [...route.methods, 'HEAD'] } : route,
  );
}

/** What a route asks of a call. `organization` is the value of its `organizationParam`, if it has one. */
export function callTo(
  route: GuardedRoute,
  request: Pick<RequestView, 'headers' | 'clientAddress'>,
  method: string,
  organization: string | undefined,
): Call {
  const { match, api, plan, cost, accepts, observedUntil } = route;
  const userAgent = request.headers['user-agent'];
  const call: Call = { rule: route.path, method, address: request.clientAddress, permissions: route.permissions };
  if (userAgent !== undefined) call.userAgent = userAgent;
  if (api != null) call.api = api;
  if (plan != null) call.plan = plan;
  if (cost !== undefined) call.cost = cost;
  if (match !== undefined) call.match = match;
  if (observedUntil !== undefined) call.observedUntil = observedUntil;
  if (accepts != null) call.accepts = accepts;
  if (organization !== undefined) call.organization = organization;
  return call;
}
