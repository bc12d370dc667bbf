// What a verifier remembers of credentials that Keyward has judged. Bounded, and forgotten by whose they are; an answer
// that was under way while something was forgotten is not believed. It decides nothing and knows no time but expiry's.

import { createBoundedMap, type Kept } from './bounded-map.ts';
import { looksLikeJwt } from './credential-form.ts';
import { createDigestTable } from './digest-table.ts';
import { createKnownJwts } from './jwt-cache.ts';
import { createTextCache } from './text-cache.ts';
import type { Allowed, Principal, Reason } from './verdict.ts';

/**
 * What is remembered of one credential, or of what several JWTs were made from. What a check looks at comes first, and is
 * little: with many credentials each look at memory is what a check costs.
 */
export interface Entry extends Kept {
  readonly text: string;
  /** Milliseconds since the epoch; null if it does not end by itself. */
  readonly expiresAt: number | null;
  /** The whole second before `expiresAt`. Until then nobody need look at that, which as a great number lies elsewhere. */
  readonly endSecond: number;
  /** From where the credential was used, if it is bound to addresses; null if it is not. */
  readonly addresses: Set<string> | null;
  readonly principal: Principal;
  /** The principal's permissions once more, for the commonest question. */
  readonly held: ReadonlySet<string>;
  /** The answer where nothing is limited. */
  readonly allowed: Allowed;
  /** Of a JWT, what it was made from, if that is remembered. */
  readonly source: Entry | null;
  /** True once it has been forgotten, and so whatever was made from it. */
  isGone: boolean;
  /** What it is found by: a source by its name, an API token or a sealed token by the SHA-256 of its text; of a JWT it is not used. */
  readonly key: string;
}

/** An answer that is waited for. */
export interface Flight {
  /** True if what the answer says about `principalId` (null: about nobody) may be out of date by now. */
  isStale(principalId: string | null): boolean;
  end(): void;
}

export interface Known {
  readonly size: number;
  jwt(text: string): Entry | undefined;
  /** Any other credential, by itself; the shortest way, for few. */
  byText(text: string): Entry | undefined;
  byDigest(digest: string): Entry | undefined;
  /** Remembers the text of an entry that was found by its digest; where there are too many, of some of them. */
  keepText(entry: Entry): void;
  keep(entry: Entry): void;
  /** What JWTs with this key id and `src` were made from. */
  bySource(source: string): Entry | undefined;
  keepSource(entry: Entry): void;
  drop(entry: Entry): void;
  forget(principalId: string): void;
  forgetAll(): void;
  /** Why a credential was refused a moment ago. `now`: monotonic. */
  refusalOf(digest: string, now: number): Reason | null;
  /** False if none is known, so that nothing need be hashed to look for one. */
  hasRefusals(now: number): boolean;
  keepRefusal(digest: string, reason: Reason, now: number): void;
  forgetRefusals(): void;
  depart(): Flight;
}

/** Texts are remembered for fewer: each is a secret in memory, and as long as a JWT. */
const mostTexts = 10_000;
/** To replace one text by another costs more than the digest: what is used often is lucky soon enough. */
const onceIn = 64;
/** Refusals have room of their own, so that a flood of bad tokens costs no good one its place (S101). */
const mostRefusals = 1000;
const refusalMs = 1000;

export function createKnown(capacity: number): Known {
  const byPrincipal = new Map<string, Set<Entry>>();
  const texts = createTextCache<Entry>(Math.min(capacity, mostTexts));
  const digests = createDigestTable<Entry>(capacity, unlist);
  const jwts = createKnownJwts(capacity, mostTexts, unlist);
  const sources = createBoundedMap<Entry>(capacity, unlist);
  const refusals = createBoundedMap<Kept & { reason: Reason; until: number }>(mostRefusals);
  let lastUntil = Number.NEGATIVE_INFINITY;
  let foundByDigest = 0;
  const flights = new Set<{ forgotten: Set<string>; isAllForgotten: boolean }>();

  function list(entry: Entry): void {
    const { id } = entry.principal;
    const entries = byPrincipal.get(id);
    if (entries === undefined) byPrincipal.set(id, new Set([entry]));
    else entries.add(entry);
  }

  /** For whatever is forgotten, for whichever reason: what was made from it counts no more either. */
  function unlist(entry: Entry): void {
    entry.isGone = true;
    const entries = byPrincipal.get(entry.principal.id);
    entries?.delete(entry);
    if (entries?.size === 0) byPrincipal.delete(entry.principal.id);
    if (!looksLikeJwt(entry.text)) texts.delete(entry);
  }

  function keepJwt(entry: Entry): void {
    if (entry.source === null) {
      const before = jwts.get(entry.text);
      if (before !== undefined) drop(before);
      list(entry);
    }
    jwts.keep(entry);
  }

  function drop(entry: Entry): void {
    unlist(entry);
    if (looksLikeJwt(entry.text)) {
      jwts.delete(entry);
      return;
    }
    const map = entry.text === '' ? sources : digests;
    if (map.get(entry.key) === entry) map.delete(entry.key);
  }

  return {
    get size() {
      return digests.size + jwts.size;
    },
    jwt: jwts.get,
    byText: texts.get,
    byDigest: digests.get,
    keepText(entry) {
      foundByDigest += 1;
      if (texts.hasRoom() || foundByDigest % onceIn === 0) texts.set(entry);
    },
    keep(entry) {
      if (looksLikeJwt(entry.text)) {
        keepJwt(entry);
        return;
      }
      const before = digests.set(entry.key, entry);
      if (before !== undefined) unlist(before);
      texts.set(entry);
      list(entry);
    },
    bySource: sources.get,
    keepSource(entry) {
      const before = sources.set(entry.key, entry);
      if (before !== undefined) unlist(before);
      list(entry);
    },
    drop,
    forget(principalId) {
      for (const flight of flights) flight.forgotten.add(principalId);
      for (const entry of [...(byPrincipal.get(principalId) ?? [])]) drop(entry);
    },
    forgetAll() {
      for (const flight of flights) flight.isAllForgotten = true;
      for (const map of [texts, digests, jwts, sources, byPrincipal]) map.clear();
    },
    refusalOf(digest, now) {
      const refusal = refusals.get(digest);
      return refusal !== undefined && now < refusal.until ? refusal.reason : null;
    },
    hasRefusals: (now) => now < lastUntil,
    keepRefusal(digest, reason, now) {
      lastUntil = now + refusalMs;
      refusals.set(digest, { reason, until: lastUntil, isUsed: false });
    },
    forgetRefusals: refusals.clear,
    depart() {
      const flight = { forgotten: new Set<string>(), isAllForgotten: false };
      flights.add(flight);
      return {
        // Nothing is known of whom a refused credential belongs to: any change may have been about it.
        isStale: (id) => flight.isAllForgotten || (id === null ? flight.forgotten.size > 0 : flight.forgotten.has(id)),
        end: () => void flights.delete(flight),
      };
    },
  };
}
