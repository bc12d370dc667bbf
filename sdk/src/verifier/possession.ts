// Calls with the scheme DPoP (RFC 9449), as this process checks them: the proof here, under nonces of its own, and the key that a
// token is bound to by what is known of the token.

import { createHmac, randomBytes } from 'node:crypto';
import { canonicalAddress } from '@keyward/rules/dpop/call-address';
import { createProofs, type Proven } from '@keyward/rules/dpop/proofs';
import { KeywardError } from '../errors.ts';
import type { VerifierOptions } from './options.ts';
import { type PresentedProof, type Refused, type Requirement, refused } from './verdict.ts';

/** A requirement with the key that the caller has shown. */
export interface ProvenRequirement extends Requirement {
  proven?: Proven;
}

export interface Possession {
  nonce(): string;
  /** The requirement with the key that its proof shows, which is not used up yet. Throws KeywardError `misconfigured`. */
  prove(credential: string, requirement: Requirement): ProvenRequirement | Refused;
}

type Options = Pick<VerifierOptions, 'publicUrl' | 'dpopNonceSecret'>;

/** `clock`: milliseconds since the epoch. Throws a TypeError for options that cannot work. */
export function createPossession({ publicUrl, dpopNonceSecret }: Options, clock: () => number): Possession {
  if (publicUrl !== undefined && canonicalAddress(publicUrl) === null) {
    throw new TypeError('`publicUrl` is an address such as https://api.example.com.');
  }
  if (dpopNonceSecret !== undefined && dpopNonceSecret.length < 32) {
    throw new TypeError('`dpopNonceSecret` has at least 32 characters.');
  }
  const base = publicUrl?.replace(/\/$/, '');
  const secret = dpopNonceSecret ?? randomBytes(32);
  const nonceOf = (slot: number) => createHmac('sha256', secret).update(String(slot)).digest('base64url').slice(0, 22);
  const proofs = createProofs({ nonceOf, clock, isShared: dpopNonceSecret !== undefined });

  function addressOf({ url }: PresentedProof): string {
    if (!url.startsWith('/')) return url;
    if (base !== undefined) return base + url;
    throw new KeywardError(
      'misconfigured',
      'A call came with the scheme DPoP: set `publicUrl`, by which clients call this API.',
    );
  }

  return {
    nonce: proofs.nonce,
    prove(credential, { dpop, ...requirement }) {
      if (dpop === undefined) return requirement;
      const { proof: text, method } = dpop;
      const proven = proofs.check({ text, method, addresses: [addressOf(dpop)] }, credential);
      if ('reason' in proven) return refused(proven.reason, { proofFault: proven.message });
      return { ...requirement, proven };
    },
  };
}

/** Why a token that is bound to `jkt` cannot be used so; null if it can. Uses the proof up. */
export function lackOfPossession(jkt: string | null, proven: Proven | undefined): Refused | null {
  // As nearly all are.
  if (jkt === null && proven === undefined) return null;
  if (proven === undefined || proven.thumbprint !== jkt) return refused('wrong_key');
  return spent(proven);
}

/** Uses the proof up where it is Keyward's to say what the token is bound to. */
export function spent(proven: Proven): Refused | null {
  const fault = proven.spend();
  return fault === null ? null : refused(fault.reason, { proofFault: fault.message });
}
