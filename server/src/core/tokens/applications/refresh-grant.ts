// A refresh token becomes an access token and the next refresh token. Each works once: an old one, whoever shows it, was
// copied by somebody, so that its whole family ends (RFC 9700 section 4.14.2, S52). An answer that got lost is such a case
// too: people sign in again.

import type { CredentialRecord } from '../../caller/records.ts';
import type { ClientProof } from '../client.ts';
import { tellUse } from '../exchange-use.ts';
import type { DeniedToken } from '../grant.ts';
import { authenticateApplication, isStillProved, resolveWithin } from './client.ts';
import {
  type ApplicationGrantingPorts,
  endSession,
  failed,
  notAccepted,
  personIn,
  refusedClient,
} from './code-grant.ts';
import type { ApplicationSessionReads } from './ports.ts';
import { generateRefreshToken, readRefreshToken } from './refresh-token.ts';
import { type ApplicationToken, accessTokenIn, denied, endOfUse, type WantedApplicationToken } from './tokens-for.ts';

type Ports = ApplicationGrantingPorts & { store: { applicationSessions: ApplicationSessionReads } };

/** The tokens that a refresh token is good for. `scope` of what is wanted narrows this access token alone. */
export async function refreshTokens(
  ports: Ports,
  proof: ClientProof,
  text: string,
  wanted: WantedApplicationToken,
): Promise<ApplicationToken | DeniedToken> {
  const known = await authenticateApplication(ports, proof, 'refresh_token', wanted.address, wanted.as?.profile);
  if ('refused' in known) return refusedClient(ports, known, wanted);
  const read = readRefreshToken(text);
  const found = read === null ? null : await ports.store.applicationSessions.findFamily(read.familyDigest);
  if (read === null || found === null || found.applicationId !== known.application.id) return refusedToken;
  const next = generateRefreshToken(read.family);
  const nextDigest = readRefreshToken(next)?.tokenDigest ?? '';
  const outcome = await ports.store.write(
    async (changes): Promise<{ granted: ApplicationToken; record: CredentialRecord } | DeniedToken> => {
      const at = ports.clock();
      const now = await resolveWithin(changes.applications, known);
      if (now === null || !isStillProved(known, now)) return notAccepted;
      const authorization = await changes.authorizations.claim(found.authorizationId);
      const session = await changes.applicationSessions.findFamily(read.familyDigest);
      if (authorization === null || session === null) return refusedToken;
      if (session.refresh?.tokenDigest !== read.tokenDigest) {
        await endSession(changes, session, at, 'refresh_token_used_twice');
        return refusedToken;
      }
      if (session.key !== null && session.key !== (wanted.key?.thumbprint ?? null)) return notByItsKey;
      const { generation, createdAt, expiresAt } = session;
      const record = expiresAt > at ? await personIn(changes, session, generation) : null;
      if (record === null) return refusedToken;
      const until = endOfUse(createdAt, at);
      const { application } = now;
      const made = await accessTokenIn(ports, changes.permissions, record, application, session, until, wanted);
      if (!made.allowed) return made;
      const { address, userAgent = '' } = wanted;
      const isRotated = await changes.applicationSessions.rotate(read.familyDigest, read.tokenDigest, nextDigest);
      if (!isRotated) return refusedToken;
      await changes.applicationSessions.extend(session.sessionId, {
        seenAt: at,
        expiresAt: until,
        address,
        userAgent: userAgent.slice(0, 300).toWellFormed(),
      });
      await changes.authorizations.touch(session.authorizationId, at);
      return { granted: { ...made, refreshToken: next }, record };
    },
  );
  if (!('granted' in outcome)) return failed(ports, outcome, wanted);
  tellUse(ports, outcome.record, wanted, 'allowed', outcome.granted.expiresAt);
  return outcome.granted;
}

const notByItsKey = denied('wrong_key', 'proof', 'This refresh token is bound to a key: show a proof of it (DPoP).');
const refusedToken = denied('unknown', 'grant', 'The refresh token is not good, or was used, or has ended.');
