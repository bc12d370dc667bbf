// A holder as memory keeps it: what it has in common with others of its organization is kept once, which leaves half of
// it, and what a check would work out each time is in it already.

import { principalOf } from '../core/caller.ts';
import { deepFreeze } from '../core/frozen.ts';
import type { Holder } from '../core/ports.ts';

/** What holders are made of, by its JSON. */
export type Parts = Map<string, unknown>;

const mostParts = 10_000;

/**
 * The same record, frozen, with its principal, made of `parts` as far as they have them. `parts` gains what it lacks:
 * hand it records of one organization only.
 */
export function keptHolder(found: Holder, parts: Parts): Holder {
  const share = <T>(part: T): T => {
    if (part === null) return part;
    const text = JSON.stringify(part);
    const same = parts.get(text);
    if (same !== undefined) return same as T;
    if (parts.size >= mostParts) parts.clear();
    parts.set(text, deepFreeze(part));
    return part;
  };
  const { organization, owner, permissions, ...principal } = principalOf(found);
  const token = found.token && {
    ...found.token,
    permissions: share(found.token.permissions),
    addresses: share(found.token.addresses),
  };
  return deepFreeze({
    ...found,
    token,
    standing: share(found.standing),
    owner: share(found.owner),
    rolePermissions: share(found.rolePermissions),
    organization: share(found.organization),
    principal: {
      ...principal,
      organization: share(organization),
      owner: share(owner),
      permissions: share(permissions),
    },
  });
}
