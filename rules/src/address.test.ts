// Addresses against Node's own: net.isIP for what is one, URL for its spelling, BlockList for what a range holds.

import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, canonicalAddress, isWithin, parseAddressRange } from './address.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
/** Near one another, so that ranges often hold them. */
const nearIpv4 = fc
  .tuple(fc.constantFrom(10, 127, 192), fc.nat(3), fc.constantFrom(0, 1, 128, 255), fc.nat(255))
  .map((octets) => octets.join('.'));
const nearIpv6 = fc
  .array(fc.constantFrom('0', '1', '8000', 'ffff', '2001', 'db8'), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.join(':'));
const piece = fc.constantFrom(
  ':',
  '::',
  '.',
  '0',
  '1',
  'f',
  'ffff',
  'fffff',
  '255',
  '256',
  '01',
  '1.2.3.4',
  '%',
  '/',
  ' ',
);
const odd = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.array(fc.constantFrom('0', 'a', 'FFFF', '', '1.2.3.4'), { maxLength: 10 }).map((parts) => parts.join(':')),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const masks = fc.oneof(fc.nat(32), fc.nat(128));

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
const spelled = (address: string) => new URL(`http://[${address}]/`).hostname.slice(1, -1);

/** `address` with all bits beyond `prefix` set to zero, without the help of what is tested. */
function networkOf(address: string, prefix: number): string {
  const isIpv4 = isIP(address) === 4;
  const bits = isIpv4 ? 32 : 128;
  const groups = isIpv4 ? address.split('.').map(Number) : expand(spelled(address));
  const size = isIpv4 ? 8n : 16n;
  const value = groups.reduce((sum, group) => (sum << size) + BigInt(group), 0n);
  const rest = BigInt(bits - prefix);
  const network = (value >> rest) << rest;
  const parts = groups.map((_, at) =>
    Number((network >> (BigInt(groups.length - 1 - at) * size)) & ((1n << size) - 1n)),
  );
  return isIpv4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
}

function expand(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? '')];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

describe('an address', () => {
  it('is what Node takes for one, and nothing else', () => {
    let addresses = 0;
    fc.assert(
      fc.property(fc.oneof(odd, ipv4, ipv6), (text) => {
        // Node also takes zones that hold blanks and slashes.
        const isOne = isIP(text) !== 0 && !/%.*[%/\s]/s.test(text);
        expect(canonicalAddress(text) !== null).toBe(isOne);
        if (isOne) addresses += 1;
      }),
      { numRuns: 20_000 },
    );
    expect(addresses).toBeGreaterThan(5000);
  });

  it('has one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(ipv6, nearIpv6), (text) => {
        const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(spelled(text));
        if (mapped === null) expect(canonicalAddress(text)).toBe(spelled(text));
        expect(canonicalAddress(text.toUpperCase())).toBe(canonicalAddress(text));
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(ipv4, (text) => {
        const [a, b, c, d] = text.split('.').map(Number) as [number, number, number, number];
        const hex = [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':');
        for (const spelling of [
          text,
          `::ffff:${text}`,
          `::FFFF:${hex}`,
          `0:0:0:0:0:ffff:${text}`,
          `::ffff:${text}%eth0`,
        ]) {
          expect(canonicalAddress(spelling)).toBe(text);
          expect(addressKey(spelling)).toBe(text);
        }
      }),
    );
    expect(canonicalAddress('FE80:0::1%eth0')).toBe('fe80::1');
    expect(canonicalAddress('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3');
    expect(canonicalAddress('1:0:0:2:3:0:0:4')).toBe('1::2:3:0:0:4');
    expect(canonicalAddress('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7');
    expect(canonicalAddress('::1.2.3.4')).toBe('::102:304');
  });

  it.each([
    '',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4:80',
    '[::1]',
    '1.2.3.4%eth0',
    '::1%',
    '::1/64',
    ' ::1',
    '1.2.3.4\n',
    '0x7f.1',
  ])('is not %j', (text) => {
    expect(canonicalAddress(text)).toBeNull();
    expect(addressKey(text)).toBe('none');
    expect(
      isWithin(
        [parseAddressRange('0.0.0.0/0'), parseAddressRange('::/0')].filter((one) => one !== null),
        text,
      ),
    ).toBe(false);
  });

  it('of IPv6 counts with all others of its /64, and with no other [S95]', () => {
    fc.assert(
      fc.property(fc.oneof(ipv6, nearIpv6), fc.oneof(ipv6, nearIpv6), (one, other) => {
        const [a, b] = [expand(spelled(one)), expand(spelled(other))];
        const sibling = [...a.slice(0, 4), ...b.slice(4)].map((group) => group.toString(16)).join(':');
        const isMapped = (text: string) => canonicalAddress(text)?.includes('.') === true;
        if (isMapped(one) || isMapped(other) || isMapped(sibling)) return;
        expect(addressKey(sibling)).toBe(addressKey(one));
        const isSame = a.slice(0, 4).join() === b.slice(0, 4).join();
        expect(addressKey(one) === addressKey(other)).toBe(isSame);
      }),
      { numRuns: 5000 },
    );
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  });
});

describe('a range', () => {
  it('holds exactly what BlockList says', () => {
    let held = 0;
    const addresses = fc.oneof(nearIpv4, nearIpv6, ipv4, ipv6);
    fc.assert(
      fc.property(fc.array(fc.tuple(addresses, masks), { maxLength: 4 }), addresses, (networks, address) => {
        const list = new BlockList();
        const ranges = networks.flatMap(([network, mask]) => {
          const prefix = isIP(network) === 4 ? mask % 33 : mask;
          const start = networkOf(network, prefix);
          const range = parseAddressRange(`${start}/${prefix}`);
          // A range that would mix the families is refused.
          if (range === null) return [];
          // BlockList has IPv4 addresses within `::/0`; a list of ours that allows IPv6 says nothing about IPv4.
          const isSameFamily = range.text.includes(':') === canonicalAddress(address)?.includes(':');
          if (isSameFamily) list.addSubnet(start, prefix, familyOf(start));
          return range;
        });
        const expected = list.check(address, familyOf(address));
        expect(isWithin(ranges, address)).toBe(expected);
        if (expected) held += 1;
      }),
      { numRuns: 20_000 },
    );
    expect(held).toBeGreaterThan(1000);
  });

  it('has one spelling, and reads it again', () => {
    fc.assert(
      fc.property(fc.oneof(nearIpv4, nearIpv6, ipv4, ipv6), masks, (address, mask) => {
        const prefix = isIP(address) === 4 ? mask % 33 : mask;
        const range = parseAddressRange(`${networkOf(address, prefix)}/${prefix}`);
        if (range === null) return;
        expect(parseAddressRange(range.text)).toEqual(range);
      }),
    );
    expect(parseAddressRange('2001:DB8:0::/32')?.text).toBe('2001:db8::/32');
    expect(parseAddressRange('::ffff:10.0.0.0/104')).toEqual(parseAddressRange('10.0.0.0/8'));
    expect(parseAddressRange('192.0.2.7/32')).toEqual(parseAddressRange('192.0.2.7'));
  });

  it('of one family never holds the other', () => {
    const [all4, all6] = [parseAddressRange('0.0.0.0/0'), parseAddressRange('::/0')];
    if (all4 === null || all6 === null) throw new Error('Both are ranges.');
    for (const [address, family] of [
      ['1.2.3.4', 4],
      ['::ffff:1.2.3.4', 4],
      ['::1', 6],
      ['2001:db8::1', 6],
    ] as const) {
      expect(isWithin([all4], address)).toBe(family === 4);
      expect(isWithin([all6], address)).toBe(family === 6);
    }
    expect(isWithin([], '1.2.3.4')).toBe(false);
  });

  it.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.1/8',
    '10.0.0.0/ 8',
    '10.0.0',
    '10.0.0.0-10.0.0.9',
    '::/129',
    '::1/64',
    'fe80::1%eth0',
    'fe80::%eth0/64',
    '::ffff:0:0/90',
    'localhost',
    '*',
  ])('is not %j', (text) => {
    expect(parseAddressRange(text)).toBeNull();
  });
});
