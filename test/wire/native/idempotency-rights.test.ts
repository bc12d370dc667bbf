// Whom an answer that was kept for an idempotency key is told again: who may still do all that they could when it was made.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreatedToken } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem } from './calls.ts';
import { signedIn } from './session-client.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

let keys = 0;
function newKey(): { 'idempotency-key': string } {
  keys += 1;
  return { 'idempotency-key': `rights-${keys}` };
}
const make = (bearer: string, key: Record<string, string>, body: object = {}) =>
  call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['read:plan'], ...body }, key);

test('an admin who was made a viewer is told no secret again, and again when an admin once more [S118]', async () => {
  const named = { email: 'demoted@example.com', name: 'X', role: 'admin' };
  const { user } = await server.core.createUser(server.asOwner, named);
  const caller = await server.callerFor({ type: 'user', id: user.id });
  const bearer = await bearerOf(server, { caller });
  const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Till', role: 'admin' });
  const [key, body] = [newKey(), { permissions: ['*:*'], owner: { type: 'api_user', id: apiUser.id } }];
  const first = await make(bearer, key, body);
  expect(first.status, first.text).toBe(201);
  await server.core.updateUser(server.asOwner, user.id, { role: 'viewer' });
  const refused = await make(bearer, key, body);
  expectProblem(refused, 403, 'forbidden');
  expect(refused.text).not.toContain(first.body.secret);
  expectProblem(await make(bearer, newKey(), body), 403, 'forbidden');
  await server.core.updateUser(server.asOwner, user.id, { role: 'admin' });
  expect((await make(bearer, key, body)).text).toBe(first.text);
});

test.each([
  ['which permissions it has', { permissions: ['manage:own_api_key'] }],
  ['for how many calls it is good', { limits: [{ limit: 1000, windowMs: 60_000 }] }],
  ['how long it is good', { expiresAt: '2090-01-01T00:00:00Z' }],
])('a token that was narrowed in %s is told nothing again', async (_, change) => {
  const maker = (await make(owner, newKey(), { permissions: ['*:*'] })).body;
  const key = newKey();
  expect((await make(maker.secret, key)).status).toBe(201);
  const changed = await call(server, 'PATCH', `/v1/tokens/${maker.token.id}`, owner, change);
  expect(changed.status, changed.text).toBe(200);
  expectProblem(await make(maker.secret, key), 403, 'forbidden');
});

test('a session is told again what took the password only while it counts as just asked for [S89]', async () => {
  const page = await signedIn(server, server.owner);
  const { password } = server.owner;
  const confirm = () => page.ask('POST', '/v1/session/confirmation', { password });
  const [key, body] = [newKey(), { permissions: ['*:*'] }];
  const ask = () => page.ask<CreatedToken>('POST', '/v1/tokens', body, key);
  await confirm();
  const first = await ask();
  expect(first.status, first.text).toBe(201);
  expect((await ask()).text).toBe(first.text);
  server.clock.advance(6 * 60_000);
  expectProblem(await ask(), 403, 'confirmation_required');
  await confirm();
  expect((await ask()).text).toBe(first.text);
});
