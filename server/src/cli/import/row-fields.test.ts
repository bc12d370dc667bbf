// Rows that are anything at all: what they say is taken in the words of the API, or refused by the name of the member, without a
// word of what stands there.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandError } from '../terminal/command-error.ts';
import { apiUserFields, membersOf, personFields, tokenFields } from './row-fields.ts';

const fields = fc.constantFrom(tokenFields, personFields, apiUserFields);
const names = [...Object.keys(tokenFields), ...Object.keys(apiUserFields), '__proto__', 'toString', 'other'];
const cell = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    'none',
    'never',
    '999999999w',
    '9999-99-99',
    '10/1s',
    '10/999999999w',
    '{"a":1}',
    '{',
    '@/etc/passwd',
    'a, b;c',
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const rows = fc.array(fc.tuple(fc.constantFrom(...names), cell)).map((all) => Object.fromEntries(all));

test('a row is members that can be sent, or an error that names the member', () => {
  fc.assert(
    fc.property(fields, rows, (known, row) => {
      try {
        const members = membersOf(known, {}, row);
        expect(Object.keys(members).filter((name) => !Object.hasOwn(known, name) || !Object.hasOwn(row, name))).toEqual(
          [],
        );
        expect(() => JSON.stringify(members)).not.toThrow();
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError);
        expect(Object.keys(known).some((name) => (error as CommandError).message.includes(name))).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test.each(['expiresAt', 'limits', 'metadata'])('what stands in %s, where a secret may be, is not told', (name) => {
  const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
  let said = '';
  try {
    membersOf(tokenFields, {}, { [name]: secret });
  } catch (error) {
    said = (error as CommandError).message;
  }
  expect(said).toContain(`${name} cannot be read.`);
  expect(said).not.toContain('sk_live');
});

test('what is no text is no name, and a cell that is empty says nothing', () => {
  expect(() => membersOf(tokenFields, {}, { name: { first: 'a' } })).toThrow('name cannot be read.');
  expect(membersOf(tokenFields, {}, { name: '', hash: null, description: 7 })).toEqual({ description: '7' });
});

test('columns are found by the names that the recipe says', () => {
  const row = { customer: 'Hooli', name: 'not this' };
  expect(membersOf(tokenFields, { name: 'customer' }, row)).toEqual({ name: 'Hooli' });
  expect(membersOf(tokenFields, { name: 'toString' }, row)).toEqual({});
});
