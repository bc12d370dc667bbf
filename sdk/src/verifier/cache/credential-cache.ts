// What a verifier remembers of credentials that Keyward has checked. Bounded, and forgotten by whose they are; an answer
// that was under way while something was forgotten is not believed. It decides nothing and knows no time but expiry's.

import { createDigestTable, readBytes } from '@keyward/rules/digest-table';
import { looksLikeJwt } from '../credential-form.ts';
import type { Principal, Refused } from '../verdict.ts';
import { createBoundedMap, type Evictable, takeMark } from './bounded-map.ts';
import { type Entry, sessionIn } from './credential-entry.ts';
import { createJwtCache } from './jwt-cache.ts';
import { createTextCache } from './text-cache.ts';

/** An answer that is waited for. */
export interface PendingAnswer {
  /** True if what the answer says about a principal (null: about nobody), in that session, may be out of date by now. */
  isStale(principal: Pick<Principal, 'id' | 'organizationId'> | null, session?: string | null): boolean;
  end(): void;
}

export interface CredentialCache {
  readonly size: number;
  jwt(text: string): Entry | undefined;
  /** Any other credential, by itself; the shortest way, for few. */
  byText(text: string): Entry | undefined;
  byDigest(digest: string): Entry | undefined;
  /** Remembers the text of an entry that was found by its digest; where there are too many, of some of them. */
  keepText(entry: Entry): void;
  /** `session`: the one that it belongs to, where no source says so. */
  keep(entry: Entry, session?: string | null): void;
  /** What JWTs with this key id and `src` were made from. */
  bySource(source: string): Entry | undefined;
  keepSource(entry: Entry): void;
  drop(entry: Entry): void;
  forget(principalId: string): void;
  /** All access tokens that belong to it. */
  forgetSession(id: string): void;
  /** All credentials of an organization. */
  forgetOrganization(id: string): void;
  /** All credentials of those organizations of which it is true. */
  forgetOrganizations(isTouched: (id: string) => boolean): void;
  forgetAll(): void;
  /** Why a credential was refused a moment ago. `now`: monotonic. */
  refusalOf(digest: string, now: number): KeptRefusal | null;
  /** False if none is known, so that nothing need be hashed to look for one. */
  hasRefusals(now: number): boolean;
  keepRefusal(digest: string, refusal: KeptRefusal, now: number): void;
  forgetRefusals(): void;
  track(): PendingAnswer;
}

/** The reason, and what Keyward explains it by: it knows whose the credential is. */
export type KeptRefusal = Pick<Refused, 'reason' | 'refusal'>;

/** Texts are remembered for fewer: each is a secret in memory, and as long as a JWT. */
const mostTexts = 10_000;
/** To replace one text by another costs more than the digest: what is used often is lucky soon enough. */
const onceIn = 64;
/** Refusals have room of their own, so that a flood of bad tokens costs no good one its place (S101). */
const mostRefusals = 1000;
const refusalMs = 1000;

export function createCredentialCache(capacity: number): CredentialCache {
  /** By whose they are, and by the session that they belong to. */
  const listed: Lists = new Map();
  const organizations: Lists = new Map();
  /** Of the few that belong to one which no source says. */
  const sessions = new Map<Entry, string>();
  const texts = createTextCache<Entry>(Math.min(capacity, mostTexts));
  const digests = createDigestTable<Entry>({
    read: readBytes,
    bound: { capacity, spare: takeMark, onEvict: unlist },
    mostTaken: 0.8,
  });
  const jwts = createJwtCache(capacity, mostTexts, unlist);
  const sources = createBoundedMap<Entry>(capacity, unlist);
  const refusals = createBoundedMap<Evictable & { kept: KeptRefusal; until: number }>(mostRefusals);
  let lastUntil = Number.NEGATIVE_INFINITY;
  let foundByDigest = 0;
  const pendingAnswers = new Set<{ forgotten: Set<string>; isAllForgotten: boolean }>();

  function list(entry: Entry): void {
    listUnder(organizations, entry.principal.organizationId, entry);
    listUnder(listed, entry.principal.id, entry);
    const session = sessionOf(entry);
    if (session !== null) listUnder(listed, session, entry);
  }

  /** A JWT that is made from something remembered is forgotten with that. */
  function sessionOf(entry: Entry): string | null {
    return entry.text === '' ? sessionIn(entry.key) : (sessions.get(entry) ?? null);
  }

  /** For whatever is forgotten, for whichever reason: what was made from it counts no more either. */
  function unlist(entry: Entry): void {
    entry.isGone = true;
    unlistUnder(organizations, entry.principal.organizationId, entry);
    unlistUnder(listed, entry.principal.id, entry);
    const session = sessionOf(entry);
    if (session !== null) unlistUnder(listed, session, entry);
    sessions.delete(entry);
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

  function forget(name: string): void {
    for (const pending of pendingAnswers) pending.forgotten.add(name);
    for (const entry of entriesUnder(listed, name)) drop(entry);
  }

  function forgetOrganization(id: string): void {
    for (const pending of pendingAnswers) pending.forgotten.add(id);
    // To empty everything takes less than to take out each.
    if (organizations.has(id) && organizations.size === 1) clear();
    else for (const entry of entriesUnder(organizations, id)) drop(entry);
  }

  function clear(): void {
    for (const map of [texts, digests, jwts, sources, listed, organizations, sessions]) map.clear();
  }

  return {
    get size() {
      return digests.size + jwts.size;
    },
    jwt: jwts.get,
    byText: texts.get,
    byDigest(digest) {
      const entry = digests.get(digest);
      if (entry !== undefined && !entry.isUsed) entry.isUsed = true;
      return entry;
    },
    keepText(entry) {
      foundByDigest += 1;
      if (texts.hasRoom() || foundByDigest % onceIn === 0) texts.set(entry);
    },
    keep(entry, session = null) {
      if (session !== null) sessions.set(entry, session);
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
    forget,
    forgetSession: forget,
    forgetOrganization,
    forgetOrganizations(isTouched) {
      for (const pending of pendingAnswers) pending.isAllForgotten = true;
      for (const id of [...organizations.keys()]) if (isTouched(id)) forgetOrganization(id);
    },
    forgetAll() {
      for (const pending of pendingAnswers) pending.isAllForgotten = true;
      clear();
    },
    refusalOf(digest, now) {
      const refusal = refusals.get(digest);
      return refusal !== undefined && now < refusal.until ? refusal.kept : null;
    },
    hasRefusals: (now) => now < lastUntil,
    keepRefusal(digest, kept, now) {
      lastUntil = now + refusalMs;
      refusals.set(digest, { kept, until: lastUntil, isUsed: false });
    },
    forgetRefusals: refusals.clear,
    track() {
      const pending = { forgotten: new Set<string>(), isAllForgotten: false };
      pendingAnswers.add(pending);
      return {
        // Nothing is known of whom a refused credential belongs to: any change may have been about it.
        isStale: (principal, session = null) => {
          const { forgotten, isAllForgotten } = pending;
          if (isAllForgotten || principal === null) return isAllForgotten || forgotten.size > 0;
          const { id, organizationId } = principal;
          return forgotten.has(id) || forgotten.has(organizationId) || (session !== null && forgotten.has(session));
        },
        end: () => void pendingAnswers.delete(pending),
      };
    },
  };
}

/** Most names have one entry: a set of one would take as much memory again as what it holds. */
type Lists = Map<string, Entry | Set<Entry>>;

function listUnder(lists: Lists, name: string, entry: Entry): void {
  const known = lists.get(name);
  if (known === undefined) lists.set(name, entry);
  else if (known instanceof Set) known.add(entry);
  else if (known !== entry) lists.set(name, new Set([known, entry]));
}

function unlistUnder(lists: Lists, name: string, entry: Entry): void {
  const known = lists.get(name);
  if (known instanceof Set) known.delete(entry);
  if (known === entry || (known instanceof Set && known.size === 0)) lists.delete(name);
}

function entriesUnder(lists: Lists, name: string): readonly Entry[] {
  const known = lists.get(name);
  if (known === undefined) return [];
  return known instanceof Set ? [...known] : [known];
}
