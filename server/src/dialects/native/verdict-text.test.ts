// The text of a verdict, held against JSON.stringify.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdictText } from './verdict-text.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'read:*', 'Łódź', 'a"b\\', '\u2028', '\ud800'),
);
const wait = fc.oneof(fc.nat(), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }));

const limit = {
  plan: text,
  limit: fc.nat(),
  windowMs: fc.nat(),
  remaining: fc.nat(),
  resetMs: wait,
  retryAfterMs: wait,
  unavailable: fc.constantFrom('local' as const, 'deny' as const, 'allow' as const),
  name: text,
};
const requiredKeys = ['plan', 'limit', 'windowMs', 'remaining', 'resetMs', 'retryAfterMs'] as const;

const response = fc.record(
  {
    allowed: fc.boolean(),
    reason: text,
    principal: fc.record(
      {
        id: text,
        type: fc.constantFrom('user' as const, 'api_user' as const, 'api_token' as const),
        name: text,
        externalId: fc.option(text),
        organization: fc.record({ id: text, name: text, externalId: fc.option(text) }),
        permissions: fc.array(text).map((list) => Object.freeze(list) as string[]),
        expiresAt: fc.option(text),
        organizationId: text,
        ownerId: text,
        apis: fc.array(text),
      },
      {
        requiredKeys: [
          ...(['id', 'type', 'name', 'externalId', 'organization', 'permissions'] as const),
          ...(['expiresAt', 'organizationId', 'ownerId'] as const),
        ],
      },
    ),
    limit: fc.record(
      { ...limit, all: fc.array(fc.record(limit, { requiredKeys: [...requiredKeys] })) },
      { requiredKeys: [...requiredKeys] },
    ),
    tokenIds: fc.array(text),
    session: text,
    jkt: text,
    dpopNonce: text,
    lacking: fc.array(
      fc.record({ permission: text, in: fc.constantFrom('token' as const, 'role' as const, 'entitlement' as const) }),
    ),
  },
  { requiredKeys: ['allowed'] },
);

test('a verdict is written as JSON.stringify writes it, whatever its texts and numbers are', () => {
  fc.assert(
    fc.property(response, (one) => {
      expect(verdictText(one)).toBe(JSON.stringify(one));
    }),
  );
});
