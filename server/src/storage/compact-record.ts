// A credential record as memory keeps it: what it has in common with others of its organization is kept once, which leaves half of
// it, and what a check would work out each time is in it already.

import { principalOf } from '../core/caller/principal.ts';
import type { CredentialRecord } from '../core/caller/records.ts';
import { newTrace } from '../core/caller/use.ts';
import { isPlain } from '../core/checking/find-credential.ts';
import { deepFreeze } from '../core/frozen.ts';

/** What records are made of, by its JSON. */
export type Parts = Map<string, unknown>;

const mostParts = 10_000;

/**
 * The same record, frozen but for its trace, with its principal, made of `parts` as far as they have them. `parts` gains what it lacks:
 * hand it records of one organization only.
 */
export function compactRecord(found: CredentialRecord, parts: Parts): CredentialRecord {
  const share = <T>(part: T): T => {
    if (part === null) return part;
    const text = JSON.stringify(part);
    const same = parts.get(text);
    if (same !== undefined) return same as T;
    if (parts.size >= mostParts) parts.clear();
    parts.set(text, deepFreeze(part));
    return part;
  };
  const { type, id, name, externalId, organization, owner, permissions, held, apis, expiresAt, hasLimits } =
    principalOf(found);
  const principal = deepFreeze({
    type,
    id,
    name,
    organization: share(organization),
    owner: share(owner),
    permissions: share(permissions),
    held: share(held),
    apis: share(apis),
    expiresAt,
    externalId,
    ...(hasLimits === true && { hasLimits }),
  });
  const token = found.token && {
    ...found.token,
    permissions: share(found.token.permissions),
    addresses: share(found.token.addresses),
    apis: share(found.token.apis),
    limits: share(found.token.limits),
  };
  // What every check reads comes first: it is then in the same line of memory, and one object is one line or two.
  return Object.freeze({
    plain: isPlain(found),
    principal,
    trace: found.trace ?? newTrace(),
    organization: share(found.organization),
    source: deepFreeze(found.source),
    expiresAt: found.expiresAt,
    lifecycle: share(found.lifecycle),
    token: deepFreeze(token),
    name: found.name,
    owner: share(found.owner),
    rolePermissions: share(found.rolePermissions),
    externalId: found.externalId,
    ...(found.observed !== undefined && { observed: deepFreeze(found.observed) }),
  });
}
