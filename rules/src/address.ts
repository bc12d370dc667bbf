// Network addresses: one spelling for each, the key under which a limit counts them, and whether a list of ranges holds
// them. An IPv4 address in IPv6 form is that IPv4 address; a zone is dropped. It resolves no names and knows no proxies.

/** A range such as `10.0.0.0/8`, or a single address. Made by `parseAddressRange`. */
export interface AddressRange {
  /** In one spelling; a single address without its prefix. */
  readonly text: string;
  readonly family: 4 | 6;
  /** Of 16 bits each: two for IPv4, eight for IPv6. */
  readonly groups: readonly number[];
  /** How many leading bits must agree. */
  readonly prefix: number;
}

interface Address {
  family: 4 | 6;
  groups: number[];
}

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ipv4 = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);
const hexGroup = /^[0-9A-Fa-f]{1,4}$/;
/** A zone is for its own machine only and says nothing about who it is (RFC 4007, section 6). */
const zone = /%[^%/\s]+$/;

/** The one spelling of an address: dotted, or as RFC 5952 has it. Null for anything else, a range or a port included. */
export function canonicalAddress(text: string): string | null {
  const address = parse(text);
  return address === null ? null : format(address);
}

/**
 * The key under which calls without an account are counted: the IPv4 address, or the /64 of an IPv6 one, which is the
 * least that one customer has to himself. Whatever is no address shares one key.
 */
export function addressKey(text: string): string {
  const address = parse(text);
  if (address === null) return 'none';
  if (address.family === 4) return format(address);
  return `${format({ family: 6, groups: [...address.groups.slice(0, 4), 0, 0, 0, 0] })}/64`;
}

/**
 * Reads an address or a range in CIDR notation (RFC 4632, RFC 4291). Null for anything else, also for a zone, for bits
 * beyond the prefix (`10.0.0.1/8` means two things), and for a prefix that would mix IPv4 with IPv6.
 */
export function parseAddressRange(text: string): AddressRange | null {
  const [network = '', bits, ...rest] = text.split('/');
  const address = network.includes('%') ? null : parse(network);
  if (address === null || rest.length > 0) return null;
  const { family, groups } = address;
  const length = groups.length * 16;
  if (bits === undefined) return { text: format(address), family, groups, prefix: length };
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return null;
  const prefix = network.includes(':') && family === 4 ? Number(bits) - 96 : Number(bits);
  if (prefix < 0 || prefix > length || !groups.every((group, at) => (group & ~maskOf(prefix, at)) === 0)) return null;
  return { text: prefix === length ? format(address) : `${format(address)}/${prefix}`, family, groups, prefix };
}

/** True if one of `ranges` holds the address. Text that is no address is within none, not even `::/0`. */
export function isWithin(ranges: readonly AddressRange[], text: string): boolean {
  const address = parse(text);
  return address !== null && ranges.some((range) => holds(range, address));
}

/** True if one of `ranges` holds all of the address or range `text`. Text that is neither is within none. */
export function contains(ranges: readonly AddressRange[], text: string): boolean {
  const inner = parseAddressRange(text);
  if (inner === null) return false;
  const { family, groups } = inner;
  return ranges.some((range) => range.prefix <= inner.prefix && holds(range, { family, groups: [...groups] }));
}

function holds({ family, groups, prefix }: AddressRange, address: Address): boolean {
  if (family !== address.family) return false;
  return groups.every((group, at) => (((address.groups[at] ?? 0) ^ group) & maskOf(prefix, at)) === 0);
}

/** The bits of group `at` that a prefix covers. */
function maskOf(prefix: number, at: number): number {
  const covered = Math.min(16, Math.max(0, prefix - at * 16));
  return (0xffff << (16 - covered)) & 0xffff;
}

function parse(text: string): Address | null {
  if (!text.includes(':')) {
    const groups = parseIpv4(text);
    return groups === null ? null : { family: 4, groups };
  }
  const groups = parseIpv6(text.replace(zone, ''));
  if (groups === null) return null;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? { family: 4, groups: groups.slice(6) } : { family: 6, groups };
}

function parseIpv4(text: string): number[] | null {
  const [, a, b, c, d] = ipv4.exec(text) ?? [];
  return a === undefined ? null : [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)];
}

/** RFC 4291, section 2.2: `::` stands once, for one group of zeros or more; the last 32 bits may be dotted. */
function parseIpv6(text: string): number[] | null {
  const [before = '', after, ...rest] = text.split('::');
  if (rest.length > 0) return null;
  const head = parseGroups(before, after === undefined);
  const tail = after === undefined ? [] : parseGroups(after, true);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return null;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, isLast: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [at, part] of parts.entries()) {
    const dotted = isLast && at === parts.length - 1 ? parseIpv4(part) : null;
    if (dotted !== null) groups.push(...dotted);
    else if (hexGroup.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function format({ family, groups }: Address): string {
  if (family === 4) return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
  const [start, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The first of the longest runs of zeros (RFC 5952, section 4.2). */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let [longest, length] = [0, 0];
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > length) [longest, length] = [start, end - start];
  }
  return [longest, length];
}
