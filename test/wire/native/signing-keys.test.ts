// Signing keys and the public key set, as clients see them.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RotatedKey, SigningKeyList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn, time } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const list = () => call<SigningKeyList>(server, 'GET', '/v1/signing-keys', owner);
const jwks = () => call<{ keys: Record<string, string>[] }>(server, 'GET', '/.well-known/jwks.json');
const rotate = (body: unknown) => call<RotatedKey>(server, 'POST', '/v1/signing-keys/rotate', owner, body);
const kidOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).kid as string;

test('lists one key for each profile, and nothing that signs [S39]', async () => {
  const { status, body, text } = await list();
  expect(status).toBe(200);
  expect(body.items.map(({ profile }) => profile).sort()).toEqual(['debricked', 'oauth', 'parsers']);
  expect(body.items[0]).toEqual({
    kid: expect.any(String),
    profile: expect.any(String),
    algorithm: expect.stringMatching(/^[RE]S256$/),
    createdAt: expect.stringMatching(time),
    signsFrom: expect.stringMatching(time),
    retiredAt: null,
    verifiesUntil: null,
    revokedAt: null,
  });
  expect(text).not.toMatch(/"d"|"p"|"q"|"k"|sealed|private|jwk/i);
});

test('publishes the public halves, with which anyone can check a token [S39]', async () => {
  const { status, headers, body, text } = await jwks();
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  const told = ['alg', 'crv', 'e', 'kid', 'kty', 'n', 'typ', 'use', 'x', 'y'];
  for (const key of body.keys) expect(Object.keys(key).filter((member) => !told.includes(member))).toEqual([]);
  // In the same order each time, and remembered for no longer than half of the time that a key is published before it signs.
  expect((await jwks()).text).toBe(text);
  const token = await signIn(server, server.owner);
  const keys = createLocalJWKSet(body as unknown as Parameters<typeof createLocalJWKSet>[0]);
  const currentDate = new Date(server.clock.now());
  const { payload } = await jwtVerify(token, keys, {
    issuer: server.url,
    audience: server.url,
    typ: 'at+jwt',
    currentDate,
  });
  expect(payload.sub).toBe(server.owner.id);
});

test('rotates a key: published at once, signing in ten minutes, the old one still verifying', async () => {
  const before = await signIn(server, server.owner);
  const { status, body } = await rotate({ profile: 'oauth' });
  expect([status, Object.keys(body)]).toEqual([201, ['kid']]);
  expect((await jwks()).body.keys.map(({ kid }) => kid)).toContain(body.kid);
  expect(kidOf(await signIn(server, server.owner))).toBe(kidOf(before));
  server.clock.advance(600_000);
  expect(kidOf(await signIn(server, server.owner))).toBe(body.kid);
  expect((await call(server, 'GET', '/v1/self', before)).status).toBe(200);
  const old = (await list()).body.items.find(({ kid }) => kid === kidOf(before));
  expect(old).toMatchObject({ retiredAt: expect.stringMatching(time), verifiesUntil: expect.stringMatching(time) });
});

test('revokes a key and every token that it signed, at once', async () => {
  const token = await signIn(server, server.owner);
  const kid = kidOf(token);
  for (const _ of 'twice') {
    expect((await call(server, 'POST', `/v1/signing-keys/${kid}/revoke`, owner)).status).toBe(204);
  }
  expectProblem(await call(server, 'GET', '/v1/self', token), 401, 'invalid_credential');
  expect((await jwks()).text).not.toContain(kid);
  expect((await list()).body.items.find((key) => key.kid === kid)?.revokedAt).toMatch(time);
  expect((await call(server, 'GET', '/v1/self', await signIn(server, server.owner))).status).toBe(200);
});

test('refuses an unknown profile and an unknown key', async () => {
  expectFaults(await rotate({}), '/body/profile');
  expectFaults(await rotate({ profile: 'saml' }), '/body/profile');
  expectProblem(await call(server, 'POST', '/v1/signing-keys/no-such-key/revoke', owner), 404, 'not_found');
});
