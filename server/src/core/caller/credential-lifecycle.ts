// Whether a credential counts, with its owner and its organization, and which generation of its access tokens does.

import { KeywardError } from '../errors.ts';
import { isActive, type Lifecycle } from './lifecycle.ts';
import type { CredentialRecord } from './records.ts';

/** The generations that an access token of this credential was made in: the token's own, its owner's, the organization's. */
export function generationOf(record: CredentialRecord): string {
  const { token, lifecycle, owner, organization } = record;
  const own = token === null ? [] : [lifecycle.generation];
  return [...own, owner.lifecycle.generation, organization.lifecycle.generation].join('.');
}

/** Whether a credential counts: none of it, its owner and its organization was deactivated or deleted. */
export function isInForce({ lifecycle, owner, organization }: CredentialRecord): boolean {
  return isActive(lifecycle) && isActive(owner.lifecycle) && isActive(organization.lifecycle);
}

/** Throws KeywardError `conflict` for what a restore has suspended: what was ended after its backup is not known. */
export function demandReleased({ suspendedAt }: Lifecycle): void {
  if (suspendedAt === undefined) return;
  const text =
    'This is suspended since a backup was restored. Whoever operates the server releases it: keyward restore release.';
  throw new KeywardError('conflict', text);
}
