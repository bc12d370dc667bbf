// An API token as it travels.

import type { Token } from '@keyward/sdk/wire';
import type { ApiToken } from '../../core/api-token.ts';
import type { PreviousSecret } from '../../core/api-token-rotation.ts';
import { isActive } from '../../core/standing.ts';
import type { LastUse } from '../../core/usage.ts';
import { toTime, toTimeOrNull } from './time.ts';

/** What is told of a token beside its own record. */
export interface About {
  lastUse: LastUse | undefined;
  rotation: PreviousSecret | undefined;
  ownerName: string;
}

export function toWire(
  { sealedSecret, standing, permissions, ...token }: ApiToken,
  { lastUse, rotation, ownerName }: About,
): Token {
  const { id, name, description, owner, use, addresses, createdBy } = token;
  return {
    id,
    name,
    description,
    owner: { ...owner, name: ownerName },
    permissions: [...permissions],
    use,
    readable: sealedSecret !== null,
    addresses: [...addresses],
    active: isActive(standing),
    expiresAt: toTimeOrNull(token.expiresAt),
    lastUsed: useToWire(lastUse),
    rotation: rotation === undefined ? null : rotationToWire(rotation),
    createdAt: toTime(token.createdAt),
    createdBy,
    updatedAt: toTimeOrNull(token.updatedAt),
    deactivatedAt: toTimeOrNull(standing.deactivatedAt),
    deletedAt: toTimeOrNull(standing.deletedAt),
  };
}

export function useToWire(use: LastUse | null | undefined): Token['lastUsed'] {
  return use == null ? null : { at: toTime(use.at), address: use.address, userAgent: use.userAgent };
}

function rotationToWire({ rotatedAt, endsAt, lastUsed, currentLastUsed }: PreviousSecret): Token['rotation'] {
  return {
    rotatedAt: toTime(rotatedAt),
    previousUntil: toTime(endsAt),
    previousLastUsed: useToWire(lastUsed),
    currentLastUsed: useToWire(currentLastUsed),
  };
}
