// What a credential may do: what its token was given, as far as its owner's role has it, as far as its organization is
// entitled to it. It knows no plan and no organization; whoever decides about a credential decides through these lines.

import { isOwnPermission, ownPermissions } from './own-permissions.ts';
import { covers, intersect } from './permission.ts';

/** The lists of patterns that bound a credential; null where one bounds nothing. */
export interface Bounds {
  /** Of the access token that was presented; none, as null, where it has no scope of its own. */
  scope?: readonly string[] | null;
  /** Null for users and API users, who come by themselves. */
  token: readonly string[] | null;
  /** Of the user or API user behind it. */
  role: readonly string[];
  /** Null for everything, as `*:*`. */
  entitlement: readonly string[] | null;
}

/** What a token gives as far as its owner's role has it, whatever the organization is entitled to. */
export function heldBy({ token, role }: Pick<Bounds, 'token' | 'role'>): readonly string[] {
  return token === null ? role : intersect(token, role);
}

/**
 * What is left of `held` where an organization is entitled to no more than `entitlement`: of the guarded APIs what both cover, and
 * all of Keyward's own that are held, by their names. The same list where it is entitled to everything.
 */
export function entitledTo(held: readonly string[], entitlement: readonly string[] | null): readonly string[] {
  if (entitlement === null || covers(entitlement, '*:*')) return held;
  const own = covers(held, '*:*') ? ownPermissions : held.filter(isOwnPermission);
  return [...intersect(held, entitlement).filter((one) => !isOwnPermission(one)), ...own];
}

/** What a credential may do. */
export function mayDo(bounds: Bounds): readonly string[] {
  return entitledTo(heldBy(bounds), bounds.entitlement);
}

/** What may stand in the way of a permission: a token, be it an API token or an access token, a role, an entitlement. */
export type Bound = Exclude<keyof Bounds, 'scope'>;

/** Why `wanted` may not be done: the first of them that does not cover it; null where each does. */
export function lacking({ scope = null, token, role, entitlement }: Bounds, wanted: string): Bound | null {
  if (scope !== null && !covers(scope, wanted)) return 'token';
  if (token !== null && !covers(token, wanted)) return 'token';
  if (!covers(role, wanted)) return 'role';
  return covers(entitledTo([wanted], entitlement), wanted) ? null : 'entitlement';
}
