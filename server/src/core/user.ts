// Users: people who sign in with e-mail and password, and have a role.

import { type Caller, demand, demandGrantable, rolePermissions } from './caller.ts';
import { invalid, KeywardError, notFound } from './errors.ts';
import { entryOf } from './journal.ts';
import { checkedEmail, checkedName } from './name.ts';
import type { Page, PageRequest } from './page.ts';
import type { Changes, Ports } from './ports.ts';
import { generateNumber, generatePassword, newId } from './secret.ts';
import { newStanding, type Standing } from './standing.ts';

export interface User {
  id: string;
  /** A random integer below 2^53, unique; only Debricked shows it. */
  number: number;
  organizationId: string;
  /** Canonical form; unique over the server among users that are not deleted. */
  email: string;
  name: string;
  role: string;
  createdAt: number;
  standing: Standing;
}

export interface UserPassword {
  id: string;
  organizationId: string;
  passwordHash: string;
}

export interface NewUser {
  email: string;
  name: string;
  role: string;
  /** Only the machine may choose it (`init`); otherwise one is generated. */
  password?: string;
}

/** Needs `create:user` and all that the role holds. Answers the generated password once. `conflict` if the e-mail is taken. */
export async function createUser(
  ports: Ports,
  caller: Caller,
  wanted: NewUser,
): Promise<{ user: User; password: string }> {
  demand(caller, 'create:user');
  const chosen = caller.type === 'system' ? wanted.password : undefined;
  const password = chosen === undefined ? generatePassword() : checkedPassword('password', chosen);
  const at = ports.clock();
  const user: User = {
    id: newId(),
    number: generateNumber(),
    organizationId: caller.organization.id,
    email: checkedEmail('email', wanted.email),
    name: checkedName('name', wanted.name),
    role: wanted.role,
    createdAt: at,
    standing: newStanding,
  };
  const passwordHash = await ports.passwords.hash(password);
  return ports.store.write(async (changes) => {
    await demandRole(changes, caller, user.role);
    if (!(await changes.users.insert(user, passwordHash))) {
      throw new KeywardError('conflict', 'This e-mail address is in use already.');
    }
    const detail = { email: user.email, role: user.role };
    changes.journal(entryOf(caller, at, 'user.created', subjectOf(user.id), detail));
    return { user, password };
  });
}

/** Oneself, or anyone with `read:user`. */
export async function readUser(ports: Ports, caller: Caller, id: string): Promise<User> {
  if (id !== caller.owner.id) demand(caller, 'read:user');
  const user = await ports.store.users.find(caller.organization.id, id);
  if (user === null || user.standing.deletedAt !== null) throw notFound('user');
  return user;
}

/** Needs `read:user`. */
export async function listUsers(ports: Ports, caller: Caller, page: PageRequest): Promise<Page<User>> {
  demand(caller, 'read:user');
  return ports.store.users.list(caller.organization.id, page);
}

/** Needs `update:user`, all that the user's present role holds and all that the new one does. */
export async function updateUser(
  ports: Ports,
  caller: Caller,
  id: string,
  change: { name?: string; role?: string },
): Promise<User> {
  demand(caller, 'update:user');
  const at = ports.clock();
  const name = change.name === undefined ? undefined : checkedName('name', change.name);
  return ports.store.write(async (changes) => {
    const user = await manageable(changes, caller, id);
    if (change.role !== undefined && change.role !== user.role) {
      await demandRole(changes, caller, change.role);
      await keepAnOwner(changes, user);
    }
    const next = { ...(name !== undefined && { name }), ...(change.role !== undefined && { role: change.role }) };
    if (!(await changes.users.update(caller.organization.id, id, next))) throw notFound('user');
    changes.journal(entryOf(caller, at, 'user.changed', subjectOf(id), next));
    return { ...user, ...next };
  });
}

/** Ends the user's sign-ins, API tokens and access tokens at once. Harmless when repeated. Needs `update:user`. */
export async function deactivateUser(ports: Ports, caller: Caller, id: string): Promise<void> {
  await changeStanding(ports, caller, id, 'update', 'deactivated', async (changes, user, at) => {
    await keepAnOwner(changes, user);
    return changes.users.deactivate(caller.organization.id, id, at);
  });
}

/** Needs `update:user`. */
export async function activateUser(ports: Ports, caller: Caller, id: string): Promise<void> {
  await changeStanding(ports, caller, id, 'update', 'activated', (changes) =>
    changes.users.activate(caller.organization.id, id),
  );
}

/** Needs `delete:user`. A new user of the same e-mail inherits nothing. */
export async function deleteUser(ports: Ports, caller: Caller, id: string): Promise<void> {
  await changeStanding(ports, caller, id, 'delete', 'deleted', async (changes, user, at) => {
    await keepAnOwner(changes, user);
    return changes.users.delete(caller.organization.id, id, at);
  });
}

/** Generates a new password for someone else, answered once; ends what the old one opened. Needs `update:user`. */
export async function resetPassword(ports: Ports, caller: Caller, id: string): Promise<{ password: string }> {
  demand(caller, 'update:user');
  const password = generatePassword();
  const passwordHash = await ports.passwords.hash(password);
  const at = ports.clock();
  return ports.store.write(async (changes) => {
    await manageable(changes, caller, id);
    if (!(await changes.users.setPassword(caller.organization.id, id, passwordHash))) throw notFound('user');
    changes.journal(entryOf(caller, at, 'user.password_reset', subjectOf(id)));
    return { password };
  });
}

/** The caller's own password, which must be a user's. Ends the user's other access tokens. */
export async function changePassword(
  ports: Ports,
  caller: Caller,
  change: { current: string; next: string },
): Promise<void> {
  if (caller.type !== 'user') throw new KeywardError('forbidden', 'Only a signed-in user has a password to change.');
  const next = checkedPassword('next', change.next);
  const expected = await provePassword(ports, caller, change.current, 'current');
  const passwordHash = await ports.passwords.hash(next);
  const at = ports.clock();
  await ports.store.write(async (changes) => {
    if (!(await changes.users.setPassword(caller.organization.id, caller.id, passwordHash, expected))) {
      throw new KeywardError('conflict', 'The password was changed by someone else meanwhile. Try again.');
    }
    changes.journal(entryOf(caller, at, 'user.password_changed', subjectOf(caller.id)));
  });
}

/** Asks for the password again. Answers its present hash; throws `invalid_request` naming `field` if it is wrong. */
export async function provePassword(ports: Ports, caller: Caller, password: string, field: string): Promise<string> {
  const own = caller.owner.type === 'user' ? await ports.store.users.findPassword(caller.owner.name) : null;
  const right = await ports.passwords.verify(own?.passwordHash ?? null, password);
  if (own === null || own.id !== caller.owner.id || !right) throw invalid(field, 'The password is wrong.');
  return own.passwordHash;
}

/** People's passwords: 15 to 1,024 characters, no rules of composition (NIST SP 800-63B-4, section 3.1.1.2). */
export function checkedPassword(field: string, password: string): string {
  const length = [...password.normalize('NFC')].length;
  if (length < 15) throw invalid(field, 'A password has at least 15 characters. A few words in a row do well.');
  if (length > 1024) throw invalid(field, 'A password has at most 1,024 characters.');
  return password;
}

/** The role must exist, be within what the caller holds and, if it is `owner`, be given by an owner. */
export async function demandRole(changes: Changes, caller: Caller, role: string): Promise<void> {
  const own = await changes.roles.find(caller.organization.id, role);
  const permissions = rolePermissions(role, own?.permissions ?? null);
  if (own === null && permissions.length === 0) throw invalid('role', 'There is no such role.');
  demandOwnerFor(caller, role);
  demandGrantable(caller, permissions);
}

async function manageable(changes: Changes, caller: Caller, id: string): Promise<User> {
  const user = await changes.users.find(caller.organization.id, id);
  if (user === null || user.standing.deletedAt !== null) throw notFound('user');
  demandOwnerFor(caller, user.role);
  const own = await changes.roles.find(caller.organization.id, user.role);
  demandGrantable(caller, rolePermissions(user.role, own?.permissions ?? null));
  return user;
}

function demandOwnerFor(caller: Caller, role: string): void {
  if (role !== 'owner' || caller.owner.role === 'owner') return;
  throw new KeywardError('forbidden', 'Only an owner may make, change or remove an owner.');
}

async function keepAnOwner(changes: Changes, user: User): Promise<void> {
  if (user.role !== 'owner' || user.standing.deactivatedAt !== null) return;
  if ((await changes.users.countActive(user.organizationId, 'owner')) > 1) return;
  throw new KeywardError('conflict', 'This is the last owner. Make someone else an owner first.');
}

async function changeStanding(
  ports: Ports,
  caller: Caller,
  id: string,
  verb: 'update' | 'delete',
  done: string,
  apply: (changes: Changes, user: User, at: number) => Promise<boolean>,
): Promise<void> {
  demand(caller, `${verb}:user`);
  const at = ports.clock();
  await ports.store.write(async (changes) => {
    const user = await manageable(changes, caller, id);
    if (await apply(changes, user, at)) changes.journal(entryOf(caller, at, `user.${done}`, subjectOf(id)));
  });
}

function subjectOf(id: string) {
  return { type: 'user', id };
}
