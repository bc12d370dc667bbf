// Plans over HTTP: the whole server's, so that only its operators change them.

import { NewPlan, Plan, PlanChange, PlanContent, PlanList } from '@keyward/sdk/wire';
import { Type } from 'typebox';
import type { Caller } from '../../core/caller/caller.ts';
import type { Plan as Kept } from '../../core/checking/records.ts';
import type { Core } from '../../core/core.ts';
import { mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { observeIn, spanToWire } from './time.ts';

/** Checked here too, where it stands in the path; core takes it for a field of the body. */
const ByPlanId = Type.Object({ id: Type.String({ pattern: '^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$' }) });

export function mountPlans(scope: Scope, core: Core): void {
  scope.get('/v1/plans', { schema: { querystring: NoQuery, response: { 200: PlanList } } }, async (request) =>
    wholeList(await core.listPlans(callerOf(request)), toWire),
  );

  const create = { body: NewPlan, querystring: NoQuery, response: { 201: Plan } };
  scope.post('/v1/plans', { schema: create }, async (request, reply) => {
    const act = (caller: Caller) => core.createPlan(caller, request.body);
    const { body, headers } = await created(core, request, act, toWire);
    return reply.code(201).headers(headers).send(body);
  });

  const one = { params: ByPlanId, querystring: NoQuery, response: { 200: Plan } };
  scope.put('/v1/plans/:id', { schema: { ...one, body: PlanContent } }, async (request) =>
    toWire(await core.putPlan(callerOf(request), { ...request.body, id: request.params.id })),
  );
  scope.patch('/v1/plans/:id', { schema: { ...one, body: PlanChange } }, async (request) => {
    const { observe, ...change } = request.body;
    return toWire(await core.updatePlan(callerOf(request), request.params.id, { ...change, ...observeIn(observe) }));
  });

  mountAct(scope, 'DELETE', '/v1/plans/:id', core.deletePlan);
}

function toWire({ limits, entitlement, observed, ...plan }: Kept): Plan {
  return {
    ...plan,
    limits: [...limits],
    entitlement: [...entitlement],
    observed: observed && observedToWire(observed),
  };
}

function observedToWire({ limits, entitlement, ...span }: NonNullable<Kept['observed']>): Plan['observed'] {
  return {
    ...(limits !== undefined && { limits: [...limits] }),
    ...(entitlement !== undefined && { entitlement: [...entitlement] }),
    ...spanToWire(span),
  };
}
