// Proofs of possession (RFC 9449) as this node takes them: under nonces of its own, or under those that all nodes give.

import { randomBytes } from 'node:crypto';
import { createProofs, type Proofs } from '@keyward/rules/dpop/proofs';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Sealer } from '../core/sealer.ts';

/**
 * Of its own a node makes them with a name that is never used again, so that no proof is good on two nodes, or twice by a restart.
 * Workers share a name, that of the start of them all: whoever proves does not choose which of them is asked.
 */
export function openProofs(
  { dpopNonces }: Pick<Config, 'dpopNonces'>,
  sealer: Pick<Sealer, 'mac'>,
  clock: Clock,
  startId?: string,
): Proofs {
  const isOfAll = dpopNonces === 'shared';
  const isShared = isOfAll || startId !== undefined;
  const name = isOfAll ? 'shared' : (startId ?? randomBytes(16).toString('base64url'));
  return createProofs({ clock, isShared, nonceOf: (slot) => sealer.mac('dpop-nonce', `${name} ${slot}`).slice(0, 22) });
}
