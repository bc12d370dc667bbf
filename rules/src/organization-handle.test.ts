// Whom the handle of an organization means.

import { expect, test } from 'vitest';
import { hasIdForm, isNamedBy } from './organization-handle.ts';

const [one, other] = ['6f1c7b0e-93a5-4a51-8a1f-2f9f3f1d0c11', '0b8a3a53-0d37-4d27-9d52-3a6f2c1e7b90'];

test('an organization is named by its id and by its name', () => {
  expect(isNamedBy(one, one, 'globex')).toBe(true);
  expect(isNamedBy('globex', one, 'globex')).toBe(true);
  expect(isNamedBy('acme', one, 'globex')).toBe(false);
});

test('one that is called like the id of another passes for it nowhere, and is named by its own id alone', () => {
  expect(isNamedBy(other, one, other)).toBe(false);
  expect(isNamedBy(one, one, other)).toBe(true);
  expect([hasIdForm(other), hasIdForm(`${other}0`), hasIdForm(other.toUpperCase())]).toEqual([true, false, false]);
});
