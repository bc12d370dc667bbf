// Reads the two header families in which proxies say whom they speak for: X-Forwarded-* and Forwarded (RFC 7239).
// It only reads; whether a word of it is believed is decided in client-address.ts.

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { memoized } from './memoize.ts';

/** What a header family claims: addresses from the farthest to the nearest (undefined: not an address), and the scheme. */
export interface Claim {
  hops: readonly (string | undefined)[];
  /** True if https is stated and never contradicted, false if it is, undefined if nothing is stated. */
  secure: boolean | undefined;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const pair = new RegExp(`[ \\t]*(${token})=(?:(${token})|"((?:[^"\\\\]|\\\\.)*)")[ \\t]*(;|,|$)`, 'y');

/** The claim of X-Forwarded-For and X-Forwarded-Proto; undefined if neither is there. */
export function fromXForwarded(addresses: string | undefined, schemes: string | undefined): Claim | undefined {
  if (addresses === undefined && schemes === undefined) return undefined;
  const stated = listOf(schemes);
  return {
    hops: listOf(addresses).map((one) => readHop(one).address),
    secure: stated.length === 0 ? undefined : stated.every(isSecure),
  };
}

/** The claim of a Forwarded header; undefined if it is absent. A malformed one claims nothing but an unknown hop. */
export function fromForwarded(header: string | undefined): Claim | undefined {
  if (header === undefined) return undefined;
  const elements = elementsOf(header);
  if (elements === undefined) return { hops: [undefined], secure: false };
  const schemes = elements.map((element) => element.get('proto')).filter((scheme) => scheme !== undefined);
  const nearest = elements.at(-1)?.get('proto');
  return {
    hops: elements.map((element) => addressIn(element.get('for') ?? '')),
    secure: schemes.length === 0 ? undefined : nearest !== undefined && schemes.every(isSecure),
  };
}

const readHop = memoized(10_000, (text) => ({ address: addressIn(text) }));

/** One hop of X-Forwarded-For: its address in one spelling, or undefined if it is none. */
export function hopIn(text: string): string | undefined {
  return readHop(text).address;
}

/** The address in `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `fe80::1%eth0` …, in one spelling; else undefined. */
function addressIn(text: string): string | undefined {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed.includes(':') ? canonicalAddress(bracketed) : undefined;
  return canonicalAddress(/^([0-9.]+):\d{1,5}$/.exec(text)?.[1] ?? text);
}

/** One spelling for an address: without zone, IPv4 in its own form, IPv6 as RFC 5952; undefined if it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (text.startsWith('::ffff:') && isIP(text.slice(7)) === 4) return text.slice(7);
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  const family = isIP(bare);
  if (family === 4) return zone < 0 ? bare : undefined;
  return family === 6 ? ipaddr.process(bare).toString() : undefined;
}

function listOf(header: string | undefined): string[] {
  if (header === undefined) return [];
  if (!header.includes(',')) return header.trim() === '' ? [] : [header.trim()];
  return header
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** True for the schemes that are secure; some proxies name a WebSocket's own. */
function isSecure(scheme: string): boolean {
  return /^(?:https|wss)$/i.test(scheme);
}

/** The elements of a Forwarded header, names in lower case; undefined if any of it breaks the grammar. */
function elementsOf(header: string): Map<string, string>[] | undefined {
  const elements: Map<string, string>[] = [];
  let element = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < header.length) {
    const [, name, plain, quoted, end] = pair.exec(header) ?? [];
    if (name === undefined || element.has(name.toLowerCase())) return undefined;
    element.set(name.toLowerCase(), plain ?? quoted?.replace(/\\(.)/g, '$1') ?? '');
    if (end === ';') continue;
    elements.push(element);
    element = new Map();
    if (end === '') return elements;
  }
  return undefined;
}
