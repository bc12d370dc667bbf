// What the tests of the device grant share: a device that asks and polls as a program without a library does, and the page that
// somebody answers on. For tests only.

import type { Device, DeviceOutcome } from '../../../sdk/src/wire.ts';
import type { NewApplication } from '../../../server/src/core/tokens/applications/wanted-application.ts';
import type { TestServer } from '../../server.ts';
import type { Answered } from '../native/calls.ts';
import type { Page } from '../native/session-client.ts';
import { register, type TestApplication } from './application-flow.ts';
import { type OAuthAnswer, post } from './clients.ts';

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

export type TestDevice = Pick<TestApplication, 'id' | 'secret'>;

/** Keyward's own command line, which is nowhere registered. */
export const commandLine: TestDevice = { id: 'keyward-cli', secret: null };

export function registerDevice(
  server: TestServer,
  wanted: Partial<NewApplication> = {},
  asOwner = server.asOwner,
): Promise<TestApplication> {
  const usual = {
    name: 'Television',
    type: 'public',
    redirectUris: [],
    grants: [deviceGrant, 'refresh_token'],
  } as const;
  return register(server, { ...usual, ...wanted }, asOwner);
}

/** The device asks. */
export function askForCode(
  server: Pick<TestServer, 'url'>,
  { id, secret }: TestDevice,
  parameters: Record<string, string> = {},
): Promise<OAuthAnswer> {
  return secret === null
    ? post(server, '/oauth/device', { client_id: id, ...parameters })
    : post(server, '/oauth/device', parameters, { id, secret });
}

export interface Codes {
  deviceCode: string;
  userCode: string;
}

/** The same; throws unless it is given its codes. */
export async function codesFor(
  server: Pick<TestServer, 'url'>,
  device: TestDevice,
  parameters: Record<string, string> = {},
): Promise<Codes> {
  const { status, body } = await askForCode(server, device, parameters);
  if (status !== 200) throw new Error(`The device endpoint answered ${status}: ${JSON.stringify(body)}`);
  return { deviceCode: body.device_code, userCode: body.user_code };
}

/** The device polls once. */
export function poll(
  server: Pick<TestServer, 'url'>,
  { id, secret }: TestDevice,
  { deviceCode }: Pick<Codes, 'deviceCode'>,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const usual = { grant_type: deviceGrant, device_code: deviceCode, ...parameters };
  return secret === null
    ? post(server, '/oauth/token', { client_id: id, ...usual }, null, headers)
    : post(server, '/oauth/token', usual, { id, secret }, headers);
}

export function look(page: Page, userCode: string): Promise<Answered<Device>> {
  return page.ask<Device>('POST', '/v1/devices/look', { userCode });
}

/** Answers with what the page shows, or with `permissions`; whatever is wrong with the code is answered to that. */
export async function answerDevice(
  page: Page,
  userCode: string,
  allow = true,
  permissions?: readonly string[],
): Promise<Answered<DeviceOutcome>> {
  const names = allow ? (permissions ?? (await shownOn(page, userCode))) : undefined;
  return page.ask<DeviceOutcome>('POST', '/v1/devices', { userCode, allow, permissions: names });
}

async function shownOn(page: Page, userCode: string): Promise<string[]> {
  const { status, body } = await look(page, userCode);
  return status === 200 ? body.permissions.map(({ name }) => name) : [];
}

/** Tokens of whoever allows it on that page. Throws unless there are some. */
export async function grantedTo(
  server: Pick<TestServer, 'url'>,
  device: TestDevice,
  page: Page,
  parameters: Record<string, string> = {},
): Promise<{ access: string; refresh: string; codes: Codes }> {
  const codes = await codesFor(server, device, parameters);
  const answered = await answerDevice(page, codes.userCode);
  if (answered.status !== 200) throw new Error(`The code was answered ${answered.status}: ${answered.text}`);
  const { status, body } = await poll(server, device, codes);
  if (status !== 200) throw new Error(`The poll was answered ${status}: ${JSON.stringify(body)}`);
  return { access: body.access_token, refresh: body.refresh_token, codes };
}
