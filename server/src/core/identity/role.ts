// Roles: named sets of permissions. Four are built in; an organization adds its own.

import { covers, isPermissionPattern } from '@keyward/rules/permission';
import { builtInRoles } from '../caller/built-in-roles.ts';
import { type Caller, demand, demandConfirmed, demandEntitled, demandGrantable } from '../caller/caller.ts';
import { demandRegistered } from '../caller/catalogue.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedDescription, checkedHandle } from '../name.ts';
import type { Changing, Reading } from './ports.ts';
import type { Role } from './records.ts';

export interface NewRole {
  name: string;
  description?: string;
  permissions: readonly string[];
}

/** Needs `create:role` and every permission that the role is to hold, to each of which the organization must be entitled. */
export async function createRole(
  ports: Changing<'roles' | 'permissions'>,
  caller: Caller,
  wanted: NewRole,
): Promise<Role> {
  demand(caller, 'create:role');
  const name = checkedHandle('name', wanted.name);
  const permissions = checkedPatterns('permissions', wanted.permissions);
  demandGrantable(caller, permissions);
  demandEntitled(caller, permissions);
  const organizationId = caller.organization.id;
  const at = ports.clock();
  const description = checkedDescription(wanted.description ?? '');
  const role: Role = { organizationId, name, description, permissions, createdAt: at };
  return writeAs(ports, caller, async (changes) => {
    await demandRegistered(changes.permissions, 'permissions', permissions, { caller });
    if (builtInRoles.has(name) || !(await changes.roles.insert(role))) {
      throw new KeywardError('conflict', `There is a role named ${name} already.`);
    }
    changes.journal(entryOf(caller, at, 'role.created', { type: 'role', id: name }, { permissions }));
    return role;
  });
}

/** The built-in roles and the organization's own. Needs `read:role`. */
export async function listRoles(ports: Reading<'roles'>, caller: Caller): Promise<Role[]> {
  demand(caller, 'read:role');
  const organizationId = caller.organization.id;
  const builtIn = [...builtInRoles].map(([name, role]) => ({ organizationId, name, ...role, createdAt: 0 }));
  return [...builtIn, ...(await ports.store.roles.list(organizationId))];
}

/**
 * Needs `update:role`, every permission that the role holds now and every one that it is to hold; for a role that may do
 * everything a confirmed session.
 */
export async function updateRole(
  ports: Changing<'roles' | 'permissions'>,
  caller: Caller,
  name: string,
  change: { description?: string; permissions?: readonly string[] },
): Promise<Role> {
  demand(caller, 'update:role');
  const at = ports.clock();
  const permissions = change.permissions && checkedPatterns('permissions', change.permissions);
  const description = change.description === undefined ? undefined : checkedDescription(change.description);
  if (permissions) demandGrantable(caller, permissions);
  if (permissions && covers(permissions, '*:*')) demandConfirmed(caller, at);
  return writeAs(ports, caller, async (changes) => {
    const role = await changes.roles.claim(caller.organization.id, name);
    if (!role) throw builtInRoles.has(name) ? new KeywardError('conflict', builtInFixed) : notFound('role');
    demandGrantable(caller, role.permissions);
    const known = { kept: role.permissions, caller };
    await demandRegistered(changes.permissions, 'permissions', permissions ?? [], known);
    demandEntitled(caller, permissions?.filter((one) => !covers(role.permissions, one)) ?? []);
    const next = { ...(description !== undefined && { description }), ...(permissions && { permissions }) };
    if (!(await changes.roles.update(caller.organization.id, name, next))) throw notFound('role');
    changes.journal(entryOf(caller, at, 'role.changed', { type: 'role', id: name }, next));
    return { ...role, ...next };
  });
}

/** Needs `delete:role`. A role that somebody still has cannot be deleted. */
export async function deleteRole(ports: Changing<'roles'>, caller: Caller, name: string): Promise<void> {
  demand(caller, 'delete:role');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if (builtInRoles.has(name)) throw new KeywardError('conflict', builtInFixed);
    if (!(await changes.roles.claim(caller.organization.id, name))) throw notFound('role');
    if (!(await changes.roles.delete(caller.organization.id, name))) {
      throw new KeywardError('conflict', 'Somebody still has this role. Give them another one first.');
    }
    changes.journal(entryOf(caller, at, 'role.deleted', { type: 'role', id: name }));
  });
}

/** Checks a list of permissions or patterns; answers it without repetitions. */
export function checkedPatterns(field: string, patterns: readonly string[]): string[] {
  const at = patterns.findIndex((one) => !isPermissionPattern(one));
  if (at >= 0) {
    throw invalid(['body', field, at], 'A permission is verb:resource, such as read:funds; * may stand for a side.');
  }
  const once = [...new Set(patterns)];
  if (once.length > mostPatterns) {
    throw invalid(field, `Name at most ${mostPatterns} permissions. A pattern such as read:* stands for many.`);
  }
  return once;
}

/** What a credential holds is told in headers and bodies, and looked through on each call. */
const mostPatterns = 200;

const builtInFixed = 'The built-in roles cannot be changed or deleted. Create a role of your own instead.';
