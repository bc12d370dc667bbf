// What of a pasted text counts as keys.

import { expect, test } from 'vitest';
import { keysIn } from './jwks.ts';

test('keys are a set, or one key that becomes one; anything else is none', () => {
  const key = { kty: 'EC', crv: 'P-256' };
  expect(keysIn(JSON.stringify(key))).toEqual({ keys: [key] });
  expect(keysIn(JSON.stringify({ keys: [key, key] }))).toEqual({ keys: [key, key] });
  expect(keysIn(' \n')).toBeNull();
  for (const text of ['{', 'null', '[]', '"kty"', '{"keys":{}}', '-----BEGIN PUBLIC KEY-----']) {
    expect(keysIn(text)).toBeUndefined();
  }
});
