// POST /api/login_refresh: a long-lived access token for a JWT.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { call, formats, jwtFor, jwtOf, loginRefresh, longLived, post, postText, readJwt } from './calls.ts';

async function expectRefusal(response: Response, message: string): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await response.json()).toEqual({ code: 401, message });
}

describe.each(['sqlite', 'postgres'] as const)('refreshing on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  it.each(['json', 'form'] as const)('exchanges a long-lived token sent as %s, again and again', async (as) => {
    const { secret } = await longLived(server);
    for (let round = 0; round < 3; round += 1) {
      const response = await post(server, loginRefresh, { refresh_token: secret }, as);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = await response.clone().text();
      expect(Object.keys(JSON.parse(text))).toEqual(['token']);
      expect(text).not.toContain(secret);
      expect((await call(server, formats, `Bearer ${await jwtOf(response)}`)).status).toBe(200);
    }
  });

  it('refuses a deleted token, and the JWTs that were made from it', async () => {
    const { token, secret } = await longLived(server);
    const jwt = await jwtFor(server, secret);
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(200);
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
    await expectRefusal(await post(server, loginRefresh, { refresh_token: secret }), 'JWT Refresh Token Not Found');
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(401);
  });
});

describe('refreshing', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('issues a JWT in the name of the owner, with the permissions of the token', async () => {
    const { secret } = await longLived(server, { permissions: ['read:environment'] });
    const jwt = await jwtFor(server, secret);
    expect(readJwt(jwt).claims).toMatchObject({ roles: ['ROLE_USER', 'ROLE_ADMIN'], username: server.owner.email });
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(403);
  });

  it('answers 403 and issues nothing when the owner of the token has no API access', async () => {
    const wanted = { permissions: ['manage:own_api_key'] };
    const { secret } = await longLived(server, wanted, server.member.caller);
    const response = await post(server, loginRefresh, { refresh_token: secret });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 403, message: 'you do not have access to current operation' });
  });

  it.each(['{}', '', '{"refreshToken":"x"}'])('says which field is missing from the JSON body %j', async (body) => {
    await expectRefusal(await postText(server, loginRefresh, body, 'application/json'), 'Missing JWT Refresh Token');
  });

  it('says the same to a form without the field, and to no body at all', async () => {
    const form = 'application/x-www-form-urlencoded';
    await expectRefusal(await postText(server, loginRefresh, 'a=b', form), 'Missing JWT Refresh Token');
    await expectRefusal(await call(server, loginRefresh, undefined, 'POST'), 'Missing JWT Refresh Token');
  });

  it('answers unknown, mistyped, deactivated, call-only and empty tokens alike [S21]', async () => {
    const { core, asOwner } = server;
    const inactive = await longLived(server);
    await core.deactivateApiToken(asOwner, { id: inactive.token.id });
    const direct = await longLived(server, { use: 'direct' });
    const { secret } = await longLived(server);
    const mistyped = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
    for (const refresh_token of ['', 'nonsense', 'ä'.repeat(9_000), mistyped, inactive.secret, direct.secret]) {
      const response = await post(server, loginRefresh, { refresh_token });
      const text = await response.clone().text();
      await expectRefusal(response, 'JWT Refresh Token Not Found');
      if (refresh_token !== '') expect(text).not.toContain(refresh_token);
    }
  });

  it('takes neither a JWT nor a password where a long-lived token is wanted', async () => {
    const jwt = await jwtFor(server, (await longLived(server)).secret);
    for (const refresh_token of [jwt, server.owner.password]) {
      await expectRefusal(await post(server, loginRefresh, { refresh_token }), 'JWT Refresh Token Not Found');
    }
  });

  it.each([
    ['a number', '{"refresh_token":5}'],
    ['null', '{"refresh_token":null}'],
    ['a list', '{"refresh_token":["secret-canary"]}'],
    ['an array', '["secret-canary"]'],
    ['malformed JSON', '{"refresh_token":"secret-canary"'],
    ['a repeated field', '{"refresh_token":"secret-canary","refresh_token":"secret-canary"}'],
  ])('answers 400 with a message to %s [S76]', async (_what, body) => {
    const response = await postText(server, loginRefresh, body, 'application/json');
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toEqual({ code: 400, message: expect.stringMatching(/./) });
    expect(text).not.toContain('secret-canary');
  });

  it('answers 415 to any other media type', async () => {
    const response = await postText(server, loginRefresh, 'refresh_token=a', 'text/plain');
    expect([response.status, await response.json()]).toEqual([415, { code: 415, message: expect.any(String) }]);
  });

  it('ignores a stray Authorization, even an unreadable one', async () => {
    const { secret } = await longLived(server);
    const headers = { 'content-type': 'application/json', authorization: 'Basic %%%' };
    const body = JSON.stringify({ refresh_token: secret });
    expect((await fetch(server.url + loginRefresh, { method: 'POST', headers, body })).status).toBe(200);
  });

  it('logs neither the long-lived token nor the JWT [S124]', async () => {
    const { secret } = await longLived(server);
    const jwt = await jwtFor(server, secret);
    await post(server, loginRefresh, { refresh_token: `${secret}x` });
    expect(server.logs()).not.toContain(secret);
    expect(server.logs()).not.toContain(jwt);
  });

  // Last, as they move the clock on.
  it('never lets a JWT outlive the long-lived token, and says when that has expired', async () => {
    const { secret } = await longLived(server, { expiresAt: server.clock.now() + 600_000 });
    const jwt = await jwtFor(server, secret);
    const { iat, exp } = readJwt(jwt).claims as { iat: number; exp: number };
    expect(exp - iat).toBeLessThanOrEqual(600);
    server.clock.advance(600_000);
    await expectRefusal(await post(server, loginRefresh, { refresh_token: secret }), 'Invalid JWT Refresh Token');
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(401);
  });
});
