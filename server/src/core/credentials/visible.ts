// Which credentials a caller may see, wherever they turn up: as if they were looked at by their ids. What is not to be seen is as
// good as not there.

import { actingPermission, type Caller, may } from '../caller/caller.ts';
import type { CredentialRecord } from '../caller/records.ts';

/** True for who acts for customers: those of all organizations. */
export function seesAll(caller: Caller): boolean {
  return caller.organization.isOperator && may(caller, actingPermission);
}

/** With the permission to read credentials of that kind, or being its owner; of other organizations only as `seesAll` says. */
export function maySee(caller: Caller, { source, owner, organization }: CredentialRecord): boolean {
  const isOwn = organization.id === caller.organization.id;
  if (!isOwn && !seesAll(caller)) return false;
  return (isOwn && owner.id === caller.owner.id) || may(caller, reading[source.type]);
}

const reading = {
  api_token: 'read:organization_api_key',
  api_user: 'read:api_user',
  user: 'read:user',
} as const;
