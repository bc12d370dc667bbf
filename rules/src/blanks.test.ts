// Which blanks are taken off, and that no others are.

import { expect, test } from 'vitest';
import { trimBlanks } from './blanks.ts';

test('spaces and tabs are taken off at both ends, and stay in between', () => {
  expect([' a', 'a\t', '\t a \tb \t', ' ', ''].map(trimBlanks)).toEqual(['a', 'a', 'a \tb', '', '']);
});

test('what else String.trim takes for a blank stays: a credential has one spelling [S32]', () => {
  for (const blank of '\n\v\f\r\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff') {
    expect(trimBlanks(`${blank}a${blank}`)).toBe(`${blank}a${blank}`);
  }
});
