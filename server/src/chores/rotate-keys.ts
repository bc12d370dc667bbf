// Sees to each profile's signing key: that there is one, and that it is rotated when it has signed for long enough. What
// rotation means belongs to core.

import { systemIn } from '../core/caller/caller.ts';
import type { Ports } from '../core/ports.ts';
import type { JwtProfile } from '../core/tokens/records.ts';
import { ensureSigningKeys, rotateOldKeys } from '../core/tokens/signing-keys.ts';

/** A key signs for ninety days. */
export const signingPeriodMs = 90 * 24 * 3_600_000;

/** Adds what is lacking and rotates what is due; answers the profiles that it rotated. */
export async function rotateDueKeys(ports: Ports): Promise<JwtProfile[]> {
  await ensureSigningKeys(ports, systemIn());
  return rotateOldKeys(ports, systemIn(), signingPeriodMs);
}
