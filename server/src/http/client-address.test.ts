// Whom the server takes for its caller, and that nobody can choose it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastestMs } from '../../../test/machine-time.ts';
import { clientOf, isLoopback, trustedProxies } from './client-address.ts';

const trusted = trustedProxies(['10.0.0.0/8', 'fd00::/8', '192.0.2.9']);

function seen(headers: Record<string, string>, remoteAddress = '10.0.0.1', encrypted = false) {
  return clientOf({ headers, socket: { remoteAddress, encrypted } }, trusted);
}

describe('the client address', () => {
  it('is the socket for everyone but a trusted proxy, whatever the headers say [S70]', () => {
    const forged = { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=1.2.3.4;proto=https', 'x-forwarded-proto': 'https' };
    expect(seen(forged, '203.0.113.7')).toEqual({ address: '203.0.113.7', secure: false });
    expect(seen(forged, '::ffff:203.0.113.7').address).toBe('203.0.113.7');
  });

  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4, 10.9.9.9, 192.0.2.9', '1.2.3.4'],
    ['10.9.9.9, 10.8.8.8', '10.9.9.9'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
  ])('is the right-most untrusted hop of %s [S70]', (header, address) => {
    expect(seen({ 'x-forwarded-for': header }).address).toBe(address);
  });

  it.each([
    '1.2.3.4, unknown',
    '1.2.3.4, 999.1.1.1',
    '1.2.3.4, 010.1.1.1',
    '1.2.3.4, 0x7f.1',
    '1.2.3.4, [1.2.3.4]',
    '1.2.3.4, 1.2.3.4%eth0',
    'nonsense',
    '<script>',
    '',
    ',,,',
  ])('ignores what is no address and stays at the proxy: %s [S70]', (header) => {
    expect(seen({ 'x-forwarded-for': header }).address).toBe('10.0.0.1');
  });

  it.each([
    ['for=1.2.3.4;proto=https', '1.2.3.4', true],
    ['For="[2001:db8::7]:4711";Proto=HTTPS', '2001:db8::7', true],
    ['for=6.6.6.6;proto=http, for=1.2.3.4;proto=https', '1.2.3.4', false],
    ['for=6.6.6.6;proto=https, for=1.2.3.4', '1.2.3.4', false],
    ['for="1.2.3.4:80";by=_x;host="a,b;c"', '1.2.3.4', false],
    ['for=unknown;proto=https', '10.0.0.1', true],
    ['for=_hidden', '10.0.0.1', false],
    ['for="1.2.3.4', '10.0.0.1', false],
    ['for=9.9.9.9" , for=1.2.3.4;proto=https', '10.0.0.1', false],
    ['for=1.2.3.4;for=5.6.7.8;proto=https', '10.0.0.1', false],
    ['for=1.2.3.4:80', '10.0.0.1', false],
  ])('reads Forwarded with quotes, ports and obfuscation: %s [S70]', (forwarded, address, secure) => {
    expect(seen({ forwarded })).toEqual({ address, secure });
  });

  it('believes neither header family when they disagree, since a proxy keeps only one of them [S70]', () => {
    const headers = { forwarded: 'for=6.6.6.6;proto=https', 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'http' };
    expect(seen(headers)).toEqual({ address: '10.0.0.1', secure: false });
  });

  it('answers a 10 kB list at once [S70]', async () => {
    const header = `${'10.1.1.1, '.repeat(1000)}1.2.3.4, 10.2.2.2`;
    const took = await fastestMs(() => {
      expect(seen({ 'x-forwarded-for': header }).address).toBe('1.2.3.4');
      expect(seen({ forwarded: `${'for="'.repeat(2000)}` }).address).toBe('10.0.0.1');
    });
    expect(took).toBeLessThan(100);
  });

  it('takes the scheme of a trusted proxy over its own, and only when nothing contradicts it [S1]', () => {
    expect(seen({ 'x-forwarded-proto': 'https' }).secure).toBe(true);
    expect(seen({ 'x-forwarded-proto': 'https, http' }).secure).toBe(false);
    expect(seen({ 'x-forwarded-proto': 'http' }, '10.0.0.1', true).secure).toBe(false);
    expect(seen({}, '10.0.0.1', true).secure).toBe(true);
    expect(seen({}, '10.0.0.1').secure).toBe(false);
  });

  it('never lets a client choose an address by what it sends before an honest proxy appends [S70]', () => {
    const client = fc.ipV4().filter((address) => !trusted(address) && !address.startsWith('0.'));
    const junk = fc.oneof(fc.string({ maxLength: 30 }), fc.ipV4(), fc.ipV6(), fc.constantFrom('unknown', '"', ','));
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 5 }), client, (forged, address) => {
        const sent = forged.join(', ').replace(/[^\x20-\x7e]/g, '');
        expect(seen({ 'x-forwarded-for': `${sent}, ${address}` }).address).toBe(address);
        const { address: found } = seen({ forwarded: `${sent}, for=${address}` });
        expect([address, '10.0.0.1']).toContain(found);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('trustedProxies', () => {
  it.each([
    ['10.0.0.0/8', '10.255.1.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['::ffff:10.0.0.0/104', '10.2.3.4', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::1', '2001:db8::2', false],
    ['127.0.0.1', '127.0.0.1', true],
  ])('%s over %s is %s', (entry, address, expected) => {
    expect(trustedProxies([entry])(address)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0', 'localhost', '10.0.0.0/8/8', '10.0.0.0/-1', '', '::1/129', '10.0.0.0/'])(
    'refuses the entry "%s" by name',
    (entry) => {
      expect(() => trustedProxies([entry])).toThrow(`"${entry}"`);
    },
  );

  it('trusts nobody by default, and not the local machine either', () => {
    expect(trustedProxies([])('127.0.0.1')).toBe(false);
  });
});

it('knows a loopback peer in each of its spellings', () => {
  const peers = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '128.0.0.1', '::2', undefined];
  const found = peers.map((remoteAddress) => isLoopback({ headers: {}, socket: { remoteAddress } }));
  expect(found).toEqual([true, true, true, true, false, false, false]);
});
