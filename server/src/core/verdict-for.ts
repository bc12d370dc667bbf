// The verdict on a credential that someone else presented, for a service that asks. What is not of the service's own
// organization is unknown to it, whatever it is.

import { type Caller, demand } from './caller.ts';
import type { Ports } from './ports.ts';
import { type Call, type Verdict, verify } from './verify.ts';

/**
 * As `verify`, for a caller with the permission `verify:credential`. A foreign credential is `unknown`, with nothing
 * else said, and spends nothing.
 */
export async function verdictFor(
  ports: Ports,
  caller: Caller,
  credential: string,
  call: Omit<Call, 'organization'>,
): Promise<Verdict> {
  demand(caller, 'verify:credential');
  const verdict = await verify(ports, credential, { ...call, organization: caller.organization.name });
  if (verdict.allowed || verdict.reason === 'rate_limited') return verdict;
  return verdict.organizationId === caller.organization.id ? verdict : { allowed: false, reason: 'unknown' };
}
