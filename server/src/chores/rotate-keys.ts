// Rotates each profile's signing key when it has signed for long enough. What rotation means is core's affair.

import { systemIn } from '../core/caller.ts';
import type { Ports } from '../core/ports.ts';
import { type JwtProfile, jwtProfiles, rotateSigningKey } from '../core/signing-keys.ts';

/** A key signs for ninety days. */
export const signingPeriodMs = 90 * 24 * 3_600_000;

/** Rotates what is due; answers the profiles that it rotated. */
export async function rotateDueKeys(ports: Ports): Promise<JwtProfile[]> {
  const keys = await ports.store.signingKeys.list();
  const rotated: JwtProfile[] = [];
  for (const profile of Object.keys(jwtProfiles) as JwtProfile[]) {
    const newest = keys.filter((key) => key.profile === profile && key.revokedAt === null).at(-1);
    if (newest === undefined || newest.createdAt + signingPeriodMs > ports.clock()) continue;
    await rotateSigningKey(ports, systemIn(), profile);
    rotated.push(profile);
  }
  return rotated;
}
