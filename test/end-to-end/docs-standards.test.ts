// docs/standards.md names a test for every clause that it claims, and for every attack that it lists: each of them is there, by its
// file and its words.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage, tableIn } from './docs-page.ts';
import { root } from './run.ts';

const tables = [...readPage('docs/standards.md').matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table);
// tableIn takes the backticks off, which say what is a file here.
const tests = tables.flatMap((table) =>
  table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').at(-2)?.trim() ?? ''),
);

test('every row has a clause or a grant, what it asks or the attack on it, and a test', () => {
  const [clauses = [], attacks = [], ...others] = tables.map((table) => tableIn(table));
  expect(others).toEqual([]);
  for (const cells of [clauses, attacks]) {
    expect(cells.length).toBeGreaterThan(15);
    for (const row of cells) expect(row.filter((cell) => cell !== '')).toHaveLength(3);
  }
});

test('no standard of what is offered is left out', () => {
  const clauses = tableIn(tables[0] ?? '').map(([clause = '']) => clause);
  const numbers = [6749, 6750, 7009, 7523, 7636, 7662, 8252, 8414, 8628, 8693, 8707, 9068, 9207, 9449, 9700, 9728];
  const standards = [
    ...numbers.map((number) => `RFC ${number} §`),
    'draft-ietf-oauth-client-id-metadata-document §',
    'MCP ',
  ];
  expect(standards.filter((standard) => !clauses.some((clause) => clause.includes(standard)))).toEqual([]);
});

test.each([...new Set(tests)].filter((one) => one !== 'the same'))('%s', (named) => {
  const files = [...named.matchAll(/`([^`]+\.test\.ts)`(?:: ((?:(?!`[^`]+\.test\.ts`).)*))?/g)];
  expect(files, 'a file in backticks').not.toEqual([]);
  for (const [, file = '', titles = ''] of files) {
    const path = join(root, /^(?:test|rules|server|sdk)\//.test(file) ? file : `test/wire/oauth2/${file}`);
    expect(existsSync(path), `${file} is not there`).toBe(true);
    const text = readFileSync(path, 'utf8');
    for (const title of titles.split(' · ').map((one) => one.trim().replace(/;$/, ''))) {
      expect(text, `${file} has no test of these words`).toMatch(patternOf(title));
    }
  }
});

/** A title as the page writes it: its beginning, with … for what is left out. */
function patternOf(title: string): RegExp {
  const parts = title.split('…').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*'));
}
