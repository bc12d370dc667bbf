// What is remembered of one credential, or of what several JWTs were made from, and what a check reads off it. Where it is
// kept, and for how long, belongs to the cache.

import type { Reach } from '@keyward/rules/observed/observation';
import { covers, isPermissionPattern } from '@keyward/rules/permission';
import type { ObservedBounds, VerifyResponse } from '../../wire/checks.ts';
import type { Book } from '../limits/book.ts';
import type { Seen } from '../report/uses.ts';
import type { Allowed, Principal, Requirement } from '../verdict.ts';
import type { Evictable } from './bounded-map.ts';

/** What a check looks at comes first, and is little: with many credentials each look at memory is what a check costs. */
export interface Entry extends Evictable {
  readonly text: string;
  /** Milliseconds since the epoch; null if it does not end by itself. */
  readonly expiresAt: number | null;
  /** The whole second before `expiresAt`. Until then nobody need look at that, which as a great number lies elsewhere. */
  readonly endSecond: number;
  /** True if it is bound to addresses or to APIs, or has limits of its own: only then a check need look for these. */
  readonly isBound: boolean;
  /** What is to bound it from some time on; null for nothing, as of nearly all. Then it is bound. */
  readonly observed: readonly ObservedEntry[] | null;
  /** From where the credential was used, if it is bound to addresses; null if it is not. */
  readonly addresses: Set<string> | null;
  /** The thumbprint of the key that it is bound to; null if whoever bears it may use it. */
  readonly jkt: string | null;
  readonly principal: Principal;
  /** The principal's permissions once more, for the commonest question. */
  readonly held: ReadonlySet<string>;
  /** The answer where nothing is limited. */
  readonly allowed: Allowed;
  /** Of a JWT, what it was made from, if that is remembered. */
  readonly source: Entry | null;
  /** What its calls spend, once one has. */
  book: Book | null;
  /** What was told of its uses, once something was. */
  used: Seen | null;
  /** True once it has been forgotten, and so whatever was made from it. */
  isGone: boolean;
  /** Of an access token, the ids by whose revocation it ends; null for any other credential, and where they are not known. */
  readonly tokenIds: readonly string[] | null;
  /** What it is found by: a source by its name, an API token or a sealed token by the SHA-256 of its text; of a JWT it is not used. */
  readonly key: string;
}

/** What a credential is to be left with from `until` on; milliseconds since the epoch. */
export interface ObservedEntry extends Reach, Pick<ObservedBounds, 'subject' | 'bound'> {
  readonly until: number;
}

/** What Keyward has said of it; null for nothing. A time that cannot be read is over. */
export function observedIn({ observed = [] }: VerifyResponse): readonly ObservedEntry[] | null {
  if (observed.length === 0) return null;
  return observed.map(({ until, ...one }) => Object.freeze({ ...one, until: Date.parse(until) }));
}

/** What is remembered of a credential that belongs to `principal`. */
export function entryOf(
  principal: Principal,
  {
    text,
    key,
    addresses,
    source,
    tokenIds = null,
    jkt = null,
    observed = null,
  }: Pick<Entry, 'text' | 'key' | 'addresses' | 'source'> & Partial<Pick<Entry, 'tokenIds' | 'jkt' | 'observed'>>,
  expiresAt = principal.expiresAt === null ? null : Date.parse(principal.expiresAt),
): Entry {
  const endSecond = Math.floor((expiresAt ?? 0) / 1000);
  const [held, allowed] = [heldBy(principal), allowedOf(principal)];
  // In this order: what a check looks at is together.
  return {
    isUsed: false,
    text,
    expiresAt,
    isBound: addresses !== null || principal.apis !== undefined || principal.hasLimits === true || observed !== null,
    addresses,
    jkt,
    principal,
    endSecond,
    allowed,
    held,
    book: null,
    used: null,
    source,
    isGone: false,
    tokenIds,
    key,
    observed,
  };
}

/** What JWTs share all that can be said of them by: their key, `src`, and the session that they belong to, if to one. */
export function sourceName(kid: string, src: string, session: string | null): string {
  return session === null ? `${kid} ${src}` : `${kid} ${src} ${session}`;
}

/** The session in the name of a source. */
export function sessionIn(name: string): string | null {
  return name.split(' ')[2] ?? null;
}

/** Whether the credential has come to its end; `now`: milliseconds since the epoch. */
export function hasEnded({ expiresAt, endSecond }: Entry, now: number): boolean {
  return now >= endSecond * 1000 && expiresAt !== null && now >= expiresAt;
}

/** Whether the principal holds all (or, with `any`, one) of `required`; of none everything is held. */
export function holds(
  { held, principal }: Entry,
  required: readonly string[],
  match: Requirement['match'] = 'all',
): boolean {
  for (const wanted of required) {
    const isHeld = held.has(wanted) || covers(principal.permissions, wanted);
    if (isHeld === (match === 'any')) return isHeld;
  }
  return required.length === 0 || match === 'all';
}

/** Most credentials hold what many others do: what is shared stays near. */
const heldSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function heldBy({ permissions }: Principal): ReadonlySet<string> {
  const known = heldSets.get(permissions);
  if (known !== undefined) return known;
  const held = new Set(permissions.filter(isPermissionPattern));
  heldSets.set(permissions, held);
  return held;
}

function allowedOf(principal: Principal): Entry['allowed'] {
  return Object.freeze({ allowed: true, principal, limit: null });
}
