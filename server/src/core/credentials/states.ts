// The states of many credentials at once, for lists and pages of those that the caller may see already; and who may change that of one
// that leaked.

import { type Caller, isSelf } from '../caller/caller.ts';
import type { CredentialLookup } from '../caller/ports.ts';
import { type CredentialState, ownState, stateOf } from '../caller/state.ts';
import type { Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import type { ApiUser, User } from '../identity/records.ts';
import type { ApiToken } from './records.ts';

/** Whether it is deactivated, and that because it or what made it leaked. */
export function wasEndedByLeak({ lifecycle, leakEndsAt }: Pick<ApiToken, 'lifecycle' | 'leakEndsAt'>): boolean {
  return lifecycle.deactivatedAt !== null && lifecycle.deactivatedAt === leakEndsAt;
}

/** Whether it lives on for a while only because it leaked, and nobody has moved that end. */
export function endsByLeak({ expiresAt, leakEndsAt }: Pick<ApiToken, 'expiresAt' | 'leakEndsAt'>): boolean {
  return expiresAt !== null && expiresAt === leakEndsAt;
}

/** Throws `forbidden` for whoever is no person: who has a leaked token, or what it made, is not to keep it or to bring it back. */
export function demandPerson(caller: Caller): void {
  if (caller.type === 'system' || isSelf(caller)) return;
  throw new KeywardError(
    'forbidden',
    'This API token leaked, and ends for that. A person who signs in may let it work, no token or API user.',
  );
}

type Stores = Clocked & { store: { credentials: Pick<CredentialLookup, 'bySource'> } };

/** By id. Of several tokens of one owner the owner is looked up once. */
export async function statesOfApiTokens(
  ports: Stores,
  tokens: readonly ApiToken[],
): Promise<ReadonlyMap<string, CredentialState>> {
  const now = ports.clock();
  const behind = await recordsOf(
    ports,
    tokens.map(({ owner }) => owner),
  );
  return new Map(
    tokens.map(({ id, owner, lifecycle, expiresAt, leakEndsAt }) => {
      const state = stateOf(ownState(lifecycle, expiresAt, now), behind.get(owner.id) ?? null);
      const isLeaked = state.reason === 'deactivated' && wasEndedByLeak({ lifecycle, leakEndsAt });
      return [id, isLeaked ? { ...state, reason: 'leaked' } : state];
    }),
  );
}

/** By id, of users or of API users. Whoever was invited and never came cannot sign in yet. */
export async function statesOfPeople(
  ports: Stores,
  type: 'user' | 'api_user',
  people: readonly (Pick<ApiUser, 'id' | 'lifecycle'> & Partial<Pick<User, 'invitedAt'>>)[],
): Promise<ReadonlyMap<string, CredentialState>> {
  const now = ports.clock();
  const behind = await recordsOf(
    ports,
    people.map(({ id }) => ({ type, id })),
  );
  return new Map(
    people.map(({ id, lifecycle, invitedAt = null }) => {
      const own = ownState(lifecycle, null, now);
      const invited = own.state === 'active' && invitedAt !== null;
      return [id, invited ? { state: 'inactive', reason: 'invited' } : stateOf(own, behind.get(id) ?? null)];
    }),
  );
}

async function recordsOf(ports: Stores, sources: readonly ApiToken['owner'][]) {
  const once = new Map(sources.map((source) => [source.id, source]));
  const found = [...once.values()].map(async (source) => {
    const { type, id } = source;
    return [id, await ports.store.credentials.bySource({ type, id })] as const;
  });
  return new Map(await Promise.all(found));
}
