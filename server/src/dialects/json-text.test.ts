// Parts of answers as text, held against JSON.stringify.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectText } from './json-text.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'read:funds write:*', 'https://api.example', 'Łódź', 'a"b\\', '\u2028', '\ud800'),
);

const names = ['scope', 'client_id', 'username', 'token_type', 'sub', 'aud', 'iss', 'jti', 'organization_id'] as const;
const texts = Object.fromEntries(names.map((name) => [name, text])) as Record<(typeof names)[number], typeof text>;

const fields = fc.record(
  {
    active: fc.boolean(),
    ...texts,
    exp: fc.nat(),
    act: fc.dictionary(fc.string(), fc.jsonValue()),
    cnf: fc.record({ jkt: text }),
  },
  { requiredKeys: [] },
);

test('an object is written as JSON.stringify writes it, whatever its texts are', () => {
  fc.assert(
    fc.property(fields, (one) => {
      expect(objectText(one)).toBe(JSON.stringify(one));
    }),
  );
});
