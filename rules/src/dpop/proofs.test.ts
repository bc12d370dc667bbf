// Proofs of possession: exactly the right one passes, once, and nothing that anybody sends makes the check throw.

import { generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { keyHolder, type ProofParts, proofBy } from '../../../test/dpop.ts';
import { canonicalAddress } from './call-address.ts';
import { longestProof } from './proof.ts';
import { proofKeyIn } from './proof-key.ts';
import { createProofs, type Proofs } from './proofs.ts';

const holder = keyHolder();
const address = 'https://api.example/orders';
const token = 'an-access-token';

let now: number;
let proofs: Proofs;
beforeEach(() => {
  now = 1_900_000_000_000;
  proofs = createProofs({ nonceOf: (slot) => `nonce-${slot}`, clock: () => now });
});

const shown = (text: string | null, method = 'GET') => ({ text, method, addresses: [address] });
const good = (parts: Partial<ProofParts> = {}) =>
  proofBy(holder, { method: 'GET', url: address, nonce: proofs.nonce(), accessToken: token, now, ...parts });
const outcome = (text: string | null, of = proofs) => {
  const checked = of.check(shown(text), token);
  return 'reason' in checked ? checked.reason : (checked.spend()?.reason ?? checked.thumbprint);
};

describe('a proof', () => {
  it('shows the key that it is made with', () => {
    expect(outcome(good())).toBe(holder.thumbprint);
  });

  it('is used once, and says so to whoever asks again [S42]', () => {
    const text = good();
    const first = proofs.check(shown(text), token);
    const second = proofs.check(shown(text), token);
    if ('reason' in first || 'reason' in second) throw new Error('Both are good before one is used.');
    expect([first.spend(), first.spend()]).toEqual([null, null]);
    expect(second.spend()).toMatchObject({ reason: 'invalid_proof' });
    expect(outcome(text)).toBe('invalid_proof');
  });

  it('is not good again at whoever starts anew with nonces that others give too [S42]', () => {
    const nonceOf = (slot: number) => `shared-${slot}`;
    const start = () => createProofs({ nonceOf, clock: () => now, isShared: true });
    const [before, beside] = [start(), start()];
    now += 60_000;
    const text = good({ nonce: before.nonce() });
    expect(outcome(text, before)).toBe(holder.thumbprint);
    const anew = start();
    expect(outcome(text, anew)).toBe('nonce_required');
    expect(outcome(good({ nonce: anew.nonce() }), anew)).toBe(holder.thumbprint);
    expect(outcome(good({ nonce: anew.nonce() }), beside)).toBe(holder.thumbprint);
  });

  it('of another holder may have the same id', () => {
    const claims = { jti: 'one' };
    expect(outcome(good({ claims }))).toBe(holder.thumbprint);
    const other = keyHolder();
    const text = proofBy(other, {
      method: 'GET',
      url: address,
      nonce: proofs.nonce(),
      accessToken: token,
      now,
      claims,
    });
    expect(outcome(text)).toBe(other.thumbprint);
  });

  it.each([
    ['another method', { method: 'POST' }],
    ['the method in another case', { method: 'get' }],
    ['another path', { url: 'https://api.example/order' }],
    ['another host', { url: 'https://evil.example/orders' }],
    ['another scheme', { url: 'http://api.example/orders' }],
    ['somebody in the address', { url: 'https://me@api.example/orders' }],
    ['no address', { url: '/orders' }],
    ['another access token', { accessToken: 'another' }],
    ['no access token', { accessToken: undefined }],
    ['a time long ago', { claims: { iat: 1_899_999_699 } }],
    ['a time to come', { claims: { iat: 1_900_000_301 } }],
    ['no time', { claims: { iat: undefined } }],
    ['a time that is a text', { claims: { iat: '1900000000' } }],
    ['no id', { claims: { jti: undefined } }],
    ['an empty id', { claims: { jti: '' } }],
    ['a nonce that is no text', { claims: { nonce: 1 } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['no algorithm', { header: { alg: 'none' } }],
    ['a symmetric algorithm', { header: { alg: 'HS256' } }],
    ['the algorithm of another key', { header: { alg: 'RS256' } }],
    ['no key', { header: { jwk: undefined } }],
    ['a key by reference', { header: { jwk: undefined, jku: 'https://evil.example/keys' } }],
    ['the key of another', { header: { jwk: keyHolder().publicJwk } }],
    ['a private key', { header: { jwk: holder.privateKey.export({ format: 'jwk' }) } }],
    ['a private member that is empty', { header: { jwk: { ...holder.publicJwk, d: null } } }],
    ['a symmetric key', { header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } } }],
    ['a point that is on no curve', { header: { jwk: { ...holder.publicJwk, x: 'A'.repeat(43) } } }],
    ['a critical extension', { header: { crit: ['b64'], b64: false } }],
    ['more than anyone needs', { claims: { more: 'x'.repeat(longestProof) } }],
  ] satisfies [string, Partial<ProofParts>][])('with %s is refused [S43]', (_, parts) => {
    expect(outcome(good(parts))).toBe('invalid_proof');
    expect(outcome(good())).toBe(holder.thumbprint);
  });

  it.each([
    ['none', undefined],
    ['one that nobody gave', 'nonce-1'],
    ['an empty one', ''],
  ])('under the nonce %s is asked for again', (_, nonce) => {
    expect(outcome(good({ nonce }))).toBe('nonce_required');
  });

  it('is good for as long as its nonce, on one node alone [S42]', () => {
    const nonce = proofs.nonce();
    now += 50_000;
    expect(outcome(good({ nonce }))).toBe(holder.thumbprint);
    now += 20_000;
    expect(outcome(good({ nonce }))).toBe('nonce_required');
    const other = createProofs({ nonceOf: (slot) => `other-${slot}`, clock: () => now });
    expect(outcome(good(), other)).toBe('nonce_required');
    expect(outcome(good())).toBe(holder.thumbprint);
  });

  it('is never used twice, however many there are and whatever the clock does', () => {
    proofs = createProofs({ nonceOf: (slot) => `nonce-${slot}`, clock: () => now, mostUsed: 3 });
    const old = [good(), good(), good(), good(), good()];
    expect(old.slice(0, 3).map((one) => outcome(one))).toEqual(Array(3).fill(holder.thumbprint));
    expect(old.map((one) => outcome(one))).toEqual([
      ...Array(3).fill('invalid_proof'),
      'nonce_required',
      'nonce_required',
    ]);
    expect(outcome(good())).toBe(holder.thumbprint);
    now -= 3_600_000;
    expect(old.map((one) => outcome(one))).not.toContain(holder.thumbprint);
    now += 3_600_000;
    expect(old.map((one) => outcome(one))).not.toContain(holder.thumbprint);
  });

  it.each(['EdDSA', 'Ed25519', 'ES384', 'PS256', 'RS256'] as const)('may be made with %s', (alg) => {
    const pair =
      alg === 'ES384'
        ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
        : alg.startsWith('Ed')
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = pair.publicKey.export({ format: 'jwk' });
    const unsigned = good({ header: { alg, jwk } }).split('.').slice(0, 2).join('.');
    const hash = alg.startsWith('Ed') ? null : alg === 'ES384' ? 'sha384' : 'sha256';
    const options = {
      key: pair.privateKey,
      dsaEncoding: 'ieee-p1363',
      ...(alg === 'PS256' && { padding: 6, saltLength: 32 }),
    };
    const signature = sign(hash, Buffer.from(unsigned), options as never).toString('base64url');
    const key = proofKeyIn(jwk, alg)?.thumbprint ?? 'none';
    expect(outcome(`${unsigned}.${signature}`)).toBe(key);
    expect(outcome(`${unsigned}.${signature.slice(4)}AAAA`)).toBe('invalid_proof');
  });
});

test('takes no RSA key of an odd size or exponent', () => {
  for (const odd of [{ modulusLength: 1024 }, { modulusLength: 2048, publicExponent: 3 }]) {
    const { publicKey } = generateKeyPairSync('rsa', odd);
    expect(proofKeyIn(publicKey.export({ format: 'jwk' }), 'RS256')).toBeNull();
  }
});

test('calls a key by its thumbprint, as RFC 7638 section 3.1 has it', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const jwk: JsonWebKey = { kty: 'RSA', n, e: 'AQAB' };
  expect(proofKeyIn(jwk, 'RS256')?.thumbprint).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('never throws, and takes nothing that was not made by a key for this call', () => {
  const valid = good().split('.');
  const segment = fc.oneof(
    fc.constantFrom(...valid, '', '.', '=', 'AA'),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.string({ unit: 'binary' }),
  );
  const headers = fc.dictionary(
    fc.constantFrom('typ', 'alg', 'jwk', 'kid', 'crit'),
    fc.oneof(fc.constantFrom('dpop+jwt', 'ES256', 'RS256', holder.publicJwk), fc.jsonValue()),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(segment, { maxLength: 4 }).map((parts) => parts.join('.')),
    headers.map((header) => [Buffer.from(JSON.stringify(header)).toString('base64url'), ...valid.slice(1)].join('.')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(text !== valid.join('.'));
      expect(['invalid_proof', 'nonce_required']).toContain(outcome(text));
    }),
  );
});

test.each([
  ['HTTPS://API.Example:443/Orders', 'https://api.example/Orders'],
  ['https://api.example', 'https://api.example/'],
  ['http://api.example:80/?a=1#b', 'http://api.example/'],
  ['https://api.example/%7euser/%e2%82%ac/a%2fb', 'https://api.example/~user/%E2%82%AC/a%2Fb'],
  ['https://api.example/a/./b/../c', 'https://api.example/a/c'],
  ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
])('takes %s for %s (RFC 3986 section 6.2)', (spelled, canonical) => {
  expect(canonicalAddress(spelled)).toBe(canonical);
  expect(canonicalAddress(canonical)).toBe(canonical);
});

test.each(['', '/orders', 'ftp://a/b', 'https://', 'https://a b/', 'https://a\\b', 'https://me:pw@a/', 'javascript:1'])(
  'takes %j for no address of a call',
  (text) => {
    expect(canonicalAddress(text)).toBeNull();
  },
);
