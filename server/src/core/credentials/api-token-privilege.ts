// What an API token can do, as far as whoever would hand it out, revive it or make it last must be able to do it too (S56).
// What it may do on a call is the caller's principal, and not told here.

import { contains, parseAddressRange } from '@keyward/rules/address';
import { covers } from '@keyward/rules/permission';
import type { Awaitable } from '../awaitable.ts';
import { type Caller, demandGrantable, demandOwnerFor } from '../caller/caller.ts';
import type { CredentialLookup } from '../caller/ports.ts';
import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { KeywardError } from '../errors.ts';
import type { ApiToken } from './records.ts';

/** When, from where, for which APIs and how much a token may be used. */
export type Reach = Pick<ApiToken, 'expiresAt' | 'addresses' | 'apis' | 'limits'>;

/** Of what a caller came with; `limitedWith` is whose limits what it makes spends. */
export type OwnReach = Reach & { limitedWith: string };

/**
 * Throws `forbidden` unless the caller holds what the token can do: of one's own what it can do now, of somebody else's all
 * that it could ever do, should its owner come to hold it again. A token that comes for another must reach as far.
 */
export async function demandPrivilege(credentials: CredentialLookup, caller: Caller, token: ApiToken): Promise<void> {
  demandWithin(await reachOf(credentials, caller), token);
  await demandOwnersPrivilege(credentials, caller, token, token.permissions);
  if (token.owner.id !== caller.owner.id) return demandGrantable(caller, token.permissions);
  const record = await credentials.bySource({ type: 'api_token', id: token.id });
  demandGrantable(caller, record === null ? token.permissions : principalOf(record).held);
}

/** An owner's token that may do everything, as `permissions` say of it, makes owners: only an owner has it do so. */
export async function demandOwnersPrivilege(
  credentials: CredentialLookup,
  caller: Caller,
  token: Pick<ApiToken, 'owner'>,
  permissions: readonly string[],
): Promise<void> {
  if (!covers(permissions, '*:*')) return;
  const owner = await credentials.bySource(token.owner);
  if (owner !== null) demandOwnerFor(caller, owner.owner.role);
}

/**
 * The reach of the API token that the caller came with, or with an access token made from it, and within that of the access
 * token if it is bound, whoever made that; null for anyone else.
 */
export async function reachOf(credentials: Sources, caller: Caller): Promise<OwnReach | null> {
  const own = await reachOfToken(credentials, caller);
  if (caller.hasBounds !== true) return own;
  const { expiresAt, apis: bound, id } = caller;
  const wide = { expiresAt: null, addresses: [], apis: null, limits: [], limitedWith: id };
  const { apis, ...others } = own ?? wide;
  const ends = [others.expiresAt, expiresAt].filter((one) => one !== null);
  return {
    ...others,
    apis: (bound ?? []).filter((one) => apis === null || apis.includes(one)),
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
  };
}

interface Sources {
  bySource(source: AccessTokenSource): Awaitable<CredentialRecord | null>;
}

async function reachOfToken(credentials: Sources, caller: Caller): Promise<OwnReach | null> {
  if (caller.type !== 'api_token') return null;
  const record = await credentials.bySource({ type: 'api_token', id: caller.id });
  if (record?.token == null) return null;
  const { addresses, apis, limits, limitedWith } = record.token;
  return { expiresAt: record.expiresAt, addresses, apis, limits, limitedWith: limitedWith ?? caller.id };
}

/**
 * Throws `forbidden` for a token with limits of its own that acts for a customer: what it made there would be counted
 * apart from it, in the customer's organization, and its limits be had once more with each customer.
 */
export function demandCountable({ actingFrom }: Caller, own: Reach | null): void {
  if (actingFrom === undefined || own === null || own.limits.length === 0) return;
  const text = 'An API token with limits of its own makes none for a customer. Use one without limits, or sign in.';
  throw new KeywardError('forbidden', text);
}

/**
 * Throws `forbidden` if a token lasts longer, or is good from elsewhere, for other APIs or for more calls, than what the caller
 * came with.
 */
export function demandWithin(own: Reach | null, wanted: Reach): void {
  if (own === null) return;
  if ((wanted.expiresAt ?? Number.POSITIVE_INFINITY) > (own.expiresAt ?? Number.POSITIVE_INFINITY)) {
    throw new KeywardError('forbidden', 'A token neither makes nor revives one that outlasts it.');
  }
  if (isWider(wanted.addresses, own.addresses)) {
    throw new KeywardError(
      'forbidden',
      'A token neither makes nor revives one that is good from elsewhere than it is.',
    );
  }
  if (isForMore(wanted.apis, own.apis)) {
    throw new KeywardError(
      'forbidden',
      'A token neither makes nor revives one that is good for other APIs than it is.',
    );
  }
  if (isLooser(wanted.limits, own.limits)) {
    throw new KeywardError('forbidden', 'A token neither makes nor revives one whose limits are larger than its own.');
  }
}

/** True if a token that is good for `next` is good where, when, for what or for more than one that is good for `before` is. */
export function reachesFurther(next: Reach, before: Reach): boolean {
  const isLonger = (next.expiresAt ?? Number.POSITIVE_INFINITY) > (before.expiresAt ?? Number.POSITIVE_INFINITY);
  const isFurther = isWider(next.addresses, before.addresses) || isForMore(next.apis, before.apis);
  return isLonger || isFurther || isLooser(next.limits, before.limits);
}

function isForMore(next: Reach['apis'], before: Reach['apis']): boolean {
  return before !== null && (next === null || !next.every((one) => before.includes(one)));
}

/** True unless each limit has one of the same window beside it that is no larger. */
function isLooser(next: Reach['limits'], before: Reach['limits']): boolean {
  const isHeld = ({ limit, windowMs }: Reach['limits'][number]) =>
    next.some((one) => one.windowMs === windowMs && one.limit <= limit);
  return !before.every(isHeld);
}

/** No addresses are all addresses. */
function isWider(next: readonly string[], before: readonly string[]): boolean {
  if (before.length === 0) return false;
  const ranges = before.map(parseAddressRange).filter((range) => range !== null);
  return next.length === 0 || !next.every((one) => contains(ranges, one));
}
