// The JWT of Debricked's language: an hour long, `iat, exp, roles, username` first and in this order (docs/dialects/debricked.md). What
// else it claims, and whether it counts, is core's.

import type { Principal } from '../../core/caller/records.ts';
import type { TokenShape } from '../../core/tokens/issue.ts';

/** Only admins and holders of API access get in; for a long-lived token it is its owner who must hold it. */
export const apiAccess = 'access:api';

export function hourlyJwt(principal: Principal): TokenShape {
  return { form: 'debricked', lifetimeMs: 3_600_000, claims: claimsFor(principal) };
}

export function claimsFor({ owner }: Principal): NonNullable<TokenShape['claims']> {
  const isAdmin = owner.role === 'owner' || owner.role === 'admin';
  const roles = isAdmin ? ['ROLE_USER', 'ROLE_ADMIN'] : ['ROLE_USER'];
  return ({ issuedAt, expiresAt }) => ({ iat: issuedAt, exp: expiresAt, roles, username: owner.name });
}
