// Outside tokens in place of a secret: which are taken, for whom, how often, and that what was made through them ends with the
// federated credential.

import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { call as callNative } from '../native/calls.ts';
import {
  accessTokenType,
  apiTokenClient,
  apiUserClient,
  type Client,
  call,
  claimsOf,
  exchange,
  exchangeGrant,
  type OAuthAnswer,
  post,
  revokeMostOf,
  tokenFor,
} from './clients.ts';
import { type Issuer, newKey, startIssuer } from './issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const [jwtType, idTokenType] = ['jwt', 'id_token'].map((one) => `urn:ietf:params:oauth:token-type:${one}`);
const conditions = { sub: 'repo:acme/shop:*' };

describe.each(['sqlite', 'postgres'] as const)('federated credentials on %s', (database) => {
  const clock = testClock();
  let issuer: Issuer;
  let server: TestServer;
  let bearer: string;

  beforeAll(async () => {
    issuer = await startIssuer(clock.now);
    server = await startServer({ database, clock, permissions: ['read:funds'], outbound: issuer.outbound });
    bearer = (await apiTokenClient(server)).secret;
  });
  beforeEach(() => {
    issuer.answers.clear();
    issuer.asked.length = 0;
    issuer.publish(issuer.key);
    // What was published in the test before is read anew.
    clock.advance(31_000);
  });
  afterAll(async () => {
    await server.stop();
    await issuer.stop();
  });

  type Wanted = Partial<Parameters<TestServer['core']['createFederatedCredential']>[2]>;

  /** A new API user that trusts the issuer. */
  const trusting = async (wanted: Wanted = {}) => {
    const client = await apiUserClient(server);
    const made = await server.core.createFederatedCredential(server.asOwner, client.id, {
      name: 'CI',
      issuer: issuer.url,
      audience: 'keyward',
      conditions,
      ...wanted,
    });
    return { ...client, federated: made.id };
  };
  const show = ({ id }: Pick<Client, 'id'>, jwt: string, more: Record<string, string> = {}): Promise<OAuthAnswer> =>
    post(server, '/oauth/token', {
      grant_type: 'client_credentials',
      client_id: id,
      client_assertion: jwt,
      client_assertion_type: assertionType,
      ...more,
    });
  const bring = ({ id }: Pick<Client, 'id'>, jwt: string, type = jwtType) =>
    post(server, '/oauth/token', {
      grant_type: exchangeGrant,
      subject_token: jwt,
      subject_token_type: type ?? '',
      client_id: id,
    });
  const refused = async (answer: Promise<OAuthAnswer>) => {
    expect(await answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  };

  describe('an outside token', () => {
    it('gets an access token of the API user, by its id or its username, which needs no secret', async () => {
      const client = await trusting();
      for (const id of [client.id, client.username]) {
        const { status, body } = await show({ id }, await issuer.token(), { scope: 'read:funds' });
        expect([status, body.token_type, body.scope, body.expires_in]).toEqual([200, 'Bearer', 'read:funds', 3600]);
        expect(claimsOf(body.access_token)).toMatchObject({
          sub: client.id,
          client_id: client.id,
          scope: 'read:funds',
        });
        expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
      }
    });

    it('is exchanged for one too, as a JWT or an ID token, by a client that is only named (RFC 8693)', async () => {
      const client = await trusting();
      for (const type of [jwtType, idTokenType]) {
        const { status, body } = await bring(client, await issuer.token(), type);
        expect([status, body.issued_token_type]).toEqual([200, accessTokenType]);
        expect(claimsOf(body.access_token)).toMatchObject({ sub: client.id, client_id: client.id });
      }
      const refusal = await bring(client, await issuer.token({ sub: 'repo:other/shop:x' }));
      expect(refusal).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    it('names its client: nobody is guessed', async () => {
      await trusting();
      const assertion = { client_assertion: await issuer.token(), client_assertion_type: assertionType };
      const parameters = { grant_type: 'client_credentials', ...assertion };
      const answer = await post(server, '/oauth/token', parameters);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(answer.body.error_description).toContain('client_id');
      const subject = { subject_token: await issuer.token(), subject_token_type: idTokenType ?? '' };
      expect(await post(server, '/oauth/token', { grant_type: exchangeGrant, ...subject })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('client_id') },
      });
    });

    it('is no second way beside a secret, and no other type than a JWT', async () => {
      const client = await trusting();
      const jwt = await issuer.token();
      for (const [more, by] of [
        [{ client_secret: client.secret }, null],
        [{}, client],
        [{ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }, null],
        [{ client_assertion: '' }, null],
      ] as const) {
        const parameters = {
          grant_type: 'client_credentials',
          client_id: client.id,
          client_assertion: jwt,
          client_assertion_type: assertionType,
        };
        const answer = await post(server, '/oauth/token', { ...parameters, ...more }, by);
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      }
      const subject = { grant_type: exchangeGrant, subject_token: jwt, subject_token_type: idTokenType ?? '' };
      for (const [more, by] of [
        [{ client_id: client.id, client_secret: client.secret }, null],
        [{}, client],
      ] as const) {
        const answer = await post(server, '/oauth/token', { ...subject, ...more } as Record<string, string>, by);
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      }
      expect((await show(client, jwt)).status).toBe(200);
    });

    it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('is taken if it is signed by %s', async (alg) => {
      const client = await trusting();
      const key = await newKey(alg);
      issuer.publish(key);
      clock.advance(31_000);
      expect((await show(client, await issuer.token({}, {}, key))).status).toBe(200);
    });

    it('is taken once, in one place or the other, with a jti or without [S42]', async () => {
      const client = await trusting();
      for (const more of [{}, { jti: undefined }, { jti: 7 }]) {
        const jwt = await issuer.token({ ...more, nonce: Math.random() });
        expect((await show(client, jwt)).status).toBe(200);
        await refused(show(client, jwt));
        expect((await bring(client, jwt)).status).toBe(400);
      }
      const twice = await issuer.token();
      const answers = await Promise.all(Array.from({ length: 8 }, () => show(client, twice)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('is the same one however its signature is spelled [S42]', async () => {
      const client = await trusting();
      const key = await newKey('ES256');
      issuer.publish(key);
      clock.advance(31_000);
      const jwt = await issuer.token({ jti: undefined, nonce: Math.random() }, {}, key);
      expect((await show(client, jwt)).status).toBe(200);
      const [head, payload, signature = ''] = jwt.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
      const twin = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
      const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(twin, 'hex')]).toString('base64url');
      await refused(show(client, `${head}.${payload}.${other}`));
    });

    it('counts between its times only, and for an hour at most', async () => {
      const client = await trusting();
      const now = Math.floor(clock.now() / 1000);
      for (const [claims, isTaken] of [
        [{ exp: now - 59 }, true],
        [{ exp: now - 61 }, false],
        [{ nbf: now + 59 }, true],
        [{ nbf: now + 61 }, false],
        [{ iat: now + 61 }, false],
        [{ iat: now - 3600, exp: now + 86_400 }, true],
        [{ iat: now - 3661, exp: now + 86_400 }, false],
        [{ iat: undefined, exp: now + 3600 }, true],
        [{ iat: undefined, exp: now + 3700 }, false],
        [{ exp: undefined }, false],
        [{ exp: String(now + 60) }, false],
        [{ exp: (now + 60) * 1000 * 1000 }, false],
        [{ iat: null }, false],
        [{ nbf: '0' }, false],
      ] as const) {
        const { status } = await show(client, await issuer.token(claims));
        expect([claims, status]).toEqual([claims, isTaken ? 200 : 401]);
      }
    });

    it('is for this server: its aud is what was written down, or holds it', async () => {
      const client = await trusting();
      for (const [aud, isTaken] of [
        ['keyward', true],
        [['other', 'keyward'], true],
        ['Keyward', false],
        ['keyward ', false],
        [['other'], false],
        [[], false],
        [undefined, false],
        [['other', ['keyward']], false],
        [{ keyward: 'keyward' }, false],
      ] as const) {
        expect([aud, (await show(client, await issuer.token({ aud }))).status]).toEqual([aud, isTaken ? 200 : 401]);
      }
      const usual = await trusting({ audience: null });
      expect((await show(usual, await issuer.token({ aud: server.url }))).status).toBe(200);
      await refused(show(usual, await issuer.token()));
    });

    it.each([
      ['another owner whose name begins alike', { sub: 'repo:acme-evil/shop:ref:x' }],
      ['another repository whose name begins alike', { sub: 'repo:acme/shop-evil:ref:x' }],
      ['another case', { sub: 'repo:ACME/shop:ref:x' }],
      ['a letter that looks alike', { sub: 'repo:аcme/shop:ref:x' }],
      ['a list', { sub: ['repo:acme/shop:ref:x'] }],
      ['an object', { sub: { sub: 'repo:acme/shop:ref:x' } }],
      ['something before it', { sub: ' repo:acme/shop:ref:x' }],
      ['nothing', { sub: undefined }],
      ['the text of another claim', { sub: 'x', repository: 'repo:acme/shop:ref:x' }],
    ])('is refused where a condition is met by %s', async (_, claims) => {
      await refused(show(await trusting(), await issuer.token(claims)));
    });

    it('meets all conditions, letter by letter', async () => {
      const client = await trusting({ conditions: { repository: 'acme/café', environment: 'prod*' } });
      const good = { repository: 'acme/café', environment: 'production' };
      expect((await show(client, await issuer.token(good))).status).toBe(200);
      for (const more of [
        { repository: 'acme/café'.normalize('NFD') },
        { repository: 'acme/cafe' },
        { environment: 'staging' },
        { environment: undefined },
        { environment: 'Production' },
      ]) {
        await refused(show(client, await issuer.token({ ...good, ...more })));
      }
    });

    it('of an API user that trusts nobody, of another issuer, or for another client is refused, and nothing is fetched for it', async () => {
      const [client, other] = [await trusting(), await apiUserClient(server)];
      const stranger = await startIssuer(clock.now);
      try {
        for (const [by, jwt] of [
          [other, await issuer.token()],
          [client, await stranger.token()],
          [client, await stranger.token({ iss: `${issuer.url}/` })],
          [{ id: '11111111-1111-4111-8111-111111111111' }, await stranger.token()],
          [{ id: 'nobody' }, await stranger.token()],
          [{ id: (await apiTokenClient(server)).id }, await issuer.token()],
        ] as const) {
          await refused(show(by, jwt));
        }
        expect([...issuer.asked, ...stranger.asked]).toEqual([]);
      } finally {
        await stranger.stop();
      }
    });

    it('is refused however its alg and its key are twisted', async () => {
      const client = await trusting();
      const [jwt, ec, other] = [await issuer.token(), await newKey('ES256', issuer.key.kid), await newKey()];
      const [, payload = '', signature = ''] = jwt.split('.');
      const header = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url');
      const { kid } = issuer.key;
      const pem = JSON.stringify(issuer.key.jwk);
      const secret = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x;
      for (const twisted of [
        `${header({ alg: 'none', kid })}.${payload}.`,
        `${header({ alg: 'none', kid })}.${payload}.${signature}`,
        `${header({ alg: 'None', kid })}.${payload}.${signature}`,
        `${header({ alg: 'HS256', kid })}.${payload}.${Buffer.from(pem).toString('base64url')}`,
        `${header({ alg: 'ES256', kid })}.${payload}.${signature}`,
        `${header({ alg: 'PS256', kid })}.${payload}.${signature}`,
        `${header({ alg: 'RS256', kid, crit: ['exp'] })}.${payload}.${signature}`,
        `${header({ alg: 'RS256', kid, b64: false })}.${payload}.${signature}`,
        `${header({ alg: 'RS256', kid: 1 })}.${payload}.${signature}`,
        `${header({ alg: ['RS256'], kid })}.${payload}.${signature}`,
        jwt.slice(0, -2),
        `${jwt}.x`,
        jwt.replaceAll('.', '..'),
        `${payload}.${payload}.${signature}`,
        await issuer.token({}, { kid }, ec),
        await issuer.token({}, { kid }, other),
        await issuer.token({}, { kid, jwk: other.jwk }, other),
        await issuer.token({}, { kid, jku: `${issuer.url}/keys`, x5u: 'https://127.0.0.1/x' }, other),
        await issuer.token({}, { kid: '../keys' }, other),
        await issuer.token({}, { kid: secret }, other),
      ]) {
        expect([twisted, (await show(client, twisted)).status]).toEqual([twisted, 401]);
      }
      expect((await show(client, jwt)).status).toBe(200);
    });

    it('of arbitrary text, or changed at any place, is refused and never an error of the server', async () => {
      const client = await trusting();
      const jwt = await issuer.token();
      const changed = fc
        .tuple(fc.nat(jwt.length - 1), fc.constantFrom('A', 'b', '.', '=', '-', '\u00e9', ' '))
        .map(([at, by]) => (jwt[at] === by ? `${jwt}A` : jwt.slice(0, at) + by + jwt.slice(at + 1)));
      const texts = fc.sample(fc.oneof(fc.string({ minLength: 1 }), changed), 60);
      for (const text of texts) {
        const { status } = await show(client, text);
        // The last letter of a signature stands for bits that are none: the signature is the same.
        if (text.slice(0, -1) !== jwt.slice(0, -1)) expect([text, status]).toEqual([text, 401]);
      }
    });

    it('is refused for an API user that is inactive, deleted, or of an organization that is', async () => {
      const client = await trusting();
      await server.core.deactivateApiUser(server.asOwner, client.id);
      await refused(show(client, await issuer.token()));
      await server.core.activateApiUser(server.asOwner, client.id);
      expect((await show(client, await issuer.token())).status).toBe(200);
      await server.core.deleteApiUser(server.asOwner, client.id);
      await refused(show(client, await issuer.token()));
    });
  });

  describe('the keys of an issuer', () => {
    it('are read once, and anew for one that is not among them: at most every 30 seconds [S37]', async () => {
      clock.advance(3_600_000);
      const client = await trusting();
      for (let n = 0; n < 5; n += 1) expect((await show(client, await issuer.token())).status).toBe(200);
      const once = ['/.well-known/openid-configuration', '/keys'];
      expect(issuer.asked).toEqual(once);
      const next = await newKey();
      issuer.publish(next);
      clock.advance(29_000);
      for (let n = 0; n < 20; n += 1) await refused(show(client, await issuer.token({}, { kid: `stray-${n}` }, next)));
      expect(issuer.asked).toEqual(once);
      clock.advance(2_000);
      const answers = await Promise.all(
        Array.from({ length: 10 }, async () => show(client, await issuer.token({}, {}, next))),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(issuer.asked).toEqual([...once, ...once]);
      await refused(show(client, await issuer.token()));
    });

    it('count for an hour after they were read while the issuer is away, and no longer', async () => {
      clock.advance(3_600_000);
      const client = await trusting();
      expect((await show(client, await issuer.token())).status).toBe(200);
      issuer.answers.set('/keys', { status: 500, body: 'a secret of the issuer' });
      for (const minutes of [11, 20, 28]) {
        clock.advance(minutes * 60_000);
        expect((await show(client, await issuer.token())).status).toBe(200);
      }
      clock.advance(61_000);
      const away = await show(client, await issuer.token());
      expect(away).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      expect(away.headers.get('retry-after')).toBe('30');
      expect(JSON.stringify(away.body)).not.toMatch(/secret|500/);
      issuer.answers.clear();
      expect((await show(client, await issuer.token())).status).toBe(503);
      clock.advance(31_000);
      expect((await show(client, await issuer.token())).status).toBe(200);
    });

    it.each([
      [
        'metadata of another issuer',
        '/.well-known/openid-configuration',
        '{"issuer":"https://elsewhere.example","jwks_uri":"@/keys"}',
      ],
      [
        'metadata that lead to a private address',
        '/.well-known/openid-configuration',
        '{"issuer":"@","jwks_uri":"https://169.254.169.254/keys"}',
      ],
      ['metadata without keys', '/.well-known/openid-configuration', '{"issuer":"@"}'],
      ['metadata that are no object', '/.well-known/openid-configuration', '[]'],
      ['keys that are none', '/keys', '{"keys":{}}'],
      ['a set of keys that is too large', '/keys', `{"keys":[],"padding":"${'x'.repeat(262_144)}"}`],
      ['too many keys', '/keys', JSON.stringify({ keys: Array(101).fill({}) })],
      ['a page', '/keys', '<html>keys</html>'],
    ])('are refused where there are %s', async (_, path, body) => {
      clock.advance(3_600_000 + 61_000);
      issuer.answers.set(path, { body: body.replaceAll('@', issuer.url) });
      const answer = await show(await trusting(), await issuer.token());
      expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    });

    it('are passed over where they are of another kind, and never taken if they are private', async () => {
      clock.advance(3_600_000 + 61_000);
      const client = await trusting();
      const shared = { kty: 'oct', k: Buffer.from('shared').toString('base64url'), kid: 'shared', alg: 'HS256' };
      const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
      const sealing = { ...(await newKey()).jwk, use: 'enc' };
      const keys = [
        shared,
        { ...weak, kid: 'weak' },
        sealing,
        { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
        null,
        issuer.key.jwk,
      ];
      issuer.answers.set('/keys', { body: JSON.stringify({ keys }) });
      expect((await show(client, await issuer.token())).status).toBe(200);
      const header = Buffer.from('{"alg":"HS256","kid":"shared"}').toString('base64url');
      await refused(show(client, `${header}.${(await issuer.token()).split('.')[1]}.AAAA`));
    });

    it('are those that were written down, and nothing is fetched', async () => {
      const key = await newKey('ES256');
      const pinned = await trusting({ issuer: 'kubernetes/serviceaccount', jwks: { keys: [key.jwk] } });
      const claims = { iss: 'kubernetes/serviceaccount' };
      expect((await show(pinned, await issuer.token(claims, {}, key))).status).toBe(200);
      expect((await show(pinned, await issuer.token(claims, { kid: undefined }, key))).status).toBe(200);
      await refused(show(pinned, await issuer.token(claims)));
      expect(issuer.asked).toEqual([]);
      const elsewhere = await trusting({ jwksUri: `${issuer.url}/keys` });
      expect((await show(elsewhere, await issuer.token())).status).toBe(200);
      expect(issuer.asked).not.toContain('/.well-known/openid-configuration');
    });
  });

  describe('what was made through a federated credential', () => {
    it('ends with it, and with each change of what it trusts; another one goes on', async () => {
      const client = await trusting();
      const other = { issuer: issuer.url, audience: 'keyward', conditions: { sub: 'other' }, name: 'Other' };
      await server.core.createFederatedCredential(server.asOwner, client.id, other);
      const mine = async () => (await show(client, await issuer.token())).body.access_token;
      const kept = [
        (await show(client, await issuer.token({ sub: 'other' }))).body.access_token,
        (await post(server, '/oauth/token', { grant_type: 'client_credentials' }, client)).body.access_token,
      ];
      const statuses = (tokens: string[]) =>
        Promise.all(tokens.map(async (one) => (await call(server, '/v1/self', one)).status));
      const path = `/v1/federated-credentials/${client.federated}`;
      const endings: [string, unknown, number][] = [
        ['PATCH', { conditions: { sub: 'repo:acme/shop:ref:*' } }, 200],
        ['PATCH', { audience: 'another' }, 200],
        ['DELETE', undefined, 204],
      ];
      for (const [method, body, status] of endings) {
        const direct = await mine();
        const narrow = (await exchange(server, direct, { scope: 'read:funds' })).body.access_token;
        const brought = (await bring(client, await issuer.token())).body.access_token;
        const tokens = [direct, narrow, brought];
        expect(await statuses(tokens)).toEqual([200, 200, 200]);
        expect((await callNative(server, 'PATCH', path, bearer, { name: `CI ${method}` })).status).toBe(200);
        expect(await statuses(tokens)).toEqual([200, 200, 200]);
        expect((await callNative(server, method, path, bearer, body)).status).toBe(status);
        expect(await statuses(tokens)).toEqual([401, 401, 401]);
        if (method === 'PATCH') await callNative(server, 'PATCH', path, bearer, { audience: 'keyward', conditions });
      }
      await refused(show(client, await issuer.token()));
      expect(await statuses(kept)).toEqual([200, 200]);
    });

    const actFor = async (subject: Client, client: Pick<Client, 'id'>) =>
      post(server, '/oauth/token', {
        grant_type: exchangeGrant,
        subject_token: subject.secret,
        subject_token_type: accessTokenType,
        client_id: client.id,
        client_assertion: await issuer.token(),
        client_assertion_type: assertionType,
      });

    it('ends with it where the client only acted, too', async () => {
      const [client, subject] = [await trusting(), await apiTokenClient(server)];
      const { body } = await actFor(subject, client);
      expect(claimsOf(body.access_token)).toMatchObject({ sub: subject.tokenId, act: { sub: client.id } });
      expect((await call(server, '/v1/self', body.access_token)).status).toBe(200);
      await server.core.deleteFederatedCredential(server.asOwner, client.federated);
      expect((await call(server, '/v1/self', body.access_token)).status).toBe(401);
    });

    it('stays ended when its client has since ended all of its own tokens, over a restart', async () => {
      const [client, subject] = [await trusting(), await apiTokenClient(server)];
      const acted = (await actFor(subject, client)).body.access_token;
      const [one, other] = [await tokenFor(server, client), await tokenFor(server, client)];
      const statuses = () =>
        Promise.all([acted, one, other].map(async (token) => (await call(server, '/v1/self', token)).status));
      expect(await statuses()).toEqual([200, 200, 200]);
      await server.core.deleteFederatedCredential(server.asOwner, client.federated);
      expect(await statuses()).toEqual([401, 200, 200]);
      await revokeMostOf(server, { type: 'api_user', id: client.id });
      expect((await post(server, '/oauth/revoke', { token: one }, client)).status).toBe(200);
      expect(await statuses()).toEqual([401, 401, 401]);
      await server.restart();
      expect(await statuses()).toEqual([401, 401, 401]);
    });

    it('is told of in the log when it is refused: why, and never what was sent', async () => {
      const client = await trusting();
      const jwt = await issuer.token({ sub: 'repo:acme-evil/shop:x' });
      await refused(show(client, jwt));
      expect(server.logs()).toMatch(/"why":"its sub is not what CI demands"/);
      expect(server.logs()).not.toContain(jwt.split('.')[1]);
      expect(server.logs()).not.toContain('acme-evil');
    });
  });
});
