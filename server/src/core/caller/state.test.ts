// Every way in which a credential that is well by itself is refused for what stands behind it.

import { expect, test } from 'vitest';
import { newLifecycle } from './lifecycle.ts';
import type { CredentialRecord } from './records.ts';
import { ownState, stateOf } from './state.ts';

const behind = (change: {
  owner?: Partial<CredentialRecord['owner']>;
  organization?: Partial<CredentialRecord['organization']>;
  rolePermissions?: readonly string[] | null;
}) =>
  ({
    owner: { role: 'admin', lifecycle: newLifecycle, ...change.owner },
    organization: { lifecycle: newLifecycle, ...change.organization },
    rolePermissions: change.rolePermissions ?? null,
  }) as CredentialRecord;
const ended = { ...newLifecycle, deactivatedAt: 1 };
const gone = { ...newLifecycle, deletedAt: 1 };

test.each([
  [behind({}), 'active', null],
  [behind({ owner: { role: 'own' }, rolePermissions: [] }), 'active', null],
  [null, 'inactive', 'owner_deleted'],
  [behind({ owner: { lifecycle: gone } }), 'inactive', 'owner_deleted'],
  [behind({ owner: { lifecycle: ended } }), 'inactive', 'owner_deactivated'],
  [behind({ organization: { lifecycle: ended } }), 'inactive', 'organization_inactive'],
  [behind({ owner: { role: 'no-such-role' } }), 'powerless', 'role_gone'],
] as const)('case %#: is %s because of %s', (record, state, reason) => {
  expect(stateOf(ownState(newLifecycle, null, 5), record)).toEqual({ state, reason });
});

test('what ends it itself is said first', () => {
  expect(stateOf(ownState(ended, 1, 5), null)).toEqual({ state: 'inactive', reason: 'deactivated' });
  expect(stateOf(ownState(gone, 1, 5), null)).toEqual({ state: 'deleted', reason: 'deleted' });
  expect(stateOf(ownState(newLifecycle, 5, 5), null)).toEqual({ state: 'expired', reason: 'expired' });
});
