// A prefix of one's own for API tokens: new secrets bear it, older ones go on working, whatever looks at them.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreatedToken, ServerSettings, Token, TokenList, VerifyResponse } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call } from './calls.ts';

let server: TestServer;
let old: CreatedToken;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  old = (await call<CreatedToken>(server, 'POST', '/v1/tokens', owner, { permissions: ['read:funds'] })).body;
  await server.restart({ tokenPrefix: 'acme' });
});
afterAll(() => server?.stop());

const create = async (body: object = {}) =>
  (await call<CreatedToken>(server, 'POST', '/v1/tokens', owner, { permissions: ['read:funds'], ...body })).body;
const statusesOf = async (secret: string) => {
  const versio = await fetch(`${server.url}/v1/check`, { headers: { authorization: `apiToken ${secret}` } });
  const verdict = await call<VerifyResponse>(server, 'POST', '/v1/verify', owner, { credential: secret });
  const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret });
  const basic = `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
  const parsers = await fetch(`${server.url}/v2/auth/token`, { method: 'POST', headers: { authorization: basic } });
  const check = await call(server, 'GET', '/v1/check', secret);
  return [check.status, versio.status, verdict.body.allowed, exchanged.status, parsers.status];
};

test('new tokens bear it, older ones go on working, and both are known on every way', async () => {
  const { token, secret } = await create();
  expect(secret).toMatch(/^acme_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}$/);
  expect(old.secret).toMatch(/^kw_/);
  expect(token).toMatchObject({ start: secret.slice(0, 13), lastFour: secret.slice(-4) });
  for (const one of [secret, old.secret]) expect(await statusesOf(one)).toEqual([200, 200, true, 200, 200]);
  const typo = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  const other = `evil_${secret.slice(5)}`;
  for (const one of [typo, other, `kw_${secret.slice(5)}`]) {
    expect(await statusesOf(one)).toEqual([401, 401, false, 401, 401]);
  }
});

test('lists show how each token begins and ends, and never the rest', async () => {
  const { token, secret } = await create();
  const list = await call<TokenList>(server, 'GET', '/v1/tokens?limit=200', owner);
  const shown = (id: string) => list.body.items.find((one) => one.id === id);
  expect(shown(token.id)).toMatchObject({ start: secret.slice(0, 13), lastFour: secret.slice(-4) });
  expect(shown(old.token.id)).toMatchObject({ start: old.secret.slice(0, 11), lastFour: old.secret.slice(-4) });
  for (const one of [secret, old.secret]) expect(list.text).not.toContain(one.slice(-36, -6));
});

test('a rotated token gets the present prefix, and its older secret works as long as they overlap', async () => {
  const made = (
    await call<CreatedToken>(server, 'POST', `/v1/tokens/${old.token.id}/rotate`, owner, { overlapSeconds: 60 })
  ).body;
  expect(made.secret).toMatch(/^acme_/);
  expect(made.token).toMatchObject({ start: made.secret.slice(0, 13), lastFour: made.secret.slice(-4) });
  const read = await call<Token>(server, 'GET', `/v1/tokens/${old.token.id}`, owner);
  expect(read.body.lastFour).toBe(made.secret.slice(-4));
  for (const one of [made.secret, old.secret]) expect((await call(server, 'GET', '/v1/check', one)).status).toBe(200);
});

test('the operator reads in the settings what new tokens begin with', async () => {
  const { body } = await call<ServerSettings>(server, 'GET', '/v1/settings', owner);
  expect(body.tokenPrefix).toBe('acme');
});
