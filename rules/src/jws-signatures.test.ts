// Signatures that nobody made by signing: the edges of each algorithm and the other forms of its signatures, for ECDSA in the form of
// IEEE P1363, for Ed25519 and for RSA with PKCS #1 v1.5. They are of the kinds that Wycheproof collects, made here: its own vectors are
// not run. Claims and headers are attacked elsewhere.

import { constants, createHash, privateEncrypt, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithms, check, good, pairs } from './jws.test-support.ts';
import type { JwsAlgorithm } from './jws.ts';

const parts = (alg: JwsAlgorithm) => {
  const end = good[alg].lastIndexOf('.');
  return { input: good[alg].slice(0, end), signature: Buffer.from(good[alg].slice(end + 1), 'base64url') };
};
const isAccepted = (alg: JwsAlgorithm, signature: Buffer) =>
  check(`${parts(alg).input}.${signature.toString('base64url')}`).failure === undefined;

const bytes = (value: bigint, length = 32) => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
const number = (big: Buffer) => BigInt(`0x${big.toString('hex')}`);
const zeros = (length: number) => Buffer.alloc(length);

describe('a signature', () => {
  it('of ES256 is none where r or s is 0, the order, the prime, or near to them [S41]', () => {
    const { signature } = parts('ES256');
    const [r, s] = [number(signature.subarray(0, 32)), number(signature.subarray(32))];
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
    const edges = [
      0n,
      1n,
      2n,
      order - 1n,
      order,
      order + 1n,
      prime - 1n,
      prime,
      prime + 1n,
      2n ** 255n,
      2n ** 256n - 1n,
    ];
    for (const one of [...edges, r]) {
      for (const other of [...edges, s]) {
        const isGenuine = one === r && other === s;
        expect(isAccepted('ES256', Buffer.concat([bytes(one), bytes(other)])), `${one} ${other}`).toBe(isGenuine);
      }
    }
  });

  it('of ES256 is none in another form: DER, the other way round, shorter, longer, padded [S41]', () => {
    const { input, signature } = parts('ES256');
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    const der = sign('sha256', Buffer.from(input), pairs.ES256.privateKey);
    const others = [
      der,
      Buffer.concat([s, r]),
      signature.subarray(0, 63),
      signature.subarray(1),
      Buffer.concat([signature, zeros(1)]),
      Buffer.concat([zeros(1), signature]),
      Buffer.concat([zeros(1), r, zeros(1), s]),
      Buffer.concat([zeros(32), r, zeros(32), s]),
      Buffer.concat([signature, signature]),
      r,
      zeros(64),
      zeros(0),
    ];
    for (const other of others) expect(isAccepted('ES256', other), other.toString('hex')).toBe(false);
  });

  it('of Ed25519 is none where S is not below the order, or R is a point of small order [S41]', () => {
    const { signature } = parts('EdDSA');
    const little = (value: bigint) => bytes(value).reverse();
    const [point, scalar] = [signature.subarray(0, 32), number(Buffer.from(signature.subarray(32)).reverse())];
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const scalars = [
      scalar + order,
      scalar + 2n * order,
      0n,
      1n,
      order - 1n,
      order,
      order + 1n,
      2n ** 255n,
      2n ** 256n - 1n,
    ];
    for (const one of scalars) expect(isAccepted('EdDSA', Buffer.concat([point, little(one)])), `${one}`).toBe(false);
    const small = [
      '0100000000000000000000000000000000000000000000000000000000000000',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0000000000000000000000000000000000000000000000000000000000000080',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ];
    for (const one of small) {
      for (const other of [0n, scalar]) {
        expect(isAccepted('EdDSA', Buffer.concat([Buffer.from(one, 'hex'), little(other)])), one).toBe(false);
      }
    }
    for (const other of [signature.subarray(0, 63), Buffer.concat([signature, zeros(1)]), zeros(64), zeros(0)]) {
      expect(isAccepted('EdDSA', other)).toBe(false);
    }
    expect(isAccepted('EdDSA', Buffer.concat([point, little(scalar)]))).toBe(true);
  });

  it('of RS256 is none over a block that is padded, named or ended in another way (Bleichenbacher) [S41]', () => {
    const { input, signature } = parts('RS256');
    const digest = (name: string, text = input) => createHash(name).update(text).digest();
    const sha256 = Buffer.from('3031300d060960864801650304020105000420', 'hex');
    const info = Buffer.concat([sha256, digest('sha256')]);
    const raw = (block: Buffer) =>
      privateEncrypt({ key: pairs.RS256.privateKey, padding: constants.RSA_NO_PADDING }, block);
    /** 00, the type, as much padding as there is room for or as is said, 00, and what is signed; the rest is `fill`. */
    const block = (
      signed: Buffer,
      { type = 1, pad = 0xff, length = 253 - signed.length, zero = [0], fill = 0 } = {},
    ) => {
      const head = [0, type, ...Array<number>(length).fill(pad), ...zero];
      return Buffer.concat([Buffer.from(head), signed, Buffer.alloc(256, fill)]).subarray(0, 256);
    };
    // The block that signing makes, so that what follows differs from it in one thing each.
    expect(raw(block(info)).equals(signature)).toBe(true);
    const others: Record<string, Buffer> = {
      'zeros behind it': block(info, { length: 8 }),
      'anything behind it': block(info, { length: 8, fill: 0xa5 }),
      'less padding before it': Buffer.concat([
        zeros(8),
        block(info, { length: 253 - info.length - 8 }).subarray(0, 248),
      ]),
      'another type': block(info, { type: 2 }),
      'no type': block(info, { type: 0 }),
      'zeros for padding': block(info, { pad: 0 }),
      'no zero before it': block(info, { zero: [0xff] }),
      'the digest alone': block(digest('sha256')),
      'another digest': block(Buffer.concat([sha256, digest('sha256', 'x')])),
      'the name of SHA-1': block(Buffer.concat([Buffer.from('3021300906052b0e03021a05000414', 'hex'), digest('sha1')])),
      'the name of SHA-512': block(
        Buffer.concat([Buffer.from('3051300d060960864801650304020305000440', 'hex'), digest('sha512')]),
      ),
      'parameters left out': block(
        Buffer.concat([Buffer.from('302f300b06096086480165030402010420', 'hex'), digest('sha256')]),
      ),
      'a length in the long form': block(
        Buffer.concat([Buffer.from('308131300d060960864801650304020105000420', 'hex'), digest('sha256')]),
      ),
    };
    for (const [name, one] of Object.entries(others)) expect(isAccepted('RS256', raw(one)), name).toBe(false);
    const modulus = Buffer.from(String(pairs.RS256.publicKey.export({ format: 'jwk' }).n), 'base64url');
    for (const one of [modulus, bytes(number(modulus) - 1n, 256), bytes(1n, 256), zeros(256), zeros(0)]) {
      expect(isAccepted('RS256', one)).toBe(false);
    }
    const forms = [signature.subarray(1), signature.subarray(0, 255), Buffer.concat([zeros(1), signature])];
    for (const one of [...forms, Buffer.concat([signature, zeros(1)])]) expect(isAccepted('RS256', one)).toBe(false);
  });

  it.each(algorithms)('of %s is none with any bit changed, and not by chance [S41]', (alg) => {
    const { signature } = parts(alg);
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(signature);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(isAccepted(alg, changed)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: signature.length, maxLength: signature.length }), (any) => {
        expect(isAccepted(alg, Buffer.from(any))).toBe(false);
      }),
    );
  });
});
