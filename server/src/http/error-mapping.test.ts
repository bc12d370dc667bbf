// Whatever a schema of ours demands of a text has words that say what is expected, with an example.

import * as wire from '@keyward/sdk/wire';
import { expect, test } from 'vitest';
import { failureOf, formats, patterns } from './error-mapping.ts';

function demands(schema: unknown, keyword: 'format' | 'pattern', found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  for (const [name, value] of Object.entries(schema)) {
    if (name === keyword && typeof value === 'string') found.add(value);
    else demands(value, keyword, found);
  }
  return found;
}

test('every format and pattern of the wire has words of its own, with an example', () => {
  const found = demands(wire, 'format');
  expect(found.size).toBeGreaterThan(0);
  for (const format of found) expect(formats[format], format).toMatch(/such as/);
  for (const pattern of demands(wire, 'pattern')) expect(patterns[pattern], pattern).toMatch(/such as/);
});

const request = {
  body: { expiresAt: '2030-01-31', per: 'x' },
  params: {},
  query: {},
  headers: {},
  raw: { socket: null },
};

test.each([
  [
    'format',
    '/expiresAt',
    { format: 'date-time' },
    'expiresAt must be a time such as 2030-01-31T12:00:00Z; a date alone',
  ],
  ['enum', '/per', { allowedValues: ['organization', 'address'] }, 'per must be one of organization, address.'],
])('a wrong %s says what is expected', (keyword, instancePath, params, words) => {
  const error = Object.assign(new Error('x'), {
    validation: [{ keyword, instancePath, params, schemaPath: '', message: 'must match' }],
    validationContext: 'body',
  });
  expect(failureOf(error, request)?.message).toContain(words);
});
