// What is to bound a credential from some time on, and is only observed until then. Here it comes to count, without a write;
// who would have been refused meanwhile is told by whoever checks.

import { isObserved, narrowed } from '@keyward/rules/observed/observation';
import type { CredentialRecord, ObservedBound } from './records.ts';

/** The record as it is at `now`: what has been observed long enough bounds it, and is observed no more. */
export function recordAt(record: CredentialRecord, now: number): CredentialRecord {
  const { observed } = record;
  if (observed === undefined || observed.every(({ until }) => isObserved(until, now))) return record;
  const counting = observed.filter(({ until }) => !isObserved(until, now));
  return recordUnder(record, counting);
}

/** When the record is next another one by itself; null for never. */
export function turnOf({ observed }: Pick<CredentialRecord, 'observed'>): number | null {
  return observed === undefined ? null : Math.min(...observed.map(({ until }) => until));
}

const underEach = new WeakMap<CredentialRecord, readonly CredentialRecord[]>();

/** The record as each of what is observed would leave it, in their order. */
export function shadowsOf(record: CredentialRecord): readonly CredentialRecord[] {
  const known = underEach.get(record);
  if (known !== undefined) return known;
  const shadows = (record.observed ?? []).map((bound) => recordUnder(record, [bound]));
  underEach.set(record, shadows);
  return shadows;
}

/** What was kept with the record was worked out of it as it was. */
function recordUnder(record: CredentialRecord, bounds: readonly ObservedBound[]): CredentialRecord {
  const { principal: _, plain: __, observed, ...rest } = record;
  let { token, organization } = rest;
  // What an organization's own list says comes last, and so in the place of its plan's.
  for (const { entitlement, ...narrowing } of bounds.toReversed()) {
    if (entitlement !== undefined) organization = { ...organization, entitlement };
    if (token !== null) token = { ...token, ...narrowed(token, narrowing) };
  }
  const left = observed?.filter((one) => !bounds.includes(one)) ?? [];
  return { ...rest, token, organization, ...(left.length > 0 && { observed: left }) };
}
