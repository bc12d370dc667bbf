// A device asks for access, and is given two codes: one to poll with, and one for a person to type elsewhere (RFC 8628 section
// 3.1 and 3.2). Nothing is decided by it; but anybody can ask, so that from one place only so many may wait.

import { addressKey } from '@keyward/rules/address';
import { KeywardError } from '../../../errors.ts';
import type { Sealer } from '../../../sealer.ts';
import { digestOf, generateKey } from '../../../secret.ts';
import type { ClientProof } from '../../client.ts';
import type { DeniedToken } from '../../grant.ts';
import { authenticateApplication, type RefusedClient } from '../client.ts';
import { type ApplicationGrantingPorts, refusedClient } from '../code-grant.ts';
import type { KnownApplication } from '../ports.ts';
import { type Application, deviceGrant } from '../records.ts';
import { apiNamed, mayAsk } from '../request.ts';
import { denied } from '../tokens-for.ts';
import { commandLine } from './command-line.ts';
import type { DeviceCode } from './records.ts';
import { generateUserCode, shownUserCode } from './user-code.ts';

export interface WantedDeviceCode {
  /** Null: whatever the application may ask for. */
  scope: readonly string[] | null;
  /** Identifiers of the one API that is meant. */
  resources: readonly string[];
  /** The thumbprint of the key that the device code is to be of use with alone. */
  key: string | null;
  address: string;
}

export interface MadeDeviceCode {
  allowed: true;
  deviceCode: string;
  /** As people are shown it. */
  userCode: string;
  lifetimeMs: number;
  intervalMs: number;
}

/** How long somebody has to type the code and to answer. */
export const deviceCodeLifetimeMs = 10 * 60_000;
/** RFC 8628 section 3.5. */
export const usualIntervalMs = 5000;

/** From one address, or one network of IPv6. Rooms full of devices share one; a flood ends here. */
const mostWaiting = 100;
/** With that many waiting everywhere one draw in thousands is taken. */
const mostDraws = 5;

type Ports = ApplicationGrantingPorts & { sealer: Pick<Sealer, 'mac'> };

/** Throws `too_many_requests` where too many wait already. */
export async function requestDeviceCode(
  ports: Ports,
  proof: ClientProof,
  wanted: WantedDeviceCode,
): Promise<MadeDeviceCode | DeniedToken> {
  const client = await deviceClient(ports, proof, wanted.address);
  if ('refused' in client) return refusedClient(ports, client, wanted);
  const { application, known } = client;
  if (known === null) demandWhole(wanted);
  const api = apiNamed(ports.apis, wanted.resources);
  if (api === null) return denied('wrong_api', 'api', 'This names no API.');
  if (!(await mayAsk(ports.store.permissions, application, wanted.scope))) {
    return denied('missing_permission', 'scope', 'The scope is empty, or more than the application may ask for.');
  }
  const at = ports.clock();
  const { scope, key, address } = wanted;
  const deviceCode = generateKey();
  const userCode = await keep(ports, {
    digest: digestOf(deviceCode),
    clientId: proof.id,
    applicationId: application.id,
    api,
    scope,
    key,
    address,
    place: addressKey(address),
    expiresAt: at + deviceCodeLifetimeMs,
    intervalMs: usualIntervalMs,
    polledAt: 0,
    answer: null,
    usedAt: null,
  });
  return {
    allowed: true,
    deviceCode,
    userCode: shownUserCode(userCode),
    lifetimeMs: deviceCodeLifetimeMs,
    intervalMs: usualIntervalMs,
  };
}

/** Who may use this grant. `known` is null for the command line, which is kept nowhere. */
export interface DeviceClient {
  application: Application;
  known: KnownApplication | null;
}

/** The client that proves itself so from this address. */
export async function deviceClient(
  ports: ApplicationGrantingPorts,
  proof: ClientProof,
  address: string,
): Promise<DeviceClient | RefusedClient> {
  if (proof.id === commandLine.id) {
    return proof.kind === 'none' ? { application: commandLine, known: null } : { refused: 'unknown' };
  }
  const known = await authenticateApplication(ports, proof, deviceGrant, address);
  return 'refused' in known ? known : { application: known.application, known };
}

/** Under a MAC of the server's key a user code is found by whoever has it, and guessed from no copy of the database. */
export function userCodeMac({ sealer }: { sealer: Pick<Sealer, 'mac'> }, userCode: string): string {
  return sealer.mac('user-code', userCode);
}

/** Keeps it with a user code that nobody else has. */
async function keep(ports: Ports, code: Omit<DeviceCode, 'userCodeMac'>): Promise<string> {
  return ports.store.write(async ({ deviceCodes }) => {
    if ((await deviceCodes.waitingFrom(code.place, ports.clock())) >= mostWaiting) {
      throw new KeywardError('too_many_requests', 'Too many devices wait for an answer. Try again later.', {
        retryAfterMs: usualIntervalMs,
      });
    }
    for (let draw = 0; draw < mostDraws; draw += 1) {
      const userCode = generateUserCode();
      if (await deviceCodes.insert({ ...code, userCodeMac: userCodeMac(ports, userCode) })) return userCode;
    }
    throw new Error('No user code was free in many draws.');
  });
}

/** What its user may do is not narrowed, and the token is bound to no key. */
function demandWhole({ scope, resources, key }: WantedDeviceCode): void {
  if (scope === null && resources.length === 0 && key === null) return;
  throw new KeywardError(
    'invalid_request',
    `${commandLine.id} signs its user in, with all that they may do: send no scope, no resource and no dpop_jkt.`,
  );
}
