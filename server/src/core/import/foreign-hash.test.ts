// Which hashes of other systems are taken, by what checking one would cost.

import { expect, test } from 'vitest';
import { anySlowHashOf } from './foreign-hash.ts';

const salt = 'c29tZXNhbHRzb21lc2FsdA';
const key = 'A'.repeat(43);
const argon2 = (memory: number, passes: number) =>
  anySlowHashOf(`$argon2id$v=19$m=${memory},t=${passes},p=1$${salt}$${key}`);

test('no hash is taken that costs more than about a second, however it is put together [S97]', () => {
  for (const [memory, passes] of [
    [262_144, 20],
    [262_144, 5],
    [131_072, 9],
    [524_288, 1],
    [65_536, 21],
  ] as const) {
    expect(argon2(memory, passes), `${memory} ${passes}`).toHaveProperty('fault');
  }
  expect(anySlowHashOf(`$2b$16$${'a'.repeat(53)}`)).toHaveProperty('fault');
  expect(anySlowHashOf(`$pbkdf2-sha512$i=2000001$${salt}$${key}`)).toHaveProperty('fault');
  // What OWASP, RFC 9106 and the libraries in use propose.
  for (const [memory, passes] of [
    [19_456, 2],
    [65_536, 3],
    [65_536, 4],
    [102_400, 8],
    [262_144, 4],
    [7168, 5],
  ] as const) {
    expect(argon2(memory, passes), `${memory} ${passes}`).toHaveProperty('stored');
  }
});
