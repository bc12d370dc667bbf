// What may stand in an external id and in metadata: whatever other systems call things, and nothing that is secret.

import { expect, test } from 'vitest';
import { checkedExternal, checkedExternalId } from './external-record.ts';
import { generateApiToken, generatePassword, newId } from './secret.ts';

const accessTokens = [`AT1${'x'.repeat(60)}`, `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(86)}`];
const secrets = () => [generateApiToken(newId()), generatePassword(), ...accessTokens];

test.each([
  'cus_NffrFeUfNV2Hib',
  '7',
  'a b/c?d#e',
  'ann@example.com',
  newId(),
  'f'.repeat(48),
  'x'.repeat(128),
  'Łódź',
])('an external id is kept as it is: %s', (id) => expect(checkedExternalId(id)).toBe(id));

test('an external id that can be written in two ways is kept in one', () => {
  expect(checkedExternalId(' A\u030a ')).toBe('\u00c5');
});

test.each(['', ' ', 'x'.repeat(129), '\u20ac'.repeat(43), 'a\u0000', 'a\nb', 'a\u200bb', '\ud800'])(
  'an external id is refused that is empty, long or has what nobody sees: %j',
  (id) => expect(() => checkedExternalId(id)).toThrow(/external id/),
);

test('neither an external id nor metadata takes what looks like a secret, wherever it stands [S12]', () => {
  for (const secret of secrets()) {
    for (const text of [secret, `Bearer ${secret}`, `"${secret}"`]) {
      if (text.length <= 128) expect(() => checkedExternalId(text)).toThrow(/must not hold a secret/);
      for (const metadata of [{ a: text }, { [text]: 1 }, { a: [{ b: [text] }] }]) {
        expect(() => checkedExternal({ metadata })).toThrow(/must not hold a secret/);
      }
    }
  }
});

test('metadata is an object of up to 4,096 bytes as JSON', () => {
  const fitting = { a: 'x'.repeat(4096 - 8) };
  expect(checkedExternal({ metadata: fitting })).toEqual({ metadata: fitting });
  expect(() => checkedExternal({ metadata: { a: 'x'.repeat(4096 - 7) } })).toThrow(/4096 bytes/);
  expect(() => checkedExternal({ metadata: { a: '\u20ac'.repeat(1363) } })).toThrow(/4096 bytes/);
});

test('null removes, and what is not said stays', () => {
  expect(checkedExternal({ externalId: null, metadata: null })).toEqual({ externalId: null, metadata: null });
  expect(checkedExternal({})).toEqual({});
});
