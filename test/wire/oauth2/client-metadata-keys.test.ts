// Clients that describe themselves and sign their own proofs (private_key_jwt): with keys that are in the document or at an address
// that it names, at every endpoint where a client says who it is.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationList } from '../../../sdk/src/wire.ts';
import { idOfClient } from '../../../server/src/core/tokens/client-metadata/client-url.ts';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { call as ask, bearerOf } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { authorize, codeFor, pkce, requestOf, type TestApplication } from './application-flow.ts';
import { type ClientHost, startClientHost } from './client-host.ts';
import { call, claimsOf, type OAuthAnswer, post } from './clients.ts';
import { newKey, type SigningKey, sign } from './issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const method = { token_endpoint_auth_method: 'private_key_jwt' };

describe('a client that describes itself and its keys', () => {
  const clock = testClock();
  let host: ClientHost;
  let server: TestServer;
  let page: Page;
  let key: SigningKey;
  let made = 0;

  beforeAll(async () => {
    host = await startClientHost();
    server = await startServer({
      clock,
      permissions: ['read:funds'],
      outbound: host.outbound,
      clientMetadata: { hosts: [host.host], permissions: ['read:*'] },
    });
    page = await signedIn(server, server.owner);
    key = await newKey('ES256');
  });
  afterAll(async () => {
    await server.stop();
    await host.stop();
  });
  beforeEach(() => {
    made += 1;
    host.asked.length = 0;
  });

  const publish = (path: string, ...keys: SigningKey[]) => {
    const text = JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
    host.answers.set(path, (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text));
    return `${host.url}${path}`;
  };
  const newClient = (document: Record<string, unknown>) =>
    host.client(`/${made}/client.json`, { ...method, ...document });
  const withKeys = () => newClient({ jwks: { keys: [key.jwk] } });

  async function shown({ id }: Pick<TestApplication, 'id'>, claims: Record<string, unknown> = {}, by = key) {
    const seconds = Math.floor(clock.now() / 1000);
    const usual = { iss: id, sub: id, aud: server.url, jti: crypto.randomUUID(), iat: seconds, exp: seconds + 60 };
    const jwt = await sign({ ...usual, ...claims }, by);
    return { client_id: id, client_assertion: jwt, client_assertion_type: assertionType };
  }

  async function redeem(client: TestApplication, proof: Record<string, string>, at = page): Promise<OAuthAnswer> {
    const { code, verifier } = await codeFor(server, client, {}, at);
    const of = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: verifier };
    return post(server, '/oauth/token', { ...of, ...proof });
  }
  const renew = (token: string, proof: Record<string, string>) =>
    post(server, '/oauth/token', { grant_type: 'refresh_token', refresh_token: token, ...proof });
  const said = ({ status, body }: OAuthAnswer) => [status, body.error];
  /** Who is known has a refresh token that is not good. */
  const isKnown = async (proof: Record<string, string>) => {
    const answer = await renew('none', proof);
    if (answer.status === 400) return answer.body.error === 'invalid_grant';
    expect(said(answer)).toEqual([401, 'invalid_client']);
    return false;
  };

  it.each([
    ['in it', false],
    ['at an address that it names', true],
  ])('gets, renews and ends tokens by a proof of keys %s, and asks about its own', async (_, isNamed) => {
    const path = `/${made}/keys`;
    const client = isNamed ? newClient({ jwks_uri: publish(path, key) }) : withKeys();
    const { status, body } = await redeem(client, await shown(client));
    expect([status, body.scope]).toEqual([200, 'read:funds']);
    expect(claimsOf(body.access_token)).toMatchObject({ client_id: client.id, sub: server.owner.id });
    const renewed = await renew(body.refresh_token, await shown(client, { aud: `${server.url}/oauth/token` }));
    expect(renewed.status).toBe(200);
    const { access_token: token } = renewed.body;
    const told = await post(server, '/oauth/introspect', { token, ...(await shown(client)) });
    expect(told.body).toMatchObject({ active: true, client_id: client.id });
    expect((await post(server, '/oauth/revoke', { token, ...(await shown(client)) })).status).toBe(200);
    await expect.poll(async () => (await call(server, '/v1/check', token)).status).toBe(401);
    expect(host.asked).toEqual(isNamed ? [`/${made}/client.json`, path] : [`/${made}/client.json`]);
    const { body: list } = await ask<ApplicationList>(
      server,
      'GET',
      '/v1/applications?limit=200',
      await bearerOf(server, server.owner),
    );
    expect(list.items.find(({ metadataUrl }) => metadataUrl === client.id)).toMatchObject({
      type: 'confidential',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: isNamed ? host.url + path : null,
      jwks: isNamed ? null : { keys: [{ kid: key.kid }] },
    });
  });

  it('is nobody by its address alone, by a secret, or by a proof of anything else [S45]', async () => {
    const client = withKeys();
    const other = host.client(`/${made}/other.json`, { ...method, jwks: { keys: [key.jwk] } });
    const seconds = Math.floor(clock.now() / 1000);
    const kept = idOfClient(client.id);
    expect(await isKnown(await shown(client))).toBe(true);
    for (const [what, proof] of Object.entries({
      nothing: { client_id: client.id },
      'a secret': { client_id: client.id, client_secret: 'x' },
      'another key': await shown(client, {}, { ...(await newKey('ES256')), kid: key.kid }),
      'the name of another': await shown(client, { iss: other.id, sub: other.id }),
      'a proof of another': { ...(await shown(other)), client_id: client.id },
      'another server': await shown(client, { aud: 'https://other.example' }),
      'the id that it is kept under': { ...(await shown(client, { iss: kept, sub: kept })), client_id: kept },
      'a year to come': await shown(client, { exp: seconds + 365 * 86_400 }),
    })) {
      expect([what, await isKnown(proof as Record<string, string>)]).toEqual([what, false]);
    }
    const once = await shown(client);
    expect([await isKnown(once), await isKnown(once)]).toEqual([true, false]);
    // One without keys proves nothing by them.
    const open = host.client(`/${made}/open.json`, { jwks: { keys: [key.jwk] } });
    expect(await isKnown(await shown(open))).toBe(false);
    expect(await isKnown({ client_id: open.id })).toBe(true);
  });

  it('is known by the keys that it has now: others in their place count once its document is read anew', async () => {
    const client = withKeys();
    const { body } = await redeem(client, await shown(client));
    const next = await newKey('EdDSA');
    newClient({ jwks: { keys: [next.jwk] } });
    expect(await isKnown(await shown(client))).toBe(true);
    clock.advance(6 * 60_000);
    expect(await isKnown(await shown(client))).toBe(false);
    expect((await renew(body.refresh_token, await shown(client, {}, next))).status).toBe(200);
  });

  it('is not known by keys elsewhere than where such clients may be, and nothing is asked there [S126]', async () => {
    for (const jwks_uri of [
      `${host.url.replace('127.0.0.1', 'localhost')}/keys`,
      'https://169.254.169.254/keys',
      'https://[::1]/keys',
      'http://client.example/keys',
      'https://user:password@client.example/keys',
    ]) {
      made += 1;
      const client = newClient({ jwks_uri });
      expect([jwks_uri, await isKnown(await shown(client))]).toEqual([jwks_uri, false]);
      expect((await authorize(server, requestOf(client, pkce().challenge))).status).toBe(400);
    }
    expect(host.asked.filter((path) => path.endsWith('/keys'))).toEqual([]);
  });

  it('is told that its keys cannot be read, which is nobody’s fault, and of what was answered nothing', async () => {
    host.answers.set('/broken', (response) => response.writeHead(500).end('a canary'));
    const client = newClient({ jwks_uri: `${host.url}/broken` });
    const answer = await renew('none', await shown(client));
    expect(said(answer)).toEqual([503, 'temporarily_unavailable']);
    expect(JSON.stringify(answer.body)).not.toContain('canary');
  });

  it.each([
    ['no keys', {}, 'neither jwks nor jwks_uri'],
    ['an empty set', { jwks: { keys: [] } }, 'its keys are not taken'],
    ['keys in two places', { jwks: { keys: [] }, jwks_uri: 'https://a.example/' }, 'its keys are not taken'],
    ['a private key', { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', d: 'AAAA' }] } }, 'its keys are not'],
    ['a shared key', { jwks: { keys: [{ kty: 'oct', k: 'aHVudGVyMg' }] } }, 'its keys are not taken'],
    ['an address of no text', { jwks_uri: 7 }, 'its jwks_uri is no address'],
  ])('is not known by a document with %s, and the log says what is wrong', async (_, document, why) => {
    const client = newClient(document);
    expect((await authorize(server, requestOf(client, pkce().challenge))).status).toBe(400);
    await expect
      .poll(() =>
        server
          .logs()
          .split('\n')
          .find((line) => line.includes(client.id)),
      )
      .toContain(why);
    expect(server.logs()).not.toContain('aHVudGVyMg');
  });
});
