// The one verdict on a call to a guarded route. The gateway and forward-auth both ask here, so that they can never
// disagree. What a route needs is in guarded-route.ts, which route a call falls under in route-match.ts.

import type { FastifyReply } from 'fastify';
import { type Awaitable, whenHere } from '../../core/awaitable.ts';
import { defaultApi } from '../../core/caller/catalogue.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Refusal } from '../../core/caller/refusal.ts';
import type { Budget } from '../../core/checking/limit.ts';
import { type Call, type Overspent, overspent } from '../../core/checking/verify.ts';
import type { Core } from '../../core/core.ts';
import { challenged } from '../../dialects/challenge/dpop.ts';
import { credentialText } from '../../dialects/credential-location.ts';
import type { Answer, RequestView } from '../../dialects/dialect.ts';
import { rateLimitHeaders } from '../../dialects/rate-limit.ts';
import { type DialectContext, type SelectDialect, sendAnswer } from '../dialect-selection.ts';
import { credentialOf, type GuardedRoute } from './guarded-route.ts';

/** What a verdict needs of its surroundings. */
export interface Guard {
  core: Pick<Core, 'verify' | 'admit' | 'inspect' | 'identifierOf'>;
  selectDialect: SelectDialect;
}

/** Who is let in, no one on an open path, or not. */
type AccessDecision = { allowed: true; principal: Principal | undefined; budget: Budget | null } | Refusal | Overspent;

/**
 * The verdict on a call, which spends its cost. Where a credential is optional and there is one, it must be valid, and the
 * call spends its holder's plan. Fails with KeywardError `invalid_request` for more than one credential,
 * and `unavailable`: never an allow.
 */
export function decideAccess(
  route: GuardedRoute,
  call: Call,
  request: RequestView,
  core: Pick<Core, 'verify' | 'admit' | 'identifierOf'>,
): Awaitable<AccessDecision> {
  const wanted = credentialOf(route);
  if (wanted === 'required' || (wanted === 'optional' && request.presented().scheme !== 'none')) {
    const presented = request.presented();
    if (presented.scheme === 'dpop') call.possession = request.proof(core.identifierOf(call.api ?? defaultApi));
    return whenHere(core.verify(credentialText(presented), call), (verdict) => noted(verdict, request));
  }
  return whenHere(core.admit(call), (verdict) =>
    verdict.allowed ? { allowed: true, principal: undefined, budget: verdict.budget } : noted(verdict, request),
  );
}

/** What a refusal is called, for its answer. */
function noted<Decided extends AccessDecision>(verdict: Decided, request: RequestView): Decided {
  if (!verdict.allowed) request.refusalId = verdict.refusalId ?? null;
  return verdict;
}

/** A call that is not let in, in the words of its route's dialect. Throws KeywardError `too_many_requests`. */
export function refusalTo(verdict: Refusal | Overspent, request: DialectContext, selectDialect: SelectDialect): Answer {
  if (verdict.reason === 'rate_limited') throw overspent(verdict);
  const dialect = selectDialect(request);
  if (dialect === undefined) throw new Error('A call was refused while no dialect is on.');
  return challenged(dialect.refuse(verdict, request), verdict);
}

/**
 * As `decideAccess`, for a call that is passed on. Allowed: who is calling, with the budget's headers on the reply.
 * Refused: null, and the answer is sent. Throws KeywardError `too_many_requests` too.
 */
export async function admitted(
  route: GuardedRoute,
  call: Call,
  request: RequestView & DialectContext,
  reply: FastifyReply,
  { core, selectDialect }: Guard,
): Promise<{ principal: Principal | undefined } | null> {
  const verdict = await decideAccess(route, call, request, core);
  if (verdict.allowed) {
    if (verdict.budget !== null) reply.headers(rateLimitHeaders(verdict.budget));
    return { principal: verdict.principal };
  }
  sendAnswer(reply, refusalTo(verdict, request, selectDialect));
  return null;
}
