// That a text stays one text in a shell, whatever is in it.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encoded, quoted } from '../../portal/src/parts/quoting.ts';

const printed = (word: string) => execFileSync('/bin/sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
const hostile = ["it's", '$(id)', '`id`', '"', '\\', '!!', 'a b', '', "'; rm x; '", '*'];

test('a quoted text is one word of a shell, and that text', () => {
  for (const text of hostile) expect(printed(quoted(text))).toBe(text);
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      fc.pre(!text.includes('\0'));
      expect(printed(quoted(text))).toBe(text);
    }),
    { numRuns: 30 },
  );
});

test('an encoded text means itself in an address, and nothing to a shell', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      expect(encoded(text)).toMatch(/^[\w.~%-]*$/);
      expect(decodeURIComponent(encoded(text))).toBe(text);
    }),
  );
  for (const text of hostile) expect(printed(`"${encoded(text)}"`)).toBe(encoded(text));
});
