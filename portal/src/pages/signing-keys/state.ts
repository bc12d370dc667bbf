// Where a signing key stands at a moment, and what that means for its profile.

import type { SigningKey } from '@keyward/sdk/wire';

export type KeyState = 'upcoming' | 'signs' | 'verifies' | 'ended' | 'revoked';

export function stateOf(key: SigningKey, now: number): KeyState {
  if (key.revokedAt !== null) return 'revoked';
  if (key.verifiesUntil !== null && Date.parse(key.verifiesUntil) <= now) return 'ended';
  if (Date.parse(key.signsFrom) > now) return 'upcoming';
  return key.retiredAt !== null && Date.parse(key.retiredAt) <= now ? 'verifies' : 'signs';
}

export interface Overlap {
  /** When the new key begins to sign, if it does not yet. */
  signsFrom: string | null;
  /** Until when the last of the old ones verifies, if there is any. */
  verifiesUntil: string | null;
}

/** What is under way among the keys of one profile. */
export function overlapOf(keys: readonly SigningKey[], now: number): Overlap {
  const live = keys.filter((key) => ['upcoming', 'signs', 'verifies'].includes(stateOf(key, now)));
  const upcoming = live.filter((key) => stateOf(key, now) === 'upcoming').map(({ signsFrom }) => signsFrom);
  const ends = live.flatMap(({ verifiesUntil }) => verifiesUntil ?? []);
  return { signsFrom: upcoming.toSorted()[0] ?? null, verifiesUntil: ends.toSorted().at(-1) ?? null };
}
