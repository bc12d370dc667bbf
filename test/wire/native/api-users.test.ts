// API users: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenResponse, ApiUser, ApiUserList, CreatedApiUser } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, nobody, time, uuid } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const post = (body: unknown) => call<CreatedApiUser>(server, 'POST', '/v1/api-users', owner, body);
const create = async (role = 'viewer') => (await post({ name: 'Machine', role })).body;
const at = (method: string, path: string, body?: unknown) =>
  call<ApiUser>(server, method, `/v1/api-users/${path}`, owner, body);
const exchange = ({ username, password }: CreatedApiUser, form = 'jwt') =>
  call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, { username, password, form });
const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/self', bearer)).status;

describe('POST /v1/api-users', () => {
  test('creates one with a generated name and password, which work and are told this once', async () => {
    const { status, body } = await post({ name: 'Build server', role: 'viewer' });
    expect(status).toBe(201);
    const { password, ...apiUser } = body;
    expect(apiUser).toEqual({
      id: expect.stringMatching(uuid),
      username: expect.stringMatching(/^[0-9a-f-]{36}@api\.keyward\.local$/),
      name: 'Build server',
      role: 'viewer',
      externalId: null,
      metadata: null,
      state: 'active',
      stateReason: null,
      active: true,
      createdAt: expect.stringMatching(time),
      createdBy: expect.stringMatching(uuid),
      lastUsed: null,
      lastRefused: null,
      rotation: null,
      deactivatedAt: null,
      deletedAt: null,
    });
    expect(password).toHaveLength(48);
    const descendants = { items: [], total: 0 };
    expect((await at('GET', apiUser.id)).body).toEqual({ ...apiUser, descendants });
    expect((await exchange(body)).status).toBe(200);
    expect(server.logs()).not.toContain(password);
    expect((await call(server, 'GET', '/v1/journal', owner)).text).not.toContain(password);
  });

  test('refuses bad fields and says which', async () => {
    expectFaults(await post({}), '/body/name', '/body/role');
    expectFaults(await post({ name: '', role: 'viewer' }), '/body/name');
    expectFaults(await post({ name: 'Machine', role: 'no-such-role' }), '/body/role');
    expectFaults(await post({ name: 'Machine', role: 'viewer', username: 'me' }), '/body/username');
  });
});

test('lists API users without what is secret', async () => {
  const { id, password } = await create();
  const { status, body, text } = await call<ApiUserList>(server, 'GET', '/v1/api-users?limit=200', owner);
  expect(status).toBe(200);
  expect(body.items.map((one) => one.id)).toContain(id);
  expect(text).not.toContain(password);
  expect(text).not.toMatch(/digest|password|number|generation/i);
});

test('renames and gives another role', async () => {
  const { id } = await create();
  const { status, body } = await at('PATCH', id, { name: 'Renamed', role: 'member' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ id, name: 'Renamed', role: 'member' });
  expectFaults(await at('PATCH', id, {}), '/body');
  expectFaults(await at('PATCH', id, { role: 'no-such-role' }), '/body/role');
  expectFaults(await at('PATCH', id, { password: 'x' }), '/body/password');
});

test('knows no API user that is not there', async () => {
  for (const [method, path, body] of [
    ['GET', nobody],
    ['PATCH', nobody, { name: 'Nobody' }],
    ['DELETE', nobody],
    ['POST', `${nobody}/deactivate`],
    ['POST', `${nobody}/activate`],
    ['POST', `${nobody}/restore`],
  ] as const) {
    expectProblem(await at(method, path, body), 404, 'not_found');
  }
});

describe('an API user who is ended', () => {
  test('gets no new token and loses those it has; activated again, it gets new ones only', async () => {
    const machine = await create();
    const { accessToken } = (await exchange(machine)).body;
    for (const _ of 'twice') expect((await at('POST', `${machine.id}/deactivate`)).status).toBe(204);
    expectProblem(await exchange(machine), 401, 'invalid_credential');
    expect(await statusWith(accessToken)).toBe(401);
    expect((await at('GET', machine.id)).body).toMatchObject({
      active: false,
      deactivatedAt: expect.stringMatching(time),
    });
    expect((await at('POST', `${machine.id}/activate`)).status).toBe(204);
    expect(await statusWith(accessToken)).toBe(401);
    expect(await statusWith((await exchange(machine)).body.accessToken)).toBe(200);
  });

  test('keeps the tokens in flight that RebelCore issued, unless it is cut off', async () => {
    const { username, password, id } = await create();
    const authorize = await call<{ token: string }>(server, 'POST', '/api/v1/authorize', undefined, {
      username,
      password,
    });
    const { token } = authorize.body;
    expect((await at('POST', `${id}/deactivate`, { cutOff: false })).status).toBe(204);
    expect(await statusWith(token)).toBe(200);
    expectFaults(await at('POST', `${id}/deactivate`, { cutOff: 'yes' }), '/body/cutOff');
    expectFaults(await at('POST', `${id}/deactivate`, { cutoff: true }), '/body/cutoff');
    expect(await statusWith(token)).toBe(200);
    expect((await at('POST', `${id}/deactivate`, { cutOff: true })).status).toBe(204);
    expect(await statusWith(token)).toBe(401);
  });

  test('is listed among the deleted, and restored with its name and password', async () => {
    const machine = await create();
    const { accessToken } = (await exchange(machine)).body;
    expect((await at('DELETE', machine.id)).status).toBe(204);
    expectProblem(await at('GET', machine.id), 404, 'not_found');
    expect(await statusWith(accessToken)).toBe(401);
    const deleted = await call<ApiUserList>(server, 'GET', '/v1/api-users?deleted=only&limit=200', owner);
    expect(deleted.body.items.find(({ id }) => id === machine.id)?.deletedAt).toMatch(time);
    expect((await at('POST', `${machine.id}/restore`)).status).toBe(204);
    expectProblem(await at('POST', `${machine.id}/restore`), 404, 'not_found');
    expect((await exchange(machine)).status).toBe(200);
    expect(await statusWith(accessToken)).toBe(401);
  });
});
