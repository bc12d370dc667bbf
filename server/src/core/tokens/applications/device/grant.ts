// A device polls with its code, and is given tokens once somebody has allowed it (RFC 8628 sections 3.4 and 3.5): once, as the
// client that asked, with the key that it named. How it stands is told to whoever holds the device code alone, which nobody
// guesses; whoever asks too often waits longer.

import type { CredentialRecord } from '../../../caller/records.ts';
import { digestOf, looksLikeKey } from '../../../secret.ts';
import type { ClientProof } from '../../client.ts';
import { tellUse } from '../../exchange-use.ts';
import type { DeniedToken } from '../../grant.ts';
import type { Reading } from '../../ports.ts';
import { isFor, isStillProved, resolveWithin } from '../client.ts';
import {
  type ApplicationGrantingPorts,
  endSession,
  failed,
  type GrantChanges,
  notAccepted,
  personIn,
  refusedClient,
} from '../code-grant.ts';
import {
  type ApplicationToken,
  accessTokenIn,
  beginApplicationSession,
  denied,
  endOfNew,
  type WantedApplicationToken,
} from '../tokens-for.ts';
import { signInCommandLine } from './command-line.ts';
import type { AllowedDevice, DeviceCode } from './records.ts';
import { type DeviceClient, deviceClient } from './request.ts';

/** What is added for each poll that came too soon (RFC 8628 section 3.5), and up to what. */
const slowedByMs = 5000;
const longestIntervalMs = 60_000;
/** A client waits before it asks, and its timer may be a little early. */
const leewayMs = 500;

type Ports = ApplicationGrantingPorts & Reading<'deviceCodes'>;

/** The tokens that a device code is good for, or how it stands. */
export async function redeemDeviceCode(
  ports: Ports,
  proof: ClientProof,
  deviceCode: string,
  wanted: WantedApplicationToken,
): Promise<ApplicationToken | DeniedToken> {
  const client = await deviceClient(ports, proof, wanted.address);
  if ('refused' in client) return refusedClient(ports, client, wanted);
  const code = looksLikeKey(deviceCode) ? await ports.store.deviceCodes.find(digestOf(deviceCode)) : null;
  if (code === null || code.applicationId !== client.application.id) return failed(ports, refusedCode, wanted);
  if (code.usedAt === null && code.expiresAt <= ports.clock()) return tooLate;
  if (code.answer === null) return poll(ports, code);
  const { allowed } = code.answer;
  if (allowed === null) return notAllowed;
  if (code.key !== null && code.key !== (wanted.key?.thumbprint ?? null)) return failed(ports, notByItsKey, wanted);
  const outcome = await ports.store.write((changes) => redeem(ports, changes, client, code, allowed, wanted));
  if (!('granted' in outcome)) return failed(ports, outcome, wanted);
  tellUse(ports, outcome.record, wanted, 'allowed', outcome.granted.expiresAt);
  return outcome.granted;
}

/** Of many polls at once all but one come too soon. At the longest wait nothing is remembered of those that do. */
async function poll(ports: Ports, { digest, polledAt, intervalMs }: DeviceCode): Promise<DeniedToken> {
  const at = ports.clock();
  const isTooSoon = at - polledAt < intervalMs - leewayMs;
  if (isTooSoon && intervalMs >= longestIntervalMs) return tooSoon;
  const next = { at, intervalMs: isTooSoon ? intervalMs + slowedByMs : intervalMs };
  const isFirst = await ports.store.write(({ deviceCodes }) => deviceCodes.poll(digest, polledAt, next));
  return isTooSoon || !isFirst ? tooSoon : pending;
}

/** Nothing is thrown: what was used up stays so. */
async function redeem(
  ports: Ports,
  changes: GrantChanges,
  client: DeviceClient,
  { digest, applicationId, api }: DeviceCode,
  allowed: AllowedDevice,
  wanted: WantedApplicationToken,
): Promise<{ granted: ApplicationToken; record: CredentialRecord } | DeniedToken> {
  const at = ports.clock();
  const { authorizationId, sessionId, scope } = allowed;
  const known = client.known === null ? null : await resolveWithin(changes.applications, client.known);
  if (client.known !== null && (known === null || !isStillProved(client.known, known))) return notAccepted;
  const authorization = authorizationId === null ? null : await changes.authorizations.claim(authorizationId);
  if (!(await changes.deviceCodes.take(digest, at))) {
    await endSession(changes, { ...allowed, applicationId }, at, 'device_code_used_twice');
    return refusedCode;
  }
  if (!(await changes.sessions.claim(allowed.givenIn))) return refusedCode;
  const record = await personIn(changes, allowed, allowed.generation);
  if (record === null) return refusedCode;
  if (client.known === null)
    return { granted: await signInCommandLine(ports, changes, record, allowed, wanted), record };
  if (known === null || authorization === null || !isFor(known, allowed.organizationId)) return refusedCode;
  const { application } = known;
  const until = endOfNew(application, at);
  const of = { sessionId, authorizationId: authorization.id, api, scope };
  const made = await accessTokenIn(ports, changes.permissions, record, application, of, until, wanted);
  if (!made.allowed) return made;
  const from = { at, until, key: made.key, address: wanted.address, userAgent: wanted.userAgent };
  const refreshToken = await beginApplicationSession(changes, record, application, of, from);
  await changes.authorizations.touch(authorization.id, at);
  return { granted: { ...made, refreshToken }, record };
}

const pending = denied('unknown', 'pending', 'Nobody has answered yet. Ask again after the interval.');
const tooSoon = denied('unknown', 'too_soon', 'This came too soon. Wait five seconds more between polls.');
const tooLate = denied('expired', 'too_late', 'Nobody allowed it in time. Ask for another device code.');
const notAllowed = denied('unknown', 'denied', 'Whoever was asked did not allow it.');
const notByItsKey = denied('wrong_key', 'proof', 'This device code is bound to a key: show a proof of it (DPoP).');
const refusedCode = denied(
  'unknown',
  'grant',
  'The device code is not good, or was used, or was given to another client.',
);
