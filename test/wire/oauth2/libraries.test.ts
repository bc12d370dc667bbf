// Clients and resource servers that others wrote, unmodified: they find everything by the metadata, get tokens, use, exchange,
// introspect and revoke them, and check them by the published keys.

import type { AddressInfo } from 'node:net';
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { accessTokenType, apiTokenClient, apiUserClient, type Client, call, exchangeGrant } from './clients.ts';

const api = 'https://orders.example';
const insecure = { [oauth.allowInsecureRequests]: true } as const;

describe('libraries', () => {
  let server: TestServer;
  let clients: { id: string; secret: string }[];

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    await server.core.createApi(server.asOwner, { handle: 'orders', name: 'Orders', identifier: api });
    const apiUser = await apiUserClient(server);
    clients = [apiUser, { ...apiUser, id: apiUser.username }, await apiTokenClient(server)];
  });
  afterAll(() => server.stop());

  const one = () => clients[0] as Client;

  it.each(['Basic', 'Post'] as const)(
    'oauth4webapi gets, uses, exchanges, introspects and revokes (%s)',
    async (way) => {
      const issuer = new URL(server.url);
      const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
      const as = await oauth.processDiscoveryResponse(issuer, found);
      for (const { id, secret } of clients) {
        const client: oauth.Client = { client_id: id };
        const authentication = way === 'Basic' ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret);
        const parameters = new URLSearchParams({ scope: 'read:funds verify:credential', resource: server.url });
        const got = await oauth.clientCredentialsGrantRequest(as, client, authentication, parameters, insecure);
        const { access_token: token, token_type } = await oauth.processClientCredentialsResponse(as, client, got);
        expect(token_type).toBe('bearer');
        const used = await oauth.protectedResourceRequest(
          token,
          'GET',
          new URL('/v1/check', server.url),
          undefined,
          null,
          insecure,
        );
        expect(used.status).toBe(200);

        const wanted = { subject_token: token, subject_token_type: accessTokenType, scope: 'read:funds' };
        const exchanged = await oauth.genericTokenEndpointRequest(
          as,
          client,
          authentication,
          exchangeGrant,
          wanted,
          insecure,
        );
        const narrow = await oauth.processGenericTokenEndpointResponse(as, client, exchanged);
        expect(narrow.scope).toBe('read:funds');

        const asked = await oauth.introspectionRequest(as, client, authentication, narrow.access_token, insecure);
        expect(await oauth.processIntrospectionResponse(as, client, asked)).toMatchObject({
          active: true,
          scope: 'read:funds',
        });
        const revoked = await oauth.revocationRequest(as, client, authentication, token, insecure);
        await oauth.processRevocationResponse(revoked);
        const again = await oauth.introspectionRequest(as, client, authentication, narrow.access_token, insecure);
        expect(await oauth.processIntrospectionResponse(as, client, again)).toEqual({ active: false });

        const refused = await oauth.clientCredentialsGrantRequest(
          as,
          client,
          authentication,
          { scope: 'no:such' },
          insecure,
        );
        await expect(oauth.processClientCredentialsResponse(as, client, refused)).rejects.toMatchObject({
          error: 'invalid_scope',
        });
      }
    },
  );

  it('oauth4webapi and openid-client get and use tokens that are bound to a key, and answer nonces by themselves', async () => {
    const { id, secret } = one();
    const issuer = new URL(server.url);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    const client: oauth.Client = { client_id: id };
    const keys = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(client, keys);
    const options = { DPoP, ...insecure };
    const ask = async () => {
      const by = oauth.ClientSecretBasic(secret);
      const got = await oauth.clientCredentialsGrantRequest(as, client, by, { scope: 'read:funds' }, options);
      return oauth.processClientCredentialsResponse(as, client, got);
    };
    const { access_token: token, token_type } = await ask().catch((error) => {
      expect(oauth.isDPoPNonceError(error)).toBe(true);
      return ask();
    });
    expect(token_type).toBe('dpop');
    const check = new URL('/v1/check?permissions=read:funds', server.url);
    const used = await oauth.protectedResourceRequest(token, 'GET', check, undefined, null, options);
    expect(used.status).toBe(200);
    expect((await call(server, '/v1/check', token)).status).toBe(401);

    const config = await openid.discovery(issuer, id, secret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    for (const alg of ['ES256', 'Ed25519', 'RS256', 'PS256']) {
      const handle = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg));
      const bound = await openid.clientCredentialsGrant(config, { scope: 'read:funds' }, { DPoP: handle });
      expect(bound.token_type).toBe('dpop');
      const answer = await openid.fetchProtectedResource(config, bound.access_token, check, 'GET', null, undefined, {
        DPoP: handle,
      });
      expect(answer.status).toBe(200);
      expect(await openid.tokenIntrospection(config, bound.access_token)).toMatchObject({ token_type: 'DPoP' });
    }
  });

  it('openid-client discovers, gets, introspects and revokes', async () => {
    const { id, secret } = one();
    const config = await openid.discovery(new URL(server.url), id, secret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read:funds' });
    expect((await call(server, '/v1/check?permissions=read:funds', token)).status).toBe(200);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: 'read:funds' });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
    expect((await call(server, '/v1/check', token)).status).toBe(401);
  });

  it('jose and express-oauth2-jwt-bearer check a token by the published keys, for their own API alone [S51]', async () => {
    const { id, secret } = one();
    const config = await openid.discovery(new URL(server.url), id, secret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read:funds', resource: api });
    const { access_token: other } = await openid.clientCredentialsGrant(config, { scope: 'read:funds' });
    const jwksUri = config.serverMetadata().jwks_uri ?? '';
    const keys = createRemoteJWKSet(new URL(jwksUri));
    const rules = { issuer: server.url, audience: api, typ: 'at+jwt' };
    expect((await jwtVerify(token, keys, rules)).payload).toMatchObject({ scope: 'read:funds', client_id: id });
    await expect(jwtVerify(other, keys, rules)).rejects.toThrow(/aud/);

    const app = express();
    app.use(auth({ issuer: server.url, jwksUri, audience: api, tokenSigningAlg: 'ES256', strict: true }));
    app.get('/funds', requiredScopes('read:funds'), (_request, response) => void response.sendStatus(204));
    app.get('/more', requiredScopes('write:funds'), (_request, response) => void response.sendStatus(204));
    const guarded = app.listen(0, '127.0.0.1');
    try {
      await new Promise((listening) => guarded.once('listening', listening));
      const url = `http://127.0.0.1:${(guarded.address() as AddressInfo).port}`;
      expect((await call({ url }, '/funds', token)).status).toBe(204);
      expect((await call({ url }, '/more', token)).status).toBe(403);
      expect((await call({ url }, '/funds', other)).status).toBe(401);
    } finally {
      guarded.close();
    }
  });
});
