// Users: people who sign in with an e-mail address (or a user name) and a password, and have a role.

import { covers } from '@keyward/rules/permission';
import { type Caller, demand, demandConfirmed, demandGrantable, demandOwnerFor, isSelf } from '../caller/caller.ts';
import { demandReleased } from '../caller/credential-lifecycle.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import { rolePermissions } from '../caller/principal.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedName, checkedUsername } from '../name.ts';
import type { Page, PageRequest } from '../page.ts';
import { generateNumber, generatePassword, insertNumbered, newId } from '../secret.ts';
import { checkedPassword } from './password-policy.ts';
import type { Changes, Changing, ChoosingPassword, Reading } from './ports.ts';
import type { User } from './records.ts';

export interface NewUser {
  email: string;
  name: string;
  role: string;
  /** Only the machine may choose it (`init`); otherwise one is generated. */
  password?: string;
}

/** Needs `create:user` and all that the role holds. Answers the generated password once. `conflict` if the e-mail is taken. */
export async function createUser(
  ports: Changing<'users' | 'apiUsers' | 'roles'> & ChoosingPassword,
  caller: Caller,
  wanted: NewUser,
): Promise<{ user: User; password: string }> {
  demand(caller, 'create:user');
  const chosen = caller.type === 'system' ? wanted.password : undefined;
  const user = newUser(ports, caller, caller.organization.id, wanted);
  const known = [user.email, user.name, caller.organization.name];
  const password = chosen === undefined ? generatePassword() : await checkedPassword(ports, 'password', chosen, known);
  const passwordHash = await ports.passwords.hash(password);
  return writeAs(ports, caller, async (changes) => {
    return { user: await addUser(ports, changes, caller, user, passwordHash), password };
  });
}

/** The record of a new user of an organization. Throws `invalid_request` naming the field that is wrong. */
export function newUser(
  ports: Clocked,
  caller: Caller,
  organizationId: string,
  wanted: Omit<NewUser, 'password'>,
): User {
  return {
    id: newId(),
    number: generateNumber(),
    organizationId,
    email: checkedUsername('email', wanted.email),
    name: checkedName('name', wanted.name),
    role: wanted.role,
    createdAt: ports.clock(),
    invitedAt: null,
    secondFactorAt: null,
    lastSeenAt: null,
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
}

/** Keeps a new user if the caller may give the role, and answers it as kept. Throws `conflict` if the e-mail is taken. */
export async function addUser(
  ports: Clocked,
  changes: Changes<'users' | 'apiUsers' | 'roles'>,
  caller: Caller,
  user: User,
  passwordHash: string,
): Promise<User> {
  await demandRole(changes, caller, user.role, ports.clock());
  return keepUser(changes, caller, user, passwordHash);
}

/** Keeps a new user of any organization, whose role the caller was found to be able to give. As `addUser` otherwise. */
export async function keepUser(
  changes: Changes<'users' | 'apiUsers'>,
  caller: Caller,
  user: User,
  passwordHash: string,
): Promise<User> {
  // Imported API users have names of any form, and one name is one's alone.
  const isApiUser = (await changes.apiUsers.findNamed(user.email)) !== null;
  const insert = async (one: User) => !isApiUser && changes.users.insert(one, passwordHash);
  const isNameTaken = async () => isApiUser || (await changes.users.findPassword(user.email)) !== null;
  const kept = await insertNumbered(user, insert, isNameTaken);
  if (kept === null) {
    const what = user.email.includes('@') ? 'e-mail address' : 'user name';
    throw new KeywardError('conflict', `This ${what} is in use already.`);
  }
  const detail = { email: user.email, role: user.role };
  const action = user.invitedAt === null ? 'user.created' : 'user.invited';
  changes.journal(entryOf(caller, user.createdAt, action, subjectOf(user.id), detail, user.organizationId));
  return kept;
}

/** Oneself, or anyone with `read:user`. */
export async function readUser(ports: Reading<'users'>, caller: Caller, id: string): Promise<User> {
  if (id !== caller.owner.id) demand(caller, 'read:user');
  const user = await ports.store.users.find(caller.organization.id, id);
  if (user === null || user.lifecycle.deletedAt !== null) throw notFound('user');
  return user;
}

/** Needs `read:user`. */
export async function listUsers(ports: Reading<'users'>, caller: Caller, page: PageRequest): Promise<Page<User>> {
  demand(caller, 'read:user');
  return ports.store.users.list(caller.organization.id, page);
}

/** Needs `update:user`, all that the user's present role holds and all that the new one does. */
export async function updateUser(
  ports: Changing<'users' | 'roles'>,
  caller: Caller,
  id: string,
  change: { name?: string; role?: string },
): Promise<User> {
  demand(caller, 'update:user');
  const at = ports.clock();
  const name = change.name === undefined ? undefined : checkedName('name', change.name);
  return writeAs(ports, caller, async (changes) => {
    const user = await manageable(changes, caller, id);
    if (change.role !== undefined && change.role !== user.role) {
      await demandRole(changes, caller, change.role, at);
      await keepAnOwner(changes, user);
    }
    const next = { ...(name !== undefined && { name }), ...(change.role !== undefined && { role: change.role }) };
    if (!(await changes.users.update(caller.organization.id, id, next))) throw notFound('user');
    changes.journal(entryOf(caller, at, 'user.changed', subjectOf(id), next));
    return { ...user, ...next };
  });
}

/** One's own display name. Users only. */
export async function renameSelf(ports: Changing<'users'>, caller: Caller, wanted: string): Promise<User> {
  if (!isSelf(caller)) throw new KeywardError('forbidden', 'Only a signed-in user has a name to change.');
  const name = checkedName('name', wanted);
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    if (!(await changes.users.update(caller.organization.id, caller.id, { name }))) throw notFound('user');
    changes.journal(entryOf(caller, at, 'user.changed', subjectOf(caller.id), { name }));
    const user = await changes.users.find(caller.organization.id, caller.id);
    if (user === null) throw notFound('user');
    return user;
  });
}

/** Ends the user's sign-ins, API tokens and access tokens at once. Harmless when repeated. Needs `update:user`. */
export async function deactivateUser(ports: Changing<'users' | 'roles'>, caller: Caller, id: string): Promise<void> {
  await changeLifecycle(ports, caller, id, 'update', 'deactivated', async (changes, user, at) => {
    await keepAnOwner(changes, user);
    return changes.users.deactivate(caller.organization.id, id, at);
  });
}

/** Needs `update:user`. */
export async function activateUser(ports: Changing<'users' | 'roles'>, caller: Caller, id: string): Promise<void> {
  await changeLifecycle(ports, caller, id, 'update', 'activated', (changes, user) => {
    demandReleased(user.lifecycle);
    return changes.users.activate(caller.organization.id, id);
  });
}

/** Needs `delete:user`. A new user of the same e-mail inherits nothing. Harmless when repeated. */
export async function deleteUser(ports: Changing<'users' | 'roles'>, caller: Caller, id: string): Promise<void> {
  await changeLifecycle(ports, caller, id, 'delete', 'deleted', async (changes, user, at) => {
    if (user.lifecycle.deletedAt !== null) return false;
    await keepAnOwner(changes, user);
    return changes.users.delete(caller.organization.id, id, at);
  });
}

/**
 * The role must exist, be within what the caller holds and, if it is `owner`, be given by an owner. Told the time, it
 * asks for a confirmed session before a role that may do everything is given.
 */
export async function demandRole(changes: Changes<'roles'>, caller: Caller, role: string, now?: number): Promise<void> {
  const own = await changes.roles.find(caller.organization.id, role);
  const permissions = rolePermissions(role, own?.permissions ?? null);
  if (own === null && permissions.length === 0) throw invalid('role', 'There is no such role.');
  demandOwnerFor(caller, role);
  demandGrantable(caller, permissions);
  if (now !== undefined && covers(permissions, '*:*')) demandConfirmed(caller, now);
}

/**
 * A user whom the caller may manage: one who holds no more than the caller does, deleted only if that is allowed. Throws
 * `not_found` and `forbidden`.
 */
export async function manageable(
  changes: Changes<'users' | 'roles'>,
  caller: Caller,
  id: string,
  mayBeDeleted = false,
): Promise<User> {
  const user = await changes.users.find(caller.organization.id, id);
  if (user === null || (user.lifecycle.deletedAt !== null && !mayBeDeleted)) throw notFound('user');
  await demandHeld(changes, caller, user.role);
  return user;
}

/** The caller must hold all that a role, which someone has already, holds now; a role that is gone holds nothing. */
export async function demandHeld(changes: Changes<'roles'>, caller: Caller, role: string): Promise<void> {
  demandOwnerFor(caller, role);
  const own = await changes.roles.find(caller.organization.id, role);
  demandGrantable(caller, rolePermissions(role, own?.permissions ?? null));
}

/** Throws `conflict` for the last owner. Who cannot sign in is no owner that others could turn to: neither counted nor kept. */
export async function keepAnOwner(changes: Changes<'users'>, user: User): Promise<void> {
  if (user.role !== 'owner' || user.lifecycle.deactivatedAt !== null || user.invitedAt !== null) return;
  if ((await changes.users.countAbleToSignIn(user.organizationId, 'owner')) > 1) return;
  throw new KeywardError(
    'conflict',
    'This is the last owner who can sign in. Make someone else an owner first; who was invited must have come.',
  );
}

async function changeLifecycle(
  ports: Changing<'users' | 'roles'>,
  caller: Caller,
  id: string,
  verb: 'update' | 'delete',
  done: string,
  apply: (changes: Changes<'users' | 'roles'>, user: User, at: number) => Promise<boolean>,
): Promise<void> {
  demand(caller, `${verb}:user`);
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const user = await manageable(changes, caller, id, verb === 'delete');
    if (await apply(changes, user, at)) changes.journal(entryOf(caller, at, `user.${done}`, subjectOf(id)));
  });
}

export function subjectOf(id: string) {
  return { type: 'user', id };
}
