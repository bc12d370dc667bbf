// The principal that a credential's record stands for: who it is, and what it may do as far as its owner still may.

import { intersect } from '@keyward/rules/permission';
import { deepFreeze } from '../frozen.ts';
import { builtInRoles } from './built-in-roles.ts';
import type { CredentialRecord, Principal } from './records.ts';

/** The permissions of a role: a built-in one's, else the organization's own, else none. */
export function rolePermissions(role: string, own: readonly string[] | null): readonly string[] {
  return builtInRoles.get(role)?.permissions ?? own ?? [];
}

/** The principal of a credential record, frozen. Says nothing about its lifecycle. */
export function principalOf(record: CredentialRecord, expiresAt: number | null = record.expiresAt): Principal {
  const principal = record.principal ?? deepFreeze(makePrincipal(record));
  return expiresAt === principal.expiresAt ? principal : Object.freeze({ ...principal, expiresAt });
}

function makePrincipal(record: CredentialRecord): Principal {
  const { source, name, externalId, expiresAt, owner, organization, token } = record;
  const { isOperator } = organization;
  const held = rolePermissions(owner.role, record.rolePermissions);
  return {
    type: source.type,
    id: source.id,
    name,
    organization: { id: organization.id, name: organization.name, isOperator, externalId: organization.externalId },
    owner: { type: owner.type, id: owner.id, name: owner.name, number: owner.number, role: owner.role },
    permissions: token === null ? held : intersect(token.permissions, held),
    expiresAt,
    externalId,
  };
}
