// Whether whoever shows an access token holds the key that it is bound to (RFC 9449). What a proof is, and that it is used
// once, is told in rules/dpop.

import type { ProofFault, Proofs, Proven, ShownProof } from '@keyward/rules/dpop/proofs';
import type { ReadToken } from './records.ts';

/** The ports of what asks for a proof. */
export interface ProvingPorts {
  proofs: Proofs;
}

/**
 * How a credential is shown beyond itself: with a proof, or by a service that has seen one by the key with this
 * thumbprint. Not at all: as a bearer's.
 */
export type Possession = ShownProof | { thumbprint: string };

type LackOfPossession = { reason: 'wrong_key' } | ProofFault;

/** The nonce that proofs are to be made with. */
export function dpopNonce({ proofs }: ProvingPorts): string {
  return proofs.nonce();
}

/** The key of whoever wants a token that is bound to it. Nothing is used up before `spend`. */
export function proveKey({ proofs }: ProvingPorts, shown: ShownProof): Proven | ProofFault {
  return proofs.check(shown, null);
}

/** The key that a token is bound to; null for what whoever bears it may use. */
export function keyOf(token: ReadToken | undefined): string | null {
  return token === undefined || token.bounds === null ? null : token.bounds.key;
}

/** What is wrong with how `credential` is shown, which is bound to `key`; null if nothing is. Uses the proof up. */
export function lackOfPossession(
  { proofs }: ProvingPorts,
  credential: string,
  key: string | null,
  shown: Possession | undefined,
): LackOfPossession | null {
  if (shown === undefined) return key === null ? null : wrongKey;
  if (key === null) return wrongKey;
  if ('thumbprint' in shown) return shown.thumbprint === key ? null : wrongKey;
  const proven = proofs.check(shown, credential);
  if ('reason' in proven) return proven;
  return proven.thumbprint === key ? proven.spend() : wrongKey;
}

const wrongKey = { reason: 'wrong_key' } as const;
