// The founding of a server: its operating organization and that organization's owner, in one change. From the command
// line, or through a link that the server prints while it has no owner.

import { systemIn } from '../caller/caller.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import { KeywardError } from '../errors.ts';
import { newExternal } from '../external-record.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedEmail, checkedName, checkedOrganizationName } from '../name.ts';
import { firstPage } from '../page.ts';
import { generateNumber, newId } from '../secret.ts';
import { usualLeakPolicy } from './leak-policy.ts';
import { type FindingLinkPorts, findLink, type Link, type LinkingPorts, linkEnded, newLink } from './one-time-link.ts';
import { checkedPassword } from './password-policy.ts';
import type { Changes, ChoosingPassword, OrganizationReads, Reading, Writing } from './ports.ts';
import type { Organization, User } from './records.ts';

export interface SetUpRequest {
  organization: string;
  email: string;
  name: string;
  password: string;
}

export interface SetUpResult {
  organization: Organization;
  owner: User;
}

/** Throws `conflict` if there is an organization already, `invalid_request` naming the field that is wrong. */
export function createFirstOrganization(
  ports: Writing<'organizations' | 'users' | 'oneTimeLinks'> & ChoosingPassword,
  wanted: SetUpRequest,
): Promise<SetUpResult> {
  return createFirstIf(ports, wanted, async () => undefined);
}

/** True once there is an organization. */
export function isSetUp(ports: Reading<'organizations'>): Promise<boolean> {
  return holdsOrganization(ports.store.organizations);
}

/** A link with which whoever sees the terminal founds the server, once, within the hour. Null if it is founded (S90). */
export async function makeSetUpLink(
  ports: Reading<'organizations'> & Writing<'oneTimeLinks'> & LinkingPorts,
): Promise<Link | null> {
  if (await isSetUp(ports)) return null;
  const { record, link } = newLink(ports, 'set_up', null);
  await ports.store.write((changes) => changes.oneTimeLinks.insert(record));
  return link;
}

/** As `createFirstOrganization`, with the token of a set-up link, which is used up. Throws as `findLink` does too. */
export async function setUp(
  ports: Writing<'organizations' | 'users' | 'oneTimeLinks'> & ChoosingPassword & FindingLinkPorts,
  { token, ...wanted }: SetUpRequest & { token: string },
  address: string,
): Promise<SetUpResult> {
  const link = await findLink(ports, token, ['set_up'], address);
  return createFirstIf(ports, wanted, async (changes) => {
    if (!(await changes.oneTimeLinks.take(link.digest))) throw linkEnded();
  });
}

async function createFirstIf(
  ports: Writing<'organizations' | 'users' | 'oneTimeLinks'> & ChoosingPassword,
  wanted: SetUpRequest,
  claim: (changes: Changes<'oneTimeLinks'>) => Promise<void>,
): Promise<SetUpResult> {
  const at = ports.clock();
  const shared = { createdAt: at, lifecycle: newLifecycle };
  const organization: Organization = {
    ...shared,
    id: newId(),
    name: checkedOrganizationName('organization', wanted.organization),
    isOperator: true,
    planId: 'enterprise',
    contributors: 1,
    longestTokenLifetimeMs: null,
    entitlement: null,
    leakPolicy: usualLeakPolicy,
    observed: null,
    ...newExternal({}),
  };
  const owner: User = {
    ...shared,
    id: newId(),
    number: generateNumber(),
    organizationId: organization.id,
    email: checkedEmail('email', wanted.email),
    name: checkedName('name', wanted.name),
    role: 'owner',
    invitedAt: null,
    secondFactorAt: null,
    lastSeenAt: null,
    createdBy: null,
  };
  const { id, name } = organization;
  const chosen = await checkedPassword(ports, 'password', wanted.password, [owner.email, owner.name, name]);
  const passwordHash = await ports.passwords.hash(chosen);
  return ports.store.write(async (changes) => {
    if (await holdsOrganization(changes.organizations)) {
      throw new KeywardError('conflict', 'This server has an owner already.');
    }
    await claim(changes);
    await changes.oneTimeLinks.deleteSetUps();
    await changes.organizations.insert(organization);
    await changes.users.insert(owner, passwordHash);
    const system = systemIn(organization);
    changes.journal(entryOf(system, at, 'organization.created', { type: 'organization', id }, { name }));
    const detail = { email: owner.email, role: owner.role };
    changes.journal(entryOf(system, at, 'user.created', { type: 'user', id: owner.id }, detail));
    return { organization, owner };
  });
}

async function holdsOrganization(organizations: OrganizationReads): Promise<boolean> {
  return (await organizations.list({ ...firstPage, limit: 1 })).items.length > 0;
}
