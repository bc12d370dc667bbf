// Each security requirement that this server is held to is named by at least one test that proves it, in brackets at the
// end of the test's name.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Numbers and ranges of requirements. */
const required = [
  '1-25',
  '27-39',
  '42',
  '51',
  '53-73',
  '75-97',
  '99-107',
  '109-113',
  '116-119',
  '122-124',
  '126',
  '128',
];

function numbersIn(ranges: readonly string[]): number[] {
  return ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

/** The numbers that the names of a file's tests end with, as in `[S9]`, `[S9, S75]` or `[S9, G2]`. `letter`: G for figures. */
function namedIn(source: string, letter: 'S' | 'G' = 'S'): number[] {
  return [...source.matchAll(/\[([SG]\d+(?:[,\s]+[SG]\d+)*)\]/g)].flatMap(([, list = '']) =>
    list.split(/[,\s]+/).flatMap((one) => (one.startsWith(letter) ? [Number(one.slice(1))] : [])),
  );
}

function testFiles(): string[] {
  return ['server', 'rules', 'sdk', 'test'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => !/node_modules|(^|\/)dist\//.test(name))
      // The suites that every kind of a part must pass are called by test files.
      .filter((name) => name.endsWith('.test.ts') || /(^|\/)conformance[\w-]*\.ts$/.test(name))
      .map((name) => join(root, room, name)),
  );
}

test('every security requirement of this server is named by a test', () => {
  const files = testFiles().filter((file) => file !== import.meta.filename);
  expect(files.length).toBeGreaterThan(50);
  const named = new Set(files.flatMap((file) => namedIn(readFileSync(file, 'utf8'))));
  expect(
    numbersIn(required)
      .filter((number) => !named.has(number))
      .map((number) => `S${number}`),
  ).toEqual([]);
});

test('so are the figures of secrets that leave and of restored backups', () => {
  const named = testFiles().flatMap((file) => namedIn(readFileSync(file, 'utf8'), 'G'));
  expect(named).toEqual(expect.arrayContaining([17, 19]));
});

test('a requirement is named only where its number is in brackets', () => {
  expect(namedIn("test('a [S1]'); test('b [S2] [S3, S4]'); // S5, [x], S[6]")).toEqual([1, 2, 3, 4]);
  expect(namedIn("test('a [S1, G2]'); test('b [G17]'); // G5", 'G')).toEqual([2, 17]);
  expect(numbersIn(required)).toHaveLength(107);
});
