// private_key_jwt (RFC 7523): clients that sign their own tokens, by keys of which Keyward knows the public part alone.

import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNodes } from '../../feed/nodes.ts';
import { statementsRun } from '../../security/statement-counter.ts';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { call as callNative } from '../native/calls.ts';
import { accessTokenType, apiTokenClient, apiUserClient, call, exchangeGrant, post } from './clients.ts';
import { type Issuer, newKey, type SigningKey, sign, startIssuer } from './issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const insecure = { [oauth.allowInsecureRequests]: true } as const;
const shownWith = (id: string, jwt: string) => ({
  client_id: id,
  client_assertion: jwt,
  client_assertion_type: assertionType,
});

describe('private_key_jwt', () => {
  const clock = testClock();
  let issuer: Issuer;
  let server: TestServer;
  let bearer: string;

  beforeAll(async () => {
    issuer = await startIssuer(clock.now);
    server = await startServer({ clock, permissions: ['read:funds'], outbound: issuer.outbound });
    bearer = (await apiTokenClient(server)).secret;
  });
  afterAll(async () => {
    await server.stop();
    await issuer.stop();
  });

  /** An API user with a key of its own. */
  const keyed = async (alg = 'ES256', where: 'jwks' | 'jwksUri' = 'jwks') => {
    const [client, key] = [await apiUserClient(server), await newKey(alg)];
    if (where === 'jwksUri') issuer.publish(key);
    const keys = where === 'jwks' ? { jwks: { keys: [key.jwk] } } : { jwksUri: `${issuer.url}/keys` };
    const path = `/v1/api-users/${client.id}/federated-credentials`;
    const made = await callNative(server, 'POST', path, bearer, { name: 'Laptop', issuer: null, ...keys });
    expect(made.status, made.text).toBe(201);
    return { ...client, key };
  };
  const own = (id: string, key: SigningKey, claims: Record<string, unknown> = {}) => {
    const seconds = Math.floor(clock.now() / 1000);
    const usual = { iss: id, sub: id, aud: server.url, jti: crypto.randomUUID(), iat: seconds, exp: seconds + 60 };
    return sign({ ...usual, ...claims }, key);
  };
  const ask = (id: string, jwt: string) =>
    post(server, '/oauth/token', { grant_type: 'client_credentials', ...shownWith(id, jwt) });

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('gets tokens by a key for %s', async (alg) => {
    const { id, username, key } = await keyed(alg);
    for (const name of [id, username]) {
      const { status, body } = await ask(name, await own(name, key));
      expect(status).toBe(200);
      expect((await call(server, '/v1/self', body.access_token)).status).toBe(200);
    }
  });

  it('reads keys at an address of the client, and new ones there', async () => {
    const { id, key } = await keyed('ES256', 'jwksUri');
    expect((await ask(id, await own(id, key))).status).toBe(200);
    const next = await newKey('ES256');
    issuer.publish(next);
    clock.advance(31_000);
    expect((await ask(id, await own(id, next))).status).toBe(200);
    expect((await ask(id, await own(id, key))).status).toBe(401);
  });

  it('is for this server or the endpoint, of the client and about it', async () => {
    const [{ id, username, key }, other] = [await keyed(), await keyed()];
    for (const [claims, isTaken] of [
      [{ aud: `${server.url}/oauth/token` }, true],
      [{ aud: [server.url] }, true],
      [{ aud: `${server.url}/` }, false],
      [{ aud: `${server.url}/oauth/introspect` }, false],
      [{ aud: 'https://evil.example/oauth/token' }, false],
      [{ aud: undefined }, false],
      [{ sub: undefined }, false],
      [{ sub: other.id }, false],
      [{ iss: other.id }, false],
      [{ iss: other.id, sub: other.id }, false],
      [{ iss: username, sub: username }, false],
      [{ iss: id.toUpperCase(), sub: id.toUpperCase() }, false],
    ] as const) {
      expect([claims, (await ask(id, await own(id, key, claims))).status]).toEqual([claims, isTaken ? 200 : 401]);
    }
    expect((await ask(id, await own(id, other.key))).status).toBe(401);
    expect((await ask(other.id, await own(id, key))).status).toBe(401);
  });

  it('takes the same path for a client that there is and for one that there is not [S21] [S22]', async () => {
    const [{ id, key }, nobody] = [await keyed(), crypto.randomUUID()];
    const other = await newKey('ES256');
    const once = async (client: string, jwt: string) => {
      const before = statementsRun();
      const { status, body } = await ask(client, jwt);
      return { status, body, statements: statementsRun() - before };
    };
    // What happens without a request runs statements of its own now and then: the least of a few says what this one ran.
    const asked = async (client: string, jwt: string) => {
      const answers = [await once(client, jwt), await once(client, jwt), await once(client, jwt)];
      const statements = Math.min(...answers.map((one) => one.statements));
      return { ...answers[0], statements };
    };
    for (const jwt of ['x', await own(id, other), await own(nobody, key), await own(id, key, { exp: 1 })]) {
      expect(await asked(id, jwt)).toEqual(await asked(nobody, jwt));
    }
    expect((await asked(id, await own(id, key))).status).toBe(200);
  });

  it('works at introspection and revocation, once each, and is no subject of an exchange', async () => {
    const { id, key } = await keyed();
    const token = (await ask(id, await own(id, key))).body.access_token;
    const jwt = await own(id, key);
    const introspect = () => post(server, '/oauth/introspect', { token, ...shownWith(id, jwt) });
    expect((await introspect()).body).toMatchObject({ active: true, client_id: id });
    expect((await introspect()).status).toBe(401);
    expect((await post(server, '/oauth/revoke', { token, ...shownWith(id, await own(id, key)) })).status).toBe(200);
    expect((await call(server, '/v1/self', token)).status).toBe(401);
    const subject = { subject_token: await own(id, key), subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' };
    expect(await post(server, '/oauth/token', { grant_type: exchangeGrant, client_id: id, ...subject })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('works for unmodified oauth4webapi and openid-client, found by the metadata', async () => {
    const { id, key } = await keyed();
    const at = new URL(server.url);
    const as = await oauth.processDiscoveryResponse(
      at,
      await oauth.discoveryRequest(at, { algorithm: 'oauth2', ...insecure }),
    );
    expect(as.token_endpoint_auth_methods_supported).toContain('private_key_jwt');
    expect(as.token_endpoint_auth_signing_alg_values_supported).toContain('ES256');
    const client: oauth.Client = { client_id: id };
    const proof = oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
    const got = await oauth.clientCredentialsGrantRequest(as, client, proof, { scope: 'read:funds' }, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, got);
    const wanted = { subject_token: token, subject_token_type: accessTokenType };
    const made = await oauth.genericTokenEndpointRequest(as, client, proof, exchangeGrant, wanted, insecure);
    const narrow = await oauth.processGenericTokenEndpointResponse(as, client, made);
    const asked = await oauth.introspectionRequest(as, client, proof, narrow.access_token, insecure);
    expect(await oauth.processIntrospectionResponse(as, client, asked)).toMatchObject({ active: true });
    const revoked = await oauth.revocationRequest(as, client, proof, token, insecure);
    await oauth.processRevocationResponse(revoked);
    expect((await call(server, '/v1/self', narrow.access_token)).status).toBe(401);

    const options = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' as const };
    const authentication = openid.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
    const config = await openid.discovery(at, id, undefined, authentication, options);
    const { access_token } = await openid.clientCredentialsGrant(config, { scope: 'read:funds' });
    expect((await call(server, '/v1/check?permissions=read:funds', access_token)).status).toBe(200);
  });

  it.each([
    ['a private key', async () => ({ ...(await newKey()).jwk, d: 'AAAA' }), /private/],
    ['a shared key', async () => ({ kty: 'oct', k: 'AAAA' }), /private or a shared/],
    ['a key for another algorithm', async () => ({ ...(await newKey()).jwk, alg: 'RS512' }), /algorithm/],
    ['a key for encryption', async () => ({ ...(await newKey()).jwk, use: 'enc' }), /not for signatures/],
    ['a damaged key', async () => ({ ...(await newKey('ES256')).jwk, y: 'AAAA' }), /damaged/],
    ['a key of another curve', async () => ({ ...(await newKey('ES512')).jwk, alg: undefined }), /P-256 or P-384/],
    ['what is no key', async () => 'key', /must be object|object/],
  ])('takes no %s, and says what is wrong with which', async (_, jwk, says) => {
    const { id } = await apiUserClient(server);
    const body = { name: 'Laptop', issuer: null, jwks: { keys: [(await newKey()).jwk, await jwk()] } };
    const { status, text } = await callNative(
      server,
      'POST',
      `/v1/api-users/${id}/federated-credentials`,
      bearer,
      body,
    );
    expect(status).toBe(400);
    expect(text).toMatch(says);
  });
});

describe('two nodes', () => {
  it('take one assertion once between them [S42]', async () => {
    const nodes = await startNodes(2, 'postgres', true);
    try {
      const { core } = nodes.node(0).server;
      const key = await newKey('ES256');
      const { apiUser } = await core.createApiUser(nodes.owner, { name: 'Robot', role: 'member' });
      const keys = { issuer: null, jwks: { keys: [key.jwk] } };
      await core.createFederatedCredential(nodes.owner, apiUser.id, { name: 'Own', ...keys });
      for (let round = 0; round < 5; round += 1) {
        // Each node has an address of its own, so the assertion is for both.
        const seconds = Math.floor(Date.now() / 1000);
        const aud = nodes.all.map(({ url }) => url);
        const claims = { iss: apiUser.id, sub: apiUser.id, aud, jti: crypto.randomUUID(), exp: seconds + 60 };
        const jwt = await sign(claims, key);
        const ask = (node: number) => {
          const parameters = { grant_type: 'client_credentials', ...shownWith(apiUser.id, jwt) };
          return post(nodes.node(node), '/oauth/token', parameters);
        };
        const answers = await Promise.all([0, 1, 0, 1].map(ask));
        expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
        expect((await ask(round % 2)).status).toBe(401);
      }
    } finally {
      await nodes.stop();
    }
  });
});
