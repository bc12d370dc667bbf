// Verdicts over HTTP: `GET /v1/check` for the holder of a credential on its way to a guarded API, `POST /v1/verify` for
// a service that was presented one. Neither says more than the verdict.

import { CheckQuery, VerifyRequest, VerifyResponse } from '@keyward/sdk/wire';
import type { FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { type Budget, overspent, type Principal, type Verdict } from '../../core/verify.ts';
import { identityHeaders } from '../identity.ts';
import { credentialText } from '../presented.ts';
import { rateLimitHeaders } from '../rate-limit.ts';
import { callerOf, NoQuery, type Scope, withoutCredential } from './caller.ts';
import { refuse } from './problem.ts';
import { toTimeOrNull } from './time.ts';

/** 200 with an empty body and identity headers, or a refusal; the credential is presented as on any guarded call. */
export function mountCheck(scope: Scope, core: Core): void {
  const onRequest = async (request: FastifyRequest) => withoutCredential(request);
  scope.get('/v1/check', { schema: { querystring: CheckQuery }, onRequest }, async (request, reply) => {
    const { permissions, match, cost } = request.query;
    const userAgent = request.headers['user-agent'];
    const verdict = await core.verify(credentialText(request.presented()), {
      address: request.clientAddress,
      permissions: permissions === undefined || permissions === '' ? [] : permissions.split(','),
      ...(match !== undefined && { match }),
      ...(cost !== undefined && { cost: costOf(cost) }),
      ...(userAgent !== undefined && { userAgent }),
    });
    if (verdict.allowed) {
      if (verdict.budget !== null) reply.headers(rateLimitHeaders(verdict.budget));
      return reply.headers({ ...identityHeaders(verdict.principal), 'content-length': '0' }).send();
    }
    if (verdict.reason === 'rate_limited') throw overspent(verdict);
    const { status, headers = {}, body } = refuse(verdict, request);
    return reply
      .code(status)
      .headers(headers)
      .send(Buffer.from(JSON.stringify(body)));
  });
}

/** Always 200 for a caller with the permission `verify:credential`: the verdict is in the body. */
export function mountVerify(scope: Scope, core: Core): void {
  const schema = { body: VerifyRequest, querystring: NoQuery, response: { 200: VerifyResponse } };
  scope.post('/v1/verify', { schema }, async (request) => {
    const { credential, ...call } = request.body;
    return toWire(await core.verdictFor(callerOf(request), credential, call));
  });
}

function toWire(verdict: Verdict): VerifyResponse {
  const principal = 'principal' in verdict ? verdict.principal : undefined;
  const budget = 'budget' in verdict ? verdict.budget : null;
  return {
    allowed: verdict.allowed,
    ...(!verdict.allowed && { reason: verdict.reason }),
    ...(principal != null && { principal: principalToWire(principal) }),
    ...(budget !== null && { limit: limitToWire(budget) }),
  };
}

function principalToWire({ id, type, name, organization, owner, permissions, expiresAt }: Principal) {
  return {
    id,
    type,
    name,
    organization: organization.name,
    organizationId: organization.id,
    ownerId: owner.id,
    permissions: [...permissions],
    expiresAt: toTimeOrNull(expiresAt),
  };
}

function limitToWire({ plan, limit, windowMs, remaining, resetMs, retryAfterMs }: Budget) {
  return { plan, limit, windowMs, remaining, resetMs, retryAfterMs };
}

function costOf(text: string): number {
  const cost = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (cost <= 1_000_000) return cost;
  throw invalid(['query', 'cost'], 'Use a whole number from 0 to 1000000.');
}
