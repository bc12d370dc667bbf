// Ending what an application itself was given (RFC 7009): a refresh token with its whole family, or one access token. Of
// what is somebody else's, or nobody's, nothing is ended and nothing told (S49).

import { systemIn } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import type { Writer } from '../../writer.ts';
import type { ClientProof } from '../client.ts';
import type { Changes, Reading } from '../ports.ts';
import { read, type TokenReadingPorts } from '../read.ts';
import { type Revocation, type RevocationChanges, revokeInChange, revokeInSession, subjectOf } from '../revocation.ts';
import { type ApplicationProvingPorts, authenticateApplication, clientIdOf } from './client.ts';
import { endSession } from './code-grant.ts';
import { readRefreshToken } from './refresh-token.ts';

type Ports = Reading<'applicationSessions' | 'credentials'> & {
  store: Writer<Changes<'applicationSessions'> & RevocationChanges>;
} & ApplicationProvingPorts &
  TokenReadingPorts &
  Clocked;

/**
 * Null if the client, at `address`, is no application, or did not prove it. Resolves when it is durable. What was ended, was so in the name of the
 * person's organization: an application is told no more of who checks calls than the person.
 */
export async function revokeForApplication(
  ports: Ports,
  proof: ClientProof,
  text: string,
  address: string,
): Promise<Revocation | 'nothing' | null> {
  const known = await authenticateApplication(ports, proof, null, address);
  if ('refused' in known) return null;
  const { id } = known.application;
  const refresh = readRefreshToken(text);
  if (refresh !== null) {
    // What nobody was given costs a look, and nobody's changes wait for it.
    const found = await ports.store.applicationSessions.findFamily(refresh.familyDigest);
    if (found?.applicationId !== id) return 'nothing';
    const ended = await ports.store.write(async (changes) => {
      const session = await changes.applicationSessions.findFamily(refresh.familyDigest);
      if (session?.applicationId !== id) return null;
      await endSession(changes, session, ports.clock(), 'revoked');
      return session;
    });
    const person = ended && (await ports.store.credentials.bySource({ type: 'user', id: ended.userId }));
    if (ended === null || person === null) return 'nothing';
    return { organization: person.organization, subject: { type: 'session', id: ended.sessionId } };
  }
  const token = read(ports, text);
  if (typeof token === 'string' || token.client?.clientId !== clientIdOf(known.application)) return 'nothing';
  const record = await ports.store.credentials.bySource(token.source);
  if (record === null) return 'nothing';
  const { organization } = record;
  const { jti, source, sessionId, expiresAt } = token;
  const revoked = { jti, organizationId: organization.id, source, expiresAt };
  const caller = systemIn(organization);
  await ports.store.write<unknown>((changes) =>
    sessionId === null
      ? revokeInChange(changes, caller, ports.clock(), revoked)
      : revokeInSession(changes, caller, ports.clock(), revoked, sessionId),
  );
  return { organization, subject: subjectOf(jti) };
}
