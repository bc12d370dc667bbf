// Signing in by a browser, on this machine or another (RFC 8628): the server gives a code, its person allows it there, and
// this polls until they have. Nothing is kept, and no browser is opened: the address may be for another machine.

import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../terminal/command-error.ts';
import { plain } from '../terminal/terminal.ts';
import { parse, reach } from './api-client.ts';

/** What its person needs to know. */
export interface ShownCode {
  userCode: string;
  /** Where it is typed, and the same with the code filled in. */
  verificationUri: string;
  verificationUriComplete: string;
  expiresInSeconds: number;
}

interface Granted {
  token: string;
  /** RFC 3339. */
  expiresAt: string;
}

const clientId = 'keyward-cli';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 sections 3.2 and 3.5. */
const usualIntervalSeconds = 5;
const slowedBySeconds = 5;
const longestIntervalSeconds = 60;

/** Signs in; `show` tells the person what to do. Throws CommandError in plain words, also where they did not allow it. */
export async function signInByDevice(url: string, show: (code: ShownCode) => void): Promise<Granted> {
  const asked = await form(url, '/oauth/device', { client_id: clientId });
  if (asked.status === 404) {
    throw new CommandError(
      `${url} lets nobody sign in by a browser.`,
      'Is that the address of a Keyward server? With a password: keyward login --with-password',
    );
  }
  if (asked.status !== 200) throw unexpected(url, asked);
  const { device_code: deviceCode, user_code: userCode, verification_uri: page, interval } = asked.body;
  const { verification_uri_complete: complete = page, expires_in: lifetime } = asked.body;
  if (![deviceCode, userCode, page, complete].every((one) => typeof one === 'string')) throw unexpected(url, asked);
  const expiresInSeconds = Number(lifetime);
  if (!(expiresInSeconds > 0)) throw unexpected(url, asked);
  show({
    userCode: String(userCode),
    verificationUri: String(page),
    verificationUriComplete: String(complete),
    expiresInSeconds,
  });
  const wait = typeof interval === 'number' && interval >= 0 ? interval : usualIntervalSeconds;
  return poll(url, String(deviceCode), wait, Date.now() + expiresInSeconds * 1000);
}

async function poll(url: string, deviceCode: string, interval: number, end: number): Promise<Granted> {
  let wait = Math.min(interval, longestIntervalSeconds);
  while (Date.now() < end) {
    await sleep(wait * 1000);
    const at = Date.now();
    const parameters = { grant_type: deviceGrant, device_code: deviceCode, client_id: clientId };
    const answer = await form(url, '/oauth/token', parameters).catch(() => null);
    // A server that is away, or busy, is asked less and less often (RFC 8628 section 3.5).
    if (answer === null || answer.status === 429 || answer.status >= 500) {
      wait = Math.min(Math.max(wait, 1) * 2, longestIntervalSeconds);
      continue;
    }
    const { access_token: token, expires_in: lifetime, error } = answer.body;
    if (answer.status === 200 && typeof token === 'string' && Number(lifetime) > 0) {
      return { token, expiresAt: new Date(at + Number(lifetime) * 1000).toISOString() };
    }
    if (error === 'slow_down') wait += slowedBySeconds;
    else if (error === 'access_denied') throw new CommandError('It was not allowed in the browser.');
    else if (error === 'expired_token') break;
    else if (error !== 'authorization_pending') throw unexpected(url, answer);
  }
  throw new CommandError('Nobody allowed it in time.', 'Try again: keyward login');
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function form(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const response = await reach(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString(),
  });
  return { status: response.status, body: parse(await response.text()) ?? {} };
}

function unexpected(url: string, { status, body }: Answer): CommandError {
  const { error_description: text, error } = body;
  const said = typeof text === 'string' ? text : typeof error === 'string' ? error : null;
  const reason = said === null ? 'Is that the address of a Keyward server?' : plain(said);
  return new CommandError(`${url} answered ${status}. ${reason}`);
}
