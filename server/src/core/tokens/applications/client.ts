// Which application a client is, by its id and by what it shows. Every grant of applications comes through here, so that
// another kind of client id, or another way to prove who one is, is another case here.

import { isActive } from '../../caller/lifecycle.ts';
import { digestOf, digestsEqual } from '../../secret.ts';
import type { ClientProof } from '../client.ts';
import type { Reading } from '../ports.ts';
import type { ApplicationReads, KnownApplication } from './ports.ts';
import type { ApplicationGrant } from './records.ts';

/** The application that calls itself so, if it and its organization are active; null for any other text. */
export async function resolveApplication(
  applications: Pick<ApplicationReads, 'findKnown'>,
  clientId: string,
): Promise<KnownApplication | null> {
  const known = await applications.findKnown(clientId);
  if (known === null) return null;
  const isThere = isActive(known.application.lifecycle) && isActive(known.organization.lifecycle);
  return isThere ? known : null;
}

/** The application, `unknown` for what proves none (S21), `unauthorized` where it is not allowed this grant. */
export async function authenticateApplication(
  ports: Reading<'applications'>,
  proof: ClientProof,
  grant: ApplicationGrant | null,
): Promise<KnownApplication | 'unknown' | 'unauthorized'> {
  if (proof.kind === 'assertion') return 'unknown';
  const known = await resolveApplication(ports.store.applications, proof.id);
  const digest = proof.kind === 'secret' ? digestOf(proof.secret) : null;
  if (known === null || !isProved(known, digest)) return 'unknown';
  return grant === null || known.application.grants.includes(grant) ? known : 'unauthorized';
}

/** Whether people of this organization may let it act for them: the operator's are for everyone. */
export function isFor({ application, organization }: KnownApplication, organizationId: string): boolean {
  return organization.isOperator || application.organizationId === organizationId;
}

/** A public one has nothing to show, and shows nothing. */
function isProved({ secretDigest }: KnownApplication, shown: string | null): boolean {
  if (secretDigest === null || shown === null) return secretDigest === shown;
  return digestsEqual(secretDigest, shown);
}
