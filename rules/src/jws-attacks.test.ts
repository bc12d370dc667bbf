// The attacks that a JWT verifier meets.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { CompactEncrypt, exportJWK, FlattenedSign, UnsecuredJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { fastestMs } from '../../test/machine-time.ts';
import {
  check,
  claims,
  findKey,
  forge,
  good,
  headerOf,
  keys,
  pairs,
  profiles,
  segment,
  signRaw,
} from './jws.test-support.ts';
import { signCompact, type VerificationKey, verifyCompact } from './jws.ts';

describe('compact JWS under attack', () => {
  const publicKeyTexts = [
    pairs.RS256.publicKey.export({ type: 'spki', format: 'pem' }),
    pairs.RS256.publicKey.export({ type: 'pkcs1', format: 'pem' }),
    pairs.RS256.publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(pairs.RS256.publicKey.export({ format: 'jwk' })),
  ];

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('refuses alg %o with and without a signature [S28]', (alg) => {
    const header = { alg, ...profiles.RS256 };
    expect(check(`${segment(header)}.${segment(claims)}.`).failure).toBeDefined();
    expect(check(forge(header))).toEqual({ failure: 'refused_header' });
    expect(check(new UnsecuredJWT(claims).encode()).failure).toBeDefined();
  });

  it('refuses HMAC under the public key as PEM, DER or JWK [S28]', () => {
    for (const secret of publicKeyTexts) {
      for (const alg of ['HS256', 'RS256']) {
        const input = `${segment({ alg, ...profiles.RS256 })}.${segment(claims)}`;
        const compact = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
        expect(check(compact).failure).toBe(alg === 'RS256' ? 'bad_signature' : 'refused_header');
      }
    }
  });

  it.each([
    'RS384',
    'RS512',
    'PS256',
    'ES384',
    'EdDSA',
    'HS256',
    'rs256',
    'RS256 ',
    null,
    1,
    ['RS256'],
    { a: 1 },
    true,
  ])('takes the algorithm from the key record, so a header that says %o is refused [S28]', (alg) => {
    expect(check(forge({ ...headerOf('RS256'), alg }))).toEqual({ failure: 'refused_header' });
    const { kid, typ } = profiles.RS256;
    expect(check(forge({ typ, kid }))).toEqual({ failure: 'refused_header' });
  });

  it("refuses one key's algorithm, type or signature under another key's id [S28] [S33]", () => {
    expect(check(forge({ alg: 'ES256', ...profiles.RS256 }, claims, 'ES256'))).toEqual({ failure: 'refused_header' });
    expect(check(forge({ alg: 'RS256', ...profiles.RS256 }, claims, 'ES256'))).toEqual({ failure: 'bad_signature' });
    const mixedUp = { kid: 'k', algorithm: 'RS256', typ: 'JWT', publicKey: pairs.ES256.publicKey } as const;
    const compact = forge({ alg: 'RS256', typ: 'JWT', kid: 'k' }, claims, 'ES256');
    expect(verifyCompact(compact, () => mixedUp)).toEqual({ failure: 'bad_signature' });
    const input = compact.slice(0, compact.lastIndexOf('.'));
    const der = sign('sha256', Buffer.from(input), pairs.ES256.privateKey).toString('base64url');
    expect(verifyCompact(`${input}.${der}`, () => mixedUp)).toEqual({ failure: 'bad_signature' });
  });

  it.each(['jwt', 'JWT ', 'at+jwt', 'application/at+jwt', 'id+jwt', 'refresh', '', null, ['JWT']])(
    "refuses a token whose typ %o is not its key's [S33]",
    (typ) => {
      expect(check(forge({ ...headerOf('RS256'), typ }))).toEqual({ failure: 'refused_header' });
      const { alg, kid } = headerOf('RS256');
      expect(check(forge({ alg, kid }))).toEqual({ failure: 'refused_header' });
    },
  );

  it("refuses an attacker's key in jwk, x5c, jku or x5u, asks nobody for it, and refuses them from our own key too [S29]", async () => {
    const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const fetched = vi.spyOn(globalThis, 'fetch');
    const carriers = {
      jwk: await exportJWK(attacker.publicKey),
      x5c: ['MIIB'],
      jku: 'https://attacker.example/jwks.json',
      x5u: 'http://169.254.169.254/cert',
      x5t: 'AAAA',
    };
    for (const [name, value] of Object.entries(carriers)) {
      const header = { ...headerOf('ES256'), [name]: value };
      const input = `${segment(header)}.${segment(claims)}`;
      const compact = `${input}.${signRaw(input, attacker.privateKey).toString('base64url')}`;
      expect(check(compact)).toEqual({ failure: 'refused_header' });
      expect(check(forge(header, claims, 'ES256'))).toEqual({ failure: 'refused_header' });
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  it.each([
    ['a path', '../../etc/passwd'],
    ['SQL', "x' OR 1=1 --"],
    ['10 kB', 'k'.repeat(10_000)],
    ['65 characters', 'k'.repeat(65)],
    ['nothing', ''],
    ['a space', 'rs-key_1 '],
    ['another script', 'rs-kеy_1'],
    ['an array', ['rs-key_1']],
    ['a number', 1],
    ['an object', { kid: 'rs-key_1' }],
    ['null', null],
    ['absence', undefined],
  ])('looks nothing up for a kid that is %s [S30]', (_what, kid) => {
    const lookup = vi.fn(findKey);
    const { failure } = verifyCompact(forge({ ...headerOf('RS256'), kid }), lookup);
    expect(['refused_header', 'malformed']).toContain(failure);
    expect(lookup).not.toHaveBeenCalled();
  });

  it('refuses a kid with U+0000, a kid given twice, and names that every object has [S30]', () => {
    expect(check(forge('{"alg":"RS256","typ":"JWT","kid":"rs-key_1\\u0000"}'))).toEqual({ failure: 'malformed' });
    expect(check(forge('{"alg":"RS256","typ":"JWT","kid":"x","kid":"rs-key_1"}'))).toEqual({ failure: 'malformed' });
    const record: Record<string, VerificationKey> = {};
    for (const kid of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const compact = forge({ ...headerOf('RS256'), kid });
      expect(verifyCompact(compact, (name) => record[name])).toEqual({ failure: 'unknown_key' });
    }
  });

  it('matches a kid by its exact characters [S30]', () => {
    for (const kid of ['RS-KEY_1', 'rs-key_', 'rs-key_11']) {
      expect(check(forge({ ...headerOf('RS256'), kid }))).toEqual({ failure: 'unknown_key' });
    }
    const careless = verifyCompact(forge({ ...headerOf('RS256'), kid: 'RS-KEY_1' }), (kid) =>
      findKey(kid.toLowerCase()),
    );
    expect(careless).toEqual({ failure: 'unknown_key' });
  });

  it.each([
    { crit: ['exp'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true },
    { zip: 'DEF' },
    { enc: 'A256GCM' },
    { cty: 'JWT' },
  ])('refuses the header members %j although well signed [S31]', (members) => {
    expect(check(forge({ ...headerOf('RS256'), ...members }))).toEqual({ failure: 'refused_header' });
  });

  it('refuses an unencoded payload (RFC 7797) made by jose [S31]', async () => {
    const header = { ...headerOf('ES256'), b64: false, crit: ['b64'] };
    const jws = await new FlattenedSign(new TextEncoder().encode('{}'))
      .setProtectedHeader(header)
      .sign(pairs.ES256.privateKey);
    expect(check(`${jws.protected}.${'{}'}.${jws.signature}`).failure).toBeDefined();
    expect(check(`${jws.protected}..${jws.signature}`).failure).toBeDefined();
  });

  it('refuses a JWE to our key, a JWT in a JWT, and JSON serialisation [S31]', async () => {
    const jwe = new CompactEncrypt(new TextEncoder().encode(good.RS256)).setProtectedHeader({
      alg: 'RSA-OAEP',
      enc: 'A256GCM',
      cty: 'JWT',
      kid: 'rs-key_1',
    });
    expect(check(await jwe.encrypt(pairs.RS256.publicKey))).toEqual({ failure: 'malformed' });
    for (const inner of [good.RS256, JSON.stringify(good.RS256), JSON.stringify([good.RS256])]) {
      expect(check(forge(headerOf('RS256'), inner))).toEqual({ failure: 'malformed_claims' });
    }
    const [header, payload, signature] = good.RS256.split('.');
    expect(check(JSON.stringify({ protected: header, payload, signature }))).toEqual({ failure: 'malformed' });
    expect(check(JSON.stringify({ payload, signatures: [{ protected: header, signature }] }))).toEqual({
      failure: 'malformed',
    });
  });

  it('refuses every spelling but the canonical one [S32]', () => {
    const token = good.ES256;
    const [header = '', payload = '', signature = ''] = token.split('.');
    const padded = [header, payload, signature].map((part) => part + '='.repeat((4 - (part.length % 4)) % 4)).join('.');
    const spellings = [
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `\t${token}`,
      `${token}\0`,
      token.replace('.', '. '),
      padded,
      `${token}=`,
      `${token}.`,
      `.${token}`,
      `${header}.${payload}`,
      header,
      '',
      '.',
      '..',
      '...',
      `${token}.${signature}`,
      `${header}..${signature}`,
      `${token}.a.b`,
      encodeURIComponent(token).replaceAll('.', '%2E'),
    ];
    for (const spelling of spellings) expect(check(spelling).failure).toBeDefined();
    for (let i = 0; i < 50; i += 1) {
      const one = signCompact(headerOf('ES256'), { ...claims, jti: `${i}>>>???` }, pairs.ES256.privateKey);
      const plain = one.replaceAll('-', '+').replaceAll('_', '/');
      if (plain !== one) expect(check(plain)).toEqual({ failure: 'malformed' });
    }
  });

  it('accepts 8,192 characters and no more, and refuses megabytes fast [S32]', async () => {
    const sized = (length: number): string =>
      signCompact(headerOf('ES256'), { pad: 'x'.repeat(length) }, pairs.ES256.privateKey);
    let length = 5_900;
    while (sized(length + 1).length <= 8192) length += 1;
    expect(check(sized(length)).failure).toBeUndefined();
    expect(check(sized(length + 3))).toEqual({ failure: 'malformed' });
    const megabytes = '.'.repeat(10_000_000);
    expect(check(megabytes)).toEqual({ failure: 'malformed' });
    expect(await fastestMs(() => check(megabytes))).toBeLessThan(20);
  });

  it.each([
    ['a header member twice', '{"alg":"none","alg":"RS256","typ":"JWT","kid":"rs-key_1"}', claims],
    ['a header member twice, once escaped', '{"\\u0061lg":"none","alg":"RS256","typ":"JWT","kid":"rs-key_1"}', claims],
    ['a claim twice', headerOf('RS256'), '{"sub":"u1","sub":"admin"}'],
    ['a claim twice, deep inside', headerOf('RS256'), '{"a":{"b":[{"c":1,"c":2}]}}'],
    ['__proto__ among the claims', headerOf('RS256'), '{"__proto__":{"sub":"admin"}}'],
    ['an endless number', headerOf('RS256'), '{"exp":1e400}'],
    ['a byte order mark', headerOf('RS256'), '\ufeff{}'],
    ['an array of claims', headerOf('RS256'), '[]'],
    ['no claims', headerOf('RS256'), ''],
    ['a header that is an array', '["RS256"]', claims],
    ['a header that is not JSON', 'RS256', claims],
  ])('refuses %s although well signed [S35]', (_what, header, payload) => {
    expect(check(forge(header, payload)).failure).toMatch(/^malformed/);
  });

  it('never lets a header that was seen with a good signature vouch for another payload', () => {
    expect(check(good.RS256).failure).toBeUndefined();
    const [header, , signature] = good.RS256.split('.');
    expect(check(`${header}.${segment({ sub: 'admin' })}.${signature}`)).toEqual({ failure: 'bad_signature' });
    const [key] = [...keys.values()];
    const retired = new Map(keys).set('rs-key_1', { ...(key as VerificationKey), typ: 'other' });
    expect(verifyCompact(good.RS256, (kid) => retired.get(kid))).toEqual({ failure: 'refused_header' });
    expect(verifyCompact(good.RS256, () => undefined)).toEqual({ failure: 'unknown_key' });
  });

  it('refuses to sign with a key that does not fit the header', () => {
    expect(() => signCompact(headerOf('RS256'), claims, pairs.ES256.privateKey)).toThrow('cannot sign RS256');
    expect(() => signCompact(headerOf('ES256'), claims, pairs.RS256.privateKey)).toThrow('cannot sign ES256');
  });

  it('holds an ES256 record to P-256', () => {
    for (const namedCurve of ['P-384', 'P-521']) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
      const input = `${segment({ alg: 'ES256', typ: 'JWT', kid: 'k' })}.${segment(claims)}`;
      const compact = `${input}.${signRaw(input, privateKey).toString('base64url')}`;
      const key = {
        kid: 'k',
        algorithm: 'ES256',
        typ: 'JWT',
        publicKey: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      } as const;
      expect(verifyCompact(compact, () => key)).toEqual({ failure: 'bad_signature' });
    }
  });
});
