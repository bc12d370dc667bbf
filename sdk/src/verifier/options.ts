// What a verifier is made with. What of it cannot work is said when the verifier is made.

import type { Credential, Exchange } from '../client/client.ts';
import type { KeywardError } from '../errors.ts';

/** What is done while the feed is not heard: ask Keyward about each call, or decide none, or go on for a while and then ask. */
export type FeedLossPolicy = 'ask' | 'deny' | { allowForMs: number };

export interface VerifierOptions {
  /** Where Keyward is, such as `https://auth.example.com`. HTTPS, or a loopback address. */
  url: string;
  /**
   * Of a holder of `verify:credential` and `follow:feed`. In the operator's organization it is for the credentials of all
   * organizations, in any other for those of that one.
   */
  credential: Credential;
  /** How the verifier's own credential is exchanged; `native` unless said otherwise. */
  exchange?: Exchange;
  /** The handle of the API that calls go to unless a guard names another; `default` unless said otherwise. */
  api?: string;
  /** `ask` unless said otherwise. The feed is lost when its heartbeat, due every second, is two seconds old. */
  onFeedLost?: FeedLossPolicy;
  /** What receipts and the feed call this process; at most 64 characters, unique. Random unless given. */
  name?: string;
  /** Keyward's public address, where that is not `url`: what its JWTs name as issuer and audience. */
  issuer?: string;
  /**
   * The address that clients call this API by, such as `https://api.example.com`, perhaps with a path that a proxy takes away. Proofs of
   * the scheme DPoP must be for it; without it such calls cannot be checked.
   */
  publicUrl?: string;
  /**
   * What the nonces of proofs are made from, so that all processes with the same one take each other's; at least 32 characters. Unless
   * given, a proof is good in the process alone that gave its nonce, and once.
   */
  dpopNonceSecret?: string;
  /** How many API tokens and sealed tokens are remembered, as many JWTs, and of as many organizations budgets; 100,000 unless said otherwise. */
  capacity?: number;
  /** How long Keyward may take for an answer; 5,000 unless said otherwise. */
  timeoutMs?: number;
  /**
   * Told why calls cannot be decided, or changes not be followed: a token that is refused, a certificate that is not
   * trusted, a Keyward that is away. The same words at most once a minute. Unless given, it is a warning of the process.
   */
  onError?: (error: KeywardError) => void;
  /**
   * False tells Keyward nothing of single calls, nor of what went wrong: neither is then seen in `keyward calls`, and what was refused
   * here cannot be explained. True unless said otherwise.
   */
  reports?: boolean;
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch, for the end of credentials; unless given, one that cannot be set back. */
  clock?: () => number;
}

/** How long a late feed is borne. Throws a TypeError for a length that is none. */
export function allowedFor(policy: FeedLossPolicy): number {
  if (typeof policy === 'string') return 0;
  const { allowForMs } = policy;
  if (Number.isFinite(allowForMs) && allowForMs >= 0) return allowForMs;
  throw new TypeError('`allowForMs` is a number of milliseconds from 0 on.');
}
