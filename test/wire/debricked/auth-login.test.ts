// `debricked auth login`, call for call as the official client makes it: a browser that is sent to /app/oauth/authorize, a server at
// a loopback port that the answer comes to, /app/oauth/token in the two ways that its library (golang.org/x/oauth2) tries, and
// calls with what it got. For what is known of that client and how surely, see docs/dialects/debricked.md.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../sdk/src/index.ts';
import type { Application } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call as callNative } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { answer, pkce } from '../oauth2/application-flow.ts';
import { apiTokenClient } from '../oauth2/clients.ts';
import { accessTokens, call, formats, readJwt } from './calls.ts';

const clientId = '01919462-7d6e-78e8-aa24-ba779213c90f';
const redirectUri = 'http://localhost:9096/callback';

describe.each(['sqlite', 'postgres'] as const)('debricked auth login on %s', (database) => {
  let server: TestServer;
  let page: Page;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['write:files'] });
    page = await signedIn(server, server.owner);
  });
  afterAll(() => server.stop());

  /** The address that the client opens a browser at: AuthCodeURL of its library. */
  function authCodeUrl(challenge: string, others: Record<string, string | undefined> = {}): URL {
    const usual = {
      client_id: clientId,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'select profile basicRepo fullApi',
      state: 'a state',
    };
    const given = Object.entries({ ...usual, ...others }).filter(([, value]) => value !== undefined);
    return new URL(`/app/oauth/authorize?${new URLSearchParams(given as [string, string][])}`, server.url);
  }

  async function open(url: URL) {
    const answer = await fetch(url, { redirect: 'manual' });
    const location = answer.headers.get('location');
    return { status: answer.status, location: location === null ? null : new URL(location), answer };
  }

  /** What the browser does: to the page that asks, and to wherever the answer goes. */
  async function browse(url: URL, by = page, allow = true): Promise<URL> {
    const { location } = await open(url);
    const request = location?.searchParams.get('request');
    if (request == null) throw new Error(`Nobody is asked: ${location?.href}`);
    return answer(by, request, allow);
  }

  /** A request of its library, which first puts the client in the header, with an empty password. */
  async function asked(parameters: Record<string, string>, client: 'header' | 'body' | { authorization: string }) {
    const inHeader = `Basic ${Buffer.from(`${clientId}:`).toString('base64')}`;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client === 'header' && { authorization: inHeader }),
      ...(typeof client === 'object' && client),
    };
    const body = new URLSearchParams({ ...parameters, ...(client === 'body' && { client_id: clientId }) });
    const answer = await fetch(`${server.url}/app/oauth/token`, { method: 'POST', headers, body: body.toString() });
    // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
  }

  async function exchange(parameters: Record<string, string>) {
    const first = await asked(parameters, 'header');
    return first.status === 200 ? first : asked(parameters, 'body');
  }

  async function login(others: Record<string, string | undefined> = {}, by = page) {
    const { verifier, challenge } = pkce();
    const back = await browse(authCodeUrl(challenge, others), by);
    const code = back.searchParams.get('code') ?? '';
    const shown = { grant_type: 'authorization_code', code, redirect_uri: others.redirect_uri ?? redirectUri };
    return exchange({ ...shown, code_verifier: verifier });
  }

  it('carries the official client from its browser to its calls, and on when its JWT has ended', async () => {
    // It listens at the port before the browser comes back.
    const callback = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      response.end(searchParams.get('state') === 'a state' ? searchParams.get('code') : 'Invalid state');
    });
    callback.listen(0, '127.0.0.1');
    await once(callback, 'listening');
    const port = (callback.address() as AddressInfo).port;
    const uri = `http://localhost:${port}/callback`;
    try {
      const { verifier, challenge } = pkce();
      const asking = await open(authCodeUrl(challenge, { redirect_uri: uri }));
      expect(asking.status).toBe(302);
      expect(asking.location?.origin).toBe(server.url);
      expect(asking.location?.pathname).toBe('/consent');
      const request = asking.location?.searchParams.get('request');
      const view = await page.ask('POST', '/v1/consents/look', { request });
      expect(view.body).toMatchObject({ application: { name: 'Debricked CLI' }, host: `localhost:${port}` });
      const back = await browse(authCodeUrl(challenge, { redirect_uri: uri }));
      expect(back.host).toBe(`localhost:${port}`);
      const code = await (await fetch(new URL(back.search, `http://127.0.0.1:${port}/callback`))).text();
      const first = await exchange({
        grant_type: 'authorization_code',
        code,
        redirect_uri: uri,
        code_verifier: verifier,
      });
      expect(first).toMatchObject({
        status: 200,
        body: { access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 },
      });
      expect(first.headers.get('cache-control')).toBe('no-store');
      const use = (token: string) => call(server, formats, `Bearer ${token}`);
      expect((await use(first.body.access_token)).status).toBe(200);

      server.clock.advance(3_600_000);
      const ended = await use(first.body.access_token);
      expect([ended.status, await ended.json()]).toEqual([401, { code: 401, message: 'Expired JWT Token' }]);
      // In another process, which tries both ways anew.
      const renewed = await exchange({ grant_type: 'refresh_token', refresh_token: first.body.refresh_token });
      expect(renewed.status).toBe(200);
      expect(renewed.body.refresh_token).not.toBe(first.body.refresh_token);
      expect((await use(renewed.body.access_token)).status).toBe(200);
    } finally {
      callback.close();
    }
    page = await signedIn(server, server.owner);
  });

  it('gets a JWT as login_check does, that says what was allowed', async () => {
    const { body } = await login();
    const { header, claims } = readJwt(body.access_token);
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(Object.keys(claims).slice(0, 4)).toEqual(['iat', 'exp', 'roles', 'username']);
    const { iat, exp } = claims as { iat: number; exp: number };
    expect(exp - iat).toBe(3600);
    expect(claims).toMatchObject({
      roles: ['ROLE_USER', 'ROLE_ADMIN'],
      username: server.owner.email,
      client_id: clientId,
      sub: server.owner.id,
      iss: server.url,
      aud: server.url,
      scope: '*:*',
    });
    // Verifiers of before there were scopes know nothing of it.
    expect(claims).not.toHaveProperty('src');
  });

  it('takes both ways in which its library says the client, and no third', async () => {
    for (const way of ['header', 'body'] as const) {
      const { verifier, challenge } = pkce();
      const code = (await browse(authCodeUrl(challenge))).searchParams.get('code') ?? '';
      const shown = { code, redirect_uri: redirectUri, code_verifier: verifier };
      expect((await asked({ grant_type: 'authorization_code', ...shown }, way)).status).toBe(200);
    }
    const encode = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
    for (const authorization of [
      encode(`${clientId}:a secret`),
      encode(`${clientId}`).replace('=', ''),
      encode(':'),
      encode('\u0000:'),
      encode(`${server.owner.id}:`),
      'Bearer x',
      'Basic',
    ]) {
      const answer = await asked({ grant_type: 'refresh_token', refresh_token: 'x' }, { authorization });
      const isNamed = authorization === encode(`${clientId}`).replace('=', '');
      expect([authorization, answer.status]).toEqual([authorization, isNamed ? 400 : 401]);
      if (isNamed) continue;
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(answer.body).toEqual({
        code: 401,
        message: 'The client was not accepted.',
        error: 'invalid_client',
        error_description: 'The client was not accepted.',
      });
    }
  });

  it.each([
    ['select profile basicRepo fullApi', '*:*', { read: 200, write: 200, tokens: 200 }],
    ['select profile basicRepo', 'access:api read:* create:* update:*', { read: 200, write: 403, tokens: 403 }],
    ['select', 'read:*', { read: 200, write: 403, tokens: 403 }],
    ['profile', 'access:api', { read: 403, write: 403, tokens: 403 }],
  ])('is given for the scope %s what it means here: %s', async (scope, permissions, statuses) => {
    const { status, body } = await login({ scope });
    expect(status).toBe(200);
    const said = String(readJwt(body.access_token).claims.scope).split(' ');
    expect(said.toSorted()).toEqual(permissions.split(' ').toSorted());
    const bearer = `Bearer ${body.access_token}`;
    const check = async (permission: string) =>
      (await call(server, `/v1/check?permissions=${permission}`, bearer)).status;
    expect({
      read: await check('read:files'),
      write: await check('write:files'),
      tokens: (await call(server, accessTokens, bearer)).status,
    }).toEqual(statuses);
  });

  it('gets no more than whoever allowed it may do, and nothing for who has no access to the API', async () => {
    const { core, asOwner } = server;
    const named = (name: string) => ({ email: `${name}-${database}@acme.example`, name, role: `${name}-${database}` });
    await core.createRole(asOwner, { name: `reader-${database}`, permissions: ['access:api', 'read:files'] });
    await core.createRole(asOwner, { name: `outsider-${database}`, permissions: ['read:files'] });
    const [reader, outsider] = [
      await core.createUser(asOwner, named('reader')),
      await core.createUser(asOwner, named('outsider')),
    ];
    const by = ({ user, password }: typeof reader) => signedIn(server, { email: user.email, password });
    const { body } = await login({}, await by(reader));
    const { claims } = readJwt(body.access_token);
    expect(String(claims.scope).split(' ').toSorted()).toEqual(['access:api', 'read:files']);
    expect(claims.roles).toEqual(['ROLE_USER']);
    const stranger = await by(outsider);
    const { location } = await open(authCodeUrl(pkce().challenge));
    const request = location?.searchParams.get('request');
    for (const [path, more] of [
      ['/v1/consents/look', {}],
      ['/v1/consents', { allow: true }],
    ] as const) {
      const refused = await stranger.ask('POST', path, { request, ...more });
      expect([path, refused.status, refused.text]).toEqual([path, 403, expect.stringContaining('access:api')]);
    }
    // Who had it when it was allowed, and has it no more.
    await core.updateRole(asOwner, `reader-${database}`, { permissions: ['read:files'] });
    const refresh = await asked({ grant_type: 'refresh_token', refresh_token: body.refresh_token }, 'header');
    expect(refresh).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(refresh.body.error_description).toContain('access:api');
  });

  it('counts at verifiers of the SDK within its scope, and ends there with its session', async () => {
    const guard = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
    const credential = { apiToken: guard.secret };
    const verifier = createVerifier({ url: server.url, credential, exchange: 'none', clock: server.clock.now });
    try {
      await verifier.ready({ timeoutMs: 60_000 });
      const { body } = await login({ scope: 'select' });
      const verdictOn = (permission: string) => verifier.verify(body.access_token, { permissions: [permission] });
      for (const _ of ['asked', 'remembered']) {
        expect(await verdictOn('read:files')).toMatchObject({ allowed: true });
        expect(await verdictOn('write:files')).toMatchObject({ reason: 'missing_permission' });
      }
      const refresh = { token: body.refresh_token, client_id: clientId };
      const ended = await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams(refresh) });
      expect(ended.status).toBe(200);
      await expect.poll(() => verdictOn('read:files'), { timeout: 20_000 }).toMatchObject({ allowed: false });
    } finally {
      await verifier.close();
    }
  });

  it('serves the people of every organization', async () => {
    const customer = await server.addOrganization(`customer-${database}`);
    const { status, body } = await login({}, await signedIn(server, customer.owner));
    expect(status).toBe(200);
    expect((await call(server, '/v1/self', `Bearer ${body.access_token}`)).status).toBe(200);
  });

  it('sends nobody anywhere but to a port of their own machine', async () => {
    const { challenge } = pkce();
    for (const uri of ['http://127.0.0.1:1/callback', 'http://[::1]:65535/callback', 'http://localhost/callback']) {
      expect((await open(authCodeUrl(challenge, { redirect_uri: uri }))).location?.pathname).toBe('/consent');
    }
    for (const uri of [
      'https://evil.example/callback',
      'http://localhost.evil.example:9096/callback',
      'http://localhost:9096/elsewhere',
      'http://localhost:9096/callback/..',
      'http://user@localhost:9096/callback',
      'http://192.0.2.1:9096/callback',
      undefined,
    ]) {
      const { status, location, answer } = await open(authCodeUrl(challenge, { redirect_uri: uri }));
      expect([uri, status, location]).toEqual([uri, 400, null]);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    }
    for (const client of [server.owner.id, '', undefined]) {
      expect(await open(authCodeUrl(challenge, { client_id: client }))).toMatchObject({ status: 400, location: null });
    }
  });

  it('tells the client what is wrong with what it asks: PKCE always, and scopes that are known', async () => {
    const { challenge } = pkce();
    for (const [others, error] of [
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ code_challenge_method: undefined }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'select everything' }, 'invalid_scope'],
      [{ scope: 'read:files' }, 'invalid_scope'],
      [{ scope: 'FULLAPI' }, 'invalid_scope'],
    ] as const) {
      const { location } = await open(authCodeUrl(challenge, others));
      expect(location?.host).toBe('localhost:9096');
      expect([others, location?.searchParams.get('error')]).toEqual([others, error]);
      expect(location?.searchParams.get('state')).toBe('a state');
    }
    const denied = await browse(authCodeUrl(challenge), page, false);
    expect(denied.searchParams.get('error')).toBe('access_denied');
  });

  it('uses a code once, with its verifier and its redirect URI, and a refresh token once', async () => {
    const { verifier, challenge } = pkce();
    const codeOf = async () => (await browse(authCodeUrl(challenge))).searchParams.get('code') ?? '';
    const shown = { grant_type: 'authorization_code', redirect_uri: redirectUri, code_verifier: verifier };
    for (const wrong of [
      { code_verifier: pkce().verifier },
      { redirect_uri: 'http://localhost:9097/callback' },
      { code: 'x' },
    ]) {
      const answer = await asked({ ...shown, code: await codeOf(), ...wrong }, 'body');
      expect(answer).toMatchObject({ status: 400, body: { code: 400, error: 'invalid_grant' } });
    }
    for (const lacking of ['code', 'redirect_uri', 'code_verifier']) {
      const { [lacking]: _, ...rest } = { ...shown, code: 'x' } as Record<string, string>;
      expect((await asked(rest, 'body')).body).toMatchObject({ error: 'invalid_request', message: `Send ${lacking}.` });
    }
    const code = await codeOf();
    const { body } = await asked({ ...shown, code }, 'body');
    expect((await asked({ ...shown, code }, 'body')).body.error).toBe('invalid_grant');
    expect((await call(server, formats, `Bearer ${body.access_token}`)).status).toBe(401);

    const again = await login();
    const refresh = { grant_type: 'refresh_token', refresh_token: again.body.refresh_token };
    const renewed = await asked(refresh, 'body');
    expect(renewed.status).toBe(200);
    expect((await asked(refresh, 'body')).body.error).toBe('invalid_grant');
    expect((await call(server, formats, `Bearer ${renewed.body.access_token}`)).status).toBe(401);
    const other = await asked({ grant_type: 'password', username: 'a', password: 'b' }, 'body');
    expect(other).toMatchObject({ status: 400, body: { code: 400, error: 'unsupported_grant_type' } });
    expect((await asked({ grant_type: '' }, 'body')).body).toMatchObject({ code: 400, error: 'invalid_request' });
  });

  it('is known at these endpoints alone, and no other application is known here', async () => {
    const { verifier, challenge } = pkce();
    const elsewhere = authCodeUrl(challenge);
    elsewhere.pathname = '/oauth/authorize';
    expect(await open(elsewhere)).toMatchObject({ status: 400, location: null });
    const code = (await browse(authCodeUrl(challenge))).searchParams.get('code') ?? '';
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const answer = await fetch(`${server.url}/oauth/token`, { method: 'POST', body });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([401, 'invalid_client']);

    const redirectUris = ['http://localhost/callback'];
    const wanted = { name: 'Other', type: 'public', redirectUris, permissions: ['read:files'] } as const;
    const { application } = await server.core.createApplication(server.asOwner, wanted);
    const { status, location } = await open(authCodeUrl(challenge, { client_id: application.id }));
    expect([status, location]).toEqual([400, null]);
  });

  it('can be seen, narrowed and switched off by the operator once somebody has allowed it something', async () => {
    const { body } = await login();
    const owner = await bearerOf(server, server.owner);
    const path = `/v1/applications/${clientId}`;
    const { body: seen } = await callNative<Application>(server, 'GET', path, owner);
    expect(seen).toMatchObject({ name: 'Debricked CLI', type: 'public', tokenEndpointAuthMethod: 'none' });
    const journal = await callNative(server, 'GET', `/v1/journal?subject=application:${clientId}`, owner);
    expect(journal.text.match(/application\.created/g)).toHaveLength(1);
    const own = await page.ask<{ items: { application: { name: string } }[] }>('GET', '/v1/self/authorizations');
    expect(own.body.items.map(({ application }) => application.name)).toContain('Debricked CLI');

    expect((await callNative(server, 'PATCH', path, owner, { permissions: ['read:*'] })).status).toBe(200);
    expect((await call(server, formats, `Bearer ${body.access_token}`)).status).toBe(401);
    expect(readJwt((await login({ scope: 'select' })).body.access_token).claims.scope).toBe('read:*');
    expect((await callNative(server, 'POST', `${path}/deactivate`, owner)).status).toBe(204);
    expect((await open(authCodeUrl(pkce().challenge))).status).toBe(400);
    expect((await callNative(server, 'POST', `${path}/activate`, owner)).status).toBe(204);
    expect((await callNative(server, 'PATCH', path, owner, { permissions: ['*:*'] })).status).toBe(200);
  });

  it('ends with what the person had allowed, and with their password', async () => {
    const first = await login();
    const authorizations = await page.ask<{ items: { id: string; application: { id: string } }[] }>(
      'GET',
      '/v1/self/authorizations',
    );
    const of = authorizations.body.items.find(({ application }) => application.id === clientId);
    expect((await page.ask('DELETE', `/v1/self/authorizations/${of?.id}`)).status).toBe(204);
    expect((await call(server, formats, `Bearer ${first.body.access_token}`)).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    expect((await asked(refresh, 'header')).body.error).toBe('invalid_grant');

    const admin = await login({}, await signedIn(server, server.admin));
    expect((await call(server, formats, `Bearer ${admin.body.access_token}`)).status).toBe(200);
    await server.core.resetPassword(server.asOwner, server.admin.id);
    expect((await call(server, formats, `Bearer ${admin.body.access_token}`)).status).toBe(401);
  });
});

it('is not there while the dialect is off', async () => {
  const other = await startServer({ dialects: { debricked: false } });
  try {
    for (const path of ['/app/oauth/authorize', '/app/oauth/token']) {
      const method = path.endsWith('token') ? 'POST' : 'GET';
      expect((await fetch(other.url + path, { method, redirect: 'manual' })).status).toBe(404);
    }
    const asked = `${other.url}/oauth/authorize?client_id=${clientId}&redirect_uri=${encodeURIComponent(redirectUri)}`;
    expect((await fetch(asked, { redirect: 'manual' })).status).toBe(400);
  } finally {
    await other.stop();
  }
});
