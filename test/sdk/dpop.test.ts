// Tokens that are bound to a key (RFC 9449) at the SDK's verifiers and guards: they count with a proof for the very call, once,
// and are nothing to whoever has the token alone.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guard } from '../../sdk/src/express.ts';
import { createVerifier, type KeywardError, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { type KeyHolder, keyHolder, type ProofParts, proofBy } from '../dpop.ts';
import { startServer, type TestServer } from '../server.ts';
import { apiTokenClient, apiUserClient, type Client, post, sealedType } from '../wire/oauth2/clients.ts';
import { apis, type Running } from './guarded-apis.ts';

const publicUrl = 'https://api.example/v2';
const holder = keyHolder();
let server: TestServer;
let client: Client;
let options: VerifierOptions;
let verifier: Verifier;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds', 'write:funds'] });
  client = await apiUserClient(server);
  const { secret } = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
  const { url } = server;
  options = { url, credential: { apiToken: secret }, exchange: 'none', clock: server.clock.now, publicUrl };
  verifier = createVerifier(options);
  await verifier.ready({ timeoutMs: 60_000 });
});
afterAll(async () => {
  await verifier.close();
  await server.stop();
});

async function boundToken(parameters: Record<string, string> = {}, by: KeyHolder = holder): Promise<string> {
  const url = `${server.url}/oauth/token`;
  const dpop = proofBy(by, { method: 'POST', url, nonce: server.core.dpopNonce(), now: server.clock.now() });
  const wanted = { grant_type: 'client_credentials', scope: 'read:funds', ...parameters };
  const { status, body } = await post(server, '/oauth/token', wanted, client, { dpop });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.access_token;
}

async function bearer(): Promise<string> {
  return (await post(server, '/oauth/token', { grant_type: 'client_credentials' }, client)).body.access_token;
}

const prove = (accessToken: string, parts: Partial<ProofParts> = {}, by = holder, at = verifier) =>
  proofBy(by, {
    method: 'GET',
    url: `${publicUrl}/`,
    nonce: at.dpopNonce(),
    now: server.clock.now(),
    accessToken,
    ...parts,
  });

describe.each([
  ['a JWT', {}],
  ['a sealed token', { requested_token_type: sealedType }],
])('a verifier lets %s', (_, form) => {
  const verdict = async (token: string, proof: string | null | undefined, more = {}, at = verifier) => {
    const dpop = proof === undefined ? {} : { dpop: { proof, method: 'GET', url: '/?a=1' } };
    const found = await at.verify(token, { ...dpop, ...more });
    return found.allowed ? 'allowed' : found.reason;
  };

  test('be used with each proof once, asked or remembered [S42]', async () => {
    const token = await boundToken(form);
    for (const _again of ['asked', 'remembered']) {
      const proof = prove(token);
      const all = await Promise.all([1, 2, 3].map(() => verdict(token, proof, { permissions: ['read:funds'] })));
      expect(all.toSorted()).toEqual(['allowed', 'invalid_proof', 'invalid_proof']);
      expect(await verdict(token, prove(token), { permissions: ['write:funds'] })).toBe('missing_permission');
    }
  });

  test('be used with its own key alone, whoever asked about it before [S43]', async () => {
    const token = await boundToken(form);
    const thief = keyHolder();
    const steal = async () => {
      expect(await verdict(token, undefined)).toBe('wrong_key');
      expect(await verdict(token, prove(token, {}, thief))).toBe('wrong_key');
      expect(await verdict(token, null)).toBe('invalid_proof');
      expect(await verdict(token, prove(token, { nonce: undefined }))).toBe('nonce_required');
      expect(await verdict(token, prove(token, { method: 'POST' }))).toBe('invalid_proof');
      expect(await verdict(token, prove(token, { url: 'https://api.example/' }))).toBe('invalid_proof');
      expect(await verdict(token, prove('another'))).toBe('invalid_proof');
    };
    await steal();
    expect(await verdict(token, prove(token))).toBe('allowed');
    await steal();
    const other = await boundToken(form, thief);
    expect(await verdict(other, prove(other))).toBe('wrong_key');
    expect(await verdict(other, prove(other, {}, thief))).toBe('allowed');
  });

  test('be used at one process alone with one proof, unless they share their nonces', async () => {
    const token = await boundToken(form);
    const dpopNonceSecret = 'a secret that both processes have';
    const [apart, one, other] = [{}, { dpopNonceSecret }, { dpopNonceSecret }].map((more) =>
      createVerifier({ ...options, ...more }),
    ) as [Verifier, Verifier, Verifier];
    try {
      expect(await verdict(token, prove(token), {}, apart)).toBe('nonce_required');
      expect(await verdict(token, prove(token, {}, holder, one), {}, other)).toBe('allowed');
    } finally {
      await Promise.all([apart, one, other].map((each) => each.close()));
    }
  });
});

test('a proof adds nothing to what is bound to no key', async () => {
  const token = await bearer();
  const { secret } = await apiTokenClient(server, { use: 'direct' });
  for (const credential of [token, secret]) {
    for (const _again of ['asked', 'remembered']) {
      const dpop = { proof: prove(credential), method: 'GET', url: '/' };
      expect(await verifier.verify(credential, { dpop })).toMatchObject({ allowed: false, reason: 'wrong_key' });
      expect(await verifier.verify(credential)).toMatchObject({ allowed: true });
    }
  }
});

test('what cannot work is said, and lets nobody in', async () => {
  expect(() => createVerifier({ ...options, publicUrl: 'api.example' })).toThrow(/publicUrl/);
  expect(() => createVerifier({ ...options, dpopNonceSecret: 'short' })).toThrow(/32 characters/);
  const told: KeywardError[] = [];
  const { publicUrl: _, ...without } = options;
  const unset = createVerifier({ ...without, onError: (error) => told.push(error) });
  try {
    await unset.ready({ timeoutMs: 60_000 });
    const token = await boundToken();
    const dpop = { proof: prove(token, {}, holder, unset), method: 'GET', url: '/' };
    await expect(unset.verify(token, { dpop })).rejects.toMatchObject({ code: 'misconfigured' });
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('publicUrl')]);
    expect(unset.verifySync(token, { dpop })).toBeUndefined();
  } finally {
    await unset.close();
  }
});

test.each(Object.keys(apis))('a guard of %s says what the gateway says', async (framework) => {
  const api = (await apis[framework]?.(verifier, { permissions: ['read:funds'] })) as Running;
  const ask = async (authorization: string, dpop?: string) => {
    const headers = { authorization, ...(dpop !== undefined && { dpop }), host: 'evil.example' };
    const { status, headers: answered } = await fetch(`${api.url}/?a=1`, { headers });
    return [status, answered.get('www-authenticate') ?? '', answered.get('dpop-nonce')] as const;
  };
  try {
    const token = await boundToken();
    const proof = prove(token);
    expect(await ask(`DPoP ${token}`, proof)).toEqual([200, '', verifier.dpopNonce()]);
    const refused = (error: string) =>
      [401, expect.stringMatching(`^DPoP algs="ES256 .*", error="${error}"`), verifier.dpopNonce()] as const;
    expect(await ask(`dpop  ${token}`, proof)).toEqual(refused('invalid_dpop_proof'));
    expect(await ask(`DPoP ${token}`, `${prove(token)}, ${prove(token)}`)).toEqual(refused('invalid_dpop_proof'));
    expect(await ask(`DPoP ${token}`)).toEqual(refused('invalid_dpop_proof'));
    expect(await ask(`DPoP ${token}`, prove(token, { nonce: 'old' }))).toEqual(refused('use_dpop_nonce'));
    expect(await ask(`DPoP ${token}`, prove(token, {}, keyHolder()))).toEqual(refused('invalid_token'));
    expect(await ask(`DPoP ${token}`, prove(token, { url: 'http://evil.example/' }))).toEqual(
      refused('invalid_dpop_proof'),
    );
    const [status, challenge, nonce] = await ask(`Bearer ${token}`, prove(token));
    expect([status, nonce]).toEqual([401, null]);
    expect(challenge).toMatch(/^DPoP .*error="invalid_token"/);
    const poor = await boundToken({ scope: 'write:funds' });
    const [forbidden, scope] = await ask(`DPoP ${poor}`, prove(poor));
    expect(forbidden).toBe(403);
    expect(scope).toMatch(/^DPoP algs=".*", error="insufficient_scope", scope="read:funds"/);
  } finally {
    await api.close();
  }
});

test('openid-client calls a guarded API under a router, and answers its nonces by itself', async () => {
  const app = express();
  const router = express.Router();
  const listener = createServer(app).listen(0, '127.0.0.1');
  await new Promise((listening) => listener.once('listening', listening));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const own = createVerifier({ ...options, publicUrl: url });
  router.get(
    '/funds',
    guard(own, { permissions: ['read:funds'] }),
    (_request, response) => void response.sendStatus(204),
  );
  app.use('/api', router);
  try {
    const config = await openid.discovery(new URL(server.url), client.id, client.secret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read:funds' }, { DPoP });
    for (const _call of [1, 2]) {
      const address = new URL('/api/funds?page=2', url);
      const answer = await openid.fetchProtectedResource(config, token, address, 'GET', null, undefined, { DPoP });
      expect(answer.status).toBe(204);
    }
  } finally {
    await own.close();
    listener.close();
  }
});
