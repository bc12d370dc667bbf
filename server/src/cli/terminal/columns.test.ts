// What somebody sees of a table on a screen that is too narrow for it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fit, fitted } from './columns.ts';
import { widthOf } from './style.ts';

const id = '6cb7d4c1-8682-4a65-b7b5-c376fa35e70c';
const at = '2026-12-01T02:43:58.355Z';

describe('the columns of a table', () => {
  test('are as wide as what is in them where the screen has room', () => {
    expect(fitted(['NAME', 'ID'], [['shop', id]], 80, 2)).toEqual([4, 36]);
  });

  test('are never half an id: it is whole or left out', () => {
    expect(fitted(['NAME', 'ID'], [['x'.repeat(30), id]], 50, 2)).toEqual([12, 36]);
    expect(fitted(['NAME', 'ID'], [['x'.repeat(30), id]], 40, 2)).toEqual([30, 0]);
  });

  test('are left out from the end where not even their beginnings fit', () => {
    const titles = ['ONE', 'TWO', 'THREE', 'FOUR'];
    expect(fitted(titles, [titles.map(() => 'x'.repeat(20))], 30, 2)).toEqual([8, 9, 9, 0]);
  });

  test('never take more than the screen has, unless one alone does', () => {
    const cell = fc.oneof(fc.string({ maxLength: 50 }), fc.constantFrom(id, at, ''), fc.string({ unit: 'grapheme' }));
    const tables = fc.array(fc.tuple(cell, cell, cell, cell, cell), { maxLength: 5 });
    fc.assert(
      fc.property(tables, fc.integer({ min: 20, max: 200 }), (rows, screen) => {
        const widths = fitted(['A', 'STATE', 'C', 'D', 'ID'], rows, screen, 2).filter((width) => width > 0);
        const total = widths.reduce((sum, width) => sum + width + 2, -2);
        expect(widths.length === 1 || total <= screen).toBe(true);
      }),
    );
  });
});

describe('what is in a column', () => {
  test('is a time to the second, or to the minute, but no half of one', () => {
    expect([24, 20, 17].map((width) => fit(at, width))).toEqual([at, '2026-12-01 02:43:58Z', '2026-12-01 02:43Z']);
  });

  test('is never wider than the column', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(at)),
        fc.integer({ min: 1, max: 40 }),
        (text, width) => {
          expect(widthOf(fit(text, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
