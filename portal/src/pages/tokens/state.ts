// How a token stands, in the order of what matters most.

import type { Token } from '@keyward/sdk/wire';
import type { State } from '../access/state-badge.tsx';

export function stateOf(
  { deletedAt, active, expiresAt, rotation }: Pick<Token, 'deletedAt' | 'active' | 'expiresAt' | 'rotation'>,
  now = Date.now(),
): State {
  if (deletedAt !== null) return 'deleted';
  if (!active) return 'inactive';
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return 'expired';
  return rotation === null ? 'active' : 'rotating';
}

/** True while it still works and has 30 days or less to go. */
export function endsSoon(expiresAt: string | null, now = Date.now()): boolean {
  if (expiresAt === null) return false;
  const left = Date.parse(expiresAt) - now;
  return left > 0 && left <= 30 * 86_400_000;
}
