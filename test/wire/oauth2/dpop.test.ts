// Access tokens that are bound to a key (RFC 9449): got at the token endpoint, used on every way that Keyward itself checks, and
// of no use to whoever has the token without the key, or a proof of another call.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../../server/src/assemble.ts';
import { addOrganization, assembleAt, newPlace, type TestPlace } from '../../assembled-server.ts';
import { type KeyHolder, keyHolder, type ProofParts, proofBy } from '../../dpop.ts';
import { startServer, type TestServer } from '../../server.ts';
import { apiTokenClient, apiUserClient, type Client, call, claimsOf, exchange, post, sealedType } from './clients.ts';

const orders = 'https://orders.example';
let server: TestServer;
let client: Client;
const holder = keyHolder();

beforeAll(async () => {
  server = await startServer({
    permissions: ['read:funds', 'write:funds'],
    routes: (upstream) => [
      { path: '/guarded/*', methods: ['GET', 'POST'], permissions: ['read:funds'], dialect: null, upstream },
      { path: '/old/*', methods: ['GET'], permissions: ['read:funds'], dialect: 'debricked', upstream },
      { path: '/orders/*', methods: ['GET'], permissions: [], dialect: null, upstream, api: 'orders' },
    ],
  });
  await server.core.createApi(server.asOwner, { handle: 'orders', name: 'Orders', identifier: orders });
  client = await apiUserClient(server);
});
afterAll(() => server.stop());

const nonce = () => server.core.dpopNonce();
const proof = (path: string, parts: Partial<ProofParts> = {}, by = holder) =>
  proofBy(by, { method: 'GET', url: server.url + path, nonce: nonce(), now: server.clock.now(), ...parts });

const ask = (parts: Partial<ProofParts> | null = {}, parameters: Record<string, string> = {}, by = holder) =>
  post(
    server,
    '/oauth/token',
    { grant_type: 'client_credentials', scope: 'read:funds', ...parameters },
    client,
    parts === null ? {} : { dpop: proof('/oauth/token', { method: 'POST', ...parts }, by) },
  );

async function boundToken(parameters: Record<string, string> = {}, by: KeyHolder = holder): Promise<string> {
  const { status, body } = await ask({}, parameters, by);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.access_token;
}

/** A call with a bound token and a proof for it. */
function use(path: string, token: string, parts: Partial<ProofParts> | string = {}, init: RequestInit = {}) {
  const dpop = typeof parts === 'string' ? parts : proof(path, { accessToken: token, ...parts });
  const headers = { authorization: `DPoP ${token}`, dpop, ...(init.headers as Record<string, string>) };
  return fetch(server.url + path, { ...init, headers });
}

const challengeOf = (response: { headers: Headers }) => response.headers.get('www-authenticate') ?? '';

describe('at the token endpoint', () => {
  it('a proof binds the token to its key', async () => {
    const { status, body, headers } = await ask();
    expect(status).toBe(200);
    expect(body.token_type).toBe('DPoP');
    expect(claimsOf(body.access_token)).toMatchObject({ cnf: { jkt: holder.thumbprint } });
    expect(headers.get('dpop-nonce')).toBe(nonce());
    expect((await ask(null)).body.token_type).toBe('Bearer');
  });

  it('a proof without the nonce is answered with one (RFC 9449 section 8)', async () => {
    for (const wrong of [undefined, 'another']) {
      const { status, body, headers } = await ask({ nonce: wrong });
      expect([status, body.error, headers.get('dpop-nonce')]).toEqual([400, 'use_dpop_nonce', nonce()]);
    }
  });

  it.each([
    ['of another method', { method: 'GET' }],
    ['of another address', { url: 'https://evil.example/oauth/token' }],
    ['with a private key', { header: { jwk: holder.privateKey.export({ format: 'jwk' }) } }],
    ['that is not signed', { header: { alg: 'none' } }],
    ['with a secret', { header: { alg: 'HS256' } }],
    ['that is huge', { claims: { more: 'x'.repeat(6000) } }],
  ] satisfies [string, Partial<ProofParts>][])('refuses a proof %s [S43]', async (_, parts) => {
    const { status, body } = await ask(parts);
    expect([status, body.error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('takes a proof once, and only one [S42]', async () => {
    const dpop = proof('/oauth/token', { method: 'POST' });
    const parameters = { grant_type: 'client_credentials', scope: 'read:funds' };
    const answers = await Promise.all([1, 2, 3].map(() => post(server, '/oauth/token', parameters, client, { dpop })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    const two = `${proof('/oauth/token', { method: 'POST' })}, ${proof('/oauth/token', { method: 'POST' })}`;
    const { body } = await post(server, '/oauth/token', parameters, client, { dpop: two });
    expect(body.error).toBe('invalid_dpop_proof');
  });

  it('says no more of a client that did not prove itself', async () => {
    const dpop = proof('/oauth/token', { method: 'POST' });
    const wrong = { ...client, secret: 'wrong' };
    const { status, body } = await post(server, '/oauth/token', { grant_type: 'client_credentials' }, wrong, { dpop });
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  it('exchanges a bound token only for whoever holds its key, and binds what it makes [S47]', async () => {
    const token = await boundToken({ scope: 'read:funds write:funds' });
    const narrow = { scope: 'read:funds' };
    expect((await exchange(server, token, narrow)).body.error).toBe('invalid_dpop_proof');
    const swap = async (by: KeyHolder, parameters = {}) => {
      const dpop = proof('/oauth/token', { method: 'POST' }, by);
      return exchange(server, token, { ...narrow, ...parameters }, null, { dpop });
    };
    expect((await swap(keyHolder())).body.error).toBe('invalid_dpop_proof');
    const { body } = await swap(holder);
    expect(body.token_type).toBe('DPoP');
    expect(claimsOf(body.access_token)).toMatchObject({ cnf: { jkt: holder.thumbprint }, scope: 'read:funds' });
    const sealed = (await swap(holder, { requested_token_type: sealedType })).body;
    expect((await use('/v1/check', sealed.access_token)).status).toBe(200);
    expect((await call(server, '/v1/check', sealed.access_token)).status).toBe(401);
  });

  it('binds what a bearer exchanges with a proof', async () => {
    const { secret } = await apiTokenClient(server);
    const dpop = proof('/oauth/token', { method: 'POST' });
    const { body } = await exchange(server, secret, { scope: 'read:funds' }, null, { dpop });
    expect(body.token_type).toBe('DPoP');
    expect((await call(server, '/v1/check', body.access_token)).status).toBe(401);
    expect((await use('/v1/check', body.access_token)).status).toBe(200);
  });

  it('says what it takes, and what a token is bound to (RFC 8414, RFC 7662)', async () => {
    const found = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    const metadata = (await found.json()) as Record<string, string[]>;
    expect(metadata.dpop_signing_alg_values_supported).toContain('ES256');
    const { body } = await post(server, '/oauth/introspect', { token: await boundToken() }, client);
    expect(body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: holder.thumbprint } });
  });
});

describe.each([
  ["Keyward's own API", '/v1/self', 401],
  ['a check', '/v1/check?permissions=read:funds', 401],
  ['the gateway', '/guarded/a?b=c', 401],
  ['the gateway in the words of an older system', '/old/a', 401],
])('at %s', (_, path, refused) => {
  it('a bound token counts with a proof, once [S42]', async () => {
    const token = await boundToken();
    const dpop = proof(path, { accessToken: token });
    const first = await use(path, token, dpop);
    expect(first.status).toBe(200);
    expect(first.headers.get('dpop-nonce')).toBe(nonce());
    const again = await use(path, token, dpop);
    expect(again.status).toBe(refused);
    expect(challengeOf(again)).toMatch(/^DPoP algs="ES256 .*", error="invalid_dpop_proof"/);
  });

  it('a proof without the nonce is answered with one (RFC 9449 section 9)', async () => {
    const token = await boundToken();
    const answer = await use(path, token, { nonce: undefined });
    expect(answer.status).toBe(refused);
    expect(challengeOf(answer)).toMatch(/^DPoP .*error="use_dpop_nonce"/);
    const given = answer.headers.get('dpop-nonce') ?? '';
    expect((await use(path, token, { nonce: given })).status).toBe(200);
  });

  it('a stolen token is nothing without its key, nor one that is bound to none with it [S43]', async () => {
    const token = await boundToken();
    const asBearer = await call(server, path, token);
    expect(asBearer.status).toBe(refused);
    expect(challengeOf(asBearer)).toMatch(/^DPoP .*error="invalid_token"/);
    const thief = keyHolder();
    const byThief = await use(path, token, proof(path, { accessToken: token }, thief));
    expect(byThief.status).toBe(refused);
    expect(challengeOf(byThief)).toMatch(/error="invalid_token"/);
    const bearer = (await ask(null)).body.access_token;
    expect((await use(path, bearer)).status).toBe(refused);
    const noProof = await fetch(server.url + path, { headers: { authorization: `DPoP ${token}` } });
    expect(noProof.status).toBe(refused);
    expect(challengeOf(noProof)).toMatch(/error="invalid_dpop_proof"/);
  });

  it.each([
    ['another method', { method: 'POST' }],
    ['another path', { url: 'http://127.0.0.1/other' }],
    ['another token', { accessToken: 'another' }],
    ['no token', { accessToken: undefined }],
    ['a time long ago', { now: 1_000_000_000_000 }],
  ] satisfies [string, Partial<ProofParts>][])('a proof of %s is refused [S43]', async (_, parts) => {
    const answer = await use(path, await boundToken(), parts);
    expect(answer.status).toBe(refused);
    expect(challengeOf(answer)).toMatch(/error="invalid_dpop_proof"/);
  });

  it('nobody chooses the address that a proof must be for by a Host', async () => {
    const token = await boundToken();
    const dpop = proof(path, { accessToken: token, url: `http://evil.example${path}` });
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    expect((await use(path, token, dpop, { headers })).status).toBe(refused);
  });
});

it('through the gateway, the address of an API is its identifier too, and no proof goes on to it', async () => {
  const token = await boundToken({ resource: orders });
  const answer = await use('/orders/1', token, { url: `${orders}/orders/1` });
  expect(answer.status).toBe(200);
  const seen = await answer.text();
  expect(seen).not.toContain(token);
  expect((await use('/orders/1', token)).status).toBe(200);
  expect((await use('/guarded/1', token, { url: `${orders}/guarded/1` })).status).toBe(401);
});

describe('through forward-auth', () => {
  let proxied: Server;
  let url: string;
  let place: TestPlace;
  let secret: string;
  beforeAll(async () => {
    place = await newPlace();
    const routes = [{ path: '/api/*', methods: ['GET'], permissions: [], dialect: null }];
    proxied = await assembleAt({ place, routes, settings: { trustedProxies: ['127.0.0.1'] } });
    url = await proxied.listen();
    const { owner } = await addOrganization(proxied, { name: 'acme', isOperator: true, planId: 'enterprise' });
    secret = (await proxied.core.createApiToken(owner, { permissions: ['*:*'], use: 'both' })).secret;
  });
  afterAll(async () => {
    await proxied.close();
    place.remove();
  });

  const prove = (parts: ProofParts) => proofBy(holder, { nonce: proxied.core.dpopNonce(), ...parts });
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example', 'x-forwarded-for': '203.0.113.7' };
  const told = { ...headers, 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/api/funds?a=1' };

  async function token(): Promise<string> {
    const dpop = prove({ method: 'POST', url: `${url}/oauth/token` });
    const { body } = await exchange({ url }, secret, {}, null, { ...headers, dpop });
    return body.access_token;
  }

  it.each(['/forward-auth', '/v1/check'])('%s: the call is the one that the proxy tells of [S69]', async (path) => {
    const accessToken = await token();
    const ask = (proof: string, more = {}) =>
      fetch(url + path, { headers: { ...told, authorization: `DPoP ${accessToken}`, dpop: proof, ...more } });
    const call = { method: 'GET', url: 'https://api.example/api/funds', accessToken };
    const proof = prove(call);
    expect((await ask(proof)).status).toBe(200);
    const again = await ask(proof);
    expect([again.status, again.headers.get('dpop-nonce')]).toEqual([401, proxied.core.dpopNonce()]);
    expect((await ask(prove({ ...call, url: url + path }))).status).toBe(401);
    expect((await ask(prove({ ...call, method: 'POST' }))).status).toBe(401);
    expect((await ask(prove(call), { 'x-forwarded-host': 'other.example' })).status).toBe(401);
    expect((await ask(prove(call), { 'x-forwarded-uri': '/api/other' })).status).toBe(401);
    // What a proxy passes on of the client's must not tell of another host than what it says itself.
    const original = (origin: string) => ({
      'x-original-method': 'GET',
      'x-original-url': `${origin}/api/funds?a=1`,
    });
    const elsewhere = prove({ ...call, url: 'https://other.example/api/funds' });
    expect((await ask(elsewhere, original('https://other.example'))).status).toBe(400);
    expect((await ask(prove(call), original('https://API.example:443'))).status).toBe(200);
    const asBearer = await ask(prove(call), { authorization: `Bearer ${accessToken}` });
    expect(asBearer.status).toBe(401);
  });
});

describe('at POST /v1/verify', () => {
  const address = 'https://api.example/funds?a=1';
  let secret: string;
  beforeAll(async () => {
    ({ secret } = await server.core.createApiToken(server.asOwner, { permissions: ['verify:credential'] }));
  });

  async function verify(credential: string, dpop?: object) {
    const response = await fetch(`${server.url}/v1/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ credential, permissions: ['read:funds'], ...(dpop && { dpop }) }),
    });
    const { reason, ...rest } = (await response.json()) as Record<string, unknown>;
    return { status: response.status, reason, ...rest } as Record<string, unknown>;
  }
  const shown = (accessToken: string, parts: Partial<ProofParts> = {}) => ({
    proof: proofBy(holder, {
      method: 'PUT',
      url: address,
      nonce: nonce(),
      now: server.clock.now(),
      accessToken,
      ...parts,
    }),
    method: 'PUT',
    url: address,
  });

  it('a service hands on the proof and the call, and the nonce for its own answer [S42]', async () => {
    const token = await boundToken();
    const first = shown(token);
    expect(await verify(token, first)).toMatchObject({ allowed: true, jkt: holder.thumbprint, dpopNonce: nonce() });
    expect(await verify(token, first)).toMatchObject({ allowed: false, reason: 'invalid_proof' });
    expect(await verify(token, shown(token, { nonce: undefined }))).toMatchObject({
      reason: 'nonce_required',
      dpopNonce: nonce(),
    });
    expect(await verify(token, { ...shown(token), method: 'GET' })).toMatchObject({ reason: 'invalid_proof' });
    expect(await verify(token, { ...shown(token), url: 'https://api.example/' })).toMatchObject({ allowed: false });
    expect(await verify(token)).toMatchObject({ allowed: false, reason: 'wrong_key' });
    expect(await verify((await ask(null)).body.access_token, shown(token))).toMatchObject({ allowed: false });
  });

  it('a service that has checked a proof itself says by which key', async () => {
    const token = await boundToken();
    expect(await verify(token, { jkt: holder.thumbprint })).toMatchObject({ allowed: true, jkt: holder.thumbprint });
    expect(await verify(token, { jkt: keyHolder().thumbprint })).toMatchObject({ reason: 'wrong_key' });
    expect(await verify(token, { jkt: '' })).toMatchObject({ reason: 'wrong_key' });
    const bearer = (await ask(null)).body.access_token;
    expect(await verify(bearer, { jkt: holder.thumbprint })).toMatchObject({ reason: 'wrong_key' });
    for (const wrong of [{}, { jkt: 1 }, { proof: 'x' }, { jkt: 'x', more: 1 }, { ...shown(token), jkt: 'x' }]) {
      expect((await verify(token, wrong)).status).toBe(400);
    }
  });
});

it('a nonce and a proof are of no use a minute later', async () => {
  const token = await boundToken();
  const [kept, old] = [proof('/v1/check', { accessToken: token }), nonce()];
  server.clock.advance(70_000);
  for (const late of [kept, proof('/v1/check', { accessToken: token, nonce: old })]) {
    const answer = await use('/v1/check', token, late);
    expect([answer.status, answer.headers.get('dpop-nonce')]).toEqual([401, nonce()]);
    expect(challengeOf(answer)).toMatch(/error="use_dpop_nonce"/);
  }
  expect((await use('/v1/check', token)).status).toBe(200);
});

it('a call that is refused for what it may not do has a challenge in its own scheme', async () => {
  const answer = await use('/v1/check?permissions=write:funds', await boundToken());
  expect(answer.status).toBe(403);
  expect(challengeOf(answer)).toMatch(/^DPoP algs=".*", error="insufficient_scope", scope="write:funds"/);
});
