// The longest lifetime of API tokens, where an organization sets one: no dialect makes or prolongs a token beyond it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedToken, Organization, Token } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden } from './calls.ts';

const day = 24 * 3_600_000;
const longest = 30 * day;

let server: TestServer;
let owner: string;
let operator: string;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
beforeAll(async () => {
  server = await startServer();
  operator = await bearerOf(server, server.owner);
  globex = await server.addOrganization('globex');
  owner = await bearerOf(server, globex.owner);
});
afterAll(() => server?.stop());

const set = (longestTokenLifetimeMs: unknown, bearer = owner) =>
  call<Organization>(server, 'PATCH', `/v1/organizations/${globex.id}`, bearer, { longestTokenLifetimeMs });
const create = (body: object = {}, bearer = owner) =>
  call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['read:funds'], ...body });
const patch = (id: string, body: object) => call<Token>(server, 'PATCH', `/v1/tokens/${id}`, owner, body);
const from = (now: number) => new Date(server.clock.now() + now).toISOString();

describe('the longest lifetime of tokens', () => {
  test('is none at first; the organization’s own people set it and take it away, and others do not', async () => {
    const at = `/v1/organizations/${globex.id}`;
    expect((await call(server, 'GET', at, owner)).body.longestTokenLifetimeMs).toBeNull();
    expect((await set(longest)).body.longestTokenLifetimeMs).toBe(longest);
    expect((await call(server, 'GET', at, owner)).body.longestTokenLifetimeMs).toBe(longest);
    expect((await set(null)).body.longestTokenLifetimeMs).toBeNull();
    const { secret } = await bearerWithRole(server, globex, 'member');
    expectForbidden(await set(longest, secret), 'update:organization');
    for (const wrong of [0, -1, 59_999, 1.5, '60000', true, 3651 * day]) {
      expectFaults(await set(wrong), '/body/longestTokenLifetimeMs');
    }
  });

  test('ends a token for which nobody says an end, and lets a nearer end be', async () => {
    await set(longest);
    expect((await create()).body.token.expiresAt).toBe(from(longest));
    expect((await create({ expiresAt: null })).body.token.expiresAt).toBe(from(longest));
    expect((await create({ expiresAt: from(day) })).body.token.expiresAt).toBe(from(day));
    expect((await create({ expiresAt: from(longest) })).status).toBe(201);
  });

  test('refuses a later end in words, when a token is made and when it is changed', async () => {
    await set(longest);
    const { token } = (await create()).body;
    const refused = await create({ expiresAt: from(longest + 1) });
    expectFaults(refused, '/body/expiresAt');
    expect(refused.text).toContain('30 days');
    for (const expiresAt of [from(longest + 1), null]) {
      expectFaults(await patch(token.id, { expiresAt }), '/body/expiresAt');
    }
    server.clock.advance(day);
    // Counted from when it was made: a token is not kept alive for ever by one step after another.
    expectFaults(await patch(token.id, { expiresAt: from(longest) }), '/body/expiresAt');
    expect((await patch(token.id, { expiresAt: from(longest - day) })).status).toBe(200);
    expect((await patch(token.id, { name: `renamed ${token.id}` })).status).toBe(200);
  });

  test('leaves tokens as they are that were made before it, until their end is changed', async () => {
    await set(null);
    const { token } = (await create()).body;
    await set(longest);
    expect((await call<Token>(server, 'GET', `/v1/tokens/${token.id}`, owner)).body.expiresAt).toBeNull();
    expect((await patch(token.id, { description: 'As it was.' })).body.expiresAt).toBeNull();
    expectFaults(await patch(token.id, { expiresAt: null }), '/body/expiresAt');
    expect((await patch(token.id, { expiresAt: from(day) })).body.expiresAt).toBe(from(day));
  });

  test('holds in every language that makes tokens, and in no other organization', async () => {
    await set(longest);
    const key = await call(server, 'POST', '/api/v1/auth/key', owner, { name: 'a key' });
    expect(key.status).toBe(200);
    const kept = await server.store.apiTokens.findByName(globex.id, 'a key');
    expect(kept?.expiresAt).toBe(server.clock.now() + longest);
    expect((await create({}, operator)).body.token.expiresAt).toBeNull();
  });
});
