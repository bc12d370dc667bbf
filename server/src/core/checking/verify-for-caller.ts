// The verdict on a credential that someone else presented, for a service that asks. What is not of the service's own
// organization is unknown to it, whatever it is.

import { type Awaitable, whenHere } from '../awaitable.ts';
import { type Caller, demand } from '../caller/caller.ts';
import type { JournalProgress } from '../journal/ports.ts';
import { whenReached } from '../journal/when-reached.ts';
import { type Call, type Verdict, type VerifyingPorts, verify } from './verify.ts';

export interface AskedCall extends Omit<Call, 'organization'> {
  /** The last entry of the journal that the service has heard of: it is not told of a time before that (S113). */
  cursor?: number;
}

/**
 * As `verify`, for a caller with the permission `verify:credential`. A foreign credential is `unknown`, with nothing
 * else said, and spends nothing.
 */
export function verdictFor(
  ports: VerifyingPorts & { subscribers: JournalProgress },
  caller: Caller,
  credential: string,
  call: AskedCall,
): Awaitable<Verdict> {
  demand(caller, 'verify:credential');
  const { cursor } = call;
  if (cursor === undefined) return answer(ports, caller, credential, call);
  return whenHere(whenReached(ports, cursor), () => answer(ports, caller, credential, call));
}

function answer(ports: VerifyingPorts, caller: Caller, credential: string, call: AskedCall): Awaitable<Verdict> {
  return whenHere(verify(ports, credential, { ...call, organization: caller.organization.name }), (verdict) => {
    if (verdict.allowed || verdict.reason === 'rate_limited') return verdict;
    return verdict.organizationId === caller.organization.id ? verdict : { allowed: false, reason: 'unknown' };
  });
}
