// Which application a client is, by its id and by what it shows. Every grant of applications comes through here, so that
// another kind of client id, or another way to prove who one is, is another case here.

import { hasKeys } from '../../assertions/key-source.ts';
import { isActive } from '../../caller/lifecycle.ts';
import { isApiUsername } from '../../name.ts';
import { digestOf, digestsEqual, idOf } from '../../secret.ts';
import type { ClientProof } from '../client.ts';
import type { ClientDocuments } from '../client-metadata/client-documents.ts';
import { meansClientUrl } from '../client-metadata/client-url.ts';
import type { AssertionVerifier, Reading } from '../ports.ts';
import type { JwtProfile } from '../records.ts';
import { builtInApplication, profileOf } from './built-in.ts';
import { describedApplication, partyOf } from './described.ts';
import type { ApplicationReads, KnownApplication } from './ports.ts';
import type { Application, ApplicationGrant } from './records.ts';

/** The ports of what asks which application a client is. */
export type ResolvingPorts = Reading<'applications'> & { clientDocuments: ClientDocuments };

/**
 * The application that calls itself so, if it and its organization are active; null for any other text. Where it describes
 * itself is looked on behalf of `party`: this is for before a change, and `resolveWithin` for inside.
 */
export async function resolveApplication(
  ports: ResolvingPorts,
  clientId: string,
  party: string,
): Promise<KnownApplication | null> {
  // What API tokens and API users call themselves is no application's.
  if (idOf(clientId) !== null || isApiUsername(clientId)) return null;
  const { applications } = ports.store;
  if (!meansClientUrl(clientId)) {
    const known = await findRegistered(applications, clientId);
    return known !== null && known.application.metadataUrl === null ? ifActive(known) : null;
  }
  const described = await describedApplication(applications, ports.clientDocuments, clientId, party);
  return described === null ? null : resolveWithin(applications, described);
}

/** The same as it is now, which nobody deactivates or deletes until the commit; null where it is not active any more. */
export async function resolveWithin(
  applications: Pick<ApplicationReads, 'findKnown' | 'operator'>,
  known: KnownApplication,
): Promise<KnownApplication | null> {
  const { application } = known;
  const now = await findRegistered(applications, application.id);
  if (application.metadataUrl === null) return now === null ? null : ifActive(now);
  // What it says of itself counts as it was read; one that was deleted, or that nobody has let in, is not kept.
  if (now === null || now.application.lifecycle.deletedAt !== null) return ifActive(known);
  if (now.application.metadataUrl !== application.metadataUrl) return null;
  const { createdAt, createdBy, lifecycle } = now.application;
  return ifActive({ ...now, application: { ...application, createdAt, createdBy, lifecycle } });
}

/** Itself if it and its organization are active. */
export function ifActive(known: KnownApplication): KnownApplication | null {
  return isActive(known.application.lifecycle) && isActive(known.organization.lifecycle) ? known : null;
}

/** What an application calls itself. */
export function clientIdOf({ id, metadataUrl }: Pick<Application, 'id' | 'metadataUrl'>): string {
  return metadataUrl ?? id;
}

/** `unknown` for what proves no application (S21), `unauthorized` where it is not allowed the grant. */
export interface RefusedClient {
  refused: 'unknown' | 'unauthorized';
  /** In words for the operator, where more is known. */
  why?: string;
}

/** The ports of what asks which application a client is, and whether it proves that. */
export type ApplicationProvingPorts = ResolvingPorts & {
  assertions: Pick<AssertionVerifier, 'proveOwn'>;
  /** The same of clients that describe themselves, whose keys are read as their documents are. */
  describedAssertions: Pick<AssertionVerifier, 'proveOwn'>;
};

/** As `resolveApplication`. Of one that gets tokens of another profile than is asked for here, nothing is known. */
export async function authenticateApplication(
  ports: ApplicationProvingPorts,
  proof: ClientProof,
  grant: ApplicationGrant | null,
  party: string,
  profile: JwtProfile = 'oauth',
): Promise<KnownApplication | RefusedClient> {
  const known = await resolveApplication(ports, proof.id, party);
  const shown = proof.kind === 'secret' ? digestOf(proof.secret) : null;
  if (known === null || (grant !== null && profileOf(known.application) !== profile)) return { refused: 'unknown' };
  const why = await faultIn(ports, known, proof, shown, party);
  if (why !== null) return { refused: 'unknown', why: `application ${known.application.id}: ${why}` };
  return grant === null || known.application.grants.includes(grant) ? known : { refused: 'unauthorized' };
}

/** Whether people of this organization may let it act for them: the operator's are for everyone. */
export function isFor({ application, organization }: KnownApplication, organizationId: string): boolean {
  return organization.isOperator || application.organizationId === organizationId;
}

/** Whether what proved `known` proves it `now` too, where its secret or its keys may have been replaced meanwhile. */
export function isStillProved(known: KnownApplication, now: KnownApplication): boolean {
  return known.secretDigest === now.secretDigest;
}

/** One that somebody registered, or that nobody has to. */
async function findRegistered(
  applications: Pick<ApplicationReads, 'findKnown' | 'operator'>,
  id: string,
): Promise<KnownApplication | null> {
  return (await applications.findKnown(id)) ?? builtInApplication(applications, id);
}

/** Why this does not prove it: keys or a secret, whichever it has, and of a public one nothing. */
async function faultIn(
  { assertions, describedAssertions }: ApplicationProvingPorts,
  { application, secretDigest }: KnownApplication,
  proof: ClientProof,
  shown: string | null,
  party: string,
): Promise<string | null> {
  if (proof.kind === 'assertion') {
    if (!hasKeys(application)) return 'it has no keys that a client_assertion could be signed with';
    if (proof.as !== 'client') return 'its own tokens are no proof of whose token is wanted';
    const { organizationId, jwks, jwksUri, metadataUrl } = application;
    const { jwt, audiences } = proof;
    const own = { clientId: clientIdOf(application), organizationId, jwks, jwksUri, jwt, audiences };
    return metadataUrl === null
      ? assertions.proveOwn(own)
      : describedAssertions.proveOwn({ ...own, party: partyOf(party) });
  }
  if (hasKeys(application)) return 'it proves itself by its keys alone';
  if (secretDigest === null || shown === null) {
    return secretDigest === shown ? null : 'a public one shows no secret, and any other one does';
  }
  return digestsEqual(secretDigest, shown) ? null : 'it showed another secret';
}
