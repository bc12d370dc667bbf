// Who is calling and whether over HTTPS, as far as it can be believed: the socket first, a proxy's word only from the
// configured networks. It never reads a header of anyone else.

import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { type Claim, canonicalAddress, fromForwarded, fromXForwarded, hopIn } from './forwarded-headers.ts';
import { memoized } from './memoize.ts';

/** True for the address of a proxy that is believed. */
export type TrustedProxies = (address: string) => boolean;

/** Whom a request comes from. `address` is in one spelling; empty if the socket is already gone. */
export interface Client {
  address: string;
  /** True if the client's own hop was HTTPS: by the socket, or by a trusted proxy's word. */
  secure: boolean;
}

/** What is read of a request. */
interface Caller {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined; encrypted?: unknown };
}

/** Reads `trustedProxies`: addresses and CIDR ranges such as `10.0.0.0/8`. Throws an Error that names a bad entry. */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  if (entries.length === 0) return () => false;
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  // Looking through the list costs as much as a check.
  return memoized(10_000, (address) => isIP(address) !== 0 && list.check(address, familyOf(address)));
}

/** Proxies that can become others while the server runs; what throws in `renew` leaves them as they are. */
export interface RenewableProxies {
  trusted: TrustedProxies;
  renew(entries: readonly string[]): void;
}

export function renewableProxies(entries: readonly string[]): RenewableProxies {
  let current = trustedProxies(entries);
  return {
    trusted: (address) => current(address),
    renew(next) {
      current = trustedProxies(next);
    },
  };
}

/**
 * The client of a request. Behind trusted proxies that is the right-most hop that is not one of them (S70); a hop that
 * is no address ends the search at the last proxy. Header families that disagree are not believed at all.
 */
export function clientOf(request: Caller, trusted: TrustedProxies): Client {
  const peer = peerOf(request);
  const encrypted = request.socket.encrypted === true;
  if (!trusted(peer)) return { address: peer, secure: encrypted };
  const { 'x-forwarded-for': hop, 'x-forwarded-proto': scheme, forwarded } = request.headers;
  // What nearly every proxy says: one hop and one scheme.
  if (forwarded === undefined && typeof hop === 'string' && (scheme === 'https' || scheme === 'http')) {
    const one = oneHop(hop);
    if (one !== null) return { address: one.address ?? peer, secure: scheme === 'https' };
  }
  const claims = claimsOf(request.headers);
  if (claims.length === 0) return { address: peer, secure: encrypted };
  const routes = claims.map((claim) => claim.hops).filter((hops) => hops.length > 0);
  const [address = peer, other = address] = routes.map((hops) => clientHop(hops, peer, trusted));
  const stated = claims.map((claim) => claim.secure).filter((secure) => secure !== undefined);
  return {
    address: address === other ? address : peer,
    secure: stated.length === 0 ? encrypted : stated.every((secure) => secure),
  };
}

/** True for a request that a trusted proxy sends, whomever it speaks for. */
export function isFromProxy(request: Caller, trusted: TrustedProxies): boolean {
  return trusted(peerOf(request));
}

/** True for a peer on this machine, by its socket; a proxy here is one too. */
export function isLoopback(request: Caller): boolean {
  const peer = peerOf(request);
  return peer === '::1' || (isIP(peer) === 4 && peer.startsWith('127.'));
}

/**
 * True where a request that is not secure surely came in clear: over its own socket, or by the word of a trusted proxy. A proxy that
 * says nothing of it, or that nobody trusts, may well have been spoken to over HTTPS.
 */
export function isSurelyInClear(request: Caller, trusted: TrustedProxies): boolean {
  const claims = claimsOf(request.headers);
  if (!trusted(peerOf(request))) return request.socket.encrypted !== true && claims.length === 0;
  const stated = claims.map(({ secure }) => secure).filter((secure) => secure !== undefined);
  return stated.length > 0 && !stated.includes(true);
}

function addEntry(list: BlockList, entry: string): void {
  const [network = '', bits, ...rest] = entry.trim().split('/');
  const address = canonicalAddress(network);
  const widest = isIP(network) === 4 ? 32 : 128;
  const mapped = address !== undefined && isIP(address) !== isIP(network);
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  const length = mapped ? prefix - 96 : prefix;
  if (address === undefined || rest.length > 0 || length < 0 || prefix > widest) {
    throw new Error(`trustedProxies: "${entry}" is neither an address nor a range such as 10.0.0.0/8.`);
  }
  list.addSubnet(address, length, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** A socket's address is read once: it stays the same. */
const peers = new WeakMap<Caller['socket'], string>();

function peerOf({ socket }: Caller): string {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return '';
  const address = canonicalAddress(remoteAddress) ?? '';
  peers.set(socket, address);
  return address;
}

/** The address of a header that names one hop, as far as it is one; null for any other header. */
const oneHop = memoized(10_000, (header) => (/^[\w.:[\]]+$/.test(header) ? { address: hopIn(header) } : null));

function claimsOf(headers: IncomingHttpHeaders): Claim[] {
  const extended = fromXForwarded(text(headers['x-forwarded-for']), text(headers['x-forwarded-proto']));
  const standard = fromForwarded(text(headers.forwarded));
  if (standard === undefined) return extended === undefined ? [] : [extended];
  return extended === undefined ? [standard] : [extended, standard];
}

function clientHop(hops: Claim['hops'], peer: string, trusted: TrustedProxies): string {
  let nearest = peer;
  for (let at = hops.length - 1; at >= 0; at -= 1) {
    const hop = hops[at];
    if (hop === undefined) return nearest;
    nearest = hop;
    if (!trusted(hop)) return hop;
  }
  return nearest;
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
