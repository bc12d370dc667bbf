// The credential that was presented: an API token, or an access token that still stands with its source. What it may do
// is judged in verify.ts. A warm one is found at once and asks no database.

import { isAscii } from '@keyward/rules/ascii';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { isActive } from '../caller/lifecycle.ts';
import type { CachedCredentialLookup } from '../caller/ports.ts';
import { boundPrincipal, principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal } from '../caller/records.ts';
import type { ApiCache } from '../catalogue/api-cache.ts';
import type { Clocked } from '../clock.ts';
import { endOfSecret, whichSecret } from '../credentials/presented-secret.ts';
import type { CredentialReason } from '../errors.ts';
import type { ImportedSecrets } from '../import/imported-secrets.ts';
import { digestOf, isDividedAsApiToken, looksLikeApiToken } from '../secret.ts';
import type { CredentialForm } from '../settings.ts';
import { lostSupport, read, type TokenReadingPorts } from '../tokens/read.ts';
import type { ReadToken } from '../tokens/records.ts';

/** The ports of what looks at a credential. It writes nothing. */
export interface InspectingPorts extends TokenReadingPorts {
  credentials: CachedCredentialLookup;
  apis: Pick<ApiCache, 'identifierOf' | 'handleOf'>;
  imported: Pick<ImportedSecrets, 'mayBe' | 'find'>;
}

/** A credential that is there and stands. */
export interface Found {
  record: CredentialRecord;
  /** When what was presented ends. */
  expiresAt: number | null;
  /** Who it is then, where that is known already. */
  principal?: Principal;
  /** The access token that was presented, if it was one. */
  token?: ReadToken;
  /** Which secret was presented, of a token that answers to two. */
  secret?: 'current' | 'previous';
}

export interface Unfound {
  reason: CredentialReason;
  /** Whose it is, where that is known. */
  record: CredentialRecord | null;
}

/** The credential behind a text as it was presented; `accepts`: the forms that count. At once where memory suffices. */
export function find(
  ports: InspectingPorts,
  credential: string | null,
  accepts?: readonly CredentialForm[],
): Awaitable<Found | Unfound> {
  if (credential === null || credential === '') return { reason: 'missing', record: null };
  // Before anything is made of it: no credential has a second spelling.
  if (!isAscii(credential)) return unknown;
  const takesTokens = accepts === undefined || accepts.includes('api_token');
  if (isDividedAsApiToken(credential)) return takesTokens ? findApiToken(ports, credential) : unknown;
  // What was imported may look like anything, an access token too, which it is taken for where it is one.
  if (!takesTokens || !ports.imported.mayBe(credential)) return findAccessToken(ports, credential, accepts);
  return whenHere(findAccessToken(ports, credential, accepts), (found) =>
    'reason' in found && found.record === null && found.reason === 'unknown' ? findImported(ports, credential) : found,
  );
}

function findApiToken(ports: InspectingPorts, text: string): Awaitable<Found | Unfound> {
  if (!ports.settings.accepts.has('api_token')) return unknown;
  const digest = digestOf(text);
  // Its form and its checksum spare the database a question, and are not worth their time where none is asked.
  const recalled = ports.credentials.recall(digest);
  if (recalled !== null) return foundToken(ports, recalled, digest);
  if (!looksLikeApiToken(text)) return ports.imported.mayBe(text) ? findImported(ports, text) : unknown;
  return whenHere(ports.credentials.byDigest(digest), (record) =>
    // Another system may have made tokens of this very form.
    record === null && ports.imported.mayBe(text) ? findImported(ports, text) : foundToken(ports, record, digest),
  );
}

function findImported(ports: InspectingPorts, text: string): Awaitable<Found | Unfound> {
  if (!ports.settings.accepts.has('api_token')) return unknown;
  const found = ports.imported.find(text, ports.credentials.byDigest);
  return whenHere(found, (one) => (one === null ? unknown : foundToken(ports, one.record, one.digest)));
}

/** An API token that was looked up, for whoever presents the secret with this digest. */
export function foundToken(ports: Clocked, record: CredentialRecord | null, digest: string): Found | Unfound {
  if (record === null) return unknown;
  const now = ports.clock();
  if (record.plain === true && (record.expiresAt === null || record.expiresAt > now)) {
    return { record, expiresAt: record.expiresAt };
  }
  if (record.token === null) return unknown;
  const secret = whichSecret(record.token, digest, now);
  if (secret === null) return unknown;
  const reason = endOf(record) ?? (record.token.use === 'exchange' ? 'exchange_only' : null);
  if (reason !== null) return { reason, record };
  if (record.expiresAt !== null && record.expiresAt <= now) return { reason: 'expired', record };
  if (secret === 'only') return { record, expiresAt: record.expiresAt };
  return { record, expiresAt: endOfSecret(record, secret), secret };
}

function findAccessToken(
  ports: InspectingPorts,
  text: string,
  accepts: readonly CredentialForm[] | undefined,
): Awaitable<Found | Unfound> {
  const token = read(ports, text);
  if (typeof token === 'string') return { reason: token, record: null };
  if (accepts !== undefined && !accepts.includes(token.form)) return unknown;
  const revoked = isRevoked(ports, token);
  if (revoked === false) return findStanding(ports, token);
  return whenHere(revoked, (is) => (is ? findRevoked(ports, token) : findStanding(ports, token)));
}

/** By itself, or with what it was made from. At once where that is known, as it nearly always is. */
function isRevoked(
  { credentials }: Pick<InspectingPorts, 'credentials'>,
  { jti, bounds }: ReadToken,
): Awaitable<boolean> {
  const own = credentials.isRevoked(jti);
  if (bounds === null || bounds.parents.length === 0) return own;
  const all = [own, ...bounds.parents.map(credentials.isRevoked)];
  if (!all.some((one) => one instanceof Promise)) return all.includes(true);
  return Promise.all(all).then((known) => known.includes(true));
}

/** Whose it was is still told to those who may know. */
function findRevoked(ports: Pick<InspectingPorts, 'credentials' | 'apis'>, token: ReadToken): Awaitable<Unfound> {
  return whenHere(findSource(ports, token), ({ record }) => ({ reason: 'revoked', record }));
}

function findStanding(ports: InspectingPorts, token: ReadToken): Awaitable<Found | Unfound> {
  if (token.sessionId !== null) return findInSession(ports, token, token.sessionId);
  if (!token.recorded) return findSource(ports, token);
  return whenHere(ports.credentials.isIssued(token.jti), (issued) =>
    issued ? findSource(ports, token) : { reason: 'revoked', record: null },
  );
}

/** Of a session that has ended nothing counts any more, whoever holds a copy. */
function findInSession(ports: InspectingPorts, token: ReadToken, sessionId: string): Awaitable<Found | Unfound> {
  return whenHere(ports.credentials.hasSession(sessionId), (lasts) =>
    whenHere(findSource(ports, token), (found) =>
      lasts || 'reason' in found ? found : { reason: 'revoked', record: found.record },
    ),
  );
}

function findSource(
  ports: Pick<InspectingPorts, 'credentials' | 'apis'>,
  token: ReadToken,
): Awaitable<Found | Unfound> {
  return whenHere(ports.credentials.bySource(token.source), (record) => {
    if (record === null) return unknown;
    // Records do not change; a changed one is another.
    if (token.carried?.record === record) return token.carried;
    const reason = lostSupport(record, token);
    if (reason !== null) return { reason, record };
    const { expiresAt, sessionId, bounds } = token;
    const whole = principalOf(record, expiresAt);
    const bound = bounds === null ? whole : boundPrincipal(whole, bounds, ports.apis.handleOf(bounds.audience));
    const principal = sessionId === null ? bound : Object.freeze({ ...bound, sessionId });
    token.carried = { record, expiresAt, principal, token };
    return token.carried;
  });
}

/**
 * True for an API token that anyone may present from anywhere on any call, until it ends: nothing but the time stands against it. It
 * answers to one secret alone, which is the one that it was found by.
 */
export function isPlain(record: CredentialRecord): boolean {
  const { token } = record;
  if (token === null || token.use === 'exchange' || token.previous !== null) return false;
  return token.addresses.length === 0 && token.apis === null && endOf(record) === null;
}

const unknown: Unfound = { reason: 'unknown', record: null };

/** Why a credential itself no longer stands, or null if it does. */
function endOf({ lifecycle, owner, organization }: CredentialRecord): 'revoked' | 'inactive' | null {
  if (isActive(lifecycle) && isActive(owner.lifecycle) && isActive(organization.lifecycle)) return null;
  const deleted = [lifecycle, owner.lifecycle, organization.lifecycle].some((one) => one.deletedAt !== null);
  return deleted ? 'revoked' : 'inactive';
}
