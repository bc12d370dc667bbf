// Whose a credential is: remembered, told by a signature, or learned from Keyward on first sight. Whether its holder may
// make a call is not asked here, and nothing is spent.

import type { Proven } from '@keyward/rules/dpop/proofs';
import { checkClaims, type VerificationKey, type Verified, verifyCompact } from '@keyward/rules/jws';
import { createSingleFlight } from '@keyward/rules/single-flight';
import { lineageOf, sourceIn, type TokenBounds } from '@keyward/rules/token-bounds';
import type { VerifyResponse } from '../wire/checks.ts';
import type { CredentialCache, PendingAnswer } from './cache/credential-cache.ts';
import { type Entry, entryOf, observedIn, sessionIn, sourceName } from './cache/credential-entry.ts';
import { formOf, looksLikeJwt } from './credential-form.ts';
import { digestOf } from './digest.ts';
import type { KeySet } from './key-set.ts';
import type { MonotonicClock } from './monotonic-clock.ts';
import type { ProvenRequirement } from './possession.ts';
import { principalIn, withEnd } from './principal.ts';
import type { SecretShapes } from './secret-shapes.ts';
import type { Transport } from './transport.ts';
import { type Reason, type Refused, refused } from './verdict.ts';

export interface Lookup {
  /** `keys`: fetch them, then look again; `shapes`: load them, then look again; `credential`: `learn` of it, then look again. `now` is monotonic. */
  find(text: string, now: number): Entry | Refused | 'keys' | 'shapes' | 'credential';
  /**
   * Asks Keyward about a credential, as used from an address on an API with a key, once however many wait, and remembers the answer. Resolves with the reason if it was
   * refused; null means: look again. Rejects with KeywardError, which is never remembered.
   */
  learn(text: string, call: Pick<ProvenRequirement, 'address' | 'api' | 'proven'>): Promise<Refused | null>;
}

export interface LookupOptions {
  cache: CredentialCache;
  keys: KeySet;
  shapes: Pick<SecretShapes, 'isWhole' | 'has'>;
  transport: Pick<Transport, 'verdict'>;
  /** What JWTs must name as `iss` and in `aud`. */
  issuer: string;
  clock: MonotonicClock;
  monotonic: () => number;
  /** Told of a JWT by a key that Keyward does not show. */
  onUnknownKey(): void;
}

/** No token lives longer, whatever it claims (S34). */
const longestLifetimeMs = 24 * 3_600_000;
/** Addresses that are remembered for a credential that is bound to some. */
const mostAddresses = 256;

export function createLookup(options: LookupOptions): Lookup {
  const { cache, keys, shapes, transport, issuer, clock, monotonic, onUnknownKey } = options;
  const loads = createSingleFlight<Refused | null>();

  function find(text: string, now: number): Entry | Refused | 'keys' | 'shapes' | 'credential' {
    return looksLikeJwt(text) ? findJwt(text, now) : findOther(text, now);
  }

  function findOther(text: string, now: number): Entry | Refused | 'shapes' | 'credential' {
    const quick = cache.byText(text);
    if (quick !== undefined) return quick;
    const digest = digestOf(text);
    const entry = cache.byDigest(digest);
    if (entry !== undefined) {
      cache.keepText(entry);
      return entry;
    }
    if (formOf(text) === null) {
      if (!shapes.isWhole) return 'shapes';
      if (!shapes.has(text)) return refused('unknown');
    }
    return refusedLately(digest, now) ?? 'credential';
  }

  function refusedLately(digest: string, now: number): Refused | null {
    const kept = cache.refusalOf(digest, now);
    return kept === null ? null : refused(kept.reason, kept);
  }

  function findJwt(text: string, now: number): Entry | Refused | 'keys' | 'shapes' | 'credential' {
    const entry = cache.jwt(text);
    if (entry !== undefined) return entry;
    if (formOf(text) === null) return refused('unknown');
    return (cache.hasRefusals(now) ? refusedLately(digestOf(text), now) : null) ?? checkJwt(text, now);
  }

  function checkJwt(text: string, now: number): Entry | Refused | 'keys' | 'shapes' | 'credential' {
    const verified = verifyCompact(text, keys.find);
    if (verified.failure === 'unknown_key' && !keys.isFresh(now)) return 'keys';
    if (verified.failure === 'unknown_key') onUnknownKey();
    if (verified.failure !== undefined) {
      if (!shapes.isWhole) return 'shapes';
      return shapes.has(text) ? 'credential' : refuse(text, 'unknown', now);
    }
    const { claims } = verified;
    const source = sourceOf(verified);
    if (source === null) return refuse(text, 'unknown', now);
    // Which API a bound one is for is Keyward's to say, with whose it is.
    const audience = source.audience ?? issuer;
    const rules = { issuer, audience, now: clock(now), maxLifetimeMs: longestLifetimeMs };
    const outcome = checkClaims(claims, rules);
    if (outcome === 'expired') return refused('expired');
    // By a clock that is a little behind, a token that was just made lies in the future: Keyward's own clock decides.
    if (outcome === 'not_yet_valid') return 'credential';
    if (outcome !== 'ok') return refuse(text, 'unknown', now);
    const from = cache.bySource(source.name);
    if (from === undefined) return 'credential';
    const expiresAt = Number(claims.exp) * 1000;
    const principal = withEnd(from.principal, expiresAt);
    const { tokenIds, jkt } = source;
    const { addresses, observed } = from;
    const known = { text, key: '', addresses, source: from, tokenIds, jkt, observed };
    const entry = entryOf(principal, known, expiresAt);
    cache.keep(entry);
    return entry;
  }

  function refuse(text: string, reason: Reason, now: number): Refused {
    cache.keepRefusal(digestOf(text), { reason }, now);
    return refused(reason);
  }

  const entryFor = (text: string, digest: string) => (looksLikeJwt(text) ? cache.jwt(text) : cache.byDigest(digest));

  async function ask(text: string, place: Place): Promise<Refused | null> {
    const pending = cache.track();
    try {
      return await askWhile(pending, text, place);
    } finally {
      pending.end();
    }
  }

  /** Asked without an address first: only a credential that is bound to some is refused for that. */
  async function askWhile(pending: PendingAnswer, text: string, place: Place): Promise<Refused | null> {
    const { digest, address, api, proven } = place;
    const looking = { cost: 0, ...(api !== undefined && { api }), ...(proven !== undefined && { proven }) };
    const isKnownBound = entryFor(text, digest)?.addresses != null;
    let answer = await transport.verdict(text, isKnownBound ? { ...looking, ...at(address) } : looking);
    const isBound = isKnownBound || answer.reason === 'address_not_allowed';
    if (isBound && !isKnownBound && address !== undefined)
      answer = await transport.verdict(text, { ...looking, address });
    const name = looksLikeJwt(text) ? (sourceOf(verifyCompact(text, keys.find))?.name ?? null) : null;
    const session = name === null ? (answer.session ?? null) : sessionIn(name);
    if (pending.isStale(answer.principal ?? null, session)) return null;
    if (answer.allowed) return remember(text, name, { ...place, isBound }, answer);
    const reason = (answer.reason ?? 'unknown') as Reason;
    // What is wrong with an address, an API or a key is not wrong with the credential.
    const isOfPlace = reason === 'address_not_allowed' || reason === 'wrong_api' || reason === 'wrong_key';
    const { refusal } = answer;
    const kept = { reason, ...(refusal !== undefined && { refusal }) };
    cache.keepRefusal(isOfPlace ? place.key : digest, kept, monotonic());
    return refused(reason, kept);
  }

  /** `name`: of a JWT's source. */
  function remember(
    text: string,
    name: string | null,
    place: Place & { isBound: boolean },
    answer: VerifyResponse,
  ): null {
    const principal = principalIn(answer);
    const { tokenIds = null, jkt = null } = answer;
    const { digest, address, isBound } = place;
    const before = name === null ? entryFor(text, digest) : cache.bySource(name);
    const addresses = isBound ? (before?.addresses ?? new Set<string>()) : null;
    if (addresses !== null && addresses.size >= mostAddresses) addresses.clear();
    if (address !== undefined) addresses?.add(address);
    const observed = observedIn(answer);
    const source =
      name === null ? null : entryOf(principal, { text: '', key: name, addresses, source: null, observed });
    if (source !== null) cache.keepSource(source);
    const session = source === null ? answer.session : null;
    cache.keep(entryOf(principal, { text, key: digest, addresses, source, tokenIds, jkt, observed }), session);
    return null;
  }

  return {
    find,
    learn(text, { address, api, proven }) {
      const digest = digestOf(text);
      // A digest has one length, and neither a handle nor a thumbprint a space, so this is one key for each four (S15); what is said of no address is
      // not said of others.
      const key = `${digest}${api ?? ''} ${proven?.thumbprint ?? ''} ${address ?? 'none'}`;
      const place = { digest, address, api, proven, key };
      const refusal = refusedLately(place.key, monotonic());
      if (refusal !== null) return Promise.resolve(refusal);
      return loads.join(place.key, () => ask(text, place));
    },
  };
}

/** A credential, from where it was used, on which API, and with which key. */
interface Place {
  digest: string;
  address: string | undefined;
  api: string | undefined;
  proven: Proven | undefined;
  key: string;
}

function at(address: string | undefined): { address?: string } {
  return address === undefined ? {} : { address };
}

/** What a JWT was made from. */
interface JwtSource {
  /** JWTs of one key, source, bounds and session share whatever can be said of them by it. */
  name: string;
  /** The identifier of the API that it is bound to. */
  audience: string | null;
  tokenIds: readonly string[];
  /** The thumbprint of the key that it is bound to. */
  jkt: string | null;
}

/** Null if it says none that can be read. */
function sourceOf(verified: Verified<VerificationKey> | { failure: string }): JwtSource | null {
  if (!('key' in verified)) return null;
  const { key, claims } = verified;
  const { jti, sid = null } = claims;
  const from = sourceIn(claims);
  if (from === null || typeof jti !== 'string' || (sid !== null && typeof sid !== 'string')) return null;
  const { src, bounds } = from;
  return {
    name: sourceName(key.kid, bounds === null ? src : `${src}~${boundsName(bounds)}`, sid),
    audience: bounds?.audience ?? null,
    tokenIds: lineageOf(jti, bounds),
    jkt: bounds?.key ?? null,
  };
}

/** One for each API, scope and key, without a space. */
function boundsName({ audience, scope, key }: TokenBounds): string {
  return Buffer.from(digestOf(JSON.stringify([audience, scope, key])), 'binary').toString('base64url');
}
