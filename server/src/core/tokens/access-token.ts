// Access tokens: what they claim, their two forms (JWT and sealed), and how they are read back.
// Whether the source of a token still stands is inspect's question, not this file's.

import { checkClaims, signCompact, verifyCompact } from '@keyward/rules/jws';
import type { CredentialForm } from '../checking/verify.ts';
import type { CredentialReason } from '../errors.ts';
import type { Principal } from '../identity/caller.ts';
import { isActive } from '../identity/lifecycle.ts';
import type { CredentialRecord, Ports } from '../ports.ts';
import { newId } from '../secret.ts';
import { type CheckedJwts, createCheckedJwts } from './jwt-cache.ts';
import type { JwtProfile, KeySet } from './signing-keys.ts';

/** What an access token was made from. */
export interface AccessTokenSource {
  type: 'user' | 'api_user' | 'api_token';
  id: string;
}

/** The record of an access token that its dialect promises to remember. */
export interface IssuedToken {
  jti: string;
  organizationId: string;
  source: AccessTokenSource;
  issuedAt: number;
  expiresAt: number;
}

/** Times of a token in whole seconds since the epoch, as JWTs have them. */
export interface TokenTimes {
  issuedAt: number;
  expiresAt: number;
}

/** How a dialect wants its access token made. */
export interface TokenShape {
  form: JwtProfile | 'sealed';
  /** At most 24 hours. */
  lifetimeMs: number;
  /** Survives the deactivation of its API user, unless that is a cut-off. Only for sealed tokens. */
  outlivesDeactivation?: true;
  /** The dialect's own claims, in its order. `iss, aud, jti, sub, src` are added behind those that it does not set. */
  claims?: (times: TokenTimes, jti: string) => Record<string, unknown>;
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
  outlivesDeactivation: boolean;
  /** The record of its source that was found to carry it, which it does as long as it is this one. For verify alone. */
  carried?: Carried;
}

export interface Carried {
  record: CredentialRecord;
  expiresAt: number;
  principal: Principal;
}

/** No token lives longer, whatever it claims (S34). */
export const longestLifetimeMs = 24 * 3_600_000;

/** Makes an access token for a holder. Pure but for randomness: nothing is stored. */
export function issue(
  ports: Ports,
  record: CredentialRecord,
  shape: TokenShape,
): { token: string; record: IssuedToken } {
  const issuedAt = Math.floor(ports.clock() / 1000);
  const times = { issuedAt, expiresAt: issuedAt + Math.floor(shape.lifetimeMs / 1000) };
  const jti = newId();
  const { source, organization } = record;
  const issued = {
    jti,
    organizationId: organization.id,
    source,
    issuedAt: times.issuedAt * 1000,
    expiresAt: times.expiresAt * 1000,
  };
  const src = `${source.type}:${source.id}:${generationOf(record)}`;
  if (shape.form === 'sealed') {
    const claims = { jti, src, iat: times.issuedAt, exp: times.expiresAt, out: shape.outlivesDeactivation === true };
    return { token: ports.sealer.sealAccessToken(JSON.stringify(claims)), record: issued };
  }
  const key = ports.keys.signer(shape.form, ports.clock());
  const own = shape.claims?.(times, jti) ?? { iat: times.issuedAt, exp: times.expiresAt };
  const { issuer } = ports.settings;
  const claims = { ...own, iss: issuer, aud: issuer, jti, sub: source.id, src };
  return {
    token: signCompact({ alg: key.algorithm, typ: key.typ, kid: key.kid }, claims, key.privateKey),
    record: issued,
  };
}

/** Reads a token of any accepted form. Touches no database. */
export function read(ports: Ports, text: string): ReadToken | Extract<CredentialReason, 'unknown' | 'expired'> {
  return text.startsWith('AT1') ? readSealed(ports, text) : readJwt(ports, text);
}

/** The generations that an access token of this holder was made in: the token's own, its owner's, the organization's. */
export function generationOf(record: CredentialRecord): string {
  const { token, lifecycle, owner, organization } = record;
  const own = token === null ? [] : [lifecycle.generation];
  return [...own, owner.lifecycle.generation, organization.lifecycle.generation].join('.');
}

/** Why a token's source no longer carries it, or null if it does. */
export function lostSupport(record: CredentialRecord, token: ReadToken): CredentialReason | null {
  const { lifecycle, owner, organization } = record;
  const deleted = [lifecycle, owner.lifecycle, organization.lifecycle].some((one) => one.deletedAt !== null);
  if (deleted) return 'revoked';
  if (token.outlivesDeactivation && isActive(organization.lifecycle)) {
    const [own, above] = token.generation.split('.').map(Number);
    const honoured = own !== undefined && own >= owner.lifecycle.cutOffGeneration;
    return honoured && above === organization.lifecycle.generation ? null : 'revoked';
  }
  if (![lifecycle, owner.lifecycle, organization.lifecycle].every(isActive)) return 'inactive';
  return token.generation === generationOf(record) ? null : 'revoked';
}

function readSealed(ports: Ports, text: string): ReadToken | 'unknown' | 'expired' {
  if (!ports.settings.accepts.has('sealed')) return 'unknown';
  const opened = ports.sealer.openAccessToken(text);
  if (opened === null) return 'unknown';
  const claims = JSON.parse(opened) as { jti: string; src: string; iat: number; exp: number; out: boolean };
  if (claims.exp * 1000 <= ports.clock()) return 'expired';
  return asRead('sealed', claims.jti, claims.src, claims.exp, false, claims.out) ?? 'unknown';
}

function readJwt(ports: Ports, text: string): ReadToken | 'unknown' | 'expired' {
  const now = ports.clock();
  const checked = checkedUnder(ports.keys);
  const known = checked.find(text, now);
  if (known !== null) return known;
  const verified = verifyCompact(text, (kid) => ports.keys.find(kid, now));
  if ('failure' in verified) return 'unknown';
  const { claims, key } = verified;
  const form: CredentialForm = `jwt:${key.profile}`;
  if (!ports.settings.accepts.has(form)) return 'unknown';
  const { issuer } = ports.settings;
  const outcome = checkClaims(claims, {
    issuer,
    audience: issuer,
    now,
    leewayMs: 0,
    maxLifetimeMs: longestLifetimeMs,
  });
  const { jti, src, exp } = claims;
  if (typeof jti !== 'string' || typeof src !== 'string' || typeof exp !== 'number') return 'unknown';
  const { recorded } = key;
  if (outcome === 'expired') {
    if (recorded) ports.sawExpired(jti);
    return 'expired';
  }
  if (outcome !== 'ok') return 'unknown';
  const token = asRead(form, jti, src, exp, recorded, false);
  if (token === null) return 'unknown';
  checked.keep(text, { token, kid: key.kid, key, checkedAt: now });
  return token;
}

const checkedBySet = new WeakMap<KeySet, CheckedJwts>();

function checkedUnder(keys: KeySet): CheckedJwts {
  const known = checkedBySet.get(keys);
  if (known !== undefined) return known;
  const checked = createCheckedJwts(keys);
  checkedBySet.set(keys, checked);
  return checked;
}

function asRead(
  form: CredentialForm,
  jti: string,
  src: string,
  exp: number,
  recorded: boolean,
  outlives: boolean,
): ReadToken | null {
  const [type, id, generation] = src.split(':');
  if (type !== 'user' && type !== 'api_user' && type !== 'api_token') return null;
  if (id === undefined || generation === undefined) return null;
  const expiresAt = exp * 1000;
  return { form, jti, source: { type, id }, generation, expiresAt, recorded, outlivesDeactivation: outlives };
}
