// What is kept of signing keys and of access tokens, and what a token that checks out says.

import type { JwsAlgorithm } from '@keyward/rules/jws';
import type { TokenBounds } from '@keyward/rules/token-bounds';
import type { CredentialRecord, Principal } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import type { CredentialForm } from '../settings.ts';

/** Every JWT belongs to one profile, fixed by its signing key; a key accepts its own profile only. */
export type JwtProfile = 'oauth' | 'debricked' | 'parsers';

/** What a profile fixes; of `oauth` each API may name another algorithm. `recorded`: its tokens are remembered, and count only while they are (Parsers' promise). */
export const jwtProfiles: Record<JwtProfile, { algorithm: JwsAlgorithm; typ: string; recorded: boolean }> = {
  oauth: { algorithm: 'ES256', typ: 'at+jwt', recorded: false },
  debricked: { algorithm: 'RS256', typ: 'JWT', recorded: false },
  parsers: { algorithm: 'RS256', typ: 'JWT', recorded: true },
};

export interface SigningKey {
  kid: string;
  profile: JwtProfile;
  algorithm: JwsAlgorithm;
  /** Public JWK as JSON text. */
  publicJwk: string;
  /** Private JWK as JSON text, sealed. */
  sealedPrivateJwk: string;
  createdAt: number;
  /** Published from `createdAt`, signs from here on. */
  signsFrom: number;
  /** When it stops signing; may lie ahead. */
  retiredAt: number | null;
  /** After retirement: verifies until then. */
  verifiesUntil: number | null;
  revokedAt: number | null;
}

/** The record of an access token that its dialect promises to remember. */
export interface IssuedToken {
  jti: string;
  organizationId: string;
  source: AccessTokenSource;
  issuedAt: number;
  expiresAt: number;
}

/**
 * Under what revoked tokens are counted: their source, where that revoked them itself, or the session that they belong to; else the client
 * that revoked them, or what they were made through. No two of them have the same id.
 */
export interface RevocationSource {
  type: AccessTokenSource['type'] | 'session' | 'client' | 'federated_credential';
  id: string;
}

/** An access token that was revoked by itself, until it would have ended. */
export interface RevokedToken {
  jti: string;
  organizationId: string;
  source: RevocationSource;
  expiresAt: number;
}

/** What a token that checks out says. */
export interface ReadToken {
  form: CredentialForm;
  jti: string;
  source: AccessTokenSource;
  generation: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** It counts only while the store has its record. */
  recorded: boolean;
  /** The session that it counts only as long as, if there is one. */
  sessionId: string | null;
  outlivesDeactivation: boolean;
  /** Beyond its source; null where nothing else bounds it. */
  bounds: TokenBounds | null;
  /** Who got it, where that is said; of a bound one only. */
  client: TokenClient | null;
  /** The record of its source that was found to carry it, which it does as long as it is this one. For verify alone. */
  carried?: Carried;
}

/** Who got an access token, and the actors that it is used by in place of its subject (RFC 8693 section 4.1). */
export interface TokenClient {
  /** As it calls itself to this server. */
  clientId: string;
  actor: Actor | null;
}

export interface Actor {
  sub: string;
  act?: Actor;
}

export interface Carried {
  record: CredentialRecord;
  expiresAt: number;
  principal: Principal;
  token: ReadToken;
}
