// Observe-only: a narrower bound stands beside today's for a while. Nothing is refused for it meanwhile, and it is told who
// would have been; from its end on it counts by itself. The server and every verifier decide both through these lines.

import { type AddressRange, contains, isWithin, parseAddressRange } from '../address.ts';
import { allows, intersect } from '../permission.ts';

/** The longest that anything is only observed: 30 days. */
export const longestObservationMs = 30 * 24 * 3_600_000;

/**
 * True while what counts from `until` on is only observed. What is no time, or further away than anything is observed, is
 * not: it counts at once. Both in milliseconds since the epoch.
 */
export function isObserved(until: unknown, now: number): boolean {
  return Number.isSafeInteger(until) && now < (until as number) && (until as number) - now <= longestObservationMs;
}

/** Where, for what and with which permissions a credential is good. */
export interface Reach {
  permissions: readonly string[];
  /** Addresses and ranges; empty means anywhere. */
  addresses: readonly string[];
  /** The handles of the only APIs; null for all. */
  apis: readonly string[] | null;
}

/** What of it is to be narrower; what is not said stays. */
export type Narrowing = Partial<Reach>;

/** What both allow: a narrowing never adds to what there is, whatever it says. */
export function narrowed(today: Reach, { permissions, addresses, apis }: Narrowing): Reach {
  return {
    permissions: permissions === undefined ? today.permissions : intersect(permissions, today.permissions),
    addresses: addresses === undefined ? today.addresses : bothHold(today.addresses, addresses),
    apis: apis === undefined ? today.apis : bothName(today.apis, apis),
  };
}

/** A call, as far as what is observed looks at it. */
export interface ObservedCall {
  permissions?: readonly string[];
  match?: 'all' | 'any';
  address?: string | undefined;
  /** The handle of the API that it goes to; undefined where it goes to none. */
  api?: string | undefined;
}

export type ObservedLack = 'address_not_allowed' | 'wrong_api' | 'missing_permission';

/** Why a call is refused by this reach; null if it is not. In the order in which a check looks. */
export function lackOf({ permissions, addresses, apis }: Reach, call: ObservedCall): ObservedLack | null {
  const { permissions: wanted = [], match = 'all', address, api } = call;
  if (addresses.length > 0 && (address === undefined || !isWithin(rangesOf(addresses), address))) {
    return 'address_not_allowed';
  }
  if (api !== undefined && apis !== null && !apis.includes(api)) return 'wrong_api';
  return allows(permissions, wanted, match) ? null : 'missing_permission';
}

/** Holds no address, and is not empty. */
const nowhere: readonly string[] = ['nowhere'];

function bothHold(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const both = [
    ...other.filter((range) => contains(rangesOf(one), range)),
    ...one.filter((range) => contains(rangesOf(other), range)),
  ];
  return both.length === 0 ? nowhere : [...new Set(both)];
}

function bothName(one: Reach['apis'], other: Reach['apis']): Reach['apis'] {
  if (one === null) return other;
  return other === null ? one : other.filter((api) => one.includes(api));
}

/** By the list itself, which is never changed. */
const parsed = new WeakMap<readonly string[], AddressRange[]>();

function rangesOf(addresses: readonly string[]): AddressRange[] {
  const known = parsed.get(addresses);
  if (known !== undefined) return known;
  const ranges = addresses.map(parseAddressRange).filter((range) => range !== null);
  parsed.set(addresses, ranges);
  return ranges;
}
