// Files of rows that are anything at all: what can be read is read as it was written, however it arrives, what cannot is told of by its
// line, and nothing is thrown.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestRow, type Row, readRows, type Unreadable } from './read-rows.ts';

async function read(bytes: Uint8Array, cuts: readonly number[] = []): Promise<(Row | Unreadable)[]> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  async function* chunks() {
    for (let index = 1; index < at.length; index += 1) yield bytes.subarray(at[index - 1], at[index]);
  }
  const found: (Row | Unreadable)[] = [];
  for await (const one of readRows(chunks())) found.push(one);
  return found;
}
const readText = (text: string, cuts: readonly number[] = []) => read(Buffer.from(text), cuts);
const plainly = (found: (Row | Unreadable)[]) => JSON.parse(JSON.stringify(found)) as (Row | Unreadable)[];
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

const cuts = fc.array(fc.nat(), { maxLength: 6 });
/** Of any characters, but for the one that stands for those that cannot be read. */
const anyText = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((text) => text.toWellFormed().replaceAll('\ufffd', ''));
const tricky = fc.oneof(
  anyText,
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a', '{', '}', '\\', '\ufeff'), maxLength: 20 }),
);

describe('what is read of a file', () => {
  test('is each quoted cell as it was written, whatever is in it, with either end of line, on the line where the row begins', async () => {
    const rows = fc.array(fc.tuple(tricky, tricky, tricky), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), fc.boolean(), cuts, async (all, end, isEnded, where) => {
        const lines = [['a', 'b', 'c'], ...all].map((row) => row.map(quoted).join(','));
        let line = 1;
        const wanted = lines.map((text, index) => {
          const [a, b, c] = all[index - 1] ?? ['', '', ''];
          const row = { line, fields: { a, b, c } };
          line += text.split('\n').length;
          return row;
        });
        const text = lines.join(end) + (isEnded ? end : '');
        expect(plainly(await readText(text, where))).toEqual(wanted.slice(1));
      }),
      { numRuns: 500 },
    );
  });

  test('is each line of JSON as it was written', async () => {
    const row = fc.dictionary(anyText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        cuts,
        async (all, end, where) => {
          const text = all.map((one) => JSON.stringify(one)).join(end);
          fc.pre(!text.includes('\ufffd'));
          const found = await readText(text, where);
          const step = end === '\n\n' ? 2 : 1;
          expect(JSON.stringify(found)).toBe(
            JSON.stringify(
              all.map((one, index) => ({ line: 1 + index * step, fields: JSON.parse(JSON.stringify(one)) })),
            ),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is the same however the file arrives', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      tricky.map((text) => Buffer.from(`a,b\n${text}`)),
      fc.array(tricky).map((all) => Buffer.from(all.join('\n'))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, cuts, async (file, where) => {
        expect(await read(file, where)).toEqual(await read(file));
      }),
      { numRuns: 2000 },
    );
  });

  test('is never an error: a fault has a line of the file, and rows come in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          tricky.map((text) => Buffer.from(text)),
        ),
        async (file) => {
          const lines = Buffer.from(file).toString('latin1').split('\n').length;
          let last = 0;
          for (const one of await read(file)) {
            expect(one.line).toBeGreaterThan(last);
            expect(one.line).toBeLessThanOrEqual(lines);
            if ('fault' in one) expect(one.fault).not.toBe('');
            last = one.line;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a row that is wrong', () => {
  const good = fc.stringMatching(/^[0-9a-z]{1,8}$/);
  const wrong = fc.constantFrom(
    'uno',
    'uno,due,tre',
    '"a"b,c',
    'a,"b"c',
    ',,',
    Buffer.of(0x61, 0x2c, 0xff).toString('latin1'),
  );

  test('is told of by its line, without what stands in it, and the others are read', async () => {
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(good, good).map((row) => ({ text: row.join(','), isGood: true })) },
      { weight: 1, arbitrary: wrong.map((text) => ({ text, isGood: false })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), cuts, async (lines, where) => {
        const text = ['key,owner', ...lines.map((one) => one.text)].join('\n');
        const found = await read(Buffer.from(text, 'latin1'), where);
        expect(found.map((one) => [one.line, !('fault' in one)])).toEqual(
          lines.map(({ isGood }, index) => [index + 2, isGood]),
        );
        for (const one of found) if ('fault' in one) expect(one.fault).not.toMatch(/uno|due|tre/);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a quote in the middle of a cell takes no other row with it', 'size,key\n5" pipe,a\nnext,b\n', [2, 3], []],
    ['a quote that does not close', 'a,b\n1,"2\n', [], [2]],
    ['a head line whose quote does not close', '"a,b\n1,2\n', [], [1]],
    ['a head line with a name twice', 'a,b,a\n1,2,3\n', [], [1]],
    ['a head line that is not in UTF-8', Buffer.of(0xff, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0x32), [], [1]],
    ['bytes that are no UTF-8, at the end', Buffer.of(0x61, 0x0a, 0xe2, 0x82), [], [2]],
    ['JSON behind empty lines', '\r\n\t\r\n{"a":"\\""}\r\n{"a":1}\r\n{"a":\r\n[1]\r\n', [3, 4], [5, 6]],
    ['a row that is too long', `a,b\n1,2\n"${'x'.repeat(longestRow)}",2\n3,4\n`, [2, 4], [3]],
  ] as const)('%s', async (_, file, rows, faults) => {
    const found = await read(Buffer.from(file as string));
    expect(found.flatMap((one) => ('fault' in one ? [] : [one.line]))).toEqual(rows);
    expect(found.flatMap((one) => ('fault' in one ? [one.line] : []))).toEqual(faults);
  });

  test('of a hundred thousand characters is held by no more than its beginning, however it arrives', async () => {
    const long = `"${'x'.repeat(100_000)}"`;
    const text = `a\n${long}\nb\n`;
    for (const size of [1000, 65_536, 262_144]) {
      const where = Array.from({ length: Math.floor(text.length / size) }, (_, index) => (index + 1) * size);
      const found = await readText(text, where);
      expect(found.map((one) => [one.line, 'fault' in one])).toEqual([
        [2, true],
        [3, false],
      ]);
    }
  });

  test('may have names that JavaScript has for other things', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const [row] = await readText(`${names.join(',')}\n1,2,3\n`);
    expect(names.map((name) => (row as Row).fields[name])).toEqual(['1', '2', '3']);
  });
});
