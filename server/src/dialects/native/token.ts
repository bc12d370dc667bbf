// An API token as it travels.

import type { Token } from '@keyward/sdk/wire';
import type { CredentialState } from '../../core/caller/state.ts';
import type { LastRefusal, LastUse } from '../../core/caller/use.ts';
import type { ApiToken, PreviousSecret, TokenNarrowing } from '../../core/credentials/records.ts';
import { startOf } from '../../core/secret.ts';
import { spanToWire, toTime, toTimeOrNull } from './time.ts';

/** What is told of a token beside its own record. */
export interface About {
  lastUse: LastUse | undefined;
  lastRefusal: LastRefusal | undefined;
  rotation: PreviousSecret | undefined;
  ownerName: string;
  state: CredentialState;
}

export function toWire(
  { sealedSecret, lifecycle, permissions, ...token }: ApiToken,
  { lastUse, lastRefusal, rotation, ownerName, state }: About,
): Token {
  const { id, name, description, owner, use, addresses, apis, limits, externalId, metadata, createdBy } = token;
  return {
    id,
    name,
    description,
    owner: { ...owner, name: ownerName },
    permissions: [...permissions],
    start: token.recipeId == null ? startOf(token) : token.prefix,
    lastFour: token.lastFour,
    use,
    readable: sealedSecret !== null,
    addresses: [...addresses],
    apis: apis === null ? null : [...apis],
    limits: [...limits],
    observed: token.narrowing && narrowingToWire(token.narrowing),
    externalId,
    metadata,
    ...stateToWire(state),
    expiresAt: toTimeOrNull(token.expiresAt),
    leakedAt: toTimeOrNull(token.leakedAt),
    lastUsed: useToWire(lastUse),
    lastRefused: refusalToWire(lastRefusal),
    rotation: rotationToWire(rotation),
    createdAt: toTime(token.createdAt),
    createdBy,
    updatedAt: toTimeOrNull(token.updatedAt),
    deactivatedAt: toTimeOrNull(lifecycle.deactivatedAt),
    deletedAt: toTimeOrNull(lifecycle.deletedAt),
  };
}

function narrowingToWire({ since, until, permissions, addresses, apis }: TokenNarrowing): Token['observed'] {
  return {
    ...(permissions !== undefined && { permissions: [...permissions] }),
    ...(addresses !== undefined && { addresses: [...addresses] }),
    ...(apis !== undefined && { apis: apis === null ? null : [...apis] }),
    ...spanToWire({ since, until }),
  };
}

export function stateToWire({ state, reason }: CredentialState): Pick<Token, 'state' | 'stateReason' | 'active'> {
  return { state, stateReason: reason, active: state === 'active' };
}

export function refusalToWire(last: LastRefusal | undefined): Token['lastRefused'] {
  return last === undefined ? null : { hour: toTime(last.hour), verdict: last.verdict };
}

export function useToWire(use: LastUse | null | undefined): Token['lastUsed'] {
  return use == null ? null : { at: toTime(use.at), address: use.address, userAgent: use.userAgent };
}

/** While an overlap lasts; null without one. */
export function rotationToWire(previous: PreviousSecret | undefined): Token['rotation'] {
  if (previous === undefined) return null;
  const { rotatedAt, endsAt, lastUsed, currentLastUsed } = previous;
  return {
    rotatedAt: toTime(rotatedAt),
    previousUntil: toTime(endsAt),
    previousLastUsed: useToWire(lastUsed),
    currentLastUsed: useToWire(currentLastUsed),
  };
}
