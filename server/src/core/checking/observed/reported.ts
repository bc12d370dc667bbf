// What a verifier elsewhere tells of calls that something observed would have refused: counted as if this node had let them in, as
// far as it is still observed.

import { shadowsOf } from '../../caller/observed.ts';
import { principalOf } from '../../caller/principal.ts';
import type { CredentialRecord } from '../../caller/records.ts';
import type { Reason } from '../../errors.ts';
import type { RefusedVerdict } from '../calls/recorder.ts';
import { lackingOf } from '../lacking.ts';
import type { ObservationRecorder, Observed } from './recorder.ts';
import { observedOf } from './tell.ts';

/** Calls that were let in, and would have been refused for one reason. */
export interface ReportedRefusals extends Observed {
  reason: Reason;
  calls: number;
  last: { rule?: string; address?: string; permissions?: readonly string[]; refusalId: string };
}

/** What would have refused them, and the record as it then is; null where that is observed of the credential no more. */
export function observedShadow(
  record: CredentialRecord,
  { subject, bound, until, reason, last: { permissions: required = [] } }: ReportedRefusals,
): { record: CredentialRecord; verdict: RefusedVerdict } | null {
  const at = (record.observed ?? []).findIndex((one) => {
    const known = observedOf(one);
    const isSubject = known.subject.type === subject.type && known.subject.id === subject.id;
    return isSubject && known.bound === bound && known.until === until;
  });
  const shadow = shadowsOf(record)[at];
  if (shadow === undefined || reason === 'rate_limited') return null;
  const lack = reason === 'missing_permission' ? { required, lacking: lackingOf(shadow, null, required) } : {};
  return { record: shadow, verdict: { allowed: false, reason, principal: principalOf(shadow), ...lack } };
}

export function tellReported(
  observations: ObservationRecorder,
  { source, organization }: CredentialRecord,
  { subject, bound, until, reason, calls, last }: ReportedRefusals,
): void {
  const { rule = '', address = null, refusalId: call } = last;
  const seen = { subject, bound, until, organizationId: organization.id, source, reason };
  observations.saw({ ...seen, rule, address, call }, calls);
}
