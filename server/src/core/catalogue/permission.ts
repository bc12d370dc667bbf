// The permissions of the APIs: one catalogue for all organizations, which the operator keeps, beside Keyward's own.

import { entitledTo } from '@keyward/rules/entitlement';
import { isOwnPermission } from '@keyward/rules/own-permissions';
import { isPermission } from '@keyward/rules/permission';
import { builtInPermissions } from '../caller/built-in-roles.ts';
import { type Caller, demand, demandOperator } from '../caller/caller.ts';
import { defaultApi, noApiText } from '../caller/catalogue.ts';
import type { RegisteredPermission } from '../caller/records.ts';
import { writeAs } from '../caller/write-as.ts';
import { type Holders, invalid, KeywardError } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedDescription, checkedName } from '../name.ts';
import type { GuardedPath, Setting } from '../settings.ts';
import type { ApiReads, Changes, Changing, Reading } from './ports.ts';
import { demandUnheld, holdersOf, takeFromAll, takeFromEntitlements } from './withdrawal.ts';

/** A permission as it is listed; `builtIn` ones are Keyward's own, and of no API. */
export type ListedPermission = Pick<RegisteredPermission, 'name' | 'description' | 'group'> & {
  builtIn: boolean;
  api: string | null;
};

/**
 * Of the default API unless said otherwise. Operators only, with `create:permission`. Throws `conflict` if it is
 * registered already, whichever API has it.
 */
export async function registerPermission(
  ports: Changing<'permissions' | 'apis'>,
  caller: Caller,
  wanted: { name: string; api?: string; description?: string; group?: string },
): Promise<ListedPermission> {
  demandOperator(caller, 'create:permission');
  const { name, api = defaultApi } = wanted;
  if (!isPermission(name)) {
    throw invalid('name', 'A permission is verb:resource, such as read:funds, each side 1 to 64 of A-Z a-z 0-9 _ . -');
  }
  const description = checkedDescription(wanted.description ?? '');
  const group = checkedGroup(wanted.group ?? '');
  const at = ports.clock();
  const permission = { name, api, description, group, createdAt: at };
  return writeAs(ports, caller, async (changes) => {
    await demandApi(changes.apis, api);
    if (isOwnPermission(name)) {
      throw new KeywardError('conflict', `${name} is one of Keyward's own permissions. Choose another name.`);
    }
    if (!(await changes.permissions.insert(permission))) {
      const known = (await changes.permissions.find(name))?.api ?? api;
      const whose = known === api ? '' : ` by the API ${known}`;
      throw new KeywardError('conflict', `The permission ${name} is registered already${whose}.`);
    }
    changes.journal(entryOf(caller, at, 'permission.registered', subjectOf(name), { api, description, group }));
    return listed(permission);
  });
}

/**
 * Keyward's own, then those of all APIs; in a customer's organization those that it is entitled to, which is all that can be
 * granted there. Needs `read:permission`.
 */
export async function listPermissions(ports: Reading<'permissions'>, caller: Caller): Promise<ListedPermission[]> {
  demand(caller, 'read:permission');
  const own = [...builtInPermissions].map(([name, description]) => ({
    name,
    description,
    group: '',
    builtIn: true,
    api: null,
  }));
  const { isOperator, entitlement } = caller.organization;
  const isShown = (name: string) => isOperator || entitledTo([name], entitlement).length > 0;
  return [...own, ...(await ports.store.permissions.list()).filter(({ name }) => isShown(name)).map(listed)];
}

/** Operators only, with `update:permission`. */
export async function describePermission(
  ports: Changing<'permissions'>,
  caller: Caller,
  name: string,
  change: { description?: string; group?: string },
): Promise<ListedPermission> {
  demandOperator(caller, 'update:permission');
  const next = {
    ...(change.description !== undefined && { description: checkedDescription(change.description) }),
    ...(change.group !== undefined && { group: checkedGroup(change.group) }),
  };
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    const permission = await changes.permissions.claim(name);
    if (permission === null) throw noPermission(name);
    await changes.permissions.update(name, next);
    changes.journal(entryOf(caller, at, 'permission.described', subjectOf(name), next));
    return listed({ ...permission, ...next });
  });
}

/**
 * Which roles, API tokens and applications of all organizations hold it by its name, and the routes that require it. Operators
 * only, with `delete:permission`: a removal that is refused tells the same.
 */
export async function readHolders(
  ports: Reading<'permissions' | 'holders'> & Setting<'guarded'>,
  caller: Caller,
  name: string,
): Promise<Holders> {
  demandOperator(caller, 'delete:permission');
  if ((await ports.store.permissions.find(name)) === null) throw noPermission(name);
  return holdersOf(ports.store.holders, caller, name, routesOf(name, ports.settings.guarded));
}

/**
 * Takes it out of the catalogue. Operators only, with `delete:permission`. Throws `conflict` while a role, an API token or an
 * application holds it by its name or a route requires it; with `force` it is taken from all of them. What people let
 * applications do with it ends in either case.
 */
export async function deletePermission(
  ports: Changing<'permissions' | 'holders'> & Setting<'guarded'>,
  caller: Caller,
  name: string,
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  demandOperator(caller, 'delete:permission');
  const at = ports.clock();
  const routes = routesOf(name, ports.settings.guarded);
  const step = async (changes: Changes<'permissions' | 'holders'>) => {
    if ((await changes.permissions.claim(name)) === null) throw noPermission(name);
    if (!force) await demandUnheld(changes.holders, caller, name, routes);
    // From deleted tokens in either case: restored, they would have what is registered anew under this name.
    if (!(await takeFromAll(changes, caller, at, name))) return false;
    await takeFromEntitlements(changes, caller, at, name);
    await changes.permissions.delete(name);
    changes.journal(entryOf(caller, at, 'permission.deleted', subjectOf(name), { force }));
    return true;
  };
  while (!(await writeAs(ports, caller, step)));
}

function routesOf(name: string, guarded: readonly GuardedPath[]): string[] {
  return guarded.filter(({ permissions }) => permissions.includes(name)).map(({ path }) => path);
}

async function demandApi(apis: ApiReads, handle: string): Promise<void> {
  if ((await apis.find(handle)) !== null) return;
  const known = (await apis.list()).map((api) => api.handle);
  throw invalid('api', noApiText(handle, known));
}

function listed({ name, api, description, group }: RegisteredPermission): ListedPermission {
  return { name, description, group, builtIn: false, api };
}

function checkedGroup(text: string): string {
  return text.trim() === '' ? '' : checkedName('group', text);
}

function noPermission(name: string): KeywardError {
  return new KeywardError('not_found', `No API has the permission ${name}.`);
}

function subjectOf(name: string) {
  return { type: 'permission', id: name };
}
