// A guarded route: what a path of an API needs of its callers, and the one verdict on a call to it. The gateway and
// forward-auth both ask here, so that they can never disagree. Which route a call falls under is for route-match.ts.

import type { FastifyReply } from 'fastify';
import { type Awaitable, whenHere } from '../../core/awaitable.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Refusal } from '../../core/caller/refusal.ts';
import type { Budget } from '../../core/checking/budget.ts';
import { type Call, type Overspent, overspent } from '../../core/checking/verify.ts';
import type { Core } from '../../core/core.ts';
import { credentialText } from '../../dialects/credential-location.ts';
import type { Answer, DialectName, RequestView } from '../../dialects/dialect.ts';
import { rateLimitHeaders } from '../../dialects/rate-limit.ts';
import { type DialectContext, type SelectDialect, sendAnswer } from '../dialect-selection.ts';

/** A path of a guarded API, and what a call must bring. */
export interface GuardedRoute {
  /** `/api/:environment/items` or `/files/*`. */
  readonly path: string;
  /** In upper case. */
  readonly methods: readonly string[];
  /** What the caller must hold; empty: any valid credential will do. */
  readonly permissions: readonly string[];
  /** `all` unless said otherwise. */
  readonly match?: 'all' | 'any';
  /** Lets every call in, as nobody: a credential that is sent is neither checked nor passed on. */
  readonly anonymous?: boolean;
  /** Whose words a refusal takes; null leaves it to the credential's form. */
  readonly dialect: DialectName | null;
  /** The path parameter that names the organization the credential must belong to. */
  readonly organizationParam?: string | null;
  /** The plan that a call spends, by id; the organization's (or the anonymous one) unless said otherwise. */
  readonly plan?: string | null;
  /** What a call costs of it; 1 unless said otherwise. */
  readonly cost?: number;
  /**
   * Where the gateway passes the call on to: `http://127.0.0.1:3000`, perhaps with a path that is put before the call's
   * own. Null: the route is for forward-auth alone.
   */
  readonly upstream?: string | null;
  /** True lets the upstream see the Authorization header and the `apiToken` parameter. */
  readonly keepCredential?: boolean;
}

/** What a verdict needs of its surroundings. */
export interface Guard {
  core: Pick<Core, 'verify' | 'admit' | 'inspect'>;
  selectDialect: SelectDialect;
}

/** What a route asks of a call. `organization` is the value of its `organizationParam`, if it has one. */
export function callTo(route: GuardedRoute, request: RequestView, organization: string | undefined): Call {
  const { match, plan, cost } = route;
  const userAgent = request.headers['user-agent'];
  const call: Call = { rule: route.path, address: request.clientAddress, permissions: route.permissions };
  if (userAgent !== undefined) call.userAgent = userAgent;
  if (plan != null) call.plan = plan;
  if (cost !== undefined) call.cost = cost;
  if (match !== undefined) call.match = match;
  if (organization !== undefined) call.organization = organization;
  return call;
}

/** Who is let in, no one on an open path, or not. */
type Admittance = { allowed: true; principal: Principal | undefined; budget: Budget | null } | Refusal | Overspent;

/**
 * The verdict on a call, which spends its cost. Fails with KeywardError `invalid_request` for more than one credential,
 * and `unavailable`: never an allow.
 */
export function admittanceOf(
  route: GuardedRoute,
  call: Call,
  request: RequestView,
  core: Pick<Core, 'verify' | 'admit'>,
): Awaitable<Admittance> {
  if (!route.anonymous) return core.verify(credentialText(request.presented()), call);
  return whenHere(core.admit(call), (verdict) =>
    verdict.allowed ? { allowed: true, principal: undefined, budget: verdict.budget } : verdict,
  );
}

/** A call that is not let in, in the words of its route's dialect. Throws KeywardError `too_many_requests`. */
export function refusalTo(verdict: Refusal | Overspent, request: DialectContext, selectDialect: SelectDialect): Answer {
  if (verdict.reason === 'rate_limited') throw overspent(verdict);
  const dialect = selectDialect(request);
  if (dialect === undefined) throw new Error('A call was refused while no dialect is on.');
  return dialect.refuse(verdict, request);
}

/**
 * As `admittanceOf`, for a call that is passed on. Allowed: who is calling, with the budget's headers on the reply.
 * Refused: null, and the answer is sent. Throws KeywardError `too_many_requests` too.
 */
export async function admitted(
  route: GuardedRoute,
  call: Call,
  request: RequestView & DialectContext,
  reply: FastifyReply,
  { core, selectDialect }: Guard,
): Promise<{ principal: Principal | undefined } | null> {
  const verdict = await admittanceOf(route, call, request, core);
  if (verdict.allowed) {
    if (verdict.budget !== null) reply.headers(rateLimitHeaders(verdict.budget));
    return { principal: verdict.principal };
  }
  sendAnswer(reply, refusalTo(verdict, request, selectDialect));
  return null;
}
