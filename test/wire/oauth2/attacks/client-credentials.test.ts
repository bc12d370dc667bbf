// Attacks on clients that act for themselves (RFC 6749 section 10.1, RFC 7523 section 3, RFC 9700 section 4.8) that are not met
// elsewhere: assertions that are used again somewhere else, credentials of other kinds, and places where none is read.
// docs/standards.md lists all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyHolder, proofBy } from '../../../dpop.ts';
import { startServer, type TestServer } from '../../../server.ts';
import { bearerOf, call as callNative } from '../../native/calls.ts';
import { apiTokenClient, apiUserClient, basic, type Client, claimsOf, post, tokenFor } from '../clients.ts';
import { newKey, type SigningKey, sign } from '../issuer.ts';

let server: TestServer;
let client: Client;
let key: SigningKey;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds'] });
  client = await apiUserClient(server);
  key = await newKey('ES256');
  const path = `/v1/api-users/${client.id}/federated-credentials`;
  const trusted = { name: 'Laptop', issuer: null, jwks: { keys: [key.jwk] } };
  const made = await callNative(server, 'POST', path, await bearerOf(server, server.owner), trusted);
  expect(made.status, made.text).toBe(201);
});
afterAll(() => server?.stop());

const invalidClient = { status: 401, body: { error: 'invalid_client' } };
const grant = { grant_type: 'client_credentials' };

const assertion = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key) => {
  const seconds = Math.floor(server.clock.now() / 1000);
  const usual = { iss: client.id, sub: client.id, aud: server.url, jti: crypto.randomUUID() };
  return sign({ ...usual, iat: seconds, exp: seconds + 60, ...claims }, by, header);
};
const shown = (jwt: string) => ({
  client_id: client.id,
  client_assertion: jwt,
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
});

describe('an assertion', () => {
  it('that was used at one endpoint is of no use at another, whichever comes first [S42]', async () => {
    const token = await tokenFor(server, client);
    const uses: [string, Record<string, string>][] = [
      ['/oauth/token', grant],
      ['/oauth/introspect', { token }],
      ['/oauth/revoke', { token: 'x' }],
    ];
    for (const [first, parameters] of uses) {
      const jwt = await assertion();
      expect((await post(server, first, { ...parameters, ...shown(jwt) })).status, first).toBe(200);
      for (const [path, more] of uses) {
        expect(await post(server, path, { ...more, ...shown(jwt) }), `${path} after ${first}`).toMatchObject(
          invalidClient,
        );
      }
    }
  });

  it('is used up by one of many who race with it, and stays so over a restart [S42]', async () => {
    const jwt = await assertion();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => post(server, '/oauth/token', { ...grant, ...shown(jwt) })),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    await server.restart();
    expect(await post(server, '/oauth/token', { ...grant, ...shown(jwt) })).toMatchObject(invalidClient);
  });

  it('is none by the name of something else: an access token, a proof, a key that it brings', async () => {
    const foreign = await newKey('ES256');
    const proof = proofBy(keyHolder(), { method: 'POST', url: `${server.url}/oauth/token`, now: server.clock.now() });
    const others: Record<string, string> = {
      'an access token': await tokenFor(server, client),
      'a proof of possession': proof,
      'a key in the header': await assertion({}, { jwk: foreign.jwk }, foreign),
      'a key at an address': await assertion({}, { jku: 'https://evil.example/keys' }, foreign),
      'the id of the right key': await assertion({}, {}, { ...foreign, kid: key.kid }),
      'no signature': `${(await assertion()).split('.').slice(0, 2).join('.')}.`,
      'another server': await assertion({ aud: 'https://evil.example' }),
    };
    for (const [name, jwt] of Object.entries(others)) {
      expect(await post(server, '/oauth/token', { ...grant, ...shown(jwt) }), name).toMatchObject(invalidClient);
    }
  });

  it('gives nothing to who adds a secret, another client or another person to it', async () => {
    const other = await apiUserClient(server);
    for (const more of [{ client_secret: client.secret }, { client_id: other.id }]) {
      const { status, body } = await post(server, '/oauth/token', { ...grant, ...shown(await assertion()), ...more });
      expect([400, 401]).toContain(status);
      expect(['invalid_request', 'invalid_client']).toContain(body.error);
    }
    const header = { authorization: basic(other) };
    const both = await post(server, '/oauth/token', { ...grant, ...shown(await assertion()) }, null, header);
    expect(both).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const named = await post(server, '/oauth/token', {
      ...grant,
      ...shown(await assertion()),
      sub: other.id,
      username: 'x',
    });
    expect(claimsOf(named.body.access_token).sub).toBe(client.id);
  });
});

describe('a client', () => {
  it('is not let in by what lets somebody in elsewhere', async () => {
    const apiToken = await apiTokenClient(server);
    const access = await tokenFor(server, client);
    const wrong: Client[] = [
      { id: client.id, secret: access },
      { id: client.id, secret: apiToken.secret },
      { id: apiToken.id, secret: client.secret },
      { id: apiToken.tokenId, secret: apiToken.secret },
      { id: server.owner.email, secret: server.owner.password },
      { id: server.owner.id, secret: server.owner.password },
      { id: server.organization.id, secret: client.secret },
    ];
    for (const one of wrong)
      expect(await post(server, '/oauth/token', grant, one), one.id).toMatchObject(invalidClient);
    for (const token of [access, apiToken.secret]) {
      const header = { authorization: `Bearer ${token}` };
      expect(await post(server, '/oauth/token', grant, null, header)).toMatchObject(invalidClient);
    }
  });

  it('is not read from an address, where logs and histories would keep it (RFC 9700 section 4.3)', async () => {
    const query = new URLSearchParams({ ...grant, client_id: client.id, client_secret: client.secret });
    const inAddress = await post(server, `/oauth/token?${query}`, {});
    expect([inAddress.status, inAddress.body.error]).toEqual([400, 'invalid_request']);
    expect((await fetch(`${server.url}/oauth/token?${query}`)).status).toBe(405);
    expect(server.logs()).not.toContain(client.secret);
  });

  it('is told apart from nobody: not by words, nor by what is told of the scope or the API that it wants [S21]', async () => {
    const answers = [];
    for (const id of [client.id, crypto.randomUUID(), 'x', `${client.id} `]) {
      for (const more of [{}, { scope: 'read:nothing' }, { resource: 'https://nowhere.example' }] as Record<
        string,
        string
      >[]) {
        const { status, body } = await post(server, '/oauth/token', { ...grant, ...more }, { id, secret: 'wrong' });
        answers.push(JSON.stringify([status, body]));
      }
    }
    expect(new Set(answers).size).toBe(1);
  });
});
