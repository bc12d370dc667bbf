// Recent calls over HTTP, and why one was refused: by the id of its answer, or before it was made. The credential that is asked
// about travels in the body, which is never logged, and is in no answer.

import { isReason } from '@keyward/rules/reason';
import { CallList, CallsQuery, ExplainRequest, Explanation, type RecentCall } from '@keyward/sdk/wire';
import { Type } from 'typebox';
import type { Grounds } from '../../core/checking/calls/kept-call.ts';
import type { CallsRequest, NamedCall } from '../../core/checking/calls/read-calls.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { allOrganizations } from './acting.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeNumber } from './paging.ts';
import { sourceIn } from './source.ts';
import { timeInQuery, toTime, toTimeOrNull } from './time.ts';

const RefusalPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export function mountCalls(scope: Scope, core: Core): void {
  const list = { querystring: CallsQuery, response: { 200: CallList } };
  scope.get('/v1/calls', { schema: list, config: { takesAllOrganizations: true } }, async (request) => {
    const { organization, ...query } = request.query as CallsQuery & { organization?: string };
    const asked = { ...requestIn(query), ofAll: organization === allOrganizations };
    const { calls, nodes } = await core.readCalls(callerOf(request), asked);
    return { items: calls.map(toWire), next: null, nodes };
  });
  const one = { params: RefusalPath, querystring: NoQuery, response: { 200: Explanation } };
  scope.get('/v1/refusals/:id', { schema: one }, async (request) => {
    const { call, text } = await core.explainRefusal(callerOf(request), request.params.id);
    const { verdict, grounds } = call;
    const reason = grounds?.reason ?? null;
    return { allowed: verdict === 'allowed', reason, text, details: detailsOf(grounds), call: toWire(call) };
  });
}

export function mountExplain(scope: Scope, core: Core): void {
  const schema = { body: ExplainRequest, querystring: NoQuery, response: { 200: Explanation } };
  scope.post('/v1/explain', { schema }, async (request) => {
    const { credential, ...about } = request.body;
    const needs = ['permissions', 'match', 'api'] as const;
    const beside = about.path === undefined ? undefined : needs.find((name) => about[name] !== undefined);
    if (beside !== undefined)
      throw invalid(beside, 'What a guarded path needs is in the settings: leave it or path out.');
    const { allowed, grounds, text } = await core.explainCall(callerOf(request), credential, about);
    return { allowed, reason: grounds?.reason ?? null, text, details: detailsOf(grounds), call: null };
  });
}

function requestIn({ credential, verdict, since, limit }: CallsQuery): CallsRequest {
  return {
    limit: limit === undefined ? 100 : wholeNumber('limit', limit, 1000),
    ...(credential !== undefined && { source: sourceIn('credential', credential) }),
    ...(verdict !== undefined && { verdict: verdictIn(verdict) }),
    ...(since !== undefined && { since: timeInQuery('since', since) }),
  };
}

function verdictIn(text: string): NonNullable<CallsRequest['verdict']> {
  if (text === 'allowed' || text === 'refused' || isReason(text)) return text;
  throw invalid(['query', 'verdict'], 'Use allowed, refused, or a reason such as missing_permission.');
}

function toWire(call: NamedCall): RecentCall {
  const { at, node, source, sourceName, organizationId, organizationName, grounds, rule, api, refusalId, ...rest } =
    call;
  const { method, verdict, address, userAgent, permissions, skipped } = rest;
  return {
    at: toTime(at),
    node,
    credential: source === null ? null : { type: source.type, id: source.id, name: sourceName },
    organization: organizationId === null ? null : { id: organizationId, name: organizationName },
    start: grounds?.reason === 'unknown' ? grounds.start : null,
    method,
    route: rule,
    api: api ?? 'default',
    verdict,
    address,
    userAgent,
    permissions: [...permissions],
    refusal: refusalId,
    skipped,
  };
}

function detailsOf(grounds: Grounds | null): Explanation['details'] {
  if (grounds === null) return {};
  const { reason: _, ...details } = grounds;
  return structuredClone(
    'expiredAt' in details ? { expiredAt: toTimeOrNull(details.expiredAt) } : details,
  ) as Explanation['details'];
}
