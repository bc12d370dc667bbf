// What an operator reads of exchanges that fail, whichever dialect's token endpoint was asked.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { addOrganization, assembleAt, createTestLog, newPlace, type TestPlace } from '../assembled-server.ts';

const canary = 'canary-canary-canary-canary-canary-canary-canary';
const log = createTestLog('warn');
let place: TestPlace;
let server: Server;
let url: string;
let apiUser: { id: string; username: string; organizationId: string };
let seen = 0;

beforeAll(async () => {
  place = await newPlace();
  server = await assembleAt({ place, logger: log.logger });
  url = await server.listen();
  const { owner } = await addOrganization(server, { name: 'acme' });
  ({ apiUser } = await server.core.createApiUser(owner, { name: 'robot', role: 'viewer' }));
});
beforeEach(() => {
  seen = log.text().length;
});
afterAll(async () => {
  await server?.close();
  place?.remove();
});

const told = () =>
  log
    .text()
    .slice(seen)
    .split('\n')
    .filter((line) => line.includes('an exchange failed'))
    .map((line) => JSON.parse(line));

const json = (path: string, body: object) =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const basic = (username: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});

/** Every token endpoint, asked with a name and a password. */
const asked: Record<string, (username: string, password: string) => Promise<Response>> = {
  native: (username, password) => json('/v1/access-tokens', { username, password }),
  debricked: (username, password) =>
    fetch(`${url}/api/login_check`, {
      method: 'POST',
      body: new URLSearchParams({ _username: username, _password: password }),
    }),
  parsers: (username, password) =>
    fetch(`${url}/v2/auth/token`, { method: 'POST', headers: basic(username, password) }),
  rebelcore: (username, password) => json('/api/v1/authorize', { username, password }),
};

test.each(Object.keys(asked))(
  'a wrong password of an API user leaves whose it was, why and from where, in %s [S125]',
  async (dialect) => {
    expect((await asked[dialect]?.(apiUser.username, canary))?.status).toBe(401);
    expect(told()).toEqual([
      expect.objectContaining({
        level: 'warn',
        type: 'api_user',
        id: apiUser.id,
        organizationId: apiUser.organizationId,
        reason: 'unknown',
        address: '127.0.0.1',
      }),
    ]);
    expect(log.text()).not.toContain('canary');
  },
);

test('a credential that nobody has leaves no name, as that may be a secret [S124]', async () => {
  await json('/v1/access-tokens', { apiToken: canary });
  await asked.rebelcore?.(canary, canary);
  expect(told()).toEqual(Array(2).fill(expect.objectContaining({ reason: 'unknown', address: '127.0.0.1' })));
  expect(told().some((line) => 'id' in line)).toBe(false);
  expect(log.text()).not.toContain('canary');
});

test('a flood leaves a bounded number of lines [S125]', async () => {
  for (let guess = 0; guess < 60; guess += 1) await asked.native?.(apiUser.username, canary);
  expect(told().length).toBeLessThanOrEqual(40);
});
