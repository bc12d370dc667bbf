// What a credential says, for a service that it was presented to, or the application that it was given to (RFC 7662). It looks,
// spends nothing, and tells of nothing that the service may not verify, or the application was not given.

import type { Awaitable } from '../awaitable.ts';
import { whenHere } from '../awaitable.ts';
import { type Caller, demand } from '../caller/caller.ts';
import type { Principal } from '../caller/records.ts';
import { type ApplicationProvingPorts, authenticateApplication } from '../tokens/applications/client.ts';
import {
  introspectOwnRefreshToken,
  type RefreshTokenSeen,
  type SeeingPorts,
} from '../tokens/applications/introspection.ts';
import { type ClientProof, clientIdOf } from '../tokens/client.ts';
import type { Actor, ReadToken } from '../tokens/records.ts';
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
  return whenHere(examine(ports, text, requirement), (seen) =>
    seen.allowed && mayVerify(caller, seen.principal) ? toldOf(seen) : null,
  );
}

/**
 * The same for an application, of its own refresh tokens and access tokens alone. `unknown` where the client, which asks from
 * `asker`, is none, or did not prove it.
 */
export async function introspectForApplication(
  ports: InspectingPorts & ApplicationProvingPorts & SeeingPorts,
  proof: ClientProof,
  asker: string,
  text: string,
  address?: string,
): Promise<'unknown' | { refresh: RefreshTokenSeen } | { access: Introspected | null }> {
  const known = await authenticateApplication(ports, proof, null, asker);
  if ('refused' in known) return 'unknown';
  const { id, metadataUrl } = known.application;
  const refresh = await introspectOwnRefreshToken(ports, id, text);
  if (refresh !== null) return { refresh };
  const seen = await examine(ports, text, address === undefined ? {} : { address });
  const isOwn = seen.allowed && seen.token?.client?.clientId === (metadataUrl ?? id);
  return { access: isOwn ? toldOf(seen) : null };
}

/** Frozen. The same as long as the token and what stands behind it are. */
function toldOf({ principal, token }: { principal: Principal; token: ReadToken | undefined }): Introspected {
  const known = token && told.get(token);
  if (known?.principal === principal) return known;
  const { client = null, bounds = null, jti = null } = token ?? {};
  const seen = Object.freeze({
    principal,
    clientId: client?.clientId ?? clientIdOf(principal),
    actor: client?.actor ?? null,
    audience: bounds?.audience ?? null,
    jti,
    key: bounds?.key ?? null,
  });
  if (token) told.set(token, seen);
  return seen;
}

/** Making a public id anew costs more than the checks. */
const told = new WeakMap<ReadToken, Introspected>();

function mayVerify({ organization, apis }: Caller, of: Principal): boolean {
  if (!organization.isOperator && organization.id !== of.organization.id) return false;
  const good = of.apis;
  return apis === null || good === null || good.some((one) => apis.includes(one));
}
