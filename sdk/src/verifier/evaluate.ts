// From what Keyward says of a credential to what is remembered of it and to a verdict, and whether a principal holds what
// a call needs. The rule for permissions is the server's own.

import { covers, isPermissionPattern } from '@keyward/rules/permission';
import { KeywardError } from '../errors.ts';
import type { VerifyResponse } from '../wire/checks.ts';
import { createBoundedMap, type Kept } from './bounded-map.ts';
import type { Entry } from './credential-cache.ts';
import { type Principal, type Reason, type Requirement, refused, type Verdict } from './verdict.ts';

/** What is remembered of a credential that belongs to `principal`. */
export function entryOf(
  principal: Principal,
  { text, key, addresses, source }: Pick<Entry, 'text' | 'key' | 'addresses' | 'source'>,
  expiresAt = principal.expiresAt === null ? null : Date.parse(principal.expiresAt),
): Entry {
  const endSecond = Math.floor((expiresAt ?? 0) / 1000);
  const [held, allowed] = [heldBy(principal), allowedOf(principal)];
  // In this order: what a check looks at is together.
  return {
    isUsed: false,
    text,
    expiresAt,
    addresses,
    principal,
    endSecond,
    allowed,
    held,
    source,
    isGone: false,
    key,
  };
}

/** The principal in an answer that allows. Frozen, so that no call can change what the next one sees (S102). */
export function principalIn({ principal }: VerifyResponse): Principal {
  if (principal === undefined) throw new KeywardError('unexpected_answer', 'Keyward allowed a call of nobody.');
  return frozen(principal);
}

/** Whether the credential has come to its end; `now`: milliseconds since the epoch. */
export function hasEnded({ expiresAt, endSecond }: Entry, now: number): boolean {
  return now >= endSecond * 1000 && expiresAt !== null && now >= expiresAt;
}

/** The same principal with another credential, which ends with a second. */
export function withEnd(principal: Principal, expiresAt: number): Principal {
  return Object.freeze({ ...principal, expiresAt: isoOf(expiresAt) });
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

/** Keyward's own verdict on a call. */
export function verdictFrom(answer: VerifyResponse, { permissions = [] }: Requirement): Verdict {
  const { limit = null } = answer;
  if (answer.allowed) return { allowed: true, principal: principalIn(answer), limit };
  const reason = (answer.reason ?? 'unknown') as Reason;
  const principal = answer.principal === undefined ? null : frozen(answer.principal);
  return refused(reason, { principal, limit, required: reason === 'missing_permission' ? permissions : [] });
}

function frozen(principal: NonNullable<VerifyResponse['principal']>): Principal {
  return Object.freeze({ ...principal, permissions: shared(principal.permissions) });
}

let minute = { number: Number.NaN, text: '' };
const ends = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.000Z`);

/** As toISOString, for whole seconds: that costs as much as reading a JWT, and the minute is mostly that of the one before. */
function isoOf(ms: number): string {
  const number = Math.floor(ms / 60_000);
  if (number !== minute.number) minute = { number, text: new Date(ms).toISOString().slice(0, 17) };
  return minute.text + ends[ms / 1000 - number * 60];
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

/** One array for all lists of the same permissions, as far as they are remembered. */
const lists = createBoundedMap<Kept & { permissions: readonly string[] }>(1000);

function shared(permissions: readonly string[]): readonly string[] {
  const key = JSON.stringify(permissions);
  const known = lists.get(key);
  if (known !== undefined) return known.permissions;
  const list = Object.freeze([...permissions]);
  lists.set(key, { permissions: list, isUsed: false });
  return list;
}

function allowedOf(principal: Principal): Entry['allowed'] {
  return Object.freeze({ allowed: true, principal, limit: null });
}
