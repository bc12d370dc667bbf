// A code becomes a session of an application: once, for whom it was given to, with what the code was bound to (RFC 6749
// section 4.1.3, RFC 7636). Whatever is wrong uses it up, and a second use ends what came of the first (S42); but for whoever lacks the
// key that it is bound to, to whom it is nothing.

import { hash } from 'node:crypto';
import { generationOf, isInForce } from '../../caller/credential-lifecycle.ts';
import type { CredentialRecord } from '../../caller/records.ts';
import { digestOf, looksLikeKey } from '../../secret.ts';
import type { Writer } from '../../writer.ts';
import type { ClientProof } from '../client.ts';
import { tellUse } from '../exchange-use.ts';
import type { DeniedToken, GrantingPorts } from '../grant.ts';
import type { Changes } from '../ports.ts';
import {
  type ApplicationProvingPorts,
  authenticateApplication,
  isFor,
  isStillProved,
  type RefusedClient,
  resolveWithin,
} from './client.ts';
import { sessionEnded } from './end-access.ts';
import type { AuthorizationCodeReads, KnownApplication } from './ports.ts';
import type { AuthorizationCode } from './records.ts';
import { isRegisteredRedirect } from './redirect-uri.ts';
import {
  type ApplicationToken,
  accessTokenIn,
  beginApplicationSession,
  denied,
  endOfNew,
  type WantedApplicationToken,
} from './tokens-for.ts';

/** What grants to applications change. */
export type GrantChanges = Changes<
  | 'applications'
  | 'authorizations'
  | 'authorizationCodes'
  | 'applicationSessions'
  | 'credentials'
  | 'deviceCodes'
  | 'permissions'
  | 'sessions'
  | 'users'
>;

export type ApplicationGrantingPorts = GrantingPorts & ApplicationProvingPorts & { store: Writer<GrantChanges> };

export interface ShownCode {
  code: string;
  redirectUri: string;
  /** What the code's challenge was made from. */
  verifier: string;
}

export const notAccepted = denied('unknown', 'client', 'The client was not accepted.');

/** The tokens that a code is good for. What is no code at all costs a look, and nobody's changes wait for it. */
export async function redeemCode(
  ports: ApplicationGrantingPorts & { store: { authorizationCodes: AuthorizationCodeReads } },
  proof: ClientProof,
  shown: ShownCode,
  wanted: WantedApplicationToken,
): Promise<ApplicationToken | DeniedToken> {
  const known = await authenticateApplication(ports, proof, 'authorization_code', wanted.address, wanted.as?.profile);
  if ('refused' in known) return refusedClient(ports, known, wanted);
  if (!looksLikeKey(shown.code)) return refusedCode;
  const code = await ports.store.authorizationCodes.find(digestOf(shown.code));
  if (code === null) return failed(ports, refusedCode, wanted);
  const isTheirs = code.applicationId === known.application.id;
  if (isTheirs && code.key !== null && code.key !== wanted.key?.thumbprint) return failed(ports, notByItsKey, wanted);
  const outcome = await ports.store.write((changes) => redeem(ports, changes, known, shown, wanted));
  if (!('granted' in outcome)) return failed(ports, outcome, wanted);
  tellUse(ports, outcome.record, wanted, 'allowed', outcome.granted.expiresAt);
  return outcome.granted;
}

export function refusedClient(
  ports: Pick<GrantingPorts, 'exchangeFailed'>,
  { refused, why }: RefusedClient,
  wanted: Pick<WantedApplicationToken, 'address'>,
): DeniedToken {
  return refused === 'unknown'
    ? failed(ports, notAccepted, wanted, why)
    : denied('unknown', 'unauthorized', 'This application is not allowed this grant.');
}

/** Told to the log, as every exchange that fails. */
export function failed(
  ports: Pick<GrantingPorts, 'exchangeFailed'>,
  denial: DeniedToken,
  { address }: Pick<WantedApplicationToken, 'address'>,
  why?: string,
): DeniedToken {
  ports.exchangeFailed({ reason: denial.reason, address, ...(why !== undefined && { why }) });
  return denial;
}

/** Nothing is thrown: what was used up stays so. */
async function redeem(
  ports: ApplicationGrantingPorts,
  changes: GrantChanges,
  known: KnownApplication,
  shown: ShownCode,
  wanted: WantedApplicationToken,
): Promise<{ granted: ApplicationToken; record: CredentialRecord } | DeniedToken> {
  const at = ports.clock();
  const now = await resolveWithin(changes.applications, known);
  if (now === null || !isStillProved(known, now)) return notAccepted;
  const code = await changes.authorizationCodes.take(digestOf(shown.code), at);
  if (code === null || code.applicationId !== known.application.id) return refusedCode;
  if (code.usedAt !== null) {
    await endSession(changes, code, at, 'code_used_twice');
    return refusedCode;
  }
  if (code.expiresAt <= at || code.redirectUri !== shown.redirectUri || !isProved(code, shown)) return refusedCode;
  const { application } = now;
  if (!isRegisteredRedirect(application.redirectUris, code.redirectUri)) return refusedCode;
  if (!(await changes.sessions.claim(code.givenIn))) return refusedCode;
  const record = await personIn(changes, code, code.generation);
  const authorization = await changes.authorizations.claim(code.authorizationId);
  if (record === null || authorization === null || !isFor(now, code.organizationId)) return refusedCode;
  const until = endOfNew(application, at);
  const made = await accessTokenIn(ports, changes.permissions, record, application, code, until, wanted);
  if (!made.allowed) return made;
  const from = { at, until, key: made.key, address: wanted.address, userAgent: wanted.userAgent };
  const refreshToken = await beginApplicationSession(changes, record, application, code, from);
  await changes.authorizations.touch(code.authorizationId, at);
  return { granted: { ...made, refreshToken }, record };
}

/** The person as they are now, if they still count and nothing ended their access tokens since. */
export async function personIn(
  { credentials }: Pick<GrantChanges, 'credentials'>,
  { userId }: { userId: string },
  generation: string,
): Promise<CredentialRecord | null> {
  const record = await credentials.bySource({ type: 'user', id: userId });
  return record !== null && isInForce(record) && generationOf(record) === generation ? record : null;
}

/** Ends a session with all that came of it, and says why. */
export async function endSession(
  changes: Changes<'sessions'>,
  of: Pick<AuthorizationCode, 'organizationId' | 'userId' | 'sessionId' | 'applicationId'>,
  at: number,
  reason: string,
): Promise<void> {
  const isEnded = await changes.sessions.delete(of.organizationId, of.userId, of.sessionId);
  if (isEnded) changes.journal(sessionEnded(of, at, reason));
}

/** RFC 7636 section 4.6, with S256 alone. */
function isProved({ challenge }: AuthorizationCode, { verifier }: ShownCode): boolean {
  return /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) && hash('sha256', verifier, 'base64url') === challenge;
}

const notByItsKey = denied('wrong_key', 'proof', 'This code is bound to a key: show a proof of it (DPoP).');
const refusedCode = denied('unknown', 'grant', 'The code is not good, or was used, or was given for something else.');
