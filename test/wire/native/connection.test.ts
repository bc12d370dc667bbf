// What a request looked like when it arrived: whose word is taken for the client's address and for HTTPS, and who is told of
// the proxies on its way.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call, time } from './calls.ts';

let server: TestServer;
let [operators, customers] = ['', ''];
beforeAll(async () => {
  server = await startServer();
  const hooli = await server.addOrganization('hooli');
  const make = { permissions: ['read:organization'] };
  operators = (await server.core.createApiToken(server.asOwner, make)).secret;
  customers = (await server.core.createApiToken(hooli.owner.caller, make)).secret;
});
afterAll(() => server?.stop());

const proxied = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'auth.example' };

async function connection(secret: string, headers: Record<string, string> = {}): Promise<Connection> {
  const response = await fetch(`${server.url}/v1/connection`, {
    headers: { authorization: `Bearer ${secret}`, ...headers },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Connection;
}

describe('GET /v1/connection', () => {
  test('shows the operator what a proxy said that nobody trusts, and does not believe it [S70]', async () => {
    expect(await connection(operators, proxied)).toEqual({
      address: '127.0.0.1',
      secure: false,
      host: new URL(server.url).host,
      time: expect.stringMatching(time),
      peer: '127.0.0.1',
      peerIsTrusted: false,
      headers: { forwarded: null, ...proxied },
    });
  });

  test('tells customers nothing of the proxies on the way', async () => {
    const seen = await connection(customers, proxied);
    expect(Object.keys(seen).sort()).toEqual(['address', 'host', 'secure', 'time']);
  });

  test('is refused without a credential', async () => {
    expect((await call(server, 'GET', '/v1/connection')).status).toBe(401);
  });

  test('believes a proxy that is trusted [S70]', async () => {
    await server.restart({ trustedProxies: ['127.0.0.1'] });
    const seen = await connection(operators, { ...proxied, 'x-forwarded-for': '203.0.113.7' });
    expect(seen).toMatchObject({ address: '203.0.113.7', secure: true, peer: '127.0.0.1', peerIsTrusted: true });
  });
});
