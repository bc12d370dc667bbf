// What stands in the way of permissions that a credential does not have, one by one. It decides nothing.

import { lacking } from '@keyward/rules/entitlement';
import type { TokenBounds } from '@keyward/rules/token-bounds';
import { boundsOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { LackingPermission } from '../caller/refusal.ts';

/** What stands in the way of each that the credential does not have. `token`: of an access token, what bounds it. */
export function lackingOf(
  record: CredentialRecord,
  token: TokenBounds | null,
  required: readonly string[],
): LackingPermission[] {
  const bounds = { ...boundsOf(record), scope: token?.scope ?? null };
  return required.flatMap((permission) => {
    const place = lacking(bounds, permission);
    return place === null ? [] : [{ permission, in: place }];
  });
}
