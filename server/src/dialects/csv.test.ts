// Rows of values that a spreadsheet must not take for anything but text.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRow } from './csv.ts';

/** RFC 4180, read strictly: the cells of one row. */
function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] === '"') {
      let text = '';
      at += 1;
      while (row[at] !== '"' || row[at + 1] === '"') {
        text += row[at];
        at += row[at] === '"' ? 2 : 1;
      }
      cells.push(text);
      at += 1;
    } else {
      const end = Math.min(...[row.indexOf(',', at), row.indexOf('\r\n', at)].filter((found) => found >= 0));
      cells.push(row.slice(at, end));
      at = end;
    }
    if (row[at] !== ',') break;
    at += 1;
  }
  if (row.slice(at) !== '\r\n') throw new Error(`Behind the row there is ${JSON.stringify(row.slice(at))}.`);
  return cells;
}

describe('a row of comma-separated values', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\n=1', '＝1', '=HYPERLINK("http://evil.example","x")'])(
    'begins no cell with what a spreadsheet would calculate: %j [S83]',
    (text) => {
      expect(cellsOf(csvRow([text, 'plain', text]))).toEqual([`'${text}`, 'plain', `'${text}`]);
    },
  );

  it('is read back as it was written, whatever is in it [S83]', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 8 }), (cells) => {
        const read = cellsOf(csvRow(cells));
        expect(read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell))).toEqual(cells);
        for (const cell of read) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves plain text plain', () => {
    expect(csvRow(['a', '1', '', 'x y'])).toBe('a,1,,x y\r\n');
    expect(csvRow(['a,b', 'say "x"', 'two\nlines'])).toBe('"a,b","say ""x""","two\nlines"\r\n');
  });
});
