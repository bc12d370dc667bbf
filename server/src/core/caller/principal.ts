// The principal that a credential's record stands for: who it is, and what it may do as far as its owner and its organization
// still may.

import { type Bounds, entitledTo, heldBy } from '@keyward/rules/entitlement';
import { type TokenBounds, within } from '@keyward/rules/token-bounds';
import { deepFreeze } from '../frozen.ts';
import { builtInRoles } from './built-in-roles.ts';
import type { CredentialRecord, Principal } from './records.ts';

/** The permissions of a role: a built-in one's, else the organization's own, else none. */
export function rolePermissions(role: string, own: readonly string[] | null): readonly string[] {
  return builtInRoles.get(role)?.permissions ?? own ?? [];
}

/** What bounds the credential of a record. */
export function boundsOf({ token, owner, rolePermissions: own, organization }: CredentialRecord): Bounds {
  const { entitlement } = organization;
  return { token: token?.permissions ?? null, role: rolePermissions(owner.role, own), entitlement };
}

/** The principal of a credential record, frozen. Says nothing about its lifecycle. */
export function principalOf(record: CredentialRecord, expiresAt: number | null = record.expiresAt): Principal {
  const principal = record.principal ?? deepFreeze(makePrincipal(record));
  return expiresAt === principal.expiresAt ? principal : Object.freeze({ ...principal, expiresAt });
}

/** The principal of an access token with bounds, frozen. `api`: the handle of the only one that it is good for. */
export function boundPrincipal(principal: Principal, bounds: TokenBounds, api: string | undefined): Principal {
  const held = within(bounds, principal.held);
  const permissions = entitledTo(held, principal.organization.entitlement);
  return deepFreeze({
    ...principal,
    held,
    permissions,
    apis: api === undefined ? [] : [api],
    hasBounds: true as const,
  });
}

function makePrincipal(record: CredentialRecord): Principal {
  const { source, name, externalId, expiresAt, owner, organization, token } = record;
  const { isOperator, entitlement } = organization;
  const held = heldBy(boundsOf(record));
  return {
    type: source.type,
    id: source.id,
    name,
    organization: {
      id: organization.id,
      name: organization.name,
      isOperator,
      externalId: organization.externalId,
      entitlement,
    },
    owner: { type: owner.type, id: owner.id, name: owner.name, number: owner.number, role: owner.role },
    permissions: entitledTo(held, entitlement),
    held,
    apis: token?.apis ?? null,
    expiresAt,
    externalId,
    ...(record.token !== null && record.token.limits.length > 0 && { hasLimits: true as const }),
  };
}
