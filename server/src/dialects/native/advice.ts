// Advice over HTTP: what credentials really used, and what they could be left with.

import { Advice, type AdviceFinding, AdviceFindingList, AdviceQuery, ApiUserAdvice } from '@keyward/sdk/wire';
import type { Advice as Given } from '../../core/checking/advice/advise.ts';
import type { Finding } from '../../core/checking/advice/advise-all.ts';
import type { Core } from '../../core/core.ts';
import { ById } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { answerPage } from './paging.ts';
import { toTimeOrNull } from './time.ts';

export function mountAdvice(scope: Scope, core: Core): void {
  const one = { params: ById, querystring: NoQuery };
  scope.get('/v1/tokens/:id/advice', { schema: { ...one, response: { 200: Advice } } }, async (request) => {
    const { proposal, ...advice } = await core.adviseOnApiToken(callerOf(request), request.params);
    return { ...adviceToWire(advice), proposal: proposal && narrowingToWire(proposal) };
  });
  scope.get('/v1/api-users/:id/advice', { schema: { ...one, response: { 200: ApiUserAdvice } } }, async (request) => {
    const { proposal, ...advice } = await core.adviseOnApiUser(callerOf(request), request.params.id);
    const role = proposal?.role;
    return { ...adviceToWire(advice), proposal: role === undefined ? null : { role } };
  });
  const all = { querystring: AdviceQuery, response: { 200: AdviceFindingList } };
  scope.get('/v1/advice', { schema: all }, (request) => {
    const caller = callerOf(request);
    return answerPage(core, caller, 'advice', request.query, (page) => core.adviseAll(caller, page), findingToWire);
  });
}

function adviceToWire({ observedSince, why, ...lists }: Omit<Given, 'proposal'>) {
  return {
    observedSince: toTimeOrNull(observedSince),
    usedPermissions: [...lists.usedPermissions],
    unusedPermissions: [...lists.unusedPermissions],
    usedApis: [...lists.usedApis],
    usedAddresses: [...lists.usedAddresses],
    why,
  };
}

function narrowingToWire({ permissions, addresses, apis }: NonNullable<Given['proposal']>) {
  return {
    ...(permissions !== undefined && { permissions: [...permissions] }),
    ...(addresses !== undefined && { addresses: [...addresses] }),
    ...(apis !== undefined && { apis: [...apis] }),
  };
}

function findingToWire({ finding, risk, token, why, mend }: Finding): AdviceFinding {
  const { method, path, body, command } = mend;
  return {
    finding,
    risk,
    token: { id: token.id, name: token.name, owner: { ...token.owner } },
    why,
    mend: { method, path, command, ...(body !== undefined && { body: { ...body } }) },
  };
}
