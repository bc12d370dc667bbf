// Recipe files that are anything at all: each is a recipe that can be sent, or refused in plain words, and nothing else is thrown.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CommandError } from '../terminal/command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type RecipeFile, readRecipeFile } from './recipe-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-recipes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const terminal = { folder } as Terminal;
const write = (text: string | Uint8Array) => writeFileSync(join(folder, 'recipe.yaml'), text);

/** What was read of a file, or what is said of it. */
function read(text: string | Uint8Array): RecipeFile | string {
  write(text);
  try {
    return readRecipeFile(terminal, 'recipe.yaml');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    expect(error.exitCode).toBe(2);
    return error.message;
  }
}

const anyName = fc.string({ maxLength: 20 });
const recipe = fc.record(
  {
    name: anyName,
    algorithm: anyName,
    encoding: anyName,
    shape: fc.dictionary(anyName, fc.oneof(anyName, fc.nat())),
    locator: fc.oneof(fc.constant(null), fc.record({ start: fc.nat(), length: fc.nat() })),
    before: anyName,
    salt: anyName,
  },
  { requiredKeys: ['name', 'algorithm'] },
);

test('a recipe is read as it was written, in YAML and as JSON', () => {
  const file = fc.record(
    {
      columns: fc.record({ name: anyName, hash: anyName }, { requiredKeys: [] }),
      defaults: fc.dictionary(anyName, fc.jsonValue({ maxDepth: 2 })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(recipe, file, fc.boolean(), (rules, { columns, defaults }, asJson) => {
      const content = { ...rules, ...(columns && { columns }), ...(defaults && { defaults }) };
      const found = read(asJson ? JSON.stringify(content) : stringify(content));
      expect(JSON.parse(JSON.stringify(found))).toEqual(
        JSON.parse(JSON.stringify({ recipe: rules, columns: columns ?? {}, defaults: defaults ?? {} })),
      );
    }),
    { numRuns: 300 },
  );
});

test('whatever a file holds, it is read as something that can be sent, or refused in plain words', () => {
  const pieces = fc.constantFrom(
    ...[
      'name',
      'columns',
      'defaults',
      'pepper',
      ': ',
      '&a ',
      '*a',
      '[',
      ']',
      '{',
      '}',
      '!!binary ',
      '!!set ',
      '? ',
      '- ',
      '|',
    ],
    ...['\n', '  ', '"', "'", '<<', '1', '.nan', '2001-01-01', '%YAML 1.1', '---', '...', '#', ',', '\t', '\0'],
  );
  const file = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((all) => Buffer.from(all.join(''))),
    fc.anything({ maxDepth: 3 }).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    fc.uint8Array({ maxLength: 100 }),
  );
  fc.assert(
    fc.property(file, (content) => {
      const found = read(content);
      expect(found).not.toBe('');
      expect(() => JSON.stringify(found)).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a thing that is a part of itself', 'name: a\nalgorithm: raw\ndefaults: &all { more: *all }\n', 'is no YAML'],
  ['very many aliases', `a: &a [${'x,'.repeat(20)}]\n${nested(12)}`, 'is no YAML'],
  ['a list', '- name: a\n', 'has no members'],
  ['nothing', '', 'has no members'],
  ['a member that no recipe has', 'name: a\nalgorythm: raw\n', 'algorythm'],
  ['a column that no row has', 'name: a\nalgorithm: raw\ncolumns: { nmae: customer }\n', 'nmae'],
  ['a column that JavaScript has', 'name: a\nalgorithm: raw\ncolumns: { toString: customer }\n', 'toString'],
  ['a column without a name', 'name: a\nalgorithm: raw\ncolumns: { name: [1] }\n', 'name no column for name'],
  ['columns that are a list', 'name: a\nalgorithm: raw\ncolumns: [name]\n', 'columns'],
  ['a pepper itself', 'name: a\nalgorithm: raw\npepper: { secret: very-secret, as: key }\n', 'names no file'],
])('%s is refused in plain words', (_, text, word) => {
  const said = read(text);
  expect(said).toEqual(expect.stringContaining(word));
  expect(said).not.toContain('very-secret');
});

function nested(levels: number): string {
  const names = 'abcdefghijklmnopqrstuvwxyz';
  return Array.from(
    { length: levels },
    (_, at) => `${names[at + 1]}: &${names[at + 1]} [${`*${names[at]},`.repeat(10)}]\n`,
  ).join('');
}
