// What somebody may paste who found a secret.

import { expect, test } from 'vitest';
import { clueIn } from './clue.ts';

test('takes a secret whole, and what a list shows of one in its two parts', () => {
  expect(clueIn('  kw_1VgEh72lSecret  ')).toEqual({ secret: 'kw_1VgEh72lSecret' });
  expect(clueIn('Bearer aaa.bbb.ccc')).toEqual({ secret: 'aaa.bbb.ccc' });
  for (const text of ['kw_1VgEh72l…x7Qz', 'kw_1VgEh72l...x7Qz', 'kw_1VgEh72l x7Qz', ' kw_1VgEh72l … x7Qz ']) {
    expect(clueIn(text)).toEqual({ start: 'kw_1VgEh72l', lastFour: 'x7Qz' });
  }
  expect(clueIn(' ')).toBeNull();
});
