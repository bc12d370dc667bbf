// The description of the API says who may call each endpoint of the native dialect as it is: this compares it with the table
// that the access matrix proves.

import { expect, test } from 'vitest';
import { reference } from '../../../server/src/dialects/native/reference.ts';
import { rows } from './routes.ts';

test.each(rows)('$route is described with the permissions that it needs', ({ route, needs, people }) => {
  const operation = reference.operations[route];
  expect(operation?.permissions ?? []).toEqual(Array.isArray(needs) ? needs : []);
  expect(operation?.credential === 'none').toBe(needs === 'open');
  if (people === true) expect(operation?.credential).toBe('person');
});
