// An organization in which there is much to gain: people, machines and tokens that hold more than most, some of them dead
// with their secrets known. For tests only.

import { randomUUID } from 'node:crypto';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import type { AccessTokenSource } from '../../server/src/core/caller/source.ts';
import type { ApiToken } from '../../server/src/core/credentials/records.ts';
import type { FederatedCredential } from '../../server/src/core/federation/records.ts';
import type { ApiUser, User } from '../../server/src/core/identity/records.ts';
import {
  aFederatedCredential,
  anApiToken,
  anApiUser,
  anOrganization,
  aUser,
} from '../../server/src/storage/records.test-support.ts';
import type { TestServer } from '../server.ts';

/** Every way in which the caller of an attempt may have been made: with a role, or by a token of an owner. */
export type Kind = { role: string } | { permissions: readonly string[] };

export interface World {
  caller: Caller;
  /** What the caller's own end is; null if there is none. */
  endsAt: number | null;
  operator: string;
  customer: string;
  owner: User;
  admin: User;
  member: User;
  deadAdmin: User;
  invited: User;
  machine: ApiUser;
  deadMachine: ApiUser;
  deletedMachine: ApiUser;
  /** It was deleted before its role was. */
  roleless: ApiUser;
  /** Of `machine`. */
  trusted: FederatedCredential;
  full: ApiToken;
  narrow: ApiToken;
  deadFull: ApiToken;
  deletedFull: ApiToken;
  expiredFull: ApiToken;
  boundFull: ApiToken;
  /** It does nothing, for ever, and its secret is known to the caller. */
  idle: ApiToken;
  /** Those whose secrets the caller knows: the dead, and what is good for nothing. */
  known: AccessTokenSource[];
}

/** All of managing, and yet not everything. */
export const managing = ['organization_api_key', 'api_user', 'user', 'role', 'permission', 'organization'].flatMap(
  (noun) => ['create', 'read', 'update', 'delete'].map((verb) => `${verb}:${noun}`),
);

export const passwordOfAll = 'three quiet herons at noon';

export async function settle({ store, clock }: TestServer, kind: Kind, passwordHash: string): Promise<World> {
  const now = clock.now();
  const dead = { deactivatedAt: now, deletedAt: null, generation: 1, cutOffGeneration: 1 };
  const deleted = { deactivatedAt: null, deletedAt: now, generation: 1, cutOffGeneration: 1 };
  const operator = anOrganization({ isOperator: true });
  const customer = anOrganization();
  const { id } = operator;
  const owner = aUser(id);
  const admin = aUser(id, { role: 'admin' });
  const member = aUser(id, { role: 'member' });
  const deadAdmin = aUser(id, { role: 'admin', lifecycle: dead });
  const invited = aUser(id, { invitedAt: now });
  const machine = anApiUser(id, { role: 'owner' });
  const deadMachine = anApiUser(id, { role: 'owner', lifecycle: dead });
  const deletedMachine = anApiUser(id, { role: 'admin', lifecycle: deleted });
  const roleless = anApiUser(id, { role: 'lost', lifecycle: deleted });
  const trusted = aFederatedCredential(machine);
  const everything = { permissions: ['*:*'] };
  const full = anApiToken(owner, everything);
  const narrow = anApiToken(owner, { permissions: ['read:plan'] });
  const deadFull = anApiToken(owner, { ...everything, lifecycle: dead });
  const deletedFull = anApiToken(owner, { ...everything, lifecycle: deleted });
  const expiredFull = anApiToken(owner, { ...everything, expiresAt: now - 1 });
  const boundFull = anApiToken(owner, { ...everything, addresses: ['192.0.2.7'] });
  const idle = anApiToken(owner, { permissions: [] });
  const self = 'role' in kind ? aUser(id, { role: kind.role }) : owner;
  const endsAt = 'role' in kind ? null : now + 3_600_000;
  const own = anApiToken(self, { permissions: 'role' in kind ? [] : kind.permissions, expiresAt: endsAt });
  await store.write(async (changes) => {
    await changes.organizations.insert(operator);
    await changes.organizations.insert(customer);
    for (const user of [owner, admin, member, deadAdmin, invited]) await changes.users.insert(user, passwordHash);
    if (self !== owner) await changes.users.insert(self, passwordHash);
    for (const one of [machine, deadMachine, deletedMachine, roleless])
      await changes.apiUsers.insert(one, randomUUID());
    await changes.federatedCredentials.insert(trusted);
    const tokens = [full, narrow, deadFull, deletedFull, expiredFull, boundFull, idle, own];
    for (const token of tokens) await changes.apiTokens.insert(token);
    const role = { organizationId: id, description: '', createdAt: now };
    await changes.roles.insert({ ...role, name: 'manager', permissions: managing });
    await changes.roles.insert({ ...role, name: 'reader', permissions: ['read:plan'] });
  });
  const source =
    'role' in kind ? ({ type: 'user', id: self.id } as const) : ({ type: 'api_token', id: own.id } as const);
  const record = await store.credentials.bySource(source);
  if (record === null) throw new Error('The caller was made just now.');
  const known: AccessTokenSource[] = [
    { type: 'user', id: deadAdmin.id },
    ...[deadMachine, deletedMachine, roleless].map((one) => ({ type: 'api_user' as const, id: one.id })),
    ...[deadFull, deletedFull, expiredFull, boundFull, idle].map((one) => ({ type: 'api_token' as const, id: one.id })),
  ];
  return {
    caller: principalOf(record),
    endsAt,
    operator: id,
    customer: customer.id,
    owner,
    admin,
    member,
    deadAdmin,
    invited,
    machine,
    deadMachine,
    deletedMachine,
    roleless,
    trusted,
    full,
    narrow,
    deadFull,
    deletedFull,
    expiredFull,
    boundFull,
    idle,
    known,
  };
}
