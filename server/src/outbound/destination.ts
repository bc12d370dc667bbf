// Where a document is fetched from: an https address whose host is resolved once, to addresses that all may be connected to.
// The connection then goes to one of these, whatever the name would be resolved to a moment later (S126).

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { OutboundFailure } from '../core/outbound.ts';
import { type Allowed, mayConnect } from './public-address.ts';

/** The addresses of a host name; rejects or is empty if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface Destination {
  url: URL;
  /** As the certificate names it; an IPv6 address without brackets. */
  host: string;
  address: string;
}

/** The operating system's resolver, /etc/hosts included. */
export const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/** The destination of an address; URL has brought IPv4 in decimal, octal, hexadecimal or short form to four numbers. */
export async function destinationOf(
  text: string,
  { allowed, resolve }: { allowed: Allowed; resolve: Resolve },
): Promise<Destination | OutboundFailure> {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:') return 'not_https';
  if (url.username !== '' || url.password !== '' || url.hash !== '') return 'not_https';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
  const [address] = addresses;
  if (address === undefined) return 'not_resolved';
  return addresses.every((one) => mayConnect(allowed, host, one)) ? { url, host, address } : 'address_not_allowed';
}
