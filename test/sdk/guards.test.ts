// The guards for frameworks, each in its framework and on a real socket: the same verdict and the same words from all of
// them.

import { request as httpRequest } from 'node:http';
import { parseList } from 'structured-headers';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient, createVerifier, type GuardOptions, type Verifier } from '../../sdk/src/index.ts';
import { type FakeKeyward, principalOf, signed, startFakeKeyward, yes } from './fake-keyward.ts';
import { type Api, apis, type Running } from './guarded-apis.ts';

describe.each(Object.keys(apis))('an API guarded with %s', (name) => {
  const api = apis[name] as Api;
  let keyward: FakeKeyward;
  let verifier: Verifier;
  let running: Running;
  const token = { authorization: 'Bearer kw_0000000000000000000000_000000000000000000000000000000000000' };

  const start = async (requirement: Omit<GuardOptions<never>, 'addressOf'> = {}) => {
    const { generateApiToken, newId } = await import('../../server/src/core/secret.ts');
    token.authorization = `Bearer ${generateApiToken(newId())}`;
    keyward = await startFakeKeyward();
    verifier = createVerifier({ url: keyward.url, credential: { apiToken: 'kw_mine' }, exchange: 'none' });
    await verifier.ready();
    running = await api(verifier, requirement);
  };
  afterEach(async () => {
    await running?.close();
    await verifier?.close();
    await keyward?.close();
  });
  const get = (headers: Record<string, string> = token) => fetch(running.url, { headers });

  test('knows who is calling, on first sight and after', async () => {
    await start();
    for (const _ of [1, 2]) {
      const answered = await get();
      expect([answered.status, await answered.json()]).toEqual([200, { caller: token.authorization.slice(10, 32) }]);
      expect(answered.headers.has('ratelimit')).toBe(false);
    }
    expect(keyward.count('/v1/verify')).toBe(1);
  });

  test.each(['apiToken', 'APITOKEN', 'bearer'])('reads a credential in the scheme %s', async (scheme) => {
    await start();
    expect((await get({ authorization: token.authorization.replace('Bearer', scheme) })).status).toBe(200);
  });

  test('answers 401 with a challenge, which names an error only if a credential was sent [S7]', async () => {
    await start();
    const none = await get({});
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="keyward"']);
    expect(none.headers.get('content-type')).toBe('application/problem+json');
    expect(none.headers.get('cache-control')).toBe('no-store');
    expect(await none.json()).toMatchObject({
      type: expect.stringMatching(/\/problems\/unauthenticated$/),
      status: 401,
    });
    for (const authorization of ['Bearer nonsense', 'apiToken kw_x']) {
      const wrong = await get({ authorization });
      expect(wrong.status).toBe(401);
      expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="keyward", error="invalid_token"');
    }
    expect((await get({ authorization: 'Basic YTpi' })).status).toBe(401);
    expect((await get({ authorization: token.authorization.slice(7) })).status).toBe(401);
  });

  test('answers 403 and names what is missing', async () => {
    await start({ permissions: ['read:x', 'write:x'] });
    const answered = await get();
    expect(answered.status).toBe(403);
    expect(answered.headers.get('www-authenticate')).toBe(
      'Bearer realm="keyward", error="insufficient_scope", scope="read:x write:x"',
    );
    expect(await answered.json()).toMatchObject({
      type: expect.stringMatching(/\/problems\/forbidden$/),
      permissions: ['read:x', 'write:x'],
    });
  });

  test('says where the budget stands, and answers 429 with all that the draft asks for [S92]', async () => {
    const limit = { plan: 'free', limit: 100, windowMs: 60_000 };
    await start();
    keyward.answers.lease = () => ({ ...limit, granted: 2, expiresInMs: 30_000, retryAfterMs: 0 });
    verifier.close();
    verifier = createVerifier({ url: keyward.url, credential: { apiToken: 'kw_mine' }, exchange: 'none' });
    await verifier.ready();
    await running.close();
    running = await api(verifier, { cost: 2 });
    const first = await get();
    expect(first.status).toBe(200);
    const policy = parseList(first.headers.get('ratelimit-policy') ?? '');
    expect(policy).toEqual([['free', new Map(Object.entries({ q: 100, w: 60 }))]]);
    const [[planName, state] = ['', new Map()]] = parseList(first.headers.get('ratelimit') ?? '') as [
      [string, Map<string, number>],
    ];
    expect([planName, state.get('r')]).toEqual(['free', 0]);

    keyward.answers.lease = () => ({ ...limit, granted: 0, expiresInMs: 0, retryAfterMs: 20_500 });
    keyward.answers.verify = () => ({
      allowed: false,
      reason: 'rate_limited',
      principal: principalOf('a'),
      limit: { ...limit, remaining: 0, resetMs: 20_500, retryAfterMs: 20_500 },
    });
    for (const _ of [1, 2, 3]) {
      const refused = await get();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBe(21);
      const [[, left] = ['', new Map()]] = parseList(refused.headers.get('ratelimit') ?? '') as [
        [string, Map<string, number>],
      ];
      expect([left.get('r'), left.get('t')]).toEqual([0, 21]);
      expect(refused.headers.get('cache-control')).toBe('no-store');
      expect(await refused.json()).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        'violated-policies': ['free'],
      });
    }
    // On first sight, and of the first call that no lease was left for.
    expect(keyward.count('/v1/verify')).toBe(2);
  });

  test('lets nobody in while calls cannot be checked: 503, never 401 [S71]', async () => {
    await start();
    keyward.answers.verify = () => Promise.reject(new Error('broken off'));
    const answered = await get();
    expect([answered.status, answered.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answered.json()).toMatchObject({ type: expect.stringMatching(/\/problems\/unavailable$/) });
  });

  test('takes the longest JWT there is, which a client sends, and names what is missing within a head', async () => {
    const many = Array.from({ length: 200 }, (_, n) => `${'v'.repeat(60)}${n}:${'r'.repeat(60)}`);
    await start();
    const { kid, alg, typ } = keyward.keys.oauth;
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: keyward.url, aud: keyward.url, iat, exp: iat + 3600, jti: 'j', src: 'user:u:0', pad: '' };
    const jwtOf = (pad: number) => signed(keyward.keys.oauth, { alg, typ, kid }, { ...claims, pad: 'x'.repeat(pad) });
    let pad = 5500;
    while (jwtOf(pad + 1).length <= 8192) pad += 1;
    const longest = jwtOf(pad);
    expect(longest.length).toBeGreaterThan(8189);
    const ask = () =>
      createClient({ url: running.url, credential: { apiToken: longest }, exchange: 'none' }).fetch('/');
    const answered = await ask();
    expect([answered.status, await answered.json()]).toEqual([200, { caller: 'u' }]);
    await running.close();

    running = await api(verifier, { permissions: many });
    const refused = await ask();
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer realm="keyward", error="insufficient_scope"',
    ]);
    expect(await refused.json()).toMatchObject({ permissions: many });
  });

  test.each([
    [{ permissions: ['read'] }, '"read" is no permission'],
    [{ permissions: ['read:x', 'read x:y'] }, '"read x:y" is no permission'],
    [{ permissions: Array(201).fill('read:x') }, 'at most 200 permissions'],
    [{ cost: -1 }, '-1 is no cost'],
    [{ cost: 0.5 }, '0.5 is no cost'],
    [{ plan: 'My plan' }, '"My plan" is no id of a plan'],
  ])('says when it is made that it cannot require %j', async (requirement, words) => {
    await start();
    await expect((async () => api(verifier, requirement))()).rejects.toThrow(words);
  });

  test('takes no call with two credentials [S6]', async () => {
    await start();
    const status = await new Promise((resolve, reject) => {
      const headers = ['Host', 'x', 'Authorization', token.authorization, 'Authorization', 'Bearer kw_other'];
      const request = httpRequest(running.url, { headers: headers as never }, ({ statusCode }) => resolve(statusCode));
      request.on('error', reject).end();
    });
    expect(status).toBe(name === 'hono' ? 401 : 400);
  });

  test('passes the address on, for credentials that are bound to some', async () => {
    await start();
    keyward.answers.verify = ({ address }) =>
      address === '127.0.0.1'
        ? { allowed: true, principal: principalOf('a') }
        : { allowed: false, reason: 'address_not_allowed' };
    expect((await get()).status).toBe(200);
    expect(keyward.count('/v1/verify')).toBe(2);
  });

  test('reads the query for a credential only if it is told to, and takes one credential only [S5] [S6]', async () => {
    await start();
    const text = token.authorization.slice(7);
    expect((await fetch(`${running.url}/?apiToken=${text}`)).status).toBe(401);
    expect((await fetch(`${running.url}/?apiToken=${text}`, { headers: token })).status).toBe(200);
    await running.close();

    running = await api(verifier, { apiTokenInQuery: true });
    for (const query of [`apiToken=${text}`, `a=1&%61piToken=${text}&b=%zz`]) {
      const answered = await fetch(`${running.url}/?${query}`);
      expect([answered.status, await answered.json()]).toEqual([200, { caller: text.slice(3, 25) }]);
      const { headers } = answered;
      expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    }
    expect((await get()).status).toBe(200);
    expect((await fetch(`${running.url}/?xapiToken=${text}`)).status).toBe(401);
    const refused = await fetch(`${running.url}/?apiToken=nonsense`);
    expect([refused.status, refused.headers.get('referrer-policy')]).toEqual([401, 'no-referrer']);
    expect((await fetch(`${running.url}/?apiToken=${text}`, { headers: token })).status).toBe(400);
    expect((await fetch(`${running.url}/?apiToken=${text}&apiToken=${text}`)).status).toBe(400);
  });

  test('says so when the plan lets in a call that cannot be counted [S100]', async () => {
    await start();
    const limit = { plan: 'free', limit: 100, windowMs: 60_000, remaining: 0, resetMs: 900, retryAfterMs: 0 };
    keyward.answers.lease = () => ({ ...limit, granted: 0, expiresInMs: 0, retryAfterMs: 5000 });
    keyward.answers.verify = (request) =>
      request.cost === 0 ? yes(request) : { ...yes(request), limit: { ...limit, unavailable: 'allow' } };
    const answered = await get();
    expect([answered.status, answered.headers.get('keyward-limits-unavailable')]).toEqual([200, 'allow']);
  });
});
