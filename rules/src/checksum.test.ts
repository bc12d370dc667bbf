// The checksum against zlib's own.

import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 } from './checksum.ts';

it('is the CRC-32 that everyone computes', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => crc32(text) === reference(text)));
});
