// Links with which people choose their own password: an invitation for someone new, a reset for someone who forgot. Who
// makes one starts it, and learns no password (S20).

import { type Caller, demand, demandConfirmed } from '../caller/caller.ts';
import { isActive } from '../caller/lifecycle.ts';
import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import { writeAs } from '../caller/write-as.ts';
import { entryOf } from '../journal/entry.ts';
import { generatePassword } from '../secret.ts';
import { type FindingLinkPorts, findLink, type Link, type LinkingPorts, linkEnded, newLink } from './one-time-link.ts';
import { checkedPassword } from './password-policy.ts';
import type { Changing, ChoosingPassword, Hashing, Reading, Writing } from './ports.ts';
import type { OneTimeLink, User } from './records.ts';
import { addUser, manageable, type NewUser, newUser, subjectOf } from './user.ts';

/** Whom a link is for. */
export interface LinkView {
  purpose: 'invitation' | 'reset';
  email: string;
  name: string;
  /** The organization's name. */
  organization: string;
  expiresAt: number;
}

const purposes = ['invitation', 'reset'] as const;

/** Makes a user who cannot sign in before having chosen a password with the link. Needs what `createUser` needs. */
export async function invite(
  ports: Changing<'users' | 'apiUsers' | 'roles' | 'oneTimeLinks'> & LinkingPorts & Hashing,
  caller: Caller,
  wanted: Omit<NewUser, 'password'>,
): Promise<{ user: User; link: Link }> {
  demand(caller, 'create:user');
  const made = newUser(ports, caller, caller.organization.id, wanted);
  const user = { ...made, invitedAt: made.createdAt };
  // A password that nobody knows: signing in takes the same way, and the same time, as for everyone.
  const passwordHash = await ports.passwords.hash(generatePassword());
  const { record, link } = newLink(ports, 'invitation', recordOf(user));
  return writeAs(ports, caller, async (changes) => {
    const kept = await addUser(ports, changes, caller, user, passwordHash);
    await changes.oneTimeLinks.insert(record);
    return { user: kept, link };
  });
}

/**
 * A link for someone else's new password; for one who was invited and never came, another invitation. The old password
 * works until it is used; the links before it end. Needs `update:user` and a confirmed session.
 */
export async function makePasswordLink(
  ports: Changing<'users' | 'roles' | 'oneTimeLinks'> & LinkingPorts,
  caller: Caller,
  id: string,
): Promise<Link> {
  demand(caller, 'update:user');
  const at = ports.clock();
  demandConfirmed(caller, at);
  return writeAs(ports, caller, async (changes) => {
    const user = await manageable(changes, caller, id);
    const purpose = user.invitedAt === null ? 'reset' : 'invitation';
    const { record, link } = newLink(ports, purpose, recordOf(user));
    await changes.oneTimeLinks.deleteFor(caller.organization.id, id);
    await changes.oneTimeLinks.insert(record);
    changes.journal(entryOf(caller, at, 'user.password_link_made', subjectOf(id), { purpose }));
    return link;
  });
}

/** What a link is for. Looking does not use it up. Throws as `findLink` does. */
export async function readLink(
  ports: Reading<'users' | 'credentials'> & FindingLinkPorts,
  token: string,
  address: string,
): Promise<LinkView> {
  const link = await findLink(ports, token, purposes, address);
  const { record, id } = lifecycleRecord(link, await recordBehind(ports, link));
  const user = await ports.store.users.find(record.organization.id, id);
  if (user === null) throw linkEnded();
  const purpose = link.purpose === 'invitation' ? 'invitation' : 'reset';
  return {
    purpose,
    email: user.email,
    name: user.name,
    organization: record.organization.name,
    expiresAt: link.expiresAt,
  };
}

/** Sets the password and uses the link up; ends what the old password opened. Throws as `findLink` does. */
export async function redeemLink(
  ports: Reading<'credentials' | 'users'> &
    Writing<'users' | 'oneTimeLinks' | 'credentials'> &
    FindingLinkPorts &
    ChoosingPassword,
  token: string,
  password: string,
  address: string,
): Promise<void> {
  const link = await findLink(ports, token, purposes, address);
  const { record, id } = lifecycleRecord(link, await recordBehind(ports, link));
  const user = await ports.store.users.find(record.organization.id, id);
  const known = [record.name, user?.name ?? '', record.organization.name];
  await checkedPassword(ports, 'password', password, known);
  const passwordHash = await ports.passwords.hash(password);
  const at = ports.clock();
  await ports.store.write(async (changes) => {
    // Nobody ends the link from here on, as another new password would.
    await changes.users.find(record.organization.id, id);
    const found = await changes.credentials.bySource({ type: 'user', id });
    const { record: now } = lifecycleRecord(link, found);
    if (!(await changes.oneTimeLinks.take(link.digest))) throw linkEnded();
    if (!(await changes.users.setPassword(now.organization.id, id, passwordHash))) throw linkEnded();
    const isWelcome = await changes.users.welcome(now.organization.id, id);
    await changes.oneTimeLinks.deleteFor(now.organization.id, id);
    const action = isWelcome ? 'user.invitation_accepted' : 'user.password_chosen';
    changes.journal(entryOf(principalOf(now), at, action, subjectOf(id)));
  });
}

function recordOf(user: User): NonNullable<OneTimeLink['user']> {
  return { organizationId: user.organizationId, id: user.id, generation: user.lifecycle.generation };
}

function recordBehind(ports: Reading<'credentials'>, { user }: OneTimeLink): Promise<CredentialRecord | null> {
  return ports.store.credentials.bySource({ type: 'user', id: user?.id ?? '' });
}

/** Deactivating or deleting the user, or another new password, ends the links from before. Throws `not_found` then. */
function lifecycleRecord(link: OneTimeLink, record: CredentialRecord | null): { record: CredentialRecord; id: string } {
  const stands = record !== null && isActive(record.lifecycle) && isActive(record.organization.lifecycle);
  if (!stands || record.lifecycle.generation !== link.user?.generation) throw linkEnded();
  return { record, id: record.source.id };
}
