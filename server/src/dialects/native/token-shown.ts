// API tokens as they are shown: each with what is told beside its own record, which is asked for many at once.

import type { Token } from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { ApiToken } from '../../core/credentials/records.ts';
import { KeywardError } from '../../core/errors.ts';
import { type About, toWire } from './token.ts';

const active = { state: 'active', reason: null } as const;

/** What is told beside a token that is new, but for its owner's name. */
export const nothing = { lastUse: undefined, lastRefusal: undefined, rotation: undefined, state: active };

export async function shown(core: Core, caller: Caller, tokens: readonly ApiToken[]): Promise<Token[]> {
  const about = await aboutAll(core, caller, tokens);
  return tokens.map((token) => toWire(token, about(token)));
}

/**
 * As `shown`, of whichever organizations: each with its own, told of as to one who acts there. Those of an organization that
 * was deleted meanwhile are gone with it.
 */
export async function shownOfAll(core: Core, caller: Caller, tokens: readonly ApiToken[]): Promise<Token[]> {
  const places = [...new Set(tokens.map(({ organizationId }) => organizationId))];
  const all = await Promise.all(
    places.map(async (place) => {
      const there = await core.actFor(caller, place).catch(nullIfGone);
      if (there === null) return [];
      const { id, name } = there.organization;
      const own = tokens.filter(({ organizationId }) => organizationId === place);
      const some = await shown(core, there, own);
      return some.map((token) => [token.id, { ...token, organization: { id, name } }] as const);
    }),
  );
  const byId = new Map(all.flat());
  return tokens.flatMap(({ id }) => byId.get(id) ?? []);
}

function nullIfGone(error: unknown): null {
  if (error instanceof KeywardError && error.code === 'not_found') return null;
  throw error;
}

export async function showOne(core: Core, caller: Caller, token: ApiToken): Promise<Token> {
  return toWire(token, await aboutOne(core, caller, token));
}

export async function aboutOne(core: Core, caller: Caller, token: ApiToken): Promise<About> {
  return (await aboutAll(core, caller, [token]))(token);
}

async function aboutAll(core: Core, caller: Caller, tokens: readonly ApiToken[]): Promise<(token: ApiToken) => About> {
  const [uses, refusals, rotations, owners, states] = await Promise.all([
    core.lastUsesOf(caller, tokens),
    core.lastRefusalsOf(caller, 'api_token', tokens),
    core.rotationsOf(caller, tokens),
    core.ownerNamesOf(caller, tokens),
    core.statesOfApiTokens(tokens),
  ]);
  return ({ id, owner }) => ({
    lastUse: uses.get(id),
    lastRefusal: refusals.get(id),
    rotation: rotations.get(id),
    ownerName: owners.get(owner.id) ?? '',
    state: states.get(id) ?? active,
  });
}
