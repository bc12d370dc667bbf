// Applications that sign their own proofs (private_key_jwt, RFC 7523): keys of which Keyward knows the public part alone, in
// place of a secret, at every endpoint where an application says who it is.

import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedApplication } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { bearerOf, call as callNative, expectFaults, expectProblem } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { answer, codeFor, register, type TestApplication } from './application-flow.ts';
import { call, type OAuthAnswer, post } from './clients.ts';
import { type Issuer, newKey, type SigningKey, sign, startIssuer } from './issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const notAccepted = { error: 'invalid_client', error_description: 'The client was not accepted.' };

interface Keyed extends TestApplication {
  key: SigningKey;
}

describe('applications with keys', () => {
  const clock = testClock();
  let issuer: Issuer;
  let server: TestServer;
  let owner: string;
  let page: Page;
  let app: Keyed;

  beforeAll(async () => {
    issuer = await startIssuer(clock.now);
    const permissions = ['read:funds', 'write:funds'];
    server = await startServer({ clock, database: 'postgres', permissions, outbound: issuer.outbound });
    owner = await bearerOf(server, server.owner);
    page = await signedIn(server, server.owner);
    app = await keyed();
  });
  afterEach(() => {
    issuer.asked.length = 0;
  });
  afterAll(async () => {
    await server.stop();
    await issuer.stop();
  });

  async function keyed(alg = 'ES256', where: 'jwks' | 'jwksUri' = 'jwks'): Promise<Keyed> {
    const key = await newKey(alg);
    if (where === 'jwksUri') issuer.publish(key);
    const keys = where === 'jwks' ? { jwks: { keys: [key.jwk] } } : { jwksUri: `${issuer.url}/keys` };
    return { ...(await register(server, keys)), key };
  }

  function own({ id, key }: Pick<Keyed, 'id' | 'key'>, claims: Record<string, unknown> = {}, header = {}) {
    const seconds = Math.floor(clock.now() / 1000);
    const usual = { iss: id, sub: id, aud: server.url, jti: crypto.randomUUID(), iat: seconds, exp: seconds + 60 };
    return sign({ ...usual, ...claims }, key, header);
  }

  const shown = (id: string, jwt: string) => ({
    client_id: id,
    client_assertion: jwt,
    client_assertion_type: assertionType,
  });

  /** A code is for what is shown beside it; of what is not accepted it is not used up. */
  const ask = (id: string, jwt: string, more: Record<string, string> = {}, at: Pick<TestServer, 'url'> = server) =>
    post(at, '/oauth/token', { grant_type: 'refresh_token', refresh_token: 'none', ...shown(id, jwt), ...more });

  /** Who is known has a refresh token that is not good; nobody else is told anything of it. */
  const isKnown = ({ status, body }: OAuthAnswer) => {
    if (status === 400 && body.error === 'invalid_grant') return true;
    expect({ status, body }).toEqual({ status: 401, body: notAccepted });
    return false;
  };

  async function redeem(one: Keyed, at: Pick<TestServer, 'url'> = server): Promise<OAuthAnswer> {
    const { code, verifier } = await codeFor(server, one, {}, page);
    return post(at, '/oauth/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: one.redirectUri,
      code_verifier: verifier,
      ...shown(one.id, await own(one)),
    });
  }

  it.each([
    ['RS256', 'jwks'],
    ['PS256', 'jwks'],
    ['ES256', 'jwksUri'],
    ['ES384', 'jwks'],
    ['EdDSA', 'jwksUri'],
  ] as const)('get, renew and end tokens by a key for %s, given as %s', async (alg, where) => {
    const one = await keyed(alg, where);
    expect(one.secret).toBeNull();
    clock.advance(31_000);
    const { status, body } = await redeem(one);
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
    const renew = async (token: string) =>
      ask(one.id, await own(one, { aud: `${server.url}/oauth/token` }), { refresh_token: token });
    const next = await renew(body.refresh_token);
    expect(next.status).toBe(200);
    const end = { token: next.body.refresh_token, ...shown(one.id, await own(one)) };
    expect((await post(server, '/oauth/revoke', end)).status).toBe(200);
    expect((await call(server, '/v1/check', next.body.access_token)).status).toBe(401);
    expect((await renew(next.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('ask about their own tokens, and about nobody else’s [S50]', async () => {
    const [one, other] = [await keyed(), await keyed('RS256')];
    const [{ body }, theirs] = [await redeem(one), (await redeem(other)).body];
    const introspect = async (token: string, by = one) =>
      (await post(server, '/oauth/introspect', { token, ...shown(by.id, await own(by)) })).body;
    const { id: sub, email: username } = server.owner;
    const about = { active: true, client_id: one.id, scope: 'read:funds', sub, username, iss: server.url };
    expect(await introspect(body.access_token)).toMatchObject({ ...about, token_type: 'Bearer', aud: server.url });
    expect(await introspect(body.refresh_token)).toMatchObject(about);
    for (const token of [theirs.access_token, theirs.refresh_token, owner, 'x', `${body.access_token}x`]) {
      expect(await introspect(token)).toEqual({ active: false });
    }
    expect(await introspect(theirs.access_token, other)).toMatchObject({ active: true, client_id: other.id });
    // As those with a secret do.
    const secret = await register(server);
    const asked = await post(
      server,
      '/oauth/introspect',
      { token: 'x' },
      { id: secret.id, secret: secret.secret ?? '' },
    );
    expect(asked).toMatchObject({ status: 200, body: { active: false } });
    await post(server, '/oauth/revoke', { token: body.refresh_token, ...shown(one.id, await own(one)) });
    for (const token of [body.access_token, body.refresh_token])
      expect(await introspect(token)).toEqual({ active: false });
  });

  it('sign for this server, in their own name and about themselves, within their times', async () => {
    const other = await keyed();
    const now = Math.floor(clock.now() / 1000);
    for (const [claims, isTaken] of [
      [{}, true],
      [{ aud: `${server.url}/oauth/token` }, true],
      [{ aud: ['https://other.example', server.url] }, true],
      [{ jti: undefined, nonce: 'a' }, true],
      [{ iat: undefined }, true],
      [{ aud: 'https://other.example' }, false],
      [{ aud: 'https://other.example/oauth/token' }, false],
      [{ aud: `${server.url}/` }, false],
      [{ aud: `${server.url}/oauth/revoke` }, false],
      [{ aud: `${server.url}.evil.example` }, false],
      [{ aud: undefined }, false],
      [{ aud: [[server.url]] }, false],
      [{ iss: other.id, sub: other.id }, false],
      [{ sub: other.id }, false],
      [{ iss: other.id }, false],
      [{ sub: undefined }, false],
      [{ iss: [app.id] }, false],
      [{ exp: now - 61 }, false],
      [{ exp: undefined }, false],
      [{ nbf: now + 61 }, false],
      [{ iat: now - 3661, exp: now + 60 }, false],
      [{ exp: now + 3600 }, true],
      [{ exp: now + 3661 }, false],
      [{ exp: now + 365 * 86_400 }, false],
      [{ iat: undefined, exp: now + 365 * 86_400 }, false],
    ] as const) {
      expect([claims, isKnown(await ask(app.id, await own(app, claims)))]).toEqual([claims, isTaken]);
    }
    // By another's key, in another's name, and in its own name by another.
    expect(isKnown(await ask(app.id, await own({ id: app.id, key: other.key })))).toBe(false);
    expect(isKnown(await ask(other.id, await own(app)))).toBe(false);
    expect(isKnown(await ask(app.id, await own(other)))).toBe(false);
  });

  it('use each proof once, at whichever endpoint and on whichever node [S42]', async () => {
    const node = await server.addNode();
    const jwt = await own(app);
    expect(isKnown(await ask(app.id, jwt))).toBe(true);
    for (const at of [server, node]) {
      expect(isKnown(await ask(app.id, jwt, {}, at))).toBe(false);
      expect((await post(at, '/oauth/revoke', { token: 'x', ...shown(app.id, jwt) })).status).toBe(401);
    }
    for (let round = 0; round < 5; round += 1) {
      const raced = await own(app, round % 2 === 0 ? {} : { jti: undefined, nonce: round });
      const answers = await Promise.all([server, node, server, node].map((at) => ask(app.id, raced, {}, at)));
      expect(answers.map(isKnown).filter(Boolean)).toHaveLength(1);
    }
  });

  it('are refused however alg and key are twisted', async () => {
    const [rsa, mallory] = [await keyed('RS256'), await newKey('RS256')];
    const { kid, jwk } = rsa.key;
    const jwt = await own(rsa);
    const [, payload = '', signature = ''] = jwt.split('.');
    const header = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url');
    const hmac = (secret: string | Buffer) => {
      const input = `${header({ alg: 'HS256', kid })}.${payload}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const twisted = [
      `${header({ alg: 'none' })}.${payload}.`,
      `${header({ alg: 'none', kid })}.${payload}.${signature}`,
      `${header({ alg: 'nOnE', kid })}.${payload}.${signature}`,
      `${header({ kid })}.${payload}.${signature}`,
      `${header({ alg: 'PS256', kid })}.${payload}.${signature}`,
      `${header({ alg: 'ES256', kid })}.${payload}.${signature}`,
      `${header({ alg: 'RS256', kid, crit: ['exp'], exp: 1 })}.${payload}.${signature}`,
      hmac(pem),
      hmac(JSON.stringify(jwk)),
      hmac(''),
      await own({ id: rsa.id, key: { ...mallory, kid } }),
      await own({ id: rsa.id, key: { ...mallory, kid } }, {}, { jwk: mallory.jwk }),
      await own({ id: rsa.id, key: { ...mallory, kid } }, {}, { jku: `${issuer.url}/keys`, x5u: `${issuer.url}/keys` }),
      await own({ id: rsa.id, key: mallory }),
      `${jwt}x`,
      jwt.slice(0, -3),
      `${header({ alg: 'ES256', kid })}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      `${header({ alg: 'EdDSA', kid })}.${payload}.${anEdwardsSignature()}`,
    ];
    for (const one of twisted) expect([one, isKnown(await ask(rsa.id, one))]).toEqual([one, false]);
    expect(isKnown(await ask(rsa.id, jwt))).toBe(true);
    expect(issuer.asked).toEqual([]);
  });

  it('show nothing else: no secret beside it, none in its place, and none by who has a secret [S45]', async () => {
    const [confidential, open] = [await register(server), await register(server, { type: 'public' })];
    for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect']) {
      const parameters = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
      for (const [more, by] of [
        [{ client_secret: 'a secret' }, null],
        [{}, { id: app.id, secret: 'a secret' }],
      ] as const) {
        const answer = await post(server, path, { ...parameters, ...shown(app.id, await own(app)), ...more }, by);
        expect([path, answer.status, answer.body.error]).toEqual([path, 400, 'invalid_request']);
      }
      for (const [id, secret] of [
        [app.id, ''],
        [app.id, 'a secret'],
      ] as const) {
        const answer =
          secret === ''
            ? await post(server, path, { ...parameters, client_id: id })
            : await post(server, path, parameters, { id, secret });
        expect([path, answer.status, answer.body.error]).toEqual([path, 401, 'invalid_client']);
      }
    }
    for (const one of [confidential, open]) {
      expect(isKnown(await ask(one.id, await own({ id: one.id, key: app.key })))).toBe(false);
    }
  });

  it('are refused alike, whatever is wrong; why is told in the log alone, without what was sent [S21]', async () => {
    const gone = await keyed();
    await server.core.deactivateApplication(server.asOwner, gone.id);
    const stranger = { id: '11111111-1111-4111-8111-111111111111', key: app.key };
    const expired = await own(app, { exp: 1, secretly: 'canary-of-a-claim' });
    const answers = [
      await ask(gone.id, await own(gone)),
      await ask(stranger.id, await own(stranger)),
      await ask('nobody', await own({ id: 'nobody', key: app.key })),
      await ask(app.id, expired),
      await ask(app.id, 'no JWT'),
      await ask(app.id, await own({ id: app.id, key: await newKey('ES256') })),
    ];
    const plain = answers.map(({ status, headers, body }) => [status, headers.get('www-authenticate'), body]);
    expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(plain[0]).toEqual([401, 'Basic realm="keyward", charset="UTF-8"', notAccepted]);
    expect(server.logs()).toMatch(new RegExp(`"why":"application ${app.id}: it has expired"`));
    expect(server.logs()).not.toContain(expired.split('.')[1]);
    expect(server.logs()).not.toContain('canary-of-a-claim');
  });

  it('get other keys, which end the ones before at once, on every node', async () => {
    const node = await server.addNode();
    const one = await keyed();
    const next = await newKey('RS256');
    const change = (body: object) =>
      callNative<CreatedApplication>(server, 'PATCH', `/v1/applications/${one.id}`, owner, body);
    expect((await change({ jwks: { keys: [next.jwk] } })).status).toBe(200);
    for (const at of [server, node]) {
      expect(isKnown(await ask(one.id, await own(one), {}, at))).toBe(false);
      expect(isKnown(await ask(one.id, await own({ ...one, key: next }), {}, at))).toBe(true);
    }
    // From keys that are written down to keys that are published, and back.
    issuer.publish(one.key);
    clock.advance(31_000);
    const published = await change({ jwksUri: `${issuer.url}/keys` });
    expect(published.body).toMatchObject({ jwksUri: `${issuer.url}/keys`, jwks: null });
    expect(isKnown(await ask(one.id, await own({ ...one, key: next })))).toBe(false);
    expect(isKnown(await ask(one.id, await own(one)))).toBe(true);
    expect((await change({ jwks: { keys: [next.jwk] } })).body).toMatchObject({ jwksUri: null });
    expect(isKnown(await ask(one.id, await own(one)))).toBe(false);
  });

  it('are read at their address when first needed, and anew when a proof names another, at most once in 30 seconds [S37]', async () => {
    clock.advance(31_000);
    const one = await keyed('ES256', 'jwksUri');
    for (let times = 0; times < 3; times += 1) expect(isKnown(await ask(one.id, await own(one)))).toBe(true);
    expect(issuer.asked).toEqual(['/keys']);
    const rotated = await newKey('ES256');
    issuer.publish(rotated);
    for (let times = 0; times < 5; times += 1) {
      expect(isKnown(await ask(one.id, await own({ ...one, key: await newKey('ES256') })))).toBe(false);
    }
    expect(issuer.asked.length).toBeLessThanOrEqual(2);
    clock.advance(31_000);
    expect(isKnown(await ask(one.id, await own({ ...one, key: rotated })))).toBe(true);
    expect(isKnown(await ask(one.id, await own(one)))).toBe(false);
  });

  it('that cannot be read are nobody’s fault: 503, and nothing of what was answered', async () => {
    const key = await newKey('ES256');
    const one = { ...(await register(server, { jwksUri: `${issuer.url}/others` })), key };
    issuer.answers.set('/others', { status: 500, body: 'a canary' });
    const answer = await ask(one.id, await own(one));
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(JSON.stringify(answer.body)).not.toContain('canary');
    issuer.answers.set('/others', { body: JSON.stringify({ keys: [key.jwk] }) });
    clock.advance(31_000);
    expect(isKnown(await ask(one.id, await own(one)))).toBe(true);
  });

  it('at private addresses are never asked for, unless the operator allows it [S126]', async () => {
    const closed = await startServer({ permissions: ['read:funds', 'write:funds'] });
    try {
      const key = await newKey('ES256');
      for (const host of ['127.0.0.1', '169.254.169.254', '[::ffff:127.0.0.1]', '0x7f000001', 'localhost']) {
        const jwksUri = `https://${host}:${new URL(issuer.url).port}/keys`;
        const { id } = await register(closed, { jwksUri });
        const seconds = Math.floor(Date.now() / 1000);
        const jwt = await sign({ iss: id, sub: id, aud: closed.url, exp: seconds + 60 }, key);
        expect([host, (await ask(id, jwt, {}, closed)).status]).toEqual([host, 503]);
      }
      expect(issuer.asked).toEqual([]);
    } finally {
      await closed.stop();
    }
  });

  it('take the place of a secret, which ends at once, and are not given up for nothing', async () => {
    const one = await register(server);
    const path = `/v1/applications/${one.id}`;
    const parameters = { grant_type: 'refresh_token', refresh_token: 'x' };
    const bySecret = () => post(server, '/oauth/token', parameters, { id: one.id, secret: one.secret ?? '' });
    expect(isKnown(await bySecret())).toBe(true);
    const key = await newKey('ES256');
    const { status, body } = await callNative<CreatedApplication>(server, 'PATCH', path, owner, {
      jwks: { keys: [key.jwk] },
    });
    expect([status, body.tokenEndpointAuthMethod]).toEqual([200, 'private_key_jwt']);
    expect(isKnown(await bySecret())).toBe(false);
    expect(isKnown(await ask(one.id, await own({ ...one, key })))).toBe(true);
    expectProblem(await callNative(server, 'POST', `${path}/rotate`, owner), 409, 'conflict');
    expectFaults(await callNative(server, 'PATCH', path, owner, { jwks: null }), '/body/jwks');
    expect((await callNative(server, 'PATCH', path, owner, { jwksUri: null })).status).toBe(200);
    expect(isKnown(await ask(one.id, await own({ ...one, key })))).toBe(true);
  });

  it('are told to who manages them as they are, without what is private, and of the secret nothing', async () => {
    const key = await newKey('ES256');
    const made = await callNative<CreatedApplication>(server, 'POST', '/v1/applications', owner, {
      name: 'Signs',
      type: 'confidential',
      redirectUris: ['https://signs.example/callback'],
      permissions: ['read:funds'],
      jwks: { keys: [{ ...key.jwk, extra: 'left out' }] },
    });
    expect(made.status, made.text).toBe(201);
    const { kty, crv, x, y, kid, alg, use } = key.jwk;
    expect(made.body).toMatchObject({
      secret: null,
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: null,
      jwks: { keys: [{ kty, crv, x, y, kid, alg, use }] },
    });
    const listed = await callNative(server, 'GET', `/v1/journal?subject=application:${made.body.id}`, owner);
    expect(listed.text).toContain('"keys":1');
    expect(listed.text).not.toContain(x);
    const [open, secret] = [await register(server, { type: 'public' }), await register(server)];
    for (const [{ id }, method] of [
      [open, 'none'],
      [secret, 'client_secret_basic'],
    ] as const) {
      const { body } = await callNative<CreatedApplication>(server, 'GET', `/v1/applications/${id}`, owner);
      expect(body).toMatchObject({ tokenEndpointAuthMethod: method, jwks: null, jwksUri: null });
    }
  });

  it.each([
    ['a private key', async () => ({ jwks: { keys: [{ ...(await newKey()).jwk, d: 'AAAA' }] } }), '/body/jwks/keys/0'],
    ['a shared key', async () => ({ jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }), '/body/jwks/keys/0'],
    [
      'a key for encryption',
      async () => ({ jwks: { keys: [{ ...(await newKey()).jwk, use: 'enc' }] } }),
      '/body/jwks/keys/0',
    ],
    ['no key', async () => ({ jwks: { keys: [] } }), '/body/jwks/keys'],
    ['keys over plain HTTP', async () => ({ jwksUri: 'http://keys.example/' }), '/body/jwksUri'],
    ['keys behind a password', async () => ({ jwksUri: 'https://a:b@keys.example/' }), '/body/jwksUri'],
    ['keys in a file', async () => ({ jwksUri: 'file:///etc/passwd' }), '/body/jwksUri'],
    [
      'keys in two places',
      async () => ({ jwksUri: 'https://keys.example/', jwks: { keys: [(await newKey()).jwk] } }),
      '/body/jwksUri',
    ],
    [
      'keys of one that can keep none',
      async () => ({ type: 'public', jwks: { keys: [(await newKey()).jwk] } }),
      '/body/jwks',
    ],
  ])('are not %s, and it says where that is', async (_, wanted, at) => {
    const usual = {
      name: 'Signs',
      type: 'confidential',
      redirectUris: ['https://a.example/'],
      permissions: ['read:*'],
    };
    const answer = await callNative(server, 'POST', '/v1/applications', owner, { ...usual, ...(await wanted()) });
    expectFaults(answer, at);
  });

  it('work for unmodified oauth4webapi and openid-client', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true } as const;
    const at = new URL(server.url);
    const browse = async (url: URL) => {
      const asked = await fetch(url, { redirect: 'manual' });
      return answer(page, new URL(asked.headers.get('location') ?? '').searchParams.get('request') ?? '');
    };
    const found = await oauth.discoveryRequest(at, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(at, found);
    // The libraries go by the machine's clock, the server by the test's.
    const ahead = Math.round((clock.now() - Date.now()) / 1000);
    const client: oauth.Client = { client_id: app.id, [oauth.clockSkew]: ahead };
    const authentication = oauth.PrivateKeyJwt({ key: app.key.privateKey, kid: app.key.kid });
    const verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      client_id: app.id,
      redirect_uri: app.redirectUri,
      response_type: 'code',
      scope: 'read:funds',
      state: 'a',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const parameters = oauth.validateAuthResponse(as, client, await browse(url), 'a');
    const uri = app.redirectUri;
    const got = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      parameters,
      uri,
      verifier,
      insecure,
    );
    const granted = await oauth.processAuthorizationCodeResponse(as, client, got);
    const again = await oauth.refreshTokenGrantRequest(
      as,
      client,
      authentication,
      granted.refresh_token ?? '',
      insecure,
    );
    const renewed = await oauth.processRefreshTokenResponse(as, client, again);
    expect((await call(server, '/v1/check?permissions=read:funds', renewed.access_token)).status).toBe(200);
    const token = renewed.refresh_token ?? '';
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, token, insecure));
    expect((await call(server, '/v1/check', renewed.access_token)).status).toBe(401);

    const other = openid.PrivateKeyJwt({ key: app.key.privateKey, kid: app.key.kid });
    const config = await openid.discovery(at, app.id, { [openid.clockSkew]: ahead }, other, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const asking = openid.buildAuthorizationUrl(config, {
      redirect_uri: app.redirectUri,
      scope: 'read:funds',
      state: 'b',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const checks = { pkceCodeVerifier, expectedState: 'b' };
    const tokens = await openid.authorizationCodeGrant(config, await browse(asking), checks);
    const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect((await call(server, '/v1/check?permissions=read:funds', next.access_token)).status).toBe(200);
    await openid.tokenRevocation(config, next.access_token);
    expect((await call(server, '/v1/check', next.access_token)).status).toBe(401);
  });
});

function anEdwardsSignature(): string {
  return signBytes(null, Buffer.from('x'), generateKeyPairSync('ed25519').privateKey).toString('base64url');
}
