// Somebody types the code that a device shows, is told who asks for what and from where, and answers: once, for a device that
// still waits. Guessing codes is kept slow, by person and by address (RFC 8628 section 5.1).

import { type Caller, demandConfirmed } from '../../../caller/caller.ts';
import { defaultApi } from '../../../caller/catalogue.ts';
import type { CachedCredentialLookup } from '../../../caller/ports.ts';
import { writeAs } from '../../../caller/write-as.ts';
import type { Clocked } from '../../../clock.ts';
import { KeywardError } from '../../../errors.ts';
import type { SignInLimiter } from '../../../identity/sign-in-limiter.ts';
import { entryOf } from '../../../journal/entry.ts';
import type { Sealer } from '../../../sealer.ts';
import { newId } from '../../../secret.ts';
import type { Changes, Changing, Reading } from '../../ports.ts';
import { type ResolvingPorts, resolveApplication } from '../client.ts';
import { allowAsked, type ConsentView, demandPerson, describeAsked, generationNow, gone } from '../consent/consent.ts';
import type { KnownApplication } from '../ports.ts';
import { commandLine } from './command-line.ts';
import type { AllowedDevice, DeviceCode } from './records.ts';
import { userCodeMac } from './request.ts';
import { canonicalUserCode } from './user-code.ts';

/** What somebody is told before they answer. */
export interface DeviceView extends Pick<ConsentView, 'api' | 'permissions'> {
  /** `organization` is null for Keyward's own command line, which acts as the user themselves. */
  application: Omit<ConsentView['application'], 'organization'> & {
    organization: ConsentView['application']['organization'] | null;
  };
  /** Where the device asked from. */
  address: string;
  expiresAt: number;
}

type LookingPorts = Reading<'authorizations' | 'permissions' | 'apis' | 'deviceCodes'> &
  ResolvingPorts &
  Clocked & { sealer: Pick<Sealer, 'mac'>; signInLimiter: Pick<SignInLimiter, 'attempt'> };

type AnsweringPorts = LookingPorts &
  Changing<'applications' | 'authorizations' | 'deviceCodes' | 'permissions'> & {
    credentials: Pick<CachedCredentialLookup, 'bySource'>;
  };

/**
 * What the device asks that shows this code. For a session of the portal alone. Throws `not_found` for a code that no device
 * waits with, `conflict` for one that was answered, and `too_many_requests`; `address`: where the person is.
 */
export async function readDevice(
  ports: LookingPorts,
  caller: Caller,
  typed: string,
  address: string,
): Promise<DeviceView> {
  demandPerson(caller);
  const code = await waitingWith(ports, caller, typed, address);
  const { applicationId } = code;
  const asked =
    applicationId === commandLine.id ? await ofCommandLine(ports) : await describeAsked(ports, caller, code);
  return { ...asked, address: code.address, expiresAt: code.expiresAt };
}

/**
 * Answers it; whether the device may now act for the caller. `shown`: the names that were allowed as they were read; null for
 * none. As reading, and `confirmation_required` before it may do everything, as the command line may.
 */
export async function answerDevice(
  ports: AnsweringPorts,
  caller: Caller,
  typed: string,
  shown: readonly string[] | null,
  address: string,
): Promise<boolean> {
  const { id: givenIn } = demandPerson(caller);
  const code = await waitingWith(ports, caller, typed, address);
  const at = ports.clock();
  const isOwn = code.applicationId === commandLine.id;
  if (shown !== null && isOwn) demandConfirmed(caller, at);
  const found = shown !== null && !isOwn ? await resolveApplication(ports, code.clientId, caller.id) : null;
  return writeAs(ports, caller, async (changes) => {
    const scope = shown === null ? null : await allow(changes, caller, found, code, at, shown);
    const allowed = scope && {
      ...scope,
      organizationId: caller.organization.id,
      userId: caller.id,
      generation: await generationNow(ports, caller),
      sessionId: newId(),
      givenIn,
    };
    if (!(await changes.deviceCodes.answer(code.digest, at, allowed))) throw answered();
    if (allowed === null) return false;
    const subject = { type: 'application', id: code.applicationId };
    const { api, address: from } = code;
    changes.journal(entryOf(caller, at, 'application.device_allowed', subject, { api, address: from }));
    return true;
  });
}

/** What it may do, no more than was shown; null where that is nothing. */
async function allow(
  changes: Changes<'applications' | 'authorizations' | 'permissions'>,
  caller: Caller,
  found: KnownApplication | null,
  code: DeviceCode,
  at: number,
  shown: readonly string[],
): Promise<Pick<AllowedDevice, 'authorizationId' | 'scope'> | null> {
  if (code.applicationId === commandLine.id) return { authorizationId: null, scope: commandLine.permissions };
  const given = await allowAsked(changes, caller, found, code, at, shown);
  return given && { authorizationId: given.authorization.id, scope: given.scope };
}

/** All that is wrong with a code counts as a guess. */
async function waitingWith(ports: LookingPorts, caller: Caller, typed: string, address: string): Promise<DeviceCode> {
  const userCode = canonicalUserCode(typed);
  const find = async () =>
    userCode === null ? null : ports.store.deviceCodes.findByUserCode(userCodeMac(ports, userCode));
  const isWaiting = (code: DeviceCode | null) =>
    code !== null && code.answer === null && code.expiresAt > ports.clock();
  const code = await ports.signInLimiter.attempt(`device of ${caller.id}`, address, find, (one) => !isWaiting(one));
  if (code === null) {
    throw new KeywardError('not_found', 'No device shows this code. Compare it with the one on your device.');
  }
  if (code.answer !== null) throw answered();
  if (isWaiting(code)) return code;
  throw new KeywardError('not_found', 'This code has expired. Begin again on your device, which then shows another.');
}

async function ofCommandLine({
  store,
}: LookingPorts): Promise<Pick<DeviceView, 'application' | 'api' | 'permissions'>> {
  const api = await store.apis.find(defaultApi);
  if (api === null) throw gone();
  const { id, metadataUrl, name, logoUrl } = commandLine;
  return {
    application: { id, metadataUrl, name, logoUrl, organization: null },
    api: { handle: api.handle, name: api.name },
    permissions: commandLine.permissions.map((one) => ({ name: one, description: null, isNew: true })),
  };
}

function answered(): KeywardError {
  return new KeywardError(
    'conflict',
    'This code was used already. Begin again on your device, unless it was you who used it.',
  );
}
