// Which addresses are of the public Internet, in every spelling that a URL or a resolver gives them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destinationOf } from './destination.ts';
import { allowedIn, mayConnect } from './public-address.ts';

const nothing = allowedIn([]);

const destination = (url: string, allowed = nothing) =>
  destinationOf(
    url,
    { allowed, resolve: async () => Promise.reject(new Error('No name is resolved here.')) },
    new AbortController().signal,
  );

/** Addresses that reach something of the operator's, or nothing at all. */
const privateIpv4 = fc
  .tuple(
    fc.constantFrom(
      [0, 0, 0, 0, 8],
      [10, 0, 0, 0, 8],
      [100, 64, 0, 0, 10],
      [127, 0, 0, 0, 8],
      [169, 254, 0, 0, 16],
      [172, 16, 0, 0, 12],
      [192, 0, 0, 0, 24],
      [192, 168, 0, 0, 16],
      [198, 18, 0, 0, 15],
      [224, 0, 0, 0, 4],
      [240, 0, 0, 0, 4],
    ),
    fc.nat({ max: 0xffffffff }),
  )
  .map(([[a = 0, b = 0, c = 0, d = 0, prefix = 0], noise]) => {
    const base = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const mask = 0xffffffff >>> prefix;
    return (base | (noise & mask)) >>> 0;
  });

const octets = (number: number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

/** What inet_aton and URL take for the same address. */
const spellings: readonly ((number: number) => string)[] = [
  (number) => octets(number).join('.'),
  (number) => String(number),
  (number) => `0x${number.toString(16)}`,
  (number) => `0${number.toString(8)}`,
  (number) =>
    octets(number)
      .map((one) => `0${one.toString(8)}`)
      .join('.'),
  (number) =>
    octets(number)
      .map((one) => `0x${one.toString(16)}`)
      .join('.'),
  (number) => `${number >>> 24}.${number & 0xffffff}`,
  (number) => `${number >>> 24}.${(number >>> 16) & 255}.${number & 0xffff}`,
  (number) => `${octets(number).join('.')}.`,
  (number) => octets(number).join('%2e'),
  (number) => octets(number).join('。'),
  (number) => `[::ffff:${octets(number).join('.')}]`,
  (number) => `[::ffff:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}]`,
  (number) => `[0:0:0:0:0:FFFF:${octets(number).join('.')}]`,
  (number) => `[::${octets(number).join('.')}]`,
  (number) => `[64:ff9b::${octets(number).join('.')}]`,
  (number) => `[2002:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}::1]`,
];

describe('an address', () => {
  it('that is private is refused in every spelling [S126]', async () => {
    await fc.assert(
      fc.asyncProperty(privateIpv4, fc.constantFrom(...spellings), async (number, spell) => {
        expect(await destination(`https://${spell(number)}/`)).toBe('address_not_allowed');
      }),
    );
  });

  it('of IPv6 that is not of the public Internet is refused [S126]', async () => {
    for (const address of [
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'fd12:3456::1',
      'ff02::1',
      'fec0::1',
      '100::1',
      '2001::1',
      '2001:db8::1',
      '3fff::1',
      '64:ff9b:1::1',
      'fe80::1%eth0',
      '::ffff:169.254.169.254',
      'fd00:ec2::254',
    ]) {
      expect(mayConnect(nothing, 'metadata.test', address), address).toBe(false);
    }
  });

  it('of the public Internet is connected to', async () => {
    for (const host of ['140.82.112.3', '8.8.8.8', '172.32.0.1', '[2606:50c0:8000::153]', '[2a00:1450:4001::1]']) {
      expect(await destination(`https://${host}/`), host).toMatchObject({ host: host.replace(/[[\]]/g, '') });
    }
  });

  it('is allowed by the operator one by one, or by range', async () => {
    const allowed = allowedIn(['10.96.0.1', 'fd00::/8', '192.168.0.0/16']);
    for (const host of ['10.96.0.1', '0x0a600001', '[fd12::1]', '192.168.7.7', '[::ffff:192.168.7.7]']) {
      expect(await destination(`https://${host}/`, allowed), host).toHaveProperty('address');
    }
    for (const host of ['10.96.0.2', '[fe80::1]', '127.0.0.1']) {
      expect(await destination(`https://${host}/`, allowed), host).toBe('address_not_allowed');
    }
  });

  it('is never had of arbitrary text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(typeof (await destination(text))).toBe('string');
        expect(mayConnect(allowedIn(['0.0.0.0/0', '::/0']), 'any.test', `${text} `)).toBe(false);
      }),
    );
  });
});
