// The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 8252, RFC 9207, RFC 9700): what is asked, what
// is answered, what a code is good for, and what attackers try.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthorizationList, Consent } from '../../../sdk/src/wire.ts';
import { keyHolder, proofBy } from '../../dpop.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call as ask, bearerOf, expectProblem, signIn } from '../native/calls.ts';
import { openSessionClient, type Page, signedIn } from '../native/session-client.ts';
import {
  answer,
  askedOf,
  authorize,
  codeFor,
  grantedTo,
  pkce,
  redeem,
  register,
  requestOf,
  type TestApplication,
  tokens,
} from './application-flow.ts';
import { basic, call, claimsOf, exchange, post } from './clients.ts';

const orders = 'https://orders.example';

describe('authorization codes', () => {
  let server: TestServer;
  let page: Page;
  let confidential: TestApplication;
  let open: TestApplication;
  let reader: { id: string; email: string; password: string };

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    await server.core.createApi(server.asOwner, { handle: 'orders', name: 'Orders', identifier: orders });
    await server.core.registerPermission(server.asOwner, {
      name: 'read:orders',
      api: 'orders',
      description: 'See orders.',
    });
    await server.core.createRole(server.asOwner, { name: 'reader', permissions: ['read:funds'] });
    const made = await server.core.createUser(server.asOwner, { email: 'r@acme.example', name: 'R', role: 'reader' });
    reader = { id: made.user.id, email: 'r@acme.example', password: made.password };
    page = await signedIn(server, server.owner);
    confidential = await register(server);
    open = await register(server, { name: 'Tool', type: 'public', redirectUris: ['http://127.0.0.1/callback'] });
  });
  afterAll(() => server.stop());

  const look = (request: string, browser = page) => browser.ask<Consent>('POST', '/v1/consents/look', { request });

  it('give an application the access token of who allowed it, for one API and a scope, in a session of its own', async () => {
    const given = await codeFor(server, confidential, {}, page);
    const { status, headers, body } = await redeem(server, confidential, given);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read:funds' });
    const claims = claimsOf(body.access_token);
    expect(claims).toMatchObject({
      iss: server.url,
      aud: server.url,
      sub: server.owner.id,
      client_id: confidential.id,
      scope: 'read:funds',
      sid: expect.any(String),
    });
    expect(claims).not.toHaveProperty('src');
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
    expect((await call(server, '/v1/check?permissions=write:funds', body.access_token)).status).toBe(403);
    expect((await call(server, '/v1/users', body.access_token)).status).toBe(403);
    expect(body.refresh_token).toMatch(/^RT1[0-9A-Za-z]{86}$/);
    expect(server.logs()).not.toContain(given.code);
    expect(server.logs()).not.toContain(body.refresh_token);
  });

  it('tell people who asks, where the answer goes, for which API and what in its own words', async () => {
    const { challenge } = pkce();
    const others = { scope: undefined, resource: orders };
    const wide = await register(server, {
      permissions: ['read:funds', 'read:orders', 'write:*', 'write:funds', 'read:journal'],
    });
    const seen = (await look(await askedOf(server, requestOf(wide, challenge, others)))).body;
    expect(seen).toMatchObject({
      application: { id: wide.id, name: 'Reports', organization: server.organization },
      api: { handle: 'orders', name: 'Orders' },
      host: 'reports.example',
      asksAlways: false,
    });
    expect(seen.permissions).toEqual([
      { name: 'read:orders', description: 'See orders.', isNew: true },
      { name: 'write:*', description: null, isNew: true },
    ]);
  });

  it('carry state and iss in every answer, and nothing else of the request (RFC 9207)', async () => {
    const { challenge } = pkce();
    const state = 'a+b/c=&é "';
    const request = await askedOf(server, requestOf(confidential, challenge, { state }));
    const allowed = await answer(page, request);
    expect(allowed.origin + allowed.pathname).toBe(confidential.redirectUri);
    expect([...allowed.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    expect(allowed.searchParams.get('state')).toBe(state);
    expect(allowed.searchParams.get('iss')).toBe(server.url);
    const refused = await answer(page, request, false);
    expect(Object.fromEntries(refused.searchParams)).toMatchObject({ error: 'access_denied', state, iss: server.url });
    const without = await answer(page, await askedOf(server, requestOf(confidential, challenge, { state: undefined })));
    expect(without.searchParams.has('state')).toBe(false);
  });

  it('keep the query that a redirect URI was registered with', async () => {
    const own = await register(server, { redirectUris: ['https://reports.example/cb?tenant=7&x=%2F'] });
    const back = await answer(page, await askedOf(server, requestOf(own, pkce().challenge)));
    expect(back.href).toMatch(/^https:\/\/reports\.example\/cb\?tenant=7&x=%2F&code=\w{43}&/);
  });

  it.each([
    ['no client', { client_id: undefined }],
    ['a client that nobody registered', { client_id: '00000000-0000-4000-8000-000000000000' }],
    ['a client that is no id', { client_id: "' or 1=1" }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['another host', { redirect_uri: 'https://evil.example/callback' }],
    ['a longer path', { redirect_uri: 'https://reports.example/callback/../evil' }],
    ['another query', { redirect_uri: 'https://reports.example/callback?x=1' }],
    ['another case', { redirect_uri: 'https://reports.example/Callback' }],
    ['a trailing slash', { redirect_uri: 'https://reports.example/callback/' }],
    ['a port', { redirect_uri: 'https://reports.example:443/callback' }],
    ['a user name', { redirect_uri: 'https://reports.example@evil.example/callback' }],
    ['a fragment', { redirect_uri: 'https://reports.example/callback#x' }],
    ['plain HTTP', { redirect_uri: 'http://reports.example/callback' }],
    ['a script', { redirect_uri: 'javascript:alert(1)' }],
  ])('send nobody anywhere for %s, and say so on a page', async (_, others) => {
    const { status, location, text, headers } = await authorize(
      server,
      requestOf(confidential, pkce().challenge, others),
    );
    expect(status).toBe(400);
    expect(location).toBeNull();
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(text).not.toContain('evil.example');
  });

  it('take any port of a loopback address, and nothing else in its place (RFC 8252 section 7.3)', async () => {
    const at = (uri: string) => authorize(server, requestOf(open, pkce().challenge, { redirect_uri: uri }));
    for (const good of ['http://127.0.0.1/callback', 'http://127.0.0.1:51004/callback']) {
      expect((await at(good)).status, good).toBe(302);
    }
    for (const bad of [
      'http://localhost:51004/callback',
      'http://[::1]:51004/callback',
      'http://127.0.0.1:51004/other',
      'http://127.0.0.1:51004/callback?x',
      'http://127.0.0.1:x/callback',
      'http://127.0.0.1:99999/callback',
      'http://127.0.0.1:51004@evil.example/callback',
      'http://127.0.0.1.evil.example:51004/callback',
      'https://127.0.0.1:51004/callback',
    ]) {
      expect((await at(bad)).status, bad).toBe(400);
    }
  });

  it.each([
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['a token from the front (implicit)', { response_type: 'token' }, 'unsupported_response_type'],
    ['a hybrid of both', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['no PKCE at all (downgrade)', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a plain challenge (downgrade)', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that says no method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge of another length', { code_challenge: 'short' }, 'invalid_request'],
    ['an answer in a fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['a request object', { request: 'e30.e30.' }, 'invalid_request'],
    ['a request by reference', { request_uri: 'https://evil.example/r' }, 'invalid_request'],
    ['a resource that is no API', { resource: 'https://nowhere.example' }, 'invalid_target'],
    ['a scope that does not exist', { scope: 'read:nothing' }, 'invalid_scope'],
    ['more than the application may ask for', { scope: 'read:funds create:user' }, 'invalid_scope'],
    ['a wildcard over what it may ask for', { scope: '*:*' }, 'invalid_scope'],
    ['a scope of nothing', { scope: ' ' }, 'invalid_scope'],
    ['an answer without asking', { prompt: 'none' }, 'interaction_required'],
  ])('tell the application of %s [S48]', async (_, others, error) => {
    const { status, location } = await authorize(server, requestOf(confidential, pkce().challenge, others));
    expect(status).toBe(302);
    expect(`${location?.origin}${location?.pathname}`).toBe(confidential.redirectUri);
    expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({
      error,
      state: 'a state',
      iss: server.url,
    });
  });

  it('refuse parameters that are given twice, and ignore those that nobody knows [S46]', async () => {
    const good = requestOf(confidential, pkce().challenge);
    for (const name of ['client_id', 'redirect_uri', 'state', 'code_challenge']) {
      const { status, location } = await authorize(server, `${good}&${name}=x`);
      expect([status, location]).toEqual([400, null]);
    }
    expect((await authorize(server, `${good}&login_hint=x&ui_locales=de`)).status).toBe(302);
  });

  it('are good once: a second use is refused, and ends what came of the first, on another node too [S42]', async () => {
    const given = await codeFor(server, confidential, {}, page);
    const { body } = await redeem(server, confidential, given);
    expect((await call(server, '/v1/check', body.access_token)).status).toBe(200);
    const again = await redeem(server, confidential, given);
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await call(server, '/v1/check', body.access_token)).status).toBe(401);
    const refreshed = await tokens(server, confidential, {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
    });
    expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('are won by one of many who race for them, whose tokens end with the others trying [S42]', async () => {
    const given = await codeFor(server, confidential, {}, page);
    const all = await Promise.all(Array.from({ length: 8 }, () => redeem(server, confidential, given)));
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect((await call(server, '/v1/check', won[0]?.body.access_token)).status).toBe(401);
  });

  it.each([
    ['without what its challenge was made from', { code_verifier: pkce().verifier }],
    ['with the challenge in its place', { code_verifier: 'challenge' }],
    ['for another redirect URI', { redirect_uri: 'https://reports.example/other' }],
    ['for another API', { resource: orders }],
  ])('are of no use %s (injection), and used up by trying [S45]', async (_, others) => {
    const given = await codeFor(server, confidential, {}, page);
    const refused = await redeem(server, confidential, given, others);
    expect(refused.status).toBe(400);
    expect(['invalid_grant', 'invalid_target']).toContain(refused.body.error);
    expect(await redeem(server, confidential, given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('are of no use to another application, or to who does not prove to be theirs (mix-up) [S45]', async () => {
    const other = await register(server);
    const given = await codeFor(server, confidential, {}, page);
    expect(await redeem(server, { ...confidential, secret: 'x'.repeat(48) }, given)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect((await redeem(server, { ...confidential, secret: null }, given)).body.error).toBe('invalid_client');
    const stolen = await redeem(server, { ...other, redirectUri: confidential.redirectUri }, given);
    expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await redeem(server, confidential, given)).body.error).toBe('invalid_grant');
    const parameters = { grant_type: 'authorization_code', code: given.code, redirect_uri: confidential.redirectUri };
    const both = await post(
      server,
      '/oauth/token',
      { ...parameters, code_verifier: given.verifier, client_secret: confidential.secret ?? '' },
      null,
      { authorization: basic({ id: confidential.id, secret: confidential.secret ?? '' }) },
    );
    expect(both).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('are bound to the key that was named when they were asked for, as dpop_jkt: of no use with another proof or none (RFC 9449 §10)', async () => {
    const holder = keyHolder();
    const prove = (by = holder) => ({
      DPoP: proofBy(by, {
        method: 'POST',
        url: `${server.url}/oauth/token`,
        nonce: server.core.dpopNonce(),
        now: server.clock.now(),
      }),
    });
    const redeemWith = ({ code, verifier }: { code: string; verifier: string }, headers: Record<string, string>) => {
      const { id, secret, redirectUri } = confidential;
      const of = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      return post(server, '/oauth/token', of, { id, secret: secret ?? '' }, headers);
    };
    const given = await codeFor(server, confidential, { dpop_jkt: holder.thumbprint }, page);
    for (const headers of [{}, prove(keyHolder())]) {
      expect(await redeemWith(given, headers)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    }
    // Whoever lacks the key has taken nothing from who holds it.
    const { status, body } = await redeemWith(given, prove());
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    expect(claimsOf(body.access_token)).toMatchObject({ cnf: { jkt: holder.thumbprint } });
    // Nor does a stolen code end what came of it; its second use by who holds the key does.
    expect((await redeemWith(given, {})).body.error).toBe('invalid_dpop_proof');
    expect((await redeemWith(given, prove())).body.error).toBe('invalid_grant');
    const free = await codeFor(server, confidential, {}, page);
    expect((await redeemWith(free, prove())).status).toBe(200);
    const { challenge } = pkce();
    for (const dpop_jkt of ['short', `${holder.thumbprint}=`, `${holder.thumbprint} ${holder.thumbprint}`]) {
      const { location } = await authorize(server, requestOf(confidential, challenge, { dpop_jkt }));
      expect([dpop_jkt, location?.searchParams.get('error')]).toEqual([dpop_jkt, 'invalid_request']);
    }
  });

  it('end after a minute', async () => {
    const given = await codeFor(server, confidential, {}, page);
    server.clock.advance(60_000);
    expect((await redeem(server, confidential, given)).body.error).toBe('invalid_grant');
  });

  it('demand what RFC 6749 demands, and take the secret in the header or in the body [S46]', async () => {
    const given = await codeFor(server, confidential, {}, page);
    const all = {
      grant_type: 'authorization_code',
      code: given.code,
      redirect_uri: confidential.redirectUri,
      code_verifier: given.verifier,
    };
    for (const name of ['code', 'redirect_uri', 'code_verifier'] as const) {
      const { [name]: _, ...rest } = all;
      const { status, body } = await tokens(server, confidential, rest);
      expect([status, body.error], name).toEqual([400, 'invalid_request']);
    }
    const inBody = { ...all, client_id: confidential.id, client_secret: confidential.secret ?? '' };
    expect((await post(server, '/oauth/token', inBody)).status).toBe(200);
  });

  it('give a public client its tokens by PKCE alone', async () => {
    const uri = 'http://127.0.0.1:51004/callback';
    const given = await codeFor(server, open, { redirect_uri: uri }, page);
    const { status, body } = await redeem(server, { ...open, redirectUri: uri }, given);
    expect(status).toBe(200);
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
    const shown = await redeem(server, { ...open, secret: 'a secret' }, await codeFor(server, open, {}, page));
    expect(shown.body.error).toBe('invalid_client');
  });

  it('give a token for the API that was asked for, and for no other [S51]', async () => {
    const app = await register(server, { permissions: ['read:orders'] });
    const { access } = await grantedTo(server, app, { scope: 'read:orders', resource: orders }, page);
    expect(claimsOf(access)).toMatchObject({ aud: orders, scope: 'read:orders' });
    expect((await call(server, '/v1/check?permissions=read:orders&api=orders', access)).status).toBe(200);
    expect((await call(server, '/v1/check?permissions=read:orders', access)).status).not.toBe(200);
  });

  it('never give more than the person may do, than the application may ask for, or than was allowed [S47]', async () => {
    const asReader = await signedIn(server, reader);
    const given = await codeFor(server, confidential, { scope: 'read:funds write:funds' }, asReader);
    const { body } = await redeem(server, confidential, given);
    expect(body.scope).toBe('read:funds');
    expect((await call(server, '/v1/check?permissions=write:funds', body.access_token)).status).toBe(403);

    const nothing = await askedOf(server, requestOf(confidential, pkce().challenge, { scope: 'write:funds' }));
    expect((await look(nothing, asReader)).body.permissions).toEqual([]);
    expect((await answer(asReader, nothing)).searchParams.get('error')).toBe('access_denied');

    const exchanged = await exchange(server, body.access_token, { scope: 'read:funds write:funds' });
    expect(exchanged.body.error).toBe('invalid_scope');
  });

  it('are asked for once: what was allowed is remembered, and only what is new is new', async () => {
    const app = await register(server);
    const request = (scope: string) => askedOf(server, requestOf(app, pkce().challenge, { scope }));
    const isNew = async (scope: string) =>
      (await look(await request(scope))).body.permissions.map((one) => `${one.name} ${one.isNew}`);
    expect(await isNew('read:funds')).toEqual(['read:funds true']);
    await answer(page, await request('read:funds'), false);
    expect(await isNew('read:funds')).toEqual(['read:funds true']);
    await answer(page, await request('read:funds'));
    expect(await isNew('read:funds')).toEqual(['read:funds false']);
    expect(await isNew('write:funds read:funds')).toEqual(['write:funds true', 'read:funds false']);
  });

  it('are given in the portal alone: by a session, with what proves its page, and by no token [S86]', async () => {
    const request = await askedOf(server, requestOf(confidential, pkce().challenge));
    const body = { request, allow: true, permissions: ['read:funds'] };
    const { access } = await grantedTo(server, confidential, {}, page);
    const api = await bearerOf(server, server.owner);
    const login = await signIn(server, server.owner);
    for (const bearer of [access, api, login]) {
      expectProblem(await ask(server, 'POST', '/v1/consents', bearer, body), 403, 'forbidden');
      expectProblem(await ask(server, 'POST', '/v1/consents/look', bearer, { request }), 403, 'forbidden');
    }
    expectProblem(await openSessionClient(server).ask('POST', '/v1/consents', body), 401, 'unauthenticated');
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { 'x-keyward-portal': '' },
    ];
    for (const headers of foreign) {
      expectProblem(await page.ask('POST', '/v1/consents', body, headers), 403, 'forbidden');
    }
  });

  it('are asked for by requests of this server alone, which end after half an hour', async () => {
    const request = await askedOf(server, requestOf(confidential, pkce().challenge));
    for (const bad of ['', 'x', `${request}x`, request.slice(0, -2), confidential.id]) {
      const body = { request: bad, allow: true, permissions: ['read:funds'] };
      expectProblem(await page.ask('POST', '/v1/consents', body), 400, 'invalid_request');
      expectProblem(await page.ask('POST', '/v1/consents', { request: bad, allow: false }), 400, 'invalid_request');
    }
    server.clock.advance(30 * 60_000);
    const browser = await signedIn(server, server.owner);
    const late = { request, allow: true, permissions: ['read:funds'] };
    expectProblem(await browser.ask('POST', '/v1/consents', late), 400, 'invalid_request');
    page = browser;
  });

  it('are sent nowhere that the application has taken off its list meanwhile', async () => {
    const app = await register(server);
    const request = await askedOf(server, requestOf(app, pkce().challenge));
    await server.core.updateApplication(server.asOwner, app.id, { redirectUris: ['https://reports.example/new'] });
    for (const allow of [true, false]) {
      const body = { request, allow, permissions: ['read:funds'] };
      expectProblem(await page.ask('POST', '/v1/consents', body), 404, 'not_found');
    }
    expectProblem(await look(request), 404, 'not_found');
  });

  it('are for people of the organization whose the application is; of the operator’s for everyone', async () => {
    const initech = await server.addOrganization('initech');
    const there = await signedIn(server, initech.owner);
    const { access } = await grantedTo(server, confidential, {}, there);
    expect(claimsOf(access).sub).toBe(initech.owner.id);

    const own = await register(server, {}, initech.owner.caller);
    const request = await askedOf(server, requestOf(own, pkce().challenge));
    const body = { request, allow: true, permissions: ['read:funds'] };
    expectProblem(await page.ask('POST', '/v1/consents', body), 403, 'forbidden');
    expectProblem(await look(request), 403, 'forbidden');
    expect((await grantedTo(server, own, {}, there)).access).toMatch(/^ey/);
  });

  it('are not for an application that is not allowed them, nor is any other grant [S44]', async () => {
    const device = await register(server, {
      grants: ['urn:ietf:params:oauth:grant-type:device_code'],
      redirectUris: ['https://reports.example/callback'],
    });
    const asked = await authorize(server, requestOf(device, pkce().challenge));
    expect(asked.location?.searchParams.get('error')).toBe('unauthorized_client');
    const tried = await redeem(server, device, { code: 'x'.repeat(43), verifier: pkce().verifier });
    expect(tried).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    const machine = await tokens(server, confidential, { grant_type: 'client_credentials' });
    expect(machine.status).toBe(401);
  });

  it('let an application do nothing that is the person’s own affair: their sessions, name and password', async () => {
    const app = await register(server, { permissions: ['*:*'] });
    const { access } = await grantedTo(server, app, { scope: '*:*' }, page);
    expect((await ask(server, 'GET', '/v1/users', access)).status).toBe(200);
    for (const [method, path, body] of [
      ['GET', '/v1/sessions'],
      ['DELETE', '/v1/sessions'],
      ['DELETE', '/v1/session'],
      ['PATCH', '/v1/self', { name: 'X' }],
      ['PUT', '/v1/self/password', { current: server.owner.password, next: 'four tall cranes at dawn' }],
      ['POST', '/v1/self/second-factor', { password: server.owner.password }],
      ['GET', '/v1/self/authorizations'],
      ['DELETE', `/v1/self/authorizations/${app.id}`],
    ] as const) {
      expectProblem(await ask(server, method, path, access, body), 403, 'forbidden');
    }
  });

  it('are seen and ended by who allowed them and by who may, with each last use', async () => {
    const app = await register(server, { name: 'Calendar' });
    const owner = await bearerOf(server, server.owner);
    const { access } = await grantedTo(server, app, {}, page);
    const mine = async () => {
      const { body } = await page.ask<AuthorizationList>('GET', '/v1/self/authorizations');
      return body.items.filter(({ application }) => application.id === app.id);
    };
    const [shown] = await mine();
    expect(shown).toMatchObject({
      user: { id: server.owner.id, email: server.owner.email },
      application: { name: 'Calendar', organization: server.organization },
      api: 'default',
      scope: ['read:funds'],
      lastUsedAt: new Date(server.clock.now()).toISOString(),
    });
    const listed = await ask<AuthorizationList>(server, 'GET', `/v1/authorizations?application=${app.id}`, owner);
    expect(listed.body.items).toEqual([shown]);
    expect((await page.ask('DELETE', `/v1/self/authorizations/${shown?.id}`)).status).toBe(204);
    expect((await call(server, '/v1/check', access)).status).toBe(401);
    expect(await mine()).toEqual([]);

    const again = await grantedTo(server, app, {}, page);
    const [next] = await mine();
    const ended = await ask(server, 'DELETE', `/v1/authorizations/${next?.id}?receipt=2000`, owner);
    expect(ended.status).toBe(200);
    expect((await call(server, '/v1/check', again.access)).status).toBe(401);
  });

  it.each(['deactivate', 'delete', 'narrow', 'user', 'password', 'session'] as const)(
    'end at once, with their access tokens, by: %s',
    async (what) => {
      const app = await register(server);
      const made = await server.core.createUser(server.asOwner, {
        email: `${what}@acme.example`,
        name: 'E',
        role: 'reader',
      });
      const person = { email: `${what}@acme.example`, password: made.password };
      const browser = await signedIn(server, person);
      const { access, refresh: token } = await grantedTo(server, app, {}, browser);
      const waiting = await codeFor(server, app, {}, browser);
      expect((await call(server, '/v1/check', access)).status).toBe(200);
      const sid = String(claimsOf(access).sid);
      const acts = {
        deactivate: () => server.core.deactivateApplication(server.asOwner, app.id),
        delete: () => server.core.deleteApplication(server.asOwner, app.id),
        narrow: () => server.core.updateApplication(server.asOwner, app.id, { permissions: ['write:funds'] }),
        user: () => server.core.deactivateUser(server.asOwner, made.user.id),
        password: () => server.core.resetPassword(server.asOwner, made.user.id),
        session: async () => expect((await browser.ask('DELETE', `/v1/sessions/${sid}`)).status).toBe(204),
      };
      await acts[what]();
      expect((await call(server, '/v1/check', access)).status).toBe(401);
      const refreshed = await tokens(server, app, { grant_type: 'refresh_token', refresh_token: token });
      expect([400, 401]).toContain(refreshed.status);
      if (what !== 'session') expect([400, 401]).toContain((await redeem(server, app, waiting)).status);
    },
  );
});
