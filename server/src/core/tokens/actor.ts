// Who acts with an access token in place of its subject, the latest first (RFC 8693 section 4.1). It is told, never judged.

import { mostParents } from '@keyward/rules/token-bounds';
import type { Actor } from './records.ts';

/** The actors in a claim; null where there are none that can be read. */
export function actorIn(claim: unknown, depth = mostParents): Actor | null {
  if (typeof claim !== 'object' || claim === null || depth === 0) return null;
  const { sub, act } = claim as { sub?: unknown; act?: unknown };
  if (typeof sub !== 'string') return null;
  const before = actorIn(act, depth - 1);
  return before === null ? { sub } : { sub, act: before };
}
