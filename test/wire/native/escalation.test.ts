// The ways in which someone could come to hold more than they were given, tried one by one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenResponse, CreatedToken, Self } from '../../../sdk/src/wire.ts';
import type { Caller } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem } from './calls.ts';

/** Nearly everything: who holds this manages the organization, and may still give nobody more than this. */
const manager = [
  'manage:own_api_key',
  ...['api_user', 'user', 'role', 'organization_api_key'].flatMap((noun) =>
    ['create', 'read', 'update', 'delete'].map((verb) => `${verb}:${noun}`),
  ),
  'read:funds',
];

let server: TestServer;
let caller: Caller;
let bearer: string;
let ownToken: string;
let userId: string;
beforeAll(async () => {
  server = await startServer({ permissions: ['trade:funds'] });
  const { core, asOwner } = server;
  await core.createRole(asOwner, { name: 'manager', permissions: manager });
  await core.createRole(asOwner, { name: 'reader', permissions: ['read:funds'] });
  await core.createRole(asOwner, { name: 'trader', permissions: ['read:funds', 'trade:funds'] });
  const { user } = await core.createUser(asOwner, { email: 'm@people.example', name: 'Manager', role: 'manager' });
  userId = user.id;
  caller = await server.callerFor({ type: 'user', id: user.id });
  const made = await core.createApiToken(caller, { permissions: manager });
  bearer = made.secret;
  ownToken = made.token.id;
});
afterAll(() => server?.stop());

const as = (method: string, path: string, body?: unknown, by = bearer) => call(server, method, path, by, body);
const refused = async (method: string, path: string, body?: unknown, by = bearer) =>
  expectProblem(await as(method, path, body, by), 403, 'forbidden');

const tooMuch = [['*:*'], ['read:*'], ['*:funds'], ['trade:funds'], ['read:funds', 'rotate:signing_key']];

describe('nobody grants what they do not hold', () => {
  test.each(tooMuch)('by creating a token: %s %s [S56]', async (...permissions) => {
    const wanted = permissions.filter((one) => one !== undefined);
    const { permissions: named = [] } = await refused('POST', '/v1/tokens', { permissions: wanted });
    expect(wanted).toContain(named[0]);
  });

  test("by widening one's own token or another's [S56]", async () => {
    const other = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    for (const permissions of tooMuch) {
      await refused('PATCH', `/v1/tokens/${ownToken}`, { permissions });
      await refused('PATCH', `/v1/tokens/${other.token.id}`, { permissions });
    }
    expect((await as('PATCH', `/v1/tokens/${other.token.id}`, { permissions: ['read:funds'] })).status).toBe(200);
  });

  test('by creating or changing a role, nor by touching a role that holds more [S56]', async () => {
    for (const permissions of tooMuch) {
      await refused('POST', '/v1/roles', { name: 'too-much', permissions });
      await refused('PATCH', '/v1/roles/manager', { permissions });
      await refused('PATCH', '/v1/roles/reader', { permissions });
    }
    await refused('PATCH', '/v1/roles/trader', { permissions: ['read:funds'] });
    expect((await as('PATCH', '/v1/roles/reader', { description: 'Reads.' })).status).toBe(200);
  });

  test('by giving a role, to others or to oneself [S56]', async () => {
    for (const role of ['owner', 'admin', 'trader']) {
      await refused('POST', '/v1/users', { email: `${role}2@people.example`, name: 'Too much', role });
      await refused('POST', '/v1/api-users', { name: 'Too much', role });
      await refused('PATCH', `/v1/users/${userId}`, { role });
    }
    const reader = await server.core.createApiUser(server.asOwner, { name: 'Reader', role: 'reader' });
    await refused('PATCH', `/v1/api-users/${reader.apiUser.id}`, { role: 'admin' });
    expect((await as('POST', '/v1/api-users', { name: 'Enough', role: 'reader' })).status).toBe(201);
  });

  test('by taking over someone who holds more: their password, their role, their end [S56]', async () => {
    for (const { id } of [server.owner, server.admin]) {
      await refused('POST', `/v1/users/${id}/reset-password`);
      await refused('PATCH', `/v1/users/${id}`, { role: 'reader' });
      await refused('POST', `/v1/users/${id}/deactivate`);
      await refused('DELETE', `/v1/users/${id}`);
    }
  });
});

describe('a token never does more than it was given, whoever owns it', () => {
  test("not by resetting its owner's password [S56]", async () => {
    const narrow = await bearerOf(server, server.owner, ['update:user']);
    await refused('POST', `/v1/users/${server.owner.id}/reset-password`, undefined, narrow);
  });

  test('not by making another token, or widening itself [S56]', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, {
      permissions: ['manage:own_api_key', 'read:funds'],
    });
    await refused('POST', '/v1/tokens', { permissions: ['read:plan'] }, secret);
    await refused('PATCH', `/v1/tokens/${token.id}`, { permissions: ['*:*'] }, secret);
    const made = await call<CreatedToken>(server, 'POST', '/v1/tokens', secret, { permissions: ['read:funds'] });
    expect(made.body.token).toMatchObject({ permissions: ['read:funds'], owner: { id: server.owner.id } });
  });

  test('not by way of an exchange, in either form [S56]', async () => {
    const secret = await bearerOf(server, server.owner, ['manage:own_api_key', 'read:funds']);
    for (const form of ['jwt', 'sealed']) {
      const { body } = await call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, {
        apiToken: secret,
        form,
      });
      const self = await call<Self>(server, 'GET', '/v1/self', body.accessToken);
      expect(self.body.permissions).toEqual(['manage:own_api_key', 'read:funds']);
      await refused('POST', '/v1/tokens', { permissions: ['read:plan'] }, body.accessToken);
      await refused('GET', '/v1/users', undefined, body.accessToken);
    }
  });

  test('not after its owner came to hold less [S56]', async () => {
    const { user } = await server.core.createUser(server.asOwner, {
      email: 'l@people.example',
      name: 'L',
      role: 'admin',
    });
    const admin = await server.callerFor({ type: 'user', id: user.id });
    const secret = await bearerOf(server, { caller: admin });
    expect((await as('GET', '/v1/users', undefined, secret)).status).toBe(200);
    await server.core.updateUser(server.asOwner, user.id, { role: 'reader' });
    await refused('GET', '/v1/users', undefined, secret);
    await refused('POST', '/v1/tokens', { permissions: [] }, secret);
  });
});
