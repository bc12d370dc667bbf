// Organizations over HTTP. But for looking at one's own and renaming it, these are the operating organization's.

import {
  CreatedUser,
  ExternalListQuery,
  NewOrganization,
  NewOwner,
  Organization,
  OrganizationChange,
  OrganizationList,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import { isActive } from '../../core/caller/lifecycle.ts';
import type { Core } from '../../core/core.ts';
import type { Organization as Kept } from '../../core/identity/records.ts';
import { ById, mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { answerPage, filterOf } from './paging.ts';
import { mountEndingAlone } from './receipt.ts';
import { observeIn, spanToWire, toTime, toTimeOrNull } from './time.ts';
import { createdUser } from './users.ts';

export function mountOrganizations(scope: Scope, core: Core): void {
  const list = { querystring: ExternalListQuery, response: { 200: OrganizationList } };
  scope.get('/v1/organizations', { schema: list }, (request) => {
    const caller = callerOf(request);
    const { externalId, ...query } = request.query;
    const filter = filterOf(externalId);
    const read = (page: Parameters<Core['listOrganizations']>[1]) => core.listOrganizations(caller, page, filter);
    return answerPage(core, caller, 'organizations', query, read, toWire);
  });

  const create = { body: NewOrganization, querystring: NoQuery, response: { 201: Organization } };
  scope.post('/v1/organizations', { schema: create }, async (request, reply) => {
    const { leakPolicy, ...wanted } = request.body;
    const act = (caller: Caller) => core.createOrganization(caller, { ...wanted, ...leakPolicyIn(leakPolicy) });
    const { body, headers } = await created(core, request, act, toWire);
    return reply.code(201).headers(headers).send(body);
  });

  const read = { params: ById, querystring: NoQuery, response: { 200: Organization } };
  scope.get('/v1/organizations/:id', { schema: read }, async (request) =>
    toWire(await core.readOrganization(callerOf(request), request.params.id)),
  );

  const update = (caller: Caller, id: string, { leakPolicy, observe, ...change }: OrganizationChange) =>
    core.updateOrganization(caller, id, { ...change, ...leakPolicyIn(leakPolicy), ...observeIn(observe) });
  scope.patch('/v1/organizations/:id', { schema: { ...read, body: OrganizationChange } }, async (request) =>
    toWire(await update(callerOf(request), request.params.id, request.body)),
  );

  const own = { params: ById, body: NewOwner, querystring: NoQuery, response: { 201: CreatedUser } };
  scope.post('/v1/organizations/:id/owners', { schema: own }, async (request, reply) => {
    const act = (caller: Caller) => core.addOwner(caller, request.params.id, request.body);
    const { body, headers } = await created(core, request, act, createdUser);
    return reply.code(201).headers(headers).send(body);
  });

  mountEndingAlone(scope, core, 'DELETE', '/v1/organizations/:id', 'organization', core.deleteOrganization);
  mountEndingAlone(
    scope,
    core,
    'POST',
    '/v1/organizations/:id/deactivate',
    'organization',
    core.deactivateOrganization,
  );
  mountAct(scope, 'POST', '/v1/organizations/:id/activate', core.activateOrganization);
  mountAct(scope, 'POST', '/v1/organizations/:id/reset-budget', core.resetBudget);
}

/** Whole, of what was said of it. */
function leakPolicyIn(said: NewOrganization['leakPolicy']): { leakPolicy?: Kept['leakPolicy'] } {
  if (said === undefined) return {};
  return {
    leakPolicy: { action: said.action, endsAfterMs: said.endsAfterMs ?? null, descendants: said.descendants ?? true },
  };
}

function toWire({
  id,
  name,
  planId,
  contributors,
  isOperator,
  observed,
  createdAt,
  lifecycle,
  ...external
}: Kept): Organization {
  return {
    id,
    name,
    planId,
    contributors,
    longestTokenLifetimeMs: external.longestTokenLifetimeMs,
    entitlement: external.entitlement === null ? null : [...external.entitlement],
    leakPolicy: { ...external.leakPolicy },
    observed: observed && { entitlement: [...observed.entitlement], ...spanToWire(observed) },
    externalId: external.externalId,
    metadata: external.metadata,
    isOperator,
    active: isActive(lifecycle),
    createdAt: toTime(createdAt),
    deactivatedAt: toTimeOrNull(lifecycle.deactivatedAt),
  };
}
