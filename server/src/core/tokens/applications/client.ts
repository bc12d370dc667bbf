// Which application a client is, by its id and by what it shows. Every grant of applications comes through here, so that
// another kind of client id, or another way to prove who one is, is another case here.

import { hasKeys } from '../../assertions/key-source.ts';
import { isActive } from '../../caller/lifecycle.ts';
import { isApiUsername } from '../../name.ts';
import { digestOf, digestsEqual, idOf } from '../../secret.ts';
import type { ClientProof } from '../client.ts';
import type { AssertionVerifier, Reading } from '../ports.ts';
import type { JwtProfile } from '../records.ts';
import { builtInApplication, profileOf } from './built-in.ts';
import type { ApplicationReads, KnownApplication } from './ports.ts';
import type { ApplicationGrant } from './records.ts';

/** The application that calls itself so, if it and its organization are active; null for any other text. */
export async function resolveApplication(
  applications: Pick<ApplicationReads, 'findKnown' | 'operator'>,
  clientId: string,
): Promise<KnownApplication | null> {
  // What API tokens and API users call themselves is no application's.
  if (idOf(clientId) !== null || isApiUsername(clientId)) return null;
  const known = (await applications.findKnown(clientId)) ?? (await builtInApplication(applications, clientId));
  if (known === null) return null;
  const isThere = isActive(known.application.lifecycle) && isActive(known.organization.lifecycle);
  return isThere ? known : null;
}

/** `unknown` for what proves no application (S21), `unauthorized` where it is not allowed the grant. */
export interface RefusedClient {
  refused: 'unknown' | 'unauthorized';
  /** In words for the operator, where more is known. */
  why?: string;
}

/** The ports of what asks which application a client is. */
export type ApplicationProvingPorts = Reading<'applications'> & { assertions: Pick<AssertionVerifier, 'proveOwn'> };

/** The application. Of one that gets tokens of another profile than is asked for here, nothing is known. */
export async function authenticateApplication(
  ports: ApplicationProvingPorts,
  proof: ClientProof,
  grant: ApplicationGrant | null,
  profile: JwtProfile = 'oauth',
): Promise<KnownApplication | RefusedClient> {
  const known = await resolveApplication(ports.store.applications, proof.id);
  const shown = proof.kind === 'secret' ? digestOf(proof.secret) : null;
  if (known === null || (grant !== null && profileOf(known.application) !== profile)) return { refused: 'unknown' };
  const why = await faultIn(ports, known, proof, shown);
  if (why !== null) return { refused: 'unknown', why: `application ${known.application.id}: ${why}` };
  return grant === null || known.application.grants.includes(grant) ? known : { refused: 'unauthorized' };
}

/** Whether people of this organization may let it act for them: the operator's are for everyone. */
export function isFor({ application, organization }: KnownApplication, organizationId: string): boolean {
  return organization.isOperator || application.organizationId === organizationId;
}

/** Why this does not prove it: keys or a secret, whichever it has, and of a public one nothing. */
async function faultIn(
  { assertions }: ApplicationProvingPorts,
  { application, secretDigest }: KnownApplication,
  proof: ClientProof,
  shown: string | null,
): Promise<string | null> {
  if (proof.kind === 'assertion') {
    if (!hasKeys(application)) return 'it has no keys that a client_assertion could be signed with';
    if (proof.as !== 'client') return 'its own tokens are no proof of whose token is wanted';
    const { id: clientId, organizationId, jwks, jwksUri } = application;
    const { jwt, audiences } = proof;
    return assertions.proveOwn({ clientId, organizationId, jwks, jwksUri, jwt, audiences });
  }
  if (hasKeys(application)) return 'it proves itself by its keys alone';
  if (secretDigest === null || shown === null) {
    return secretDigest === shown ? null : 'a public one shows no secret, and any other one does';
  }
  return digestsEqual(secretDigest, shown) ? null : 'it showed another secret';
}
