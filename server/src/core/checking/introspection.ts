// What a credential says, for a service that it was presented to (RFC 7662). It looks, spends nothing, and tells of nothing
// that the service may not verify.

import type { Awaitable } from '../awaitable.ts';
import { whenHere } from '../awaitable.ts';
import { type Caller, demand } from '../caller/caller.ts';
import type { Principal } from '../caller/records.ts';
import { clientIdOf } from '../tokens/client.ts';
import type { Actor } from '../tokens/records.ts';
import type { InspectingPorts } from './find-credential.ts';
import { examine } from './verify.ts';

export interface Introspected {
  principal: Principal;
  clientId: string;
  actor: Actor | null;
  /** The identifier of the API that it is good for; null where it is not bound to one. */
  audience: string | null;
  /** Of an access token. */
  jti: string | null;
  /** The thumbprint of the key that it is bound to, if to one. */
  key: string | null;
}

/**
 * Null for whatever does not count, or is not the caller's to verify: another organization's, but for the operator's callers,
 * or for other APIs than the caller is bound to. `address`: the client's, without which nothing counts that is bound to
 * addresses. Needs `verify:credential`.
 */
export function introspect(
  ports: InspectingPorts,
  caller: Caller,
  text: string,
  address?: string,
): Awaitable<Introspected | null> {
  demand(caller, 'verify:credential');
  const requirement = address === undefined ? {} : { address };
  return whenHere(examine(ports, text, requirement), (seen) => {
    if (!seen.allowed || !mayVerify(caller, seen.principal)) return null;
    const { principal, token } = seen;
    const { client = null, bounds = null, jti = null } = token ?? {};
    return {
      principal,
      clientId: client?.clientId ?? clientIdOf(principal),
      actor: client?.actor ?? null,
      audience: bounds?.audience ?? null,
      jti,
      key: bounds?.key ?? null,
    };
  });
}

function mayVerify({ organization, apis }: Caller, of: Principal): boolean {
  if (!organization.isOperator && organization.id !== of.organization.id) return false;
  const good = of.apis;
  return apis === null || good === null || good.some((one) => apis.includes(one));
}
