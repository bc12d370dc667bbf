// POST /oauth/token with client_credentials: who gets which token, and what it says.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import {
  apiTokenClient,
  apiUserClient,
  basic,
  type Client,
  call,
  claimsOf,
  headerOf,
  type OAuthAnswer,
  post,
  sealedType,
  tokenFor,
} from './clients.ts';

const permissions = ['read:funds', 'write:funds', 'read:reports'];

describe.each(['sqlite', 'postgres'] as const)('client credentials on %s', (database) => {
  let server: TestServer;
  let client: Client & { username: string };

  beforeAll(async () => {
    server = await startServer({ database, permissions });
    await server.core.createApi(server.asOwner, {
      handle: 'orders',
      name: 'Orders',
      identifier: 'https://orders.example/v1',
    });
    client = await apiUserClient(server);
  });
  afterAll(() => server.stop());

  const ask = (parameters: Record<string, string> | string = {}, by: Client | null = client): Promise<OAuthAnswer> =>
    post(
      server,
      '/oauth/token',
      typeof parameters === 'string' ? parameters : { grant_type: 'client_credentials', ...parameters },
      by,
    );

  it('gives an API user a JWT as RFC 9068 has it, for the default API and an hour', async () => {
    const { status, headers, body } = await ask({ scope: 'read:funds write:funds' });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'read:funds write:funds',
    });
    expect(headerOf(body.access_token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    const iat = Math.floor(server.clock.now() / 1000);
    expect(claimsOf(body.access_token)).toEqual({
      iss: server.url,
      aud: server.url,
      sub: client.id,
      client_id: client.id,
      scope: 'read:funds write:funds',
      jti: expect.any(String),
      iat,
      exp: iat + 3600,
      bsrc: expect.stringMatching(`^api_user:${client.id}:`),
    });
  });

  it('takes an API user by its id or its username, an API token by its public id, in the header or in the body', async () => {
    const token = await apiTokenClient(server);
    for (const { id, secret } of [client, { ...client, id: client.username }, token]) {
      expect((await ask({}, { id, secret })).status).toBe(200);
      expect((await ask({ client_id: id, client_secret: secret }, null)).status).toBe(200);
      expect((await ask({ client_id: id }, { id, secret })).status).toBe(200);
    }
    expect(claimsOf(await tokenFor(server, token))).toMatchObject({ client_id: token.id, sub: token.tokenId });
  });

  it('gives no more than the scope that was asked for, which bounds every check', async () => {
    const token = await tokenFor(server, client, { scope: 'read:funds' });
    expect((await call(server, '/v1/check?permissions=read:funds', token)).status).toBe(200);
    expect((await call(server, '/v1/check?permissions=write:funds', token)).status).toBe(403);
    // The role holds it, the token does not.
    expect((await call(server, '/v1/users', token)).status).toBe(403);
    const self = (await (await call(server, '/v1/self', token)).json()) as Record<string, unknown>;
    expect(self).toMatchObject({ id: client.id, permissions: ['read:funds'], apis: ['default'] });
  });

  it('gives all that the client may do where no scope is named, and nothing to a client that may do nothing [S48]', async () => {
    expect((await ask()).body.scope).toBe('*:*');
    const narrow = await apiTokenClient(server, { permissions: ['read:reports'] });
    expect((await ask({}, narrow)).body.scope).toBe('read:reports');
    await server.core.createRole(server.asOwner, { name: `nothing-${database}`, permissions: [] });
    const nobody = await apiUserClient(server, `nothing-${database}`);
    const { body } = await ask({}, nobody);
    expect(body.scope).toBe('');
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(403);
  });

  it('refuses a scope that no API knows, that the client lacks, that is empty or misshapen: invalid_scope [S48]', async () => {
    const narrow = await apiTokenClient(server, { permissions: ['read:funds'] });
    for (const [scope, by] of [
      ['read:nothing', client],
      ['write:funds', narrow],
      ['read:funds write:funds', narrow],
      ['*:*', narrow],
      ['read:*', narrow],
      [' ', client],
      ['openid', client],
      ['read:funds,write:funds', client],
      ['read:funds "', client],
      ['create:user', narrow],
    ] as const) {
      const { status, body } = await ask({ scope }, by);
      expect(body, scope).toEqual({ error: 'invalid_scope', error_description: expect.any(String) });
      expect(status).toBe(400);
    }
  });

  it('never gives a client of a customer what the customer is not entitled to', async () => {
    const customer = await server.addOrganization(`customer-${database}`);
    const theirs = await apiUserClient(server, 'admin', customer.owner.caller);
    await server.core.updateOrganization(server.asOwner, customer.id, { entitlement: ['read:funds'] });
    expect((await ask({ scope: 'read:funds' }, theirs)).status).toBe(200);
    expect((await ask({ scope: 'read:reports' }, theirs)).body.error).toBe('invalid_scope');
    const { body } = await ask({}, theirs);
    expect(body.scope.split(' ')).toContain('read:funds');
    expect(body.scope.split(' ')).not.toContain('*:*');
  });

  it('makes the token for the API that resource names, and for no other [S51]', async () => {
    const token = await tokenFor(server, client, { resource: 'https://orders.example/v1' });
    expect(claimsOf(token).aud).toBe('https://orders.example/v1');
    expect((await call(server, '/v1/check?api=orders', token)).status).toBe(200);
    expect((await call(server, '/v1/check', token)).status).toBe(403);
    expect((await call(server, '/v1/self', token)).status).toBe(403);
    const usual = await tokenFor(server, client);
    expect((await call(server, '/v1/check', usual)).status).toBe(200);
    expect((await call(server, '/v1/check?api=orders', usual)).status).toBe(403);
  });

  it('refuses a resource that is no API, or not the client’s: invalid_target', async () => {
    const bound = await apiTokenClient(server, { apis: ['orders'] });
    expect(claimsOf(await tokenFor(server, bound)).aud).toBe('https://orders.example/v1');
    for (const [resource, by] of [
      ['https://nobody.example', client],
      ['https://orders.example/v1/', client],
      ['orders', client],
      ['https://orders.example/v1#x', client],
      [server.url, bound],
    ] as const) {
      const { status, body } = await ask({ resource }, by);
      expect(body, resource).toEqual({ error: 'invalid_target', error_description: expect.any(String) });
      expect(status).toBe(400);
    }
  });

  it('ends the token with its source, at once', async () => {
    const machine = await apiUserClient(server);
    const token = await tokenFor(server, machine);
    expect((await call(server, '/v1/check', token)).status).toBe(200);
    await server.core.deactivateApiUser(server.asOwner, machine.id);
    expect((await call(server, '/v1/check', token)).status).toBe(401);
    expect((await ask({}, machine)).status).toBe(401);
  });

  it('ends the token when its time is over, and with the API token that it was made from', async () => {
    const expiresAt = server.clock.now() + 1_800_000;
    const short = await apiTokenClient(server, { expiresAt });
    const { body } = await ask({}, short);
    expect(body.expires_in).toBeLessThanOrEqual(1800);
    expect((await ask({ expires_in: '60' })).body.expires_in).toBe(60);
    for (const wrong of ['59', '86401', '1.5', '-60', '1e3', 'x'])
      expect((await ask({ expires_in: wrong })).body.error, wrong).toBe('invalid_request');
  });

  it('seals the token on request, which then says nothing and counts the same', async () => {
    const token = await tokenFor(server, client, { requested_token_type: sealedType, scope: 'read:funds' });
    expect(token).toMatch(/^AT1[\w-]+$/);
    expect((await call(server, '/v1/check?permissions=read:funds', token)).status).toBe(200);
    expect((await call(server, '/v1/check?permissions=write:funds', token)).status).toBe(403);
    expect((await call(server, '/v1/check?api=orders', token)).status).toBe(403);
    expect((await ask({ requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' })).body.error).toBe(
      'invalid_request',
    );
  });

  it('gives no password grant, and none that it does not know [S44]', async () => {
    for (const grant_type of ['password', 'implicit', 'refresh', 'client_credentials ', '__proto__', 'toString']) {
      const { status, body } = await ask({ grant_type, username: 'a', password: 'b' });
      expect(status, grant_type).toBe(400);
      expect(['unsupported_grant_type', 'invalid_request']).toContain(body.error);
      if (grant_type === 'password') expect(body.error).toBe('unsupported_grant_type');
    }
    const metadata = await (await fetch(`${server.url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ grant_types_supported: expect.not.arrayContaining(['password']) });
  });

  it('refuses repeated and empty parameters, and ignores those that it does not know [S46]', async () => {
    const good = 'grant_type=client_credentials';
    for (const bad of [
      `${good}&${good}`,
      `${good}&scope=read%3Afunds&scope=read%3Afunds`,
      `${good}&resource=a&resource=b`,
      `${good}&x=1&x=2`,
      `${good}&scope=`,
      `${good}&resource`,
      'grant_type=',
      '',
    ]) {
      const { status, body } = await ask(bad);
      expect(body, bad).toEqual({ error: 'invalid_request', error_description: expect.any(String) });
      expect(status).toBe(400);
    }
    expect((await ask(`${good}&foo=bar&redirect_uri=x&id=7&tenantId=1`)).status).toBe(200);
  });

  it('answers every client that is not accepted alike: 401 invalid_client with a challenge [S21, S45]', async () => {
    const other = await apiTokenClient(server);
    const direct = await apiTokenClient(server, { use: 'direct' });
    const wrong: [string, Client][] = [
      ['no such API user', { ...client, id: '00000000-0000-4000-8000-000000000001' }],
      ['a wrong password', { ...client, secret: 'wrong' }],
      ['another’s public id', { ...other, id: direct.id }],
      ['a token that cannot be exchanged', direct],
      ['an API token as an API user', { id: client.id, secret: other.secret }],
      ['a person', { id: server.member.email, secret: server.member.password }],
      ['a long id', { id: 'x'.repeat(4000), secret: 'y' }],
    ];
    for (const [name, { id, secret }] of wrong) {
      for (const answer of [await ask({}, { id, secret }), await ask({ client_id: id, client_secret: secret }, null)]) {
        expect(answer.status, name).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Basic realm="keyward", charset="UTF-8"');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.body, name).toEqual({
          error: 'invalid_client',
          error_description: 'The client was not accepted.',
        });
      }
    }
    expect(await ask({}, null)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await ask({ client_id: client.id }, null)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('refuses two ways of authenticating at once [S6, S45]', async () => {
    const { id, secret } = client;
    for (const parameters of [
      { client_id: id, client_secret: secret },
      { client_secret: secret },
      { client_id: 'other' },
    ]) {
      expect(await ask(parameters as unknown as Record<string, string>)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    }
  });

  it('knows an API token by its public id wherever a client says who it is, and by one way alone there too [S45]', async () => {
    const [token, other] = [await apiTokenClient(server), await apiTokenClient(server)];
    const { id, secret } = token;
    const at = (path: string, more: Record<string, string>, by: Client | null) =>
      post(server, path, { grant_type: 'client_credentials', token: 'x', ...more }, by);
    for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke']) {
      expect([path, (await at(path, {}, token)).status]).toEqual([path, 200]);
      expect([path, (await at(path, { client_id: id, client_secret: secret }, null)).status]).toEqual([path, 200]);
      // Its secret beside another’s public id, beside its own UUID, and without an id.
      for (const wrong of [
        { id: other.id, secret },
        { id: token.tokenId, secret },
        { id: secret, secret },
      ]) {
        const { status, body } = await at(path, {}, wrong);
        expect([path, status, body.error]).toEqual([path, 401, 'invalid_client']);
      }
      expect((await at(path, { client_secret: secret }, null)).body.error).toBe('invalid_client');
      const assertion = {
        client_assertion: 'a.b.c',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      };
      for (const [more, by] of [
        [{ client_id: id, client_secret: secret }, token],
        [{ client_secret: secret }, token],
        [{ client_id: other.id }, token],
        [{ client_id: id, ...assertion }, token],
        [{ client_id: id, client_secret: secret, ...assertion }, null],
      ] as const) {
        const { status, body } = await at(path, more, by);
        expect([path, status, body.error]).toEqual([path, 400, 'invalid_request']);
      }
      const alone = await at(path, { client_id: id, ...assertion }, null);
      expect([path, alone.status, alone.body.error]).toEqual([path, 401, 'invalid_client']);
    }
  });

  it('decodes both parts of Basic as a form has them [S45]', async () => {
    const encoded = [...client.secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    const headers = { authorization: `Basic ${Buffer.from(`${client.id}:${encoded}`).toString('base64')}` };
    expect((await post(server, '/oauth/token', { grant_type: 'client_credentials' }, null, headers)).status).toBe(200);
    for (const text of ['%', `${client.id}:%zz`, `${client.id}:%ff`, `${client.id}`, ':', `${client.id}:%00`]) {
      const bad = { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
      const answer = await post(server, '/oauth/token', { grant_type: 'client_credentials' }, null, bad);
      expect(answer, text).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
    for (const authorization of ['Basic', 'Basic !', `Bearer ${client.secret}`, `${basic(client)}=`, 'Digest a="b"']) {
      const answer = await post(server, '/oauth/token', { grant_type: 'client_credentials' }, null, { authorization });
      expect(answer, authorization).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
  });

  it('takes forms alone, and only by POST', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await post(server, '/oauth/token', '{"grant_type":"client_credentials"}', client, json)).toMatchObject({
      status: 415,
      body: { error: 'invalid_request' },
    });
    expect((await fetch(`${server.url}/oauth/token`)).status).toBe(405);
    expect((await post(server, '/oauth/token?grant_type=client_credentials', 'scope=a', client)).status).toBe(400);
    expect((await post(server, '/oauth/nothing', 'a=b', client)).status).toBe(404);
  });

  it('is described by metadata whose addresses are never the request’s [S40]', async () => {
    const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toMatchObject({
      issuer: server.url,
      token_endpoint: `${server.url}/oauth/token`,
      jwks_uri: `${server.url}/.well-known/jwks.json`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'],
    });
  });

  it('says to a client from another address than its own no more than to a stranger', async () => {
    const bound = await apiTokenClient(server, { addresses: ['203.0.113.0/24'] });
    expect(await ask({}, bound)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
