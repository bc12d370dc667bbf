// Whom Keyward says a credential belongs to, as every later call is told: frozen, and what is alike in many kept once.

import { isNamedBy } from '@keyward/rules/organization-handle';
import { KeywardError } from '../errors.ts';
import type { VerifyResponse } from '../wire/checks.ts';
import { createBoundedMap, type Evictable } from './cache/bounded-map.ts';
import { type Principal, type Reason, type Requirement, refused, type Verdict } from './verdict.ts';

/** Keyward's own verdict on a call. */
export function verdictFrom(answer: VerifyResponse & { refusal?: string }, { permissions = [] }: Requirement): Verdict {
  const { limit = null } = answer;
  if (answer.allowed) return { allowed: true, principal: principalIn(answer), limit };
  const reason = (answer.reason ?? 'unknown') as Reason;
  const principal = answer.principal === undefined ? null : frozen(answer.principal);
  const required = reason === 'missing_permission' ? permissions : [];
  const { refusal } = answer;
  return refused(reason, { principal, limit, required, ...(refusal !== undefined && { refusal }) });
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

/** Whether it is of the organization with this id or name. */
export function isOf({ organizationId, organization }: Principal, handle: string): boolean {
  return isNamedBy(handle, organizationId, organization.name);
}

function frozen(principal: NonNullable<VerifyResponse['principal']>): Principal {
  const { permissions, apis, organizationId } = principal;
  const organization = organizations(principal.organization);
  return Object.freeze({
    ...principal,
    permissions: lists(permissions),
    ...(apis !== undefined && { apis: lists(apis) }),
    organization,
    // One text in memory, where it is the same.
    organizationId: organizationId === organization.id ? organization.id : organizationId,
  });
}

const lists = interned<readonly string[]>();
const organizations = interned<Principal['organization']>();

/** One frozen value for all that are alike, as far as they are remembered. */
function interned<T extends object>(): (value: T) => T {
  const known = createBoundedMap<Evictable & { value: T }>(1000);
  return (value) => {
    const key = JSON.stringify(value);
    const same = known.get(key);
    if (same !== undefined) return same.value;
    known.set(key, { value: Object.freeze(value), isUsed: false });
    return value;
  };
}

let minute = { number: Number.NaN, text: '' };
const ends = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.000Z`);

/** As toISOString, for whole seconds: that costs as much as reading a JWT, and the minute is mostly that of the one before. */
function isoOf(ms: number): string {
  const number = Math.floor(ms / 60_000);
  if (number !== minute.number) minute = { number, text: new Date(ms).toISOString().slice(0, 17) };
  return minute.text + ends[ms / 1000 - number * 60];
}
