// The guards for frameworks, each in its framework and on a real socket: the same verdict and the same words from all of
// them, and from Keyward itself.

import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { type Context, Hono } from 'hono';
import { parseList } from 'structured-headers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { guard as expressGuard, type GuardedRequest } from '../../sdk/src/express.ts';
import { guard as fastifyGuard } from '../../sdk/src/fastify.ts';
import { type GuardedVariables, guard as honoGuard } from '../../sdk/src/hono.ts';
import { createClient, createVerifier, type GuardOptions, type Principal, type Verifier } from '../../sdk/src/index.ts';
import { guard as nodeGuard } from '../../sdk/src/node.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import { type FakeKeyward, principalOf, signed, startFakeKeyward, yes } from './fake-keyward.ts';

/** An API that answers who is calling, and how its server is stopped. */
type Api = (verifier: Verifier, requirement: Omit<GuardOptions<never>, 'addressOf'>) => Promise<Running>;
interface Running {
  url: string;
  close(): Promise<unknown>;
}

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
const answer = (response: ServerResponse, principal: Principal | undefined) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ caller: principal?.id }));

const apis: Record<string, Api> = {
  'node:http': (verifier, requirement) =>
    listen(
      createServer(nodeGuard(verifier, requirement, (_request, response, principal) => answer(response, principal))),
    ),
  fastify: async (verifier, requirement) => {
    const app = fastify();
    app.decorateRequest('principal');
    app.addHook('onRequest', fastifyGuard(verifier, requirement));
    app.get('/', async (request) => ({ caller: (request as { principal?: Principal }).principal?.id }));
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  express: (verifier, requirement) => {
    const app = express();
    app.get('/', expressGuard(verifier, requirement), (request, response) => {
      response.json({ caller: (request as GuardedRequest).principal?.id });
    });
    return listen(createServer(app));
  },
  hono: (verifier, requirement) => {
    const app = new Hono<{ Variables: GuardedVariables; Bindings: Bindings }>();
    const addressOf = ({ env }: { env: Bindings }) => env.address;
    app.use(
      honoGuard<Context<{ Variables: GuardedVariables; Bindings: Bindings }>>(verifier, { ...requirement, addressOf }),
    );
    app.get('/', (c) => c.json({ caller: c.get('principal').id }));
    return listen(createServer((request, response) => serve(app.fetch, request, response)));
  },
};

interface Bindings {
  address: string | undefined;
}

/** As an adapter for Node does it: the header fields as they came, several of one name joined. */
async function serve(
  handle: (request: Request, bindings: Bindings) => Response | Promise<Response>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) headers.set(name, values.join(', '));
  const answered = await handle(new Request(`http://localhost${incoming.url}`, { headers }), {
    address: incoming.socket.remoteAddress,
  });
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text());
}

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
    expect(await none.json()).toMatchObject({ type: 'urn:keyward:problem:unauthenticated', status: 401 });
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
      type: 'urn:keyward:problem:forbidden',
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
    expect(await answered.json()).toMatchObject({ type: 'urn:keyward:problem:unavailable' });
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

describe('beside Keyward itself', () => {
  let server: TestServer;
  let verifier: Verifier;
  beforeAll(async () => {
    server = await startServer();
    const permissions = ['verify:credential', 'follow:feed'];
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions });
    verifier = createVerifier({ url: server.url, credential: { apiToken: secret }, clock: server.clock.now });
    await verifier.ready();
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.stop();
  });

  test('a guard says word for word what /v1/check says, but for where a permission is lacking', async () => {
    const make = (more: object = {}) =>
      server.core.createApiToken(server.asOwner, { permissions: ['read:user'], ...more });
    const good = await make();
    const ended = await make({ expiresAt: server.clock.now() + 5000 });
    const inactive = await make();
    await server.core.deactivateApiToken(server.asOwner, { id: inactive.token.id });
    const elsewhere = await make({ addresses: ['10.0.0.0/8'] });
    const exchangeOnly = await make({ use: 'exchange' });
    server.clock.advance(10_000);
    const cases: [string, string | undefined, string[]][] = [
      ['nothing', undefined, []],
      ['noise', 'noise', []],
      ['good', good.secret, []],
      ['good, permitted', good.secret, ['read:user']],
      ['good, not permitted', good.secret, ['read:user', 'write:user']],
      ['expired', ended.secret, []],
      ['inactive', inactive.secret, []],
      ['from elsewhere', elsewhere.secret, []],
      ['for exchange only', exchangeOnly.secret, []],
    ];
    for (const [what, secret, permissions] of cases) {
      const api = await apis['node:http']?.(verifier, { permissions });
      const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
      const ours = await fetch(api?.url ?? '', { headers });
      const query = permissions.length === 0 ? '' : `?permissions=${permissions.join(',')}`;
      const theirs = await call<Record<string, unknown>>(server, 'GET', `/v1/check${query}`, secret);
      expect([what, ours.status], what).toEqual([what, theirs.status]);
      if (ours.status === 200) continue;
      // A verifier knows what a credential may do, not whether its token, its role or its organization stands in the way.
      const { lacking, ...said } = theirs.body;
      expect(lacking !== undefined, what).toBe(theirs.status === 403 && permissions.length > 0);
      expect(await ours.json(), what).toEqual(said);
      for (const field of ['www-authenticate', 'content-type', 'cache-control']) {
        expect([what, field, ours.headers.get(field)]).toEqual([what, field, theirs.headers.get(field)]);
      }
      await api?.close();
    }
  });

  test('a guard lists all of several limits, and names those that refuse, as /v1/check does [S92]', async () => {
    const hour = 3_600_000;
    const limits = [
      { limit: 3, windowMs: hour, per: 'api_token' },
      { limit: 1000, windowMs: hour, per: 'organization' },
      { limit: 50, windowMs: 60_000, per: 'address' },
    ] as const;
    await server.core.putPlan(server.asOwner, { id: 'three', name: 'Three limits', limits });
    const on = async (name: string, planId: string) => {
      const { id, owner } = await server.addOrganization(name);
      await server.core.updateOrganization(server.asOwner, id, { planId });
      return owner.caller;
    };
    const [customer, unmetered] = [await on('customer', 'three'), await on('unmetered', 'unlimited')];
    const tokenOf = async (owner: Caller, own: { limit: number; windowMs: number }[]) =>
      (await server.core.createApiToken(owner, { permissions: [], limits: own })).secret;
    const threeNames =
      '"three:api_token:3600s";q=3;w=3600, "three:organization:3600s";q=1000;w=3600, "three:address:60s";q=50;w=60';
    const cases: [secret: string, calls: number, policies: string, violated: string[]][] = [
      [await tokenOf(customer, []), 3, threeNames, ['three:api_token:3600s']],
      [
        await tokenOf(customer, [{ limit: 3, windowMs: 60_000 }]),
        3,
        `${threeNames}, "token:60s";q=3;w=60`,
        ['three:api_token:3600s', 'token:60s'],
      ],
      [await tokenOf(unmetered, [{ limit: 2, windowMs: hour }]), 2, '"token:3600s";q=2;w=3600', ['token:3600s']],
    ];
    const api = await apis['node:http']?.(verifier, {});
    for (const [secret, calls, policies, violated] of cases) {
      const headers = { authorization: `Bearer ${secret}` };
      for (let left = calls - 1; left >= 0; left -= 1) {
        const answered = await fetch(api?.url ?? '', { headers });
        expect(answered.status).toBe(200);
        expect(sorted(answered.headers.get('ratelimit-policy'))).toBe(sorted(policies));
        expect(answered.headers.get('ratelimit')).toMatch(new RegExp(`^"(three:api_token|token):\\d+s";r=${left};t=`));
      }
      // The budget is spent: whoever is asked says the same.
      const ours = await fetch(api?.url ?? '', { headers });
      const body = (await ours.json()) as { 'violated-policies': string[] };
      expect(ours.status).toBe(429);
      expect(body['violated-policies'].toSorted()).toEqual(violated);
      const theirs = await fetch(`${server.url}/v1/check`, { headers: { ...headers, 'x-forwarded-proto': 'https' } });
      expect([theirs.status, await theirs.json()]).toEqual([429, body]);
      for (const field of ['ratelimit', 'ratelimit-policy', 'retry-after']) {
        expect([field, ours.headers.get(field)]).toEqual([field, theirs.headers.get(field)]);
      }
    }
    await api?.close();
  });
});

/** A list of policies says the same in any order. */
function sorted(policies: string | null): string {
  return (policies ?? '').split(', ').toSorted().join(', ');
}
