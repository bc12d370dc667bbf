// Where an API token may be used from.

import { type AddressRange, isWithin, parseAddressRange } from '@keyward/rules/address';
import type { CredentialRecord } from '../caller/records.ts';

/** An API token's list of addresses binds the access tokens made from it too. */
export function mayComeFrom({ plain, token }: CredentialRecord, address: string | undefined): boolean {
  if (plain === true || token === null || token.addresses.length === 0) return true;
  return address !== undefined && isWithin(rangesOf(token.addresses), address);
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
