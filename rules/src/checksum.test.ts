// The checksum against zlib's own.

import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 } from './checksum.ts';
import { neighboursOf } from './low-byte-twins.test-support.ts';

it('is the CRC-32 that everyone computes', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => crc32(text) === reference(text)));
});

it('is of ASCII text: what only has the low bytes of one has none', () => {
  for (const twin of neighboursOf('kw_AZaz09')) expect(() => crc32(twin)).toThrow(RangeError);
});
