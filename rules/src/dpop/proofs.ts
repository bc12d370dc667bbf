// Whether a call shows that its caller holds a key (RFC 9449): by a proof for this call alone, under a nonce of our own, that
// was not used before. Nonces live for a minute, and so long it is remembered which proofs were used under each: in memory,
// since no other process knows the nonce. Which key a token is bound to is the caller's to compare.

import { createHash } from 'node:crypto';
import { canonicalAddress } from './call-address.ts';
import { longestProof, readProof } from './proof.ts';

/** A call that is made with the DPoP scheme, or for a token that is to be bound. */
export interface ShownProof {
  /** The DPoP header; null if there is none. */
  text: string | null;
  method: string;
  /** The absolute addresses that the call may have been made to: any of them counts. */
  addresses: readonly string[];
}

export interface Proven {
  /** Of the key that the caller holds (RFC 7638). */
  thumbprint: string;
  /** Uses the proof up: null, or why it cannot be used. Asked again it says the same. */
  spend(): ProofFault | null;
}

export interface ProofFault {
  reason: 'invalid_proof' | 'nonce_required';
  /** For people. */
  message: string;
}

export interface Proofs {
  /** The nonce to prove under from now on. */
  nonce(): string;
  /** `accessToken`: what the call shows beside the proof, null where that is none. Never throws. */
  check(shown: ShownProof, accessToken: string | null): Proven | ProofFault;
}

export interface ProofsOptions {
  /** A text that nobody else can know, another for each whole number. */
  nonceOf(slot: number): string;
  /** Milliseconds since the epoch. */
  clock(): number;
  /** How many used proofs are remembered; beyond it all nonces given so far end. */
  mostUsed?: number;
  /** Others give the same nonces, as this process may have done before it started: of none given so far it is known what was used. */
  isShared?: boolean;
}

/** How long one nonce is given out, and for how many of these times it counts. */
const slotMs = 10_000;
const livingSlots = 6;

/** How far the clocks of clients may be off. Nonces say how old a proof is. */
const clockToleranceMs = 300_000;

interface Slot {
  nonce: string;
  /** Digests of proofs. */
  used: Set<string>;
}

export function createProofs({ nonceOf, clock, mostUsed = 200_000, isShared = false }: ProofsOptions): Proofs {
  const slots = new Map<number, Slot>();
  /** Of nonces before this one it is not remembered what was used. */
  let first = isShared ? Math.floor(clock() / slotMs) + 1 : 0;
  let used = 0;

  const current = () => Math.max(first, Math.floor(clock() / slotMs));

  function slotAt(number: number): Slot {
    const known = slots.get(number);
    if (known !== undefined) return known;
    const made = { nonce: nonceOf(number), used: new Set<string>() };
    slots.set(number, made);
    forgetBefore(current() - livingSlots);
    return made;
  }

  function forgetBefore(oldest: number): void {
    for (const [number, slot] of slots) {
      if (number >= oldest) continue;
      used -= slot.used.size;
      slots.delete(number);
    }
  }

  /** A clock beside ours may be a little ahead. */
  function slotOf(nonce: string): number | null {
    const newest = current() + 1;
    for (let number = newest; number >= first && number >= newest - livingSlots; number -= 1) {
      if (slotAt(number).nonce === nonce) return number;
    }
    return null;
  }

  function spend(number: number, digest: string): ProofFault | null {
    const slot = number < first ? undefined : slots.get(number);
    if (slot?.used.has(digest)) return invalid('The proof was used before (jti).');
    if (slot === undefined || used >= mostUsed) {
      if (slot !== undefined) first = current() + 1;
      forgetBefore(first);
      return outdated;
    }
    slot.used.add(digest);
    used += 1;
    return null;
  }

  return {
    nonce: () => slotAt(current()).nonce,
    check({ text, method, addresses }, accessToken) {
      if (text === null) return invalid('Send one proof in the DPoP header.');
      const proof = readProof(text);
      if (proof === null) return invalid(malformed);
      const { key, jti, nonce } = proof;
      if (proof.htm !== method) return invalid('The proof is for another method (htm).');
      const htu = canonicalAddress(proof.htu);
      if (htu === null || !addresses.some((one) => canonicalAddress(one) === htu)) {
        return invalid('The proof is for another address (htu).');
      }
      if (accessToken !== null && proof.ath !== athOf(accessToken)) {
        return invalid('The proof is for another access token (ath).');
      }
      if (!(Math.abs(proof.iat * 1000 - clock()) <= clockToleranceMs)) {
        return invalid('The proof was made too long ago, or by a clock that is wrong (iat).');
      }
      const slot = nonce === null ? null : slotOf(nonce);
      if (slot === null) return outdated;
      if (!proof.isSigned()) return invalid('The signature of the proof is not by its key.');
      const { thumbprint } = key;
      const digest = digestOf(thumbprint + jti);
      let outcome: ProofFault | null | undefined;
      return {
        thumbprint,
        spend: () => {
          if (outcome === undefined) outcome = spend(slot, digest);
          return outcome;
        },
      };
    },
  };
}

/** RFC 9449 section 4.2. */
function athOf(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'utf8').digest('base64url');
}

/** 128 bits, a byte for each character. Thumbprints have one length, so that nothing else makes the same text. */
function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest().toString('latin1', 0, 16);
}

const outdated: ProofFault = { reason: 'nonce_required', message: 'Make the proof with the nonce of DPoP-Nonce.' };

const malformed = `The proof is no JWT of at most ${longestProof} characters as RFC 9449 section 4.2 has it, or of a key that does not count.`;

function invalid(message: string): ProofFault {
  return { reason: 'invalid_proof', message };
}
