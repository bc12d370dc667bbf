// Who is asking, and what they may do. Every operation but inspect starts here, so that no dialect can forget.

import { entitledTo } from '@keyward/rules/entitlement';
import { allows, covers } from '@keyward/rules/permission';
import { KeywardError } from '../errors.ts';
import type { AnswerChanges } from './ports.ts';
import type { Principal, Session } from './records.ts';

/** A principal, or the machine itself: `init`, the demo, chores. */
export type Caller = Omit<Principal, 'type'> & {
  type: Principal['type'] | 'system';
  /** Set for a user who came through a session. */
  session?: Session;
  /** Set for one that acts for a customer (acting.ts): the organization that it is of. */
  actingFrom?: Principal['organization'];
  /** What several requests that belong together call themselves; their entries in the journal say so. */
  run?: string;
  /** Set where what its change resolves to is the answer to a request with an idempotency key. */
  keepAnswer?: (answers: AnswerChanges, made: unknown) => Promise<void>;
};

/** The machine acting on an organization, with every permission. Only the program itself ever makes one. */
export function systemIn(organization: { id: string; name: string } = { id: '', name: '' }): Caller {
  return {
    type: 'system',
    id: 'system',
    name: 'system',
    organization: { externalId: null, ...organization, isOperator: true, entitlement: null },
    owner: { type: 'user', id: 'system', name: 'system', number: 0, role: 'owner' },
    permissions: ['*:*'],
    held: ['*:*'],
    apis: null,
    expiresAt: null,
    externalId: null,
  };
}

/** True for the machine in its own name: it is nobody's user, and owns nothing. */
export function isMachine({ type, owner }: Pick<Caller, 'type' | 'owner'>): boolean {
  return type === 'system' && owner.id === systemIn().owner.id;
}

export function actorOf(caller: Caller): { type: Caller['type']; id: string } {
  return { type: caller.type, id: caller.id };
}

export function may(caller: Caller, permission: string): boolean {
  return covers(caller.permissions, permission);
}

/**
 * True for a user in person: not for a token that is bound to an API and a scope, as an application's is. What nobody needs a
 * permission for, as it is one's own account, is not in any scope.
 */
export function isSelf({ type, apis }: Pick<Caller, 'type' | 'apis'>): boolean {
  return type === 'user' && apis === null;
}

/** True for what acts for a user with such a token. */
export function isForUser(caller: Pick<Caller, 'type' | 'apis'>): boolean {
  return caller.type === 'user' && !isSelf(caller);
}

/** Whether the caller manages the API tokens of its owner: one's own affair, and so no application's. */
export function managesOwn(caller: Caller): boolean {
  return may(caller, 'manage:own_api_key') && !isForUser(caller);
}

/**
 * Throws KeywardError `forbidden` for one that came with a bound access token, where what it would hand out is bound to no API
 * and lasts: it would be had longer and be good for more than that token.
 */
export function demandNoBounds({ hasBounds }: Caller, what: string): void {
  if (hasBounds !== true) return;
  const text = `An access token for one API hands out no ${what}: that would outlast it. Sign in, or use an API token.`;
  throw new KeywardError('forbidden', text);
}

/** Throws KeywardError `forbidden` unless the caller holds the permission. */
export function demand(caller: Caller, permission: string): void {
  if (may(caller, permission)) return;
  throw new KeywardError('forbidden', `This needs the permission ${permission}.`, { permission });
}

/** How long a password that was asked for again counts. */
export const confirmedMs = 5 * 60_000;

/** Until when the password counts as just asked for in this session, or null if it does not. */
export function confirmedUntil({ confirmedAt }: Pick<Session, 'confirmedAt'>, now: number): number | null {
  return confirmedAt !== null && confirmedAt + confirmedMs > now ? confirmedAt + confirmedMs : null;
}

/**
 * Throws KeywardError `confirmation_required` for a session in which the password was not asked for again just now (S89).
 * Callers with a bearer credential are not asked: theirs is no browser that someone left open.
 */
export function demandConfirmed(caller: Caller, now: number): void {
  if (caller.session === undefined || confirmedUntil(caller.session, now) !== null) return;
  throw new KeywardError('confirmation_required', 'Confirm with your password first.');
}

/**
 * Throws KeywardError `forbidden` if `wanted` holds anything that the caller does not hold itself (S56). What the organization
 * is entitled to is not asked here: it bounds whoever is granted it as it does the caller.
 */
export function demandGrantable(caller: Caller, wanted: readonly string[]): void {
  if (allows(caller.held, wanted)) return;
  const missing = wanted.find((one) => !covers(caller.held, one)) ?? '';
  throw new KeywardError('forbidden', `You cannot grant ${missing}: you do not hold it yourself.`, {
    permission: missing,
  });
}

/** Throws KeywardError `forbidden` if `wanted` names anything that would be of no use, as the organization is not entitled to it. */
export function demandEntitled(caller: Caller, wanted: readonly string[]): void {
  const missing = wanted.find((one) => !isEntitled(caller, one));
  if (missing === undefined) return;
  throw new KeywardError('forbidden', `You cannot grant ${missing}: your organization is not entitled to it.`, {
    permission: missing,
  });
}

/** All that the caller can pass on and that is of some use. */
export function allGrantable(caller: Caller): readonly string[] {
  return caller.held.filter((one) => isEntitled(caller, one));
}

function isEntitled({ organization }: Caller, pattern: string): boolean {
  return entitledTo([pattern], organization.entitlement).length > 0;
}

/** What it takes to be an owner is not among the permissions: an admin holds them all, and makes no owner. */
export function demandOwnerFor(caller: Caller, role: string): void {
  if (role !== 'owner' || caller.owner.role === 'owner') return;
  throw new KeywardError('forbidden', 'Only an owner may make, change or remove an owner.');
}

/** What acting for a customer needs. */
export const actingPermission = 'act:organization';

/** Each of them is of no use but to who operates the server. */
const operatorsOwn = [
  ...['create:organization', 'update:organization', 'delete:organization', 'update:plan'],
  actingPermission,
];

/** True for a caller of the operating organization who holds one of the permissions that operating needs. */
export function isOperating(caller: Caller): boolean {
  return caller.organization.isOperator && operatorsOwn.some((one) => may(caller, one));
}

/** Throws KeywardError `forbidden` unless the caller is of the organization that operates this server. */
export function demandOperator(caller: Caller, permission: string): void {
  demand(caller, permission);
  if (caller.organization.isOperator) return;
  throw new KeywardError('forbidden', 'Only the organization that operates this server may do this.', { permission });
}
