// Records for the room's tests: complete and different from one another, with whatever a test wants otherwise.

import { randomBytes, randomUUID } from 'node:crypto';
import { newLifecycle } from '../core/caller/lifecycle.ts';
import type { Session } from '../core/caller/records.ts';
import type { ApiToken } from '../core/credentials/records.ts';
import type { FederatedCredential } from '../core/federation/records.ts';
import type { ApiUser, Organization, User } from '../core/identity/records.ts';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { Store } from '../core/ports.ts';

let made = 0;

/** Grows by one with each call: a time, a number, part of a name. */
export function another(): number {
  made += 1;
  return 1_700_000_000_000 + made;
}

export function anOrganization(wanted: Partial<Organization> = {}): Organization {
  const createdAt = another();
  const name = `organization-${createdAt}-${randomBytes(4).toString('hex')}`;
  const lifecycle = newLifecycle;
  return {
    id: randomUUID(),
    name,
    isOperator: false,
    planId: 'free',
    contributors: 1,
    longestTokenLifetimeMs: null,
    entitlement: null,
    leakPolicy: { action: 'deactivate', endsAfterMs: null, descendants: true },
    observed: null,
    externalId: null,
    metadata: null,
    createdAt,
    lifecycle,
    ...wanted,
  };
}

export function aUser(organizationId: string, wanted: Partial<User> = {}): User {
  const number = randomBytes(6).readUIntBE(0, 6);
  const email = `user-${randomBytes(6).toString('hex')}@example.com`;
  const createdAt = another();
  const lifecycle = newLifecycle;
  return {
    id: randomUUID(),
    number,
    organizationId,
    email,
    name: 'Ada',
    role: 'owner',
    createdAt,
    invitedAt: null,
    secondFactorAt: null,
    lastSeenAt: null,
    createdBy: null,
    lifecycle,
    ...wanted,
  };
}

/** Any. */
export const digest = () => randomUUID().replaceAll('-', '').repeat(2);

export function aSession(user: User, wanted: Partial<Session> = {}): Session {
  const createdAt = another();
  return {
    id: randomUUID(),
    carrier: 'cookie',
    digest: digest(),
    organizationId: user.organizationId,
    userId: user.id,
    generation: '0.0',
    createdAt,
    seenAt: createdAt,
    expiresAt: createdAt + 1_000_000,
    address: '192.0.2.1',
    userAgent: 'browser',
    confirmedAt: null,
    ...wanted,
  };
}

export function anApiUser(organizationId: string, wanted: Partial<ApiUser> = {}): ApiUser {
  return {
    id: randomUUID(),
    number: randomBytes(6).readUIntBE(0, 6),
    organizationId,
    username: `${randomUUID()}@api.keyward.local`,
    name: 'Builder',
    role: 'member',
    externalId: null,
    metadata: null,
    createdAt: another(),
    createdBy: null,
    lifecycle: newLifecycle,
    ...wanted,
  };
}

export function aFederatedCredential(
  { id, organizationId }: Pick<ApiUser, 'id' | 'organizationId'>,
  more: Partial<FederatedCredential> = {},
): FederatedCredential {
  return {
    id: randomUUID(),
    organizationId,
    owner: { type: 'api_user', id },
    name: randomUUID(),
    issuer: 'https://issuer.example',
    audience: 'keyward',
    conditions: { sub: 'acme' },
    jwksUri: null,
    jwks: null,
    lineageId: randomUUID(),
    createdAt: 1,
    createdBy: 'somebody',
    ...more,
  };
}

export function anApiToken(owner: User | ApiUser, wanted: Partial<ApiToken> = {}): ApiToken {
  const createdAt = another();
  return {
    id: randomUUID(),
    number: randomBytes(6).readUIntBE(0, 6),
    organizationId: owner.organizationId,
    owner: { type: 'email' in owner ? 'user' : 'api_user', id: owner.id },
    name: `token ${createdAt}`,
    description: '',
    permissions: ['read:*', 'create:report'],
    use: 'both',
    digest: randomBytes(32).toString('hex'),
    prefix: 'kw',
    lastFour: 'a1B2',
    sealedSecret: null,
    addresses: [],
    apis: null,
    limits: [],
    limitedWith: null,
    leakedAt: null,
    leakEndsAt: null,
    narrowing: null,
    expiresAt: null,
    externalId: null,
    metadata: null,
    createdAt,
    updatedAt: null,
    createdBy: owner.id,
    lifecycle: newLifecycle,
    ...wanted,
  };
}

export function anEntry(organizationId: string | null, wanted: Partial<NewJournalEntry> = {}): NewJournalEntry {
  const subject = { type: 'api_token', id: randomUUID() };
  const actor = { type: 'system', id: 'test' } as const;
  return { at: another(), organizationId, actor, action: 'api_token.created', subject, detail: {}, ...wanted };
}

/** An organization with an owner, an API user and a token of each. */
export async function populate(store: Store, wanted: Partial<Organization> = {}) {
  const organization = anOrganization(wanted);
  const user = aUser(organization.id);
  const apiUser = anApiUser(organization.id);
  const token = anApiToken(user);
  const machineToken = anApiToken(apiUser);
  await store.write(async (changes) => {
    await changes.organizations.insert(organization);
    await changes.users.insert(user, 'hash of ada');
    await changes.apiUsers.insert(apiUser, 'digest of builder');
    await changes.apiTokens.insert(token);
    await changes.apiTokens.insert(machineToken);
  });
  return { organization, user, apiUser, token, machineToken };
}
