// Which scope a token is given: what was asked for, word by word, or all that its source may do. Never more, and nothing
// that no API knows.

import { covering } from '@keyward/rules/permission';
import { reachingIn } from '../caller/catalogue.ts';
import type { PermissionReads } from '../caller/ports.ts';

/** In characters. No verifier reads a token of more than 8,192. */
export const longestScope = 4000;

/** The scope, or why there is none. `wanted` null: whatever may be done. */
export async function scopeWithin(
  permissions: PermissionReads,
  wanted: readonly string[] | null,
  may: readonly string[],
): Promise<{ scope: readonly string[] } | { fault: string }> {
  if (wanted === null) {
    if (may.join(' ').length <= longestScope) return { scope: may };
    return { fault: 'All that this credential may do is too long for a token. Name the scope that is needed.' };
  }
  if (wanted.length === 0) return { fault: 'The scope is empty. Name permissions, or leave it out.' };
  if (wanted.join(' ').length > longestScope) return { fault: 'The scope is too long for a token. Name less.' };
  const [isHeld, isReached] = [covering(may), reachingIn(permissions)];
  for (const one of wanted) {
    if (isHeld(one) && (await isReached(one))) continue;
    return { fault: 'The scope names a permission that does not exist, or that may not be used.' };
  }
  return { scope: wanted };
}
