// Permissions of the guarded API, registered per organization with a description, beside Keyward's own.

import { isPermission } from '@keyward/rules/permission';
import { builtInPermissions } from '../caller/built-in-roles.ts';
import { type Caller, demand } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedDescription } from '../name.ts';
import type { Changing, Reading } from './ports.ts';
import type { RegisteredPermission } from './records.ts';

/** A permission as it is listed; `builtIn` ones are Keyward's own. */
export type ListedPermission = Pick<RegisteredPermission, 'name' | 'description'> & { builtIn: boolean };

/** Needs `create:permission`. Throws `conflict` if it is registered already. */
export async function registerPermission(
  ports: Changing<'permissions'>,
  caller: Caller,
  wanted: { name: string; description?: string },
): Promise<ListedPermission> {
  demand(caller, 'create:permission');
  const { name } = wanted;
  if (!isPermission(name)) {
    throw invalid('name', 'A permission is verb:resource, such as read:funds, each side 1 to 64 of A-Z a-z 0-9 _ . -');
  }
  const description = checkedDescription(wanted.description ?? '');
  const at = ports.clock();
  const permission = { organizationId: caller.organization.id, name, description, createdAt: at };
  return writeAs(ports, caller, async (changes) => {
    if (builtInPermissions.has(name) || !(await changes.permissions.insert(permission))) {
      throw new KeywardError('conflict', `The permission ${name} is registered already.`);
    }
    changes.journal(entryOf(caller, at, 'permission.registered', subjectOf(name), { description }));
    return { name, description, builtIn: false };
  });
}

/** Keyward's own, then the organization's. Needs `read:permission`. */
export async function listPermissions(ports: Reading<'permissions'>, caller: Caller): Promise<ListedPermission[]> {
  demand(caller, 'read:permission');
  const own = await ports.store.permissions.list(caller.organization.id);
  return [
    ...[...builtInPermissions].map(([name, description]) => ({ name, description, builtIn: true })),
    ...own.map(({ name, description }) => ({ name, description, builtIn: false })),
  ];
}

/** Needs `update:permission`. */
export async function describePermission(
  ports: Changing<'permissions'>,
  caller: Caller,
  name: string,
  description: string,
): Promise<ListedPermission> {
  demand(caller, 'update:permission');
  const checked = checkedDescription(description);
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    if (!(await changes.permissions.describe(caller.organization.id, name, checked))) throw notFound('permission');
    changes.journal(entryOf(caller, at, 'permission.described', subjectOf(name), { description: checked }));
    return { name, description: checked, builtIn: false };
  });
}

/** Takes it out of the catalogue. Credentials that hold it keep it. Needs `delete:permission`. */
export async function deletePermission(ports: Changing<'permissions'>, caller: Caller, name: string): Promise<void> {
  demand(caller, 'delete:permission');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if (!(await changes.permissions.delete(caller.organization.id, name))) throw notFound('permission');
    changes.journal(entryOf(caller, at, 'permission.deleted', subjectOf(name)));
  });
}

function subjectOf(name: string) {
  return { type: 'permission', id: name };
}
