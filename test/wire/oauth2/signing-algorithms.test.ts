// What access tokens for an API are signed with is the API's choice: its keys are made, published, checked and rotated as any.

import type { AddressInfo } from 'node:net';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../sdk/src/index.ts';
import { startServer, type TestServer } from '../../server.ts';
import { grantedTo, register } from './application-flow.ts';
import { apiTokenClient, apiUserClient, type Client, call, headerOf, tokenFor } from './clients.ts';

const algorithms = ['RS256', 'EdDSA'] as const;
const identifierOf = (algorithm: string) => `https://${algorithm.toLowerCase()}.example`;
let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds'] });
  client = await apiUserClient(server);
  for (const signingAlgorithm of algorithms) {
    const handle = signingAlgorithm.toLowerCase();
    const wanted = { handle, name: handle, identifier: identifierOf(signingAlgorithm), signingAlgorithm };
    expect(await server.core.createApi(server.asOwner, wanted)).toMatchObject({ signingAlgorithm });
  }
});
afterAll(() => server.stop());

const keysOf = async () =>
  (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet & { keys: { kid: string }[] };
const kidOf = (token: string) => String(headerOf(token).kid);

describe.each(algorithms)('an API that chose %s', (algorithm) => {
  const resource = identifierOf(algorithm);
  const api = algorithm.toLowerCase();
  const token = () => tokenFor(server, client, { resource, scope: 'read:funds' });

  it('has tokens that say so, and that libraries check by the published keys', async () => {
    const text = await token();
    expect(headerOf(text)).toMatchObject({ alg: algorithm, typ: 'at+jwt' });
    const rules = { issuer: server.url, audience: resource, typ: 'at+jwt', algorithms: [algorithm] };
    const { payload } = await jwtVerify(text, createLocalJWKSet(await keysOf()), rules);
    expect(payload).toMatchObject({ scope: 'read:funds', client_id: client.id });

    const app = express();
    const jwksUri = `${server.url}/.well-known/jwks.json`;
    app.use(auth({ issuer: server.url, jwksUri, audience: resource, tokenSigningAlg: algorithm, strict: true }));
    app.get('/', (_request, response) => void response.sendStatus(204));
    const guarded = app.listen(0, '127.0.0.1');
    try {
      await new Promise((listening) => guarded.once('listening', listening));
      const url = `http://127.0.0.1:${(guarded.address() as AddressInfo).port}`;
      expect((await call({ url }, '/', text)).status).toBe(204);
      expect((await call({ url }, '/', await tokenFor(server, client))).status).toBe(401);
    } finally {
      guarded.close();
    }
  });

  it('takes them at its own checks and at verifiers of the SDK, and no other API does [S51]', async () => {
    const { secret } = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
    const credential = { apiToken: secret };
    const verifier = createVerifier({ url: server.url, credential, exchange: 'none', clock: server.clock.now, api });
    try {
      await verifier.ready({ timeoutMs: 60_000 });
      for (const _again of ['asked', 'remembered']) {
        const text = await token();
        expect((await call(server, `/v1/check?api=${api}&permissions=read:funds`, text)).status).toBe(200);
        expect((await call(server, '/v1/check', text)).status).toBe(403);
        expect(await verifier.verify(text, { permissions: ['read:funds'] })).toMatchObject({ allowed: true });
        expect(await verifier.verify(text, { api: 'default' })).toMatchObject({ reason: 'wrong_api' });
        const tampered = `${text.slice(0, -4)}AAAA`;
        expect(await verifier.verify(tampered)).toMatchObject({ reason: 'unknown' });
      }
    } finally {
      await verifier.close();
    }
  });

  it('has its keys rotated, published before they sign [S37]', async () => {
    const before = kidOf(await token());
    const { kid } = await server.core.rotateSigningKey(server.asOwner, 'oauth', algorithm);
    expect((await keysOf()).keys.map((one) => one.kid)).toEqual(expect.arrayContaining([before, kid]));
    expect(kidOf(await token())).toBe(before);
    server.clock.advance(600_000);
    const text = await token();
    expect(kidOf(text)).toBe(kid);
    const listed = await server.core.listSigningKeys(server.asOwner);
    expect(listed.find((one) => one.kid === kid)).toMatchObject({ profile: 'oauth', algorithm });
    await server.core.revokeSigningKey(server.asOwner, kid);
    expect((await call(server, `/v1/check?api=${api}`, text)).status).toBe(401);
    expect(headerOf(await token())).toMatchObject({ alg: algorithm });
  });
});

it('other APIs stay with ES256, and a change holds for the tokens to come', async () => {
  expect(headerOf(await tokenFor(server, client))).toMatchObject({ alg: 'ES256' });
  const { asOwner, core } = server;
  await core.createApi(asOwner, { handle: 'later', name: 'Later', identifier: 'https://later.example' });
  const token = () => tokenFor(server, client, { resource: 'https://later.example' });
  const old = await token();
  expect(headerOf(old)).toMatchObject({ alg: 'ES256' });
  expect(await core.updateApi(asOwner, 'later', { signingAlgorithm: 'RS256' })).toMatchObject({
    signingAlgorithm: 'RS256',
  });
  const next = await token();
  expect(headerOf(next)).toMatchObject({ alg: 'RS256' });
  const { access } = await grantedTo(server, await register(server, { permissions: ['read:funds'] }), {
    resource: 'https://later.example',
  });
  expect(headerOf(access)).toMatchObject({ alg: 'RS256' });
  for (const text of [old, next]) expect((await call(server, '/v1/check?api=later', text)).status).toBe(200);
  await expect(core.rotateSigningKey(asOwner, 'debricked', 'EdDSA')).rejects.toMatchObject({ code: 'not_found' });
});

it('the first key for another algorithm is published before tokens of an API that had one are signed with it [S37]', async () => {
  const own = await startServer({ permissions: ['read:funds'] });
  try {
    const { asOwner, core } = own;
    const user = await apiUserClient(own);
    await core.createApi(asOwner, { handle: 'later', name: 'Later', identifier: 'https://later.example' });
    const token = () => tokenFor(own, user, { resource: 'https://later.example' });
    await core.updateApi(asOwner, 'later', { signingAlgorithm: 'EdDSA' });
    const { keys } = (await (await fetch(`${own.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const first = keys.find(({ alg }) => alg === 'EdDSA');
    expect(first).toBeDefined();
    expect(headerOf(await token())).toMatchObject({ alg: 'ES256' });
    // Whoever asks for it again meanwhile, or looks after the keys, changes nothing of that.
    await core.updateApi(asOwner, 'later', { signingAlgorithm: 'EdDSA' });
    await core.createApi(asOwner, { handle: 'new', name: 'New', signingAlgorithm: 'EdDSA' });
    expect(headerOf(await token())).toMatchObject({ alg: 'ES256' });
    own.clock.advance(600_000);
    expect(headerOf(await token())).toMatchObject({ alg: 'EdDSA', kid: first?.kid });
  } finally {
    await own.stop();
  }
});
