// What bounds a token that acts for customers: its own limits, whose tokens it can make, and what is gone meanwhile.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreatedApiUser, CreatedToken } from '../../../sdk/src/wire.ts';
import { shownOfAll } from '../../../server/src/dialects/native/token-shown.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';

let server: TestServer;
let operator: string;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
let owner: { type: 'api_user'; id: string };
beforeAll(async () => {
  server = await startServer();
  globex = await server.addOrganization('globex');
  operator = await bearerOf(server, server.owner);
  const till = { name: 'Till', role: 'member' };
  const { body } = await call<CreatedApiUser>(server, 'POST', '/v1/api-users?organization=globex', operator, till);
  owner = { type: 'api_user', id: body.id };
});
afterAll(() => server?.stop());

const make = (bearer: string, body: object, query = '') =>
  call<CreatedToken>(server, 'POST', `/v1/tokens${query}`, bearer, { permissions: [], ...body });
const acting = '?organization=globex';

test('a token with limits of its own makes none for a customer, where they would be counted once more', async () => {
  const limits = [{ limit: 1000, windowMs: 3_600_000 }];
  const { secret } = (await make(operator, { permissions: ['*:*'], limits })).body;
  expect((await make(secret, {})).body.token.limits, 'at home both spend them together').toEqual(limits);
  const refused = await make(secret, { owner }, acting);
  expect(expectProblem(refused, 403, 'forbidden').detail).toContain('limits of its own');
  expectProblem(await make(secret, { owner, limits: [{ limit: 1, windowMs: 3_600_000 }] }, acting), 403, 'forbidden');
  expect((await make(operator, { owner, limits }, acting)).status).toBe(201);
});

test('an owner without an id is refused, and whoever acts for a customer is nobody’s owner there', async () => {
  for (const type of ['user', 'api_user']) {
    expectFaults(await make(operator, { owner: { type, id: '' } }, acting), '/body/owner/id');
    expectFaults(await make(operator, { owner: { type, id: '' } }), '/body/owner/id');
    const there = await server.core.actFor(server.asOwner, 'globex');
    const wanted = { permissions: [], owner: { type, id: '' } as never };
    await expect(server.core.createApiToken(there, wanted)).rejects.toMatchObject({ code: 'invalid_request' });
  }
  const { token } = (await make(operator, { owner }, acting)).body;
  const handed = await call(server, 'PATCH', `/v1/tokens/${token.id}${acting}`, operator, {
    owner: { type: 'user', id: '' },
  });
  expectFaults(handed, '/body/owner/id');
});

test('tokens of all organizations are shown without those of one that is deleted while they are looked up', async () => {
  const gone = await server.addOrganization('gone');
  const tokens = await Promise.all(
    [gone, globex].map(async (one) => (await server.core.createApiToken(one.owner.caller, { permissions: [] })).token),
  );
  await server.core.deleteOrganization(server.asOwner, gone.id);
  const shown = await shownOfAll(server.core, server.asOwner, tokens);
  expect(shown.map(({ organization }) => organization?.name)).toEqual(['globex']);
});
