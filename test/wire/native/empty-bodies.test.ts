// An act that takes no body takes any empty one, whatever it calls itself; a form is UTF-8 whatever charset it names.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const send = (path: string, type: string, body: string, method = 'POST') =>
  fetch(server.url + path, { method, headers: { authorization: `Bearer ${owner}`, 'content-type': type }, body });

test.each(['application/x-www-form-urlencoded', 'application/json', 'text/plain', 'application/octet-stream'])(
  'an act without a body takes an empty one of type %s',
  async (type) => {
    const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    expect((await send(`/v1/tokens/${token.id}/deactivate`, type, '')).status).toBe(204);
    expect((await send(`/v1/tokens/${token.id}`, type, '', 'DELETE')).status).toBe(204);
  },
);

test('one that is not empty is still refused, and so is nothing where something is needed', async () => {
  const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
  expect((await send(`/v1/tokens/${token.id}/deactivate`, 'application/x-www-form-urlencoded', 'a=b')).status).toBe(
    415,
  );
  expect((await send('/v1/tokens', 'application/x-www-form-urlencoded', '')).status).toBe(400);
});

test.each(['utf-8', 'UTF8', 'us-ascii', 'ISO-8859-1', '"windows-1252"', 'nonsense'])(
  'a form of charset %s is read as UTF-8',
  async (charset) => {
    const body = new URLSearchParams({ _username: server.owner.email, _password: server.owner.password }).toString();
    const type = `application/x-www-form-urlencoded; charset=${charset}`;
    expect((await send('/api/login_check', type, body)).status).toBe(200);
  },
);

test('JSON in another charset is refused in words that name it', async () => {
  const refused = await send('/v1/tokens', 'application/json; charset=latin1', '{"permissions":[]}');
  expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
    415,
    'Send the body in UTF-8, not in latin1.',
  ]);
});
