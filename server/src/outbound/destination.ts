// Where a document is fetched from: an https address whose host is resolved once, to addresses that all may be connected to.
// The connection then goes to one of these, whatever the name would be resolved to a moment later (S126).

import { isIP } from 'node:net';
import type { OutboundFailure } from '../core/outbound.ts';
import { type Allowed, mayConnect } from './public-address.ts';
import type { Resolve } from './resolve.ts';

export interface Destination {
  url: URL;
  /** As the certificate names it; an IPv6 address without brackets. */
  host: string;
  address: string;
}

/** The destination of an address; URL has brought IPv4 in decimal, octal, hexadecimal or short form to four numbers. */
export async function destinationOf(
  text: string,
  { allowed, resolve }: { allowed: Allowed; resolve: Resolve },
  until: AbortSignal,
): Promise<Destination | OutboundFailure> {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:') return 'not_https';
  if (url.username !== '' || url.password !== '' || url.hash !== '') return 'not_https';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const addresses = isIP(host) === 0 ? await resolve(host, until).catch(() => []) : [host];
  const [address] = addresses;
  if (address === undefined) return 'not_resolved';
  return addresses.every((one) => mayConnect(allowed, host, one)) ? { url, host, address } : 'address_not_allowed';
}
