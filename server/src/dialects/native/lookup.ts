// Looking up over HTTP. The secret travels in the body, which is never logged, and is in no answer.

import { type LookedUp, LookupRequest, LookupResult } from '@keyward/sdk/wire';
import type { Clue, LookedUp as Found } from '../../core/checking/lookup.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { toTimeOrNull } from './time.ts';
import { stateToWire } from './token.ts';

export function mountLookup(scope: Scope, core: Core): void {
  const schema = { body: LookupRequest, querystring: NoQuery, response: { 200: LookupResult } };
  scope.post('/v1/lookup', { schema }, async (request) => {
    const { address, ...clue } = request.body;
    return wholeList(await core.lookUp(callerOf(request), clueIn(clue), address), toWire);
  });
}

function clueIn({ secret, start, lastFour }: LookupRequest): Clue {
  if (secret !== undefined && start === undefined && lastFour === undefined) return { secret };
  if (secret === undefined && start !== undefined && lastFour !== undefined) return { start, lastFour };
  throw invalid('secret', 'Send either secret, or start and lastFour.');
}

function toWire({ record, state, form, allowed, reason }: Found): LookedUp {
  const { organization, source, name, externalId, owner, expiresAt } = record;
  const { state: is, stateReason } = stateToWire(state);
  return {
    organization: { id: organization.id, name: organization.name, externalId: organization.externalId },
    type: source.type,
    id: source.id,
    name,
    externalId,
    owner: { type: owner.type, id: owner.id, name: owner.name },
    state: is,
    stateReason,
    expiresAt: toTimeOrNull(expiresAt),
    form,
    allowed,
    reason,
  };
}
