// Access tokens read back, of either form. Whether a token's source still counts is asked in verify and in the exchange.

import { checkClaims, verifyCompact } from '@keyward/rules/jws';
import { sourceIn, type TokenSource } from '@keyward/rules/token-bounds';
import { generationOf, isInForce } from '../caller/credential-lifecycle.ts';
import { isActive } from '../caller/lifecycle.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { Clock } from '../clock.ts';
import type { CredentialReason } from '../errors.ts';
import type { Sealer } from '../sealer.ts';
import type { CredentialForm, Settings } from '../settings.ts';
import { actorIn } from './actor.ts';
import { type CheckedJwts, createCheckedJwts } from './jwt-cache.ts';
import type { KeySet } from './key-set.ts';
import type { ReadToken } from './records.ts';

/** The ports of what reads access tokens. */
export interface TokenReadingPorts {
  sealer: Pick<Sealer, 'openAccessToken'>;
  keys: KeySet;
  clock: Clock;
  settings: Pick<Settings, 'accepts' | 'issuer'>;
  /** Told of a recorded access token that was seen after its end, so that it is removed in good time. Must not wait. */
  sawExpired(jti: string): void;
}

/** No token lives longer, whatever it claims (S34). */
export const longestLifetimeMs = 24 * 3_600_000;

/** Reads a token of any accepted form. Touches no database. */
export function read(
  ports: TokenReadingPorts,
  text: string,
): ReadToken | Extract<CredentialReason, 'unknown' | 'expired'> {
  return text.startsWith('AT1') ? readSealed(ports, text) : readJwt(ports, text);
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
  if (!isInForce(record)) return 'inactive';
  return token.generation === generationOf(record) ? null : 'revoked';
}

function readSealed(ports: TokenReadingPorts, text: string): ReadToken | 'unknown' | 'expired' {
  if (!ports.settings.accepts.has('sealed')) return 'unknown';
  const opened = ports.sealer.openAccessToken(text);
  if (opened === null) return 'unknown';
  const claims = JSON.parse(opened) as SealedClaims;
  if (claims.exp * 1000 <= ports.clock()) return 'expired';
  const { src, ...bounded } = claims;
  const { jti, exp, out, sid = null } = claims;
  const from = sourceIn(src === '' ? bounded : claims);
  if (from === null) return 'unknown';
  return asRead(jti, from, claims, { form: 'sealed', exp, recorded: false, sid, outlives: out }) ?? 'unknown';
}

function readJwt(ports: TokenReadingPorts, text: string): ReadToken | 'unknown' | 'expired' {
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
  const from = sourceIn(claims);
  // Of tokens that are recorded none is bound.
  if (from === null || (from.bounds !== null && key.recorded)) return 'unknown';
  const outcome = checkClaims(claims, {
    issuer,
    // Which API a bound one is for is asked where it is known which one is called.
    audience: from.bounds?.audience ?? issuer,
    now,
    leewayMs: 0,
    maxLifetimeMs: longestLifetimeMs,
  });
  const { jti, exp, sid = null } = claims;
  if (typeof jti !== 'string' || typeof exp !== 'number') return 'unknown';
  if (sid !== null && typeof sid !== 'string') return 'unknown';
  const { recorded } = key;
  if (outcome === 'expired') {
    if (recorded) ports.sawExpired(jti);
    return 'expired';
  }
  if (outcome !== 'ok') return 'unknown';
  const token = asRead(jti, from, claims, { form, exp, recorded, sid, outlives: false });
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

/** Sealed by ourselves, so that they are what they should be. */
interface SealedClaims extends Record<string, unknown> {
  jti: string;
  src?: string;
  iat: number;
  exp: number;
  out: boolean;
  sid?: string;
}

interface Stated {
  form: CredentialForm;
  exp: number;
  recorded: boolean;
  sid: string | null;
  outlives: boolean;
}

function asRead(
  jti: string,
  { src, bounds }: TokenSource,
  { client_id: clientId, act }: Readonly<Record<string, unknown>>,
  { form, exp, recorded, sid, outlives }: Stated,
): ReadToken | null {
  const [type, id, generation] = src.split(':');
  if (type !== 'user' && type !== 'api_user' && type !== 'api_token') return null;
  if (id === undefined || generation === undefined) return null;
  return {
    form,
    jti,
    source: { type, id },
    generation,
    expiresAt: exp * 1000,
    recorded,
    sessionId: sid,
    outlivesDeactivation: outlives,
    bounds,
    client: bounds !== null && typeof clientId === 'string' ? { clientId, actor: actorIn(act) } : null,
  };
}
