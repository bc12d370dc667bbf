// That ASCII is told from everything else, unit by unit.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAscii } from './ascii.ts';
import { lowByteTwinsOf } from './low-byte-twins.test-support.ts';

test('a text is ASCII if each of its code units is below 128, however they are put together', () => {
  const unit = fc.oneof(fc.nat(0x7f), fc.nat(0xffff)).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      expect(isAscii(text)).toBe(units.every((one) => one.charCodeAt(0) < 0x80));
    }),
  );
});

test('no text whose characters have the low bytes of an ASCII text is one [S14]', () => {
  fc.assert(
    fc.property(lowByteTwinsOf('kw_AZaz09-_.'), (twin) => {
      expect(isAscii(twin)).toBe(false);
    }),
  );
});
