// What a suggestion is, and when there is none.

import { expect, test } from 'vitest';
import { nearestWord } from './nearest-word.ts';

test.each([
  ['read:order', ['write:orders', 'read:orders', 'read:users'], 'read:orders'],
  ['READ:ORDERS', ['read:orders'], 'read:orders'],
  ['raed:*', ['read:*', 'write:*'], 'read:*'],
  ['a', ['abc', 'ab'], 'ab'],
  ['zzzzzz', ['read:orders'], undefined],
  ['read:orders', [], undefined],
])('for %j among %j suggests %j', (word, known, suggestion) => {
  expect(nearestWord(word, known)).toBe(suggestion);
});

test('suggests the first of those that are equally near', () => {
  expect(nearestWord('read:b', ['read:a', 'read:c'])).toBe('read:a');
});
