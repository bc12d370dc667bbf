// API users: machine identities with a generated username and a 48-character password, unless they were imported. They cannot sign in
// to the portal.

import { type Caller, demand, demandNoBounds } from '../caller/caller.ts';
import { demandReleased } from '../caller/credential-lifecycle.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { KeywardError, notFound } from '../errors.ts';
import {
  checkedExternal,
  type ExternalRecord,
  externalIdTaken,
  journalled,
  journalledNew,
  newExternal,
} from '../external-record.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedName } from '../name.ts';
import type { Page, PageRequest } from '../page.ts';
import { digestOf, generateNumber, generatePassword, insertNumbered, newId } from '../secret.ts';
import type { Setting } from '../settings.ts';
import type { ApiUserReads, Changes, Changing, ExternalFilter, Reading } from './ports.ts';
import type { ApiUser } from './records.ts';
import { demandHeld, demandRole } from './user.ts';

export interface NewApiUser extends Partial<ExternalRecord> {
  name: string;
  role: string;
}

export interface NewlyMade {
  apiUser: ApiUser;
  /** Said this once. */
  password: string;
}

/** Needs `create:api_user` and all that the role holds. The password is answered this once. */
export async function createApiUser(
  ports: Changing<'apiUsers' | 'roles'> & Setting<'apiUserDomain'>,
  caller: Caller,
  wanted: NewApiUser,
): Promise<NewlyMade> {
  return make(ports, caller, wanted);
}

/**
 * Another one with the same name, role and metadata, to change over to before the first is ended, which keeps its external
 * id. Needs `create:api_user`,
 * `read:api_user` and all that the role holds.
 */
export async function createSuccessor(
  ports: Reading<'apiUsers'> & Changing<'apiUsers' | 'roles'> & Setting<'apiUserDomain'>,
  caller: Caller,
  id: string,
): Promise<NewlyMade> {
  const { name, role, metadata } = await readApiUser(ports, caller, id);
  return make(ports, caller, { name, role, metadata }, { successorOf: id });
}

async function make(
  ports: Changing<'apiUsers' | 'roles'> & Setting<'apiUserDomain'>,
  caller: Caller,
  wanted: NewApiUser,
  more: Record<string, unknown> = {},
): Promise<NewlyMade> {
  demand(caller, 'create:api_user');
  demandNoBounds(caller, 'API user');
  const password = generatePassword();
  const apiUser = newApiUser(ports, caller, `${newId()}@api.${ports.settings.apiUserDomain}`, wanted);
  return writeAs(ports, caller, async (changes) => {
    return { apiUser: await addApiUser(changes, caller, apiUser, digestOf(password), more), password };
  });
}

/** The record of a new one of the caller's organization. Throws `invalid_request` naming the field that is wrong. */
export function newApiUser(ports: Clocked, caller: Caller, username: string, wanted: NewApiUser): ApiUser {
  return {
    id: newId(),
    number: generateNumber(),
    organizationId: caller.organization.id,
    username,
    name: checkedName('name', wanted.name),
    role: wanted.role,
    ...newExternal(wanted),
    createdAt: ports.clock(),
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
}

/**
 * Keeps a new API user of the caller's organization if the caller may give the role, and answers it as kept. `held`: what its
 * password is held against. Throws `conflict` if the username or the external id is taken.
 */
export async function addApiUser(
  changes: Changes<'apiUsers' | 'roles'>,
  caller: Caller,
  apiUser: ApiUser,
  held: string,
  more: Record<string, unknown> = {},
): Promise<ApiUser> {
  await demandRole(changes, caller, apiUser.role, apiUser.createdAt);
  const insert = (one: ApiUser) => changes.apiUsers.insert(one, held);
  const taken = async () =>
    (await hasOther(changes, apiUser)) || (await changes.apiUsers.findNamed(apiUser.username)) !== null;
  const kept = await insertNumbered(apiUser, insert, taken);
  if (kept === null) throw await takenIn(changes, apiUser);
  const { username, name, role } = apiUser;
  const detail = { username, name, role, ...journalledNew(apiUser), ...more };
  changes.journal(entryOf(caller, apiUser.createdAt, 'api_user.created', subjectOf(apiUser.id), detail));
  return kept;
}

/** One that is not deleted, which the caller may `verb`: needs `read:api_user` or `update:api_user`. */
export async function readApiUser(
  ports: Reading<'apiUsers'>,
  caller: Caller,
  id: string,
  verb: 'read' | 'update' = 'read',
): Promise<ApiUser> {
  demand(caller, `${verb}:api_user`);
  const apiUser = await ports.store.apiUsers.find(caller.organization.id, id);
  if (apiUser === null || apiUser.lifecycle.deletedAt !== null) throw notFound('API user');
  return apiUser;
}

/** Needs `read:api_user`. */
export async function listApiUsers(
  ports: Reading<'apiUsers'>,
  caller: Caller,
  page: PageRequest,
  filter: ExternalFilter = {},
): Promise<Page<ApiUser>> {
  demand(caller, 'read:api_user');
  return ports.store.apiUsers.list(caller.organization.id, page, filter);
}

/** Needs `update:api_user`, all that its present role holds and all that a new one does. */
export async function updateApiUser(
  ports: Changing<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
  change: Partial<NewApiUser>,
): Promise<ApiUser> {
  demand(caller, 'update:api_user');
  const at = ports.clock();
  const name = change.name === undefined ? undefined : checkedName('name', change.name);
  const external = checkedExternal(change);
  return writeAs(ports, caller, async (changes) => {
    const apiUser = await manageable(changes, caller, id);
    await demandHeld(changes, caller, apiUser.role);
    if (change.role !== undefined) demandNoBounds(caller, 'role of an API user');
    if (change.role !== undefined) await demandRole(changes, caller, change.role, at);
    const named = { ...(name !== undefined && { name }), ...(change.role !== undefined && { role: change.role }) };
    const next = { ...apiUser, ...named, ...external };
    if (!(await changes.apiUsers.update(caller.organization.id, id, { ...named, ...external }))) {
      throw await takenIn(changes, next);
    }
    changes.journal(entryOf(caller, at, 'api_user.changed', subjectOf(id), { ...named, ...journalled(external) }));
    return next;
  });
}

/**
 * Stops its next exchange and ends its access tokens; those that the RebelCore dialect issued live to their natural
 * end unless `cutOff` is set. Harmless when repeated; `cutOff` works later too. Needs `update:api_user`.
 */
export async function deactivateApiUser(
  ports: Changing<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
  options: { cutOff?: boolean } = {},
): Promise<void> {
  const cutOff = options.cutOff === true;
  await changeLifecycle(ports, caller, id, 'update', 'deactivated', { cutOff }, (changes, at) =>
    changes.apiUsers.deactivate(caller.organization.id, id, at, cutOff),
  );
}

/** Lets the same username and password work again. Needs `update:api_user` and, as giving them does, all that the role holds. */
export async function activateApiUser(
  ports: Changing<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
): Promise<void> {
  await changeLifecycle(ports, caller, id, 'update', 'activated', {}, async (changes, _at, { role, lifecycle }) => {
    demandNoBounds(caller, 'API user');
    await demandHeld(changes, caller, role);
    demandReleased(lifecycle);
    return changes.apiUsers.activate(caller.organization.id, id);
  });
}

/** Ends it and every access token made from it. Harmless when repeated. Needs `delete:api_user`. */
export async function deleteApiUser(ports: Changing<'apiUsers' | 'roles'>, caller: Caller, id: string): Promise<void> {
  await changeLifecycle(ports, caller, id, 'delete', 'deleted', {}, (changes, at) =>
    changes.apiUsers.delete(caller.organization.id, id, at),
  );
}

/**
 * Undoes a deletion; access tokens from before stay dead. If its role was deleted meanwhile it comes back without any,
 * whatever is called so now. `conflict` if its external id has been taken meanwhile. Needs `delete:api_user` and all that
 * the role holds.
 */
export async function restoreApiUser(ports: Changing<'apiUsers' | 'roles'>, caller: Caller, id: string): Promise<void> {
  demand(caller, 'delete:api_user');
  demandNoBounds(caller, 'API user');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const apiUser = await changes.apiUsers.find(caller.organization.id, id);
    if (apiUser === null || apiUser.lifecycle.deletedAt === null) throw notFound('deleted API user');
    await demandHeld(changes, caller, apiUser.role);
    if (!(await changes.apiUsers.restore(caller.organization.id, id))) throw await takenIn(changes, apiUser);
    changes.journal(entryOf(caller, at, 'api_user.restored', subjectOf(id)));
  });
}

async function manageable(
  changes: Changes<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
  mayBeDeleted = false,
): Promise<ApiUser> {
  const apiUser = await changes.apiUsers.find(caller.organization.id, id);
  if (apiUser === null || (apiUser.lifecycle.deletedAt !== null && !mayBeDeleted)) throw notFound('API user');
  return apiUser;
}

async function changeLifecycle(
  ports: Changing<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
  verb: 'update' | 'delete',
  done: string,
  detail: Record<string, unknown>,
  apply: (changes: Changes<'apiUsers' | 'roles'>, at: number, apiUser: ApiUser) => Promise<boolean>,
): Promise<void> {
  demand(caller, `${verb}:api_user`);
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const apiUser = await manageable(changes, caller, id, verb === 'delete');
    if (await apply(changes, at, apiUser))
      changes.journal(entryOf(caller, at, `api_user.${done}`, subjectOf(id), detail));
  });
}

type ApiUsers = { apiUsers: Pick<ApiUserReads, 'findByExternalId'> };

/** Whether its external id is another's. */
async function hasOther({ apiUsers }: ApiUsers, { id, organizationId, externalId }: ApiUser): Promise<boolean> {
  const other = externalId === null ? null : await apiUsers.findByExternalId(organizationId, externalId);
  return other !== null && other.id !== id;
}

/** Why nothing was kept of it: the external id is another's, or the username. */
async function takenIn(changes: ApiUsers, apiUser: ApiUser): Promise<KeywardError> {
  const { externalId } = apiUser;
  if (externalId !== null && (await hasOther(changes, apiUser))) return externalIdTaken('an API user', externalId);
  return new KeywardError('conflict', 'This username is in use already.');
}

export function subjectOf(id: string) {
  return { type: 'api_user', id };
}
