// Whom Keyward says a credential belongs to, as every later call is told: frozen, and lists that are alike kept once.

import { KeywardError } from '../errors.ts';
import type { VerifyResponse } from '../wire/checks.ts';
import { createBoundedMap, type Evictable } from './cache/bounded-map.ts';
import { type Principal, type Reason, type Requirement, refused, type Verdict } from './verdict.ts';

/** Keyward's own verdict on a call. */
export function verdictFrom(answer: VerifyResponse, { permissions = [] }: Requirement): Verdict {
  const { limit = null } = answer;
  if (answer.allowed) return { allowed: true, principal: principalIn(answer), limit };
  const reason = (answer.reason ?? 'unknown') as Reason;
  const principal = answer.principal === undefined ? null : frozen(answer.principal);
  return refused(reason, { principal, limit, required: reason === 'missing_permission' ? permissions : [] });
}

/** The principal in an answer that allows. Frozen, so that no call can change what the next one sees (S102). */
export function principalIn({ principal }: VerifyResponse): Principal {
  if (principal === undefined) throw new KeywardError('unexpected_answer', 'Keyward allowed a call of nobody.');
  return frozen(principal);
}

/** The same principal with another credential, which ends with a second. */
export function withEnd(principal: Principal, expiresAt: number): Principal {
  return Object.freeze({ ...principal, expiresAt: isoOf(expiresAt) });
}

function frozen(principal: NonNullable<VerifyResponse['principal']>): Principal {
  return Object.freeze({ ...principal, permissions: interned(principal.permissions) });
}

/** One array for all lists of the same permissions, as far as they are remembered. */
const lists = createBoundedMap<Evictable & { permissions: readonly string[] }>(1000);

function interned(permissions: readonly string[]): readonly string[] {
  const key = JSON.stringify(permissions);
  const known = lists.get(key);
  if (known !== undefined) return known.permissions;
  const list = Object.freeze([...permissions]);
  lists.set(key, { permissions: list, isUsed: false });
  return list;
}

let minute = { number: Number.NaN, text: '' };
const ends = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.000Z`);

/** As toISOString, for whole seconds: that costs as much as reading a JWT, and the minute is mostly that of the one before. */
function isoOf(ms: number): string {
  const number = Math.floor(ms / 60_000);
  if (number !== minute.number) minute = { number, text: new Date(ms).toISOString().slice(0, 17) };
  return minute.text + ends[ms / 1000 - number * 60];
}
