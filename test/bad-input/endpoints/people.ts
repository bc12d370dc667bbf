// Endpoints of people, and of the roles that they have. For tests only.

import { bearer, noun, patterns, type Rows } from './row.ts';

export const people: Rows = [
  ['POST /v1/users/:id/password-link', { ...bearer, lane: 'users', parameter: '@@user@@' }],
  ['DELETE /v1/users/:id/second-factor', { ...bearer, lane: 'users', parameter: '@@user@@' }],
  [
    'POST /v1/invitations',
    { ...bearer, lane: 'users', slow: true, body: (n) => ({ email: `i${n}@acme.example`, name: 'I', role: 'member' }) },
  ],
  ...noun(
    'users',
    '@@user@@',
    (n) => ({ email: `u${n}@acme.example`, name: 'U', role: 'member' }),
    () => ({ name: 'V', role: 'viewer' }),
    ['deactivate', 'activate'],
  ),
  ['POST /v1/users/:id/reset-password', { ...bearer, lane: 'users', parameter: '@@user@@', slow: true }],
  ...noun(
    'roles',
    'auditor',
    (n) => ({ name: `role-${n}`, description: 'd', permissions: patterns }),
    () => ({ description: 'd', permissions: patterns }),
    [],
  ),
];
