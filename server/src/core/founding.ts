// The founding of a server: its operating organization and that organization's owner, in one change.

import { systemIn } from './caller.ts';
import { KeywardError } from './errors.ts';
import { entryOf } from './journal.ts';
import { checkedEmail, checkedHandle, checkedName } from './name.ts';
import type { Organization } from './organization.ts';
import { firstPage } from './page.ts';
import type { Ports } from './ports.ts';
import { generateNumber, newId } from './secret.ts';
import { newStanding } from './standing.ts';
import { checkedPassword, type User } from './user.ts';

export interface Founding {
  organization: string;
  email: string;
  name: string;
  password: string;
}

/** Throws `conflict` if there is an organization already, `invalid_request` naming the field that is wrong. */
export async function found(ports: Ports, wanted: Founding): Promise<{ organization: Organization; owner: User }> {
  const at = ports.clock();
  const shared = { createdAt: at, standing: newStanding };
  const organization: Organization = {
    ...shared,
    id: newId(),
    name: checkedHandle('organization', wanted.organization),
    isOperator: true,
    planId: 'enterprise',
    contributors: 1,
  };
  const owner: User = {
    ...shared,
    id: newId(),
    number: generateNumber(),
    organizationId: organization.id,
    email: checkedEmail('email', wanted.email),
    name: checkedName('name', wanted.name),
    role: 'owner',
  };
  const passwordHash = await ports.passwords.hash(checkedPassword('password', wanted.password));
  const { id, name } = organization;
  return ports.store.write(async (changes) => {
    if ((await changes.organizations.list({ ...firstPage, limit: 1 })).items.length > 0) {
      throw new KeywardError('conflict', 'This server has an owner already.');
    }
    await changes.organizations.insert(organization);
    await changes.users.insert(owner, passwordHash);
    const system = systemIn(organization);
    changes.journal(entryOf(system, at, 'organization.created', { type: 'organization', id }, { name }));
    const detail = { email: owner.email, role: owner.role };
    changes.journal(entryOf(system, at, 'user.created', { type: 'user', id: owner.id }, detail));
    return { organization, owner };
  });
}
