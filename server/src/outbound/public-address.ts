// Which addresses may be connected to: those of the public Internet, and others only where the operator allows them (S126).
// Names are not resolved here.

import { type AddressRange, canonicalAddress, isWithin, parseAddressRange } from '@keyward/rules/address';

/** What the operator allows beside the public Internet: hosts by name, and addresses or ranges. */
export interface Allowed {
  hosts: ReadonlySet<string>;
  ranges: readonly AddressRange[];
}

/** Reads a list of host names, addresses and ranges in CIDR form. */
export function allowedIn(list: readonly string[]): Allowed {
  const ranges = list.map(parseAddressRange);
  const names = list.filter((_, at) => ranges[at] === null).map((name) => name.toLowerCase());
  return { hosts: new Set(names), ranges: ranges.filter((range) => range !== null) };
}

/** Whether `address`, which `host` was resolved to, may be connected to. What is no address may not. */
export function mayConnect({ hosts, ranges }: Allowed, host: string, address: string): boolean {
  const canonical = canonicalAddress(address);
  if (canonical === null) return false;
  return isPublic(canonical) || hosts.has(host) || isWithin(ranges, canonical);
}

/**
 * True for an address that is assigned to somebody on the public Internet. An IPv4 address in an IPv6 one is that IPv4 address,
 * or, where a gateway would translate it, not public.
 */
function isPublic(canonical: string): boolean {
  if (!canonical.includes(':')) return !isWithin(reservedIpv4, canonical);
  return isWithin(globalUnicast, canonical) && !isWithin(reservedIpv6, canonical);
}

/** The registry of RFC 6890, multicast (RFC 5771) and what is reserved (RFC 1112). */
const reservedIpv4 = rangesOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
);

/** All else is loopback, link-local, unique-local, multicast, NAT64, or not assigned (RFC 4291). */
const globalUnicast = rangesOf('2000::/3');

/** Protocol assignments with Teredo and ORCHID, documentation, 6to4. */
const reservedIpv6 = rangesOf('2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20');

function rangesOf(...texts: string[]): AddressRange[] {
  return texts.map(parseAddressRange).filter((range) => range !== null);
}
