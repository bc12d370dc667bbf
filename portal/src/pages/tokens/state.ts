// How a token stands, in the order of what matters most.

import type { Token } from '@keyward/sdk/wire';
import type { State } from '../access/state-badge.tsx';

export function stateOf(
  token: Pick<Token, 'deletedAt' | 'deactivatedAt' | 'state' | 'expiresAt' | 'rotation'> &
    Partial<Pick<Token, 'stateReason'>>,
  now = Date.now(),
): State {
  const { deletedAt, deactivatedAt, state, expiresAt, rotation } = token;
  if (deletedAt !== null) return 'deleted';
  if (state === 'suspended') return 'suspended';
  if (token.stateReason === 'leaked') return 'leaked';
  if (deactivatedAt !== null) return 'inactive';
  if (state === 'inactive') return 'refused';
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return 'expired';
  if (state === 'powerless') return 'powerless';
  return rotation === null ? 'active' : 'rotating';
}

/** True while it still works and has 30 days or less to go. */
export function endsSoon(expiresAt: string | null, now = Date.now()): boolean {
  if (expiresAt === null) return false;
  const left = Date.parse(expiresAt) - now;
  return left > 0 && left <= 30 * 86_400_000;
}
