// What tokens need of the world: where signing keys and the records of issued tokens are kept.

import type { KeySource } from '../assertions/key-source.ts';
import type { Acting } from '../caller/ports.ts';
import type { CatalogueChanges, CatalogueReads } from '../catalogue/ports.ts';
import type { Journalled } from '../journal/ports.ts';
import type { DeviceCodeChanges, DeviceCodeReads } from './applications/device/ports.ts';
import type {
  ApplicationChanges,
  ApplicationReads,
  ApplicationSessionChanges,
  ApplicationSessionReads,
  AuthorizationChanges,
  AuthorizationCodeChanges,
  AuthorizationCodeReads,
  AuthorizationReads,
} from './applications/ports.ts';
import type { IssuedToken, RevokedToken, SigningKey } from './records.ts';

export interface SigningKeyReads {
  /** Every key that may still sign or verify, and revoked ones; oldest first. */
  list(): Promise<SigningKey[]>;
}

export interface SigningKeyChanges extends SigningKeyReads {
  /** Nobody else changes any of them until the commit. */
  list(): Promise<SigningKey[]>;
  insert(key: SigningKey): Promise<void>;
  /** Stops signing at `at` and verifying at `until`. True for one of many racing callers. */
  retire(kid: string, at: number, until: number): Promise<boolean>;
  revoke(kid: string, at: number): Promise<boolean>;
}

export interface IssuedTokenChanges {
  insert(token: IssuedToken): Promise<void>;
  delete(jtis: readonly string[]): Promise<number>;
  /** At most `limit` rows whose `expiresAt` is before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

export interface LivingRevokedToken extends Pick<RevokedToken, 'jti' | 'expiresAt'> {
  sourceId: string;
}

export interface RevokedTokenReads {
  isRevoked(jti: string): Promise<boolean>;
  /** Those that have not ended by `now`, that concern one organization or any, in the order of their ids, above `after`. */
  living(
    now: number,
    page: { organizationId: string | null; after: string; limit: number },
  ): Promise<LivingRevokedToken[]>;
}

export interface RevokedTokenChanges extends RevokedTokenReads {
  /** True for one of many racing callers. */
  insert(token: RevokedToken): Promise<boolean>;
  /** How many of a session, or of a source and no session, have not ended by `now`; at most `most`. */
  livingOf(id: string, now: number, most: number): Promise<number>;
  deleteOf(id: string): Promise<number>;
  /** At most `limit` that ended before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

/** An outside token that is shown to prove who a client is, or whose token something is to be made from. */
export interface PresentedAssertion {
  /** For whom; null where there is no such client. */
  owner: { id: string; organizationId: string } | null;
  /** As the client calls itself. */
  clientId: string;
  jwt: string;
  as: 'client' | 'subject';
  /** What a token that the client signed itself may be for: this server, in the words of the protocol. */
  audiences: readonly string[];
}

/** The id that is a parent of every access token made through it; or why it is not taken, in words for the operator. */
export type ProvedAssertion = { lineageId: string; why?: undefined } | { why: string };

/** A token that a client signed itself, and where its keys are. */
export interface OwnAssertion extends Pick<PresentedAssertion, 'clientId' | 'jwt' | 'audiences'>, KeySource {
  /** The client's. */
  organizationId: string;
  /** On whose behalf its keys are read; its organization's unless said otherwise. */
  party?: string;
}

/** Takes an assertion once. Throws KeywardError `unavailable` while keys cannot be read. */
export interface AssertionVerifier {
  prove(assertion: PresentedAssertion): Promise<ProvedAssertion>;
  /** Null if it is taken; or why not, in words for the operator. */
  proveOwn(assertion: OwnAssertion): Promise<string | null>;
}

/** What the store lets this part read, and those before it. */
export interface TokenReads extends CatalogueReads {
  signingKeys: SigningKeyReads;
  revokedTokens: RevokedTokenReads;
  applications: ApplicationReads;
  authorizations: AuthorizationReads;
  authorizationCodes: AuthorizationCodeReads;
  applicationSessions: ApplicationSessionReads;
  deviceCodes: DeviceCodeReads;
}

/** What may be touched inside a change. */
export interface TokenChanges extends CatalogueChanges {
  signingKeys: SigningKeyChanges;
  issuedTokens: IssuedTokenChanges;
  revokedTokens: RevokedTokenChanges;
  applications: ApplicationChanges;
  authorizations: AuthorizationChanges;
  authorizationCodes: AuthorizationCodeChanges;
  applicationSessions: ApplicationSessionChanges;
  deviceCodes: DeviceCodeChanges;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof TokenReads> {
  store: Pick<TokenReads, Noun>;
}

/** What may be touched inside a change of these. */
export type Changes<Noun extends keyof TokenChanges> = Pick<TokenChanges, Noun> & Journalled;

/** The ports of what changes these on a caller's behalf. */
export type Changing<Noun extends keyof TokenChanges> = Acting<Changes<Noun>>;
