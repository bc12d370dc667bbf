// Verdicts over HTTP: `GET /v1/check` for whoever bears a credential on its way to a guarded API, `POST /v1/verify` for
// a service that was presented one. Neither says more than the verdict.

import { lineageOf } from '@keyward/rules/token-bounds';
import {
  CheckQuery,
  type LimitState,
  type ObservedBounds,
  type VerifiedPrincipal,
  VerifyRequest,
  VerifyResponse,
} from '@keyward/sdk/wire';
import { type Awaitable, whenHere } from '../../core/awaitable.ts';
import { defaultApi } from '../../core/caller/catalogue.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Budget } from '../../core/checking/limit.ts';
import type { ObservedReach } from '../../core/checking/observed/tell.ts';
import { type Call, overspent, type Verdict } from '../../core/checking/verify.ts';
import type { AskedCall } from '../../core/checking/verify-for-caller.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { challenged } from '../challenge/dpop.ts';
import { credentialText } from '../credential-location.ts';
import { type Answer, type FastAnswer, identify, type RequestView } from '../dialect.ts';
import { fastBody } from '../fast-body.ts';
import { letIn, letInAtOnce } from '../identity-headers.ts';
import { callerOf, NoQuery, type Scope, withoutCredential } from './caller.ts';
import { refuse } from './problem.ts';
import { toTime, toTimeOrNull } from './time.ts';
import { verdictText } from './verdict-text.ts';

/** 200 with an empty body and identity headers, or a refusal; the credential is presented as on any guarded call. */
export function mountCheck(scope: Scope, core: Core): void {
  const check = (request: RequestView, query: CheckQuery, allow: typeof letIn): Awaitable<Answer> =>
    whenHere(ask(request, query), (verdict) => {
      if (verdict.allowed) return allow(verdict.principal, verdict.budget);
      request.refusalId = verdict.refusalId ?? null;
      if (verdict.reason === 'rate_limited') throw overspent(verdict);
      return challenged(refuse(verdict, request), verdict);
    });
  const ask = (request: RequestView, query: CheckQuery): Awaitable<Verdict> => {
    const presented = request.presented();
    const call = callOf(request, query);
    if (presented.scheme === 'dpop') call.possession = request.proof(core.identifierOf(call.api ?? defaultApi));
    return core.verify(credentialText(presented), call);
  };
  const fastAnswer: FastAnswer = (asked) => {
    const query = asked.query as CheckQuery;
    return isPlain(query) ? check(asked, query, letInAtOnce) : null;
  };
  scope.route({
    method: 'GET',
    url: '/v1/check',
    schema: { querystring: CheckQuery },
    config: { fastAnswer, tellsOfCall: true },
    onRequest: async (request) => withoutCredential(request),
    handler: async (request, reply) => {
      const { status, headers = {}, body } = await check(request, request.query, letIn);
      reply.code(status).headers(headers);
      return body === undefined ? reply.send() : reply.send(Buffer.from(JSON.stringify(body)));
    },
  });
}

/** Always 200 for a caller with the permission `verify:credential`: the verdict is in the body. */
export function mountVerify(scope: Scope, core: Core): void {
  const verdictFor = (request: Pick<RequestView, 'refusalId'>, caller: Principal, call: VerifyRequest) =>
    whenHere(core.verdictFor(caller, call.credential, askedIn(call)), (verdict) => {
      if (!verdict.allowed) request.refusalId = verdict.refusalId ?? null;
      const answer = toWire(verdict);
      if (call.dpop !== undefined && 'proof' in call.dpop) answer.dpopNonce = core.dpopNonce();
      return answer;
    });
  const { fastAnswer, useValidatorOf } = fastBody<VerifyRequest>((asked) =>
    whenHere(
      identify(asked, core),
      (caller) => (call) =>
        whenHere(verdictFor(asked, caller, call), (answer) => {
          core.tellOwnUse(caller, verifying, asked.clientAddress);
          return { status: 200, headers: json, body: verdictText(answer) };
        }),
    ),
  );
  scope.route({
    method: 'POST',
    url: '/v1/verify',
    schema: { body: VerifyRequest, querystring: NoQuery, response: { 200: VerifyResponse } },
    config: { fastAnswer },
    handler: async (request) => {
      useValidatorOf(request);
      return verdictFor(request, callerOf(request), request.body);
    },
  });
}

/** What a caller of it needs. */
const verifying: readonly string[] = ['verify:credential'];

/** Nothing is made anew for a credential that is shown by itself. */
function askedIn(request: VerifyRequest): AskedCall {
  if (request.dpop === undefined) return request as AskedCall;
  const { dpop, ...call } = request;
  if ('jkt' in dpop) return { ...call, possession: { thumbprint: dpop.jkt } };
  return { ...call, possession: { text: dpop.proof, method: dpop.method, addresses: [dpop.url] } };
}

const json = { 'content-type': 'application/json; charset=utf-8' };

/** True for a query that would pass validation, and holds nothing that could be awkward in a header. */
function isPlain(query: Readonly<Record<string, string>>): boolean {
  for (const name in query) {
    const value = query[name] ?? '';
    const isKnown =
      name === 'permissions'
        ? /^[\w.:*,-]*$/.test(value)
        : name === 'match'
          ? value === 'all' || value === 'any'
          : name === 'cost'
            ? /^\d{1,6}$/.test(value)
            : name === 'api' && /^[a-z0-9_-]{1,64}$/.test(value);
    if (!isKnown) return false;
  }
  return true;
}

function callOf({ clientAddress, headers }: RequestView, { permissions, match, cost, api }: CheckQuery): Call {
  const userAgent = headers['user-agent'];
  const call: Call = {
    address: clientAddress,
    permissions: permissions === undefined || permissions === '' ? none : permissions.split(','),
  };
  if (match !== undefined) call.match = match;
  if (cost !== undefined) call.cost = costOf(cost);
  if (api !== undefined) call.api = api;
  if (userAgent !== undefined) call.userAgent = userAgent;
  return call;
}

const none: readonly string[] = [];

function toWire(verdict: Verdict): VerifyResponse {
  const answer: VerifyResponse = { allowed: verdict.allowed };
  if (!verdict.allowed) answer.reason = verdict.reason;
  if ('principal' in verdict && verdict.principal != null) answer.principal = principalToWire(verdict.principal);
  if ('budget' in verdict && verdict.budget !== null) answer.limit = limitToWire(verdict.budget);
  if ('token' in verdict && verdict.token !== undefined) {
    const { jti, bounds, sessionId } = verdict.token;
    answer.tokenIds = [...lineageOf(jti, bounds)];
    if (sessionId !== null) answer.session = sessionId;
    if (bounds !== null && bounds.key !== null) answer.jkt = bounds.key;
  }
  if ('lacking' in verdict && verdict.lacking !== undefined) answer.lacking = [...verdict.lacking];
  if ('observed' in verdict && verdict.observed !== undefined) answer.observed = verdict.observed.map(observedToWire);
  return answer;
}

function observedToWire({ subject, bound, until, permissions, addresses, apis }: ObservedReach): ObservedBounds {
  return {
    subject: { ...subject },
    bound,
    until: toTime(until),
    permissions: [...permissions],
    addresses: [...addresses],
    apis: apis === null ? null : [...apis],
  };
}

function principalToWire(principal: Principal): VerifiedPrincipal {
  const { id, type, name, externalId, organization, owner, permissions, apis, expiresAt, hasLimits } = principal;
  const wire: VerifiedPrincipal = {
    id,
    type,
    name,
    externalId,
    organization: { id: organization.id, name: organization.name, externalId: organization.externalId },
    permissions: permissions as string[],
    expiresAt: toTimeOrNull(expiresAt),
    organizationId: organization.id,
    ownerId: owner.id,
  };
  if (apis !== null) wire.apis = apis as string[];
  if (hasLimits === true) wire.hasLimits = true;
  return wire;
}

function limitToWire(budget: Budget): LimitState {
  const state: LimitState = stateToWire(budget);
  if (budget.all !== undefined) state.all = budget.all.map(stateToWire);
  return state;
}

function stateToWire({ plan, name, limit, windowMs, remaining, resetMs, retryAfterMs, unavailable }: Budget) {
  const state: LimitState = { plan, limit, windowMs, remaining, resetMs, retryAfterMs };
  if (unavailable !== undefined) state.unavailable = unavailable;
  if (name !== plan) state.name = name;
  return state;
}

function costOf(text: string): number {
  const cost = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (cost <= 1_000_000) return cost;
  throw invalid(['query', 'cost'], 'Use a whole number from 0 to 1000000.');
}
