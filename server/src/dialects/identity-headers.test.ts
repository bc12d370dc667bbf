// How much an upstream and a proxy are told of a caller: no head grows beyond what they read.

import { expect, it } from 'vitest';
import type { Principal } from '../core/caller/records.ts';
import { identityHeaders, letInAtOnce, permissionsLimit } from './identity-headers.ts';

const holding = (permissions: readonly string[]): Principal => ({
  type: 'api_token',
  id: 'tok_1',
  name: '\u{1F680}'.repeat(50),
  externalId: '\u{1F680}'.repeat(32),
  organization: { id: 'org_1', name: 'acme', isOperator: false, externalId: '\u{1F680}'.repeat(32), entitlement: null },
  owner: { type: 'user', id: 'usr_1', name: 'Ann', number: 7, role: 'admin' },
  permissions: Object.freeze([...permissions]),
  held: permissions,
  apis: null,
  expiresAt: null,
});

const named = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `read:${'x'.repeat(length - 9)}${1000 + index}`);

it.each([
  [0, 25],
  [1, 128],
  [163, 25],
  [200, 25],
  [200, 129],
])(
  '%i permissions of %i characters fit into a head of 8 kB, and those that are not named are counted',
  (count, length) => {
    const permissions = named(count, length);
    const headers = identityHeaders(holding(permissions));
    const text = headers['x-auth-permissions'] ?? '';
    const told = text === '' ? [] : text.split(',');
    expect(text.length).toBeLessThanOrEqual(permissionsLimit);
    expect(told).toEqual(permissions.slice(0, told.length));
    expect(headers['x-auth-permissions-omitted']).toBe(String(count - told.length));
    const { lines = '' } = letInAtOnce(holding(permissions), null);
    expect(lines.length).toBeLessThan(8192);
    for (const [name, value] of Object.entries(headers)) expect(lines).toContain(`${name}: ${value}\r\n`);
  },
);
