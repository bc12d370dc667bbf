// What is listed as active is let in, and what is not says why.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiUser, Token, TokenList, User } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const read = <T>(path: string) => call<T>(server, 'GET', path, owner).then(({ body }) => body);
  const listed = async (state: string, search: string) =>
    (await read<TokenList>(`/v1/tokens?whose=all&state=${state}&search=${search}`)).items.length;
  const self = async (secret: string) =>
    (await fetch(`${server.url}/v1/self`, { headers: { authorization: `Bearer ${secret}` } })).status;
  const machineToken = async (name: string, role = 'admin') => {
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name, role });
    const caller = await server.callerFor({ type: 'api_user', id: apiUser.id });
    const made = await server.core.createApiToken(caller, { name: `of ${name}`, permissions: [] });
    return { apiUser, token: made.token, secret: made.secret };
  };

  test.each([
    ['deactivated', 'owner_deactivated'],
    ['deleted', 'owner_deleted'],
  ] as const)('a token whose owner was %s is refused, listed as inactive, and says %s', async (how, reason) => {
    const { apiUser, token, secret } = await machineToken(`owner-${how}`);
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject({
      state: 'active',
      stateReason: null,
      active: true,
    });
    const end = how === 'deleted' ? server.core.deleteApiUser : server.core.deactivateApiUser;
    await end(server.asOwner, apiUser.id);
    expect(await self(secret)).toBe(401);
    const dead = { state: 'inactive', stateReason: reason, active: false, deactivatedAt: null };
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject(dead);
    expect([await listed('active', token.name), await listed('inactive', token.name)]).toEqual([0, 1]);
  });

  test('a token whose calls are all refused was never used, and says when and why it was refused last', async () => {
    const { apiUser, token, secret } = await machineToken('refused');
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject({ lastUsed: null, lastRefused: null });
    for (let made = 0; made < 3; made += 1) {
      const headers = { authorization: `Bearer ${secret}` };
      expect((await fetch(`${server.url}/v1/check?permissions=read:funds`, { headers })).status).toBe(403);
    }
    await expect
      .poll(async () => (await read<Token>(`/v1/tokens/${token.id}`)).lastRefused)
      .toEqual({ hour: expect.stringMatching(/T\d\d:00:00\.000Z$/), verdict: 'missing_permission' });
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject({ lastUsed: null });
    expect(await read<ApiUser>(`/v1/api-users/${apiUser.id}`)).toMatchObject({ lastRefused: null });
  });

  test('its own end comes first, and it is in one list alone', async () => {
    const { token } = await machineToken('ending');
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject({
      state: 'inactive',
      stateReason: 'deactivated',
    });
    await server.core.activateApiToken(server.asOwner, { id: token.id });
    await server.core.updateApiToken(server.asOwner, { id: token.id }, { expiresAt: server.clock.now() + 1000 });
    server.clock.advance(2000);
    owner = await bearerOf(server, server.owner);
    expect(await read<Token>(`/v1/tokens/${token.id}`)).toMatchObject({ state: 'expired', stateReason: 'expired' });
    const found = ['active', 'inactive', 'expired'].map((state) => listed(state, token.name));
    expect(await Promise.all(found)).toEqual([0, 0, 1]);
  });

  test('a user who was invited, and an API user who was deactivated, say so', async () => {
    const wanted = { email: 'invited@acme.example', name: 'I', role: 'member' };
    const { user } = await server.core.invite(server.asOwner, wanted);
    const waiting = { state: 'inactive', stateReason: 'invited', active: false };
    expect(await read<User>(`/v1/users/${user.id}`)).toMatchObject(waiting);
    const { apiUser } = await machineToken('sleeping');
    expect(await read<ApiUser>(`/v1/api-users/${apiUser.id}`)).toMatchObject({ state: 'active', stateReason: null });
    await server.core.deactivateApiUser(server.asOwner, apiUser.id);
    const asleep = { state: 'inactive', stateReason: 'deactivated', active: false };
    expect(await read<ApiUser>(`/v1/api-users/${apiUser.id}`)).toMatchObject(asleep);
  });
});
