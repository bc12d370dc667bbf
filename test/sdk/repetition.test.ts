// Which calls a client makes again by itself: none that may have been done already (RFC 9110 section 9.2.2).

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../sdk/src/index.ts';
import { answerJson, type RecordingServer, startRecordingServer } from './recording-server.ts';

let server: RecordingServer;
let client: Client;
/** What calls are answered, each with `Retry-After: 0`; the last one again and again. */
let statuses: number[];
beforeEach(async () => {
  let exchanges = 0;
  server = await startRecordingServer((call, response) => {
    if (call.url === '/v1/access-tokens') {
      exchanges += 1;
      return answerJson(response, 200, { accessToken: `token-${exchanges}`, expiresAt: '2099-01-01T00:00:00Z' });
    }
    const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
    answerJson(response, status, {}, { 'retry-after': '0' });
  });
  client = createClient({ url: server.url, credential: { apiToken: 'kw_secret' } });
});
afterEach(async () => {
  client.close();
  await server.close();
});
const calls = () => server.calls.filter(({ url }) => url === '/orders').length;
const send = async (method: string, headers = {}) =>
  (await client.fetch('/orders', { method, headers, ...(/^(GET|HEAD)$/.test(method) ? {} : { body: '{}' }) })).status;

describe('after a 503, behind which nobody knows whether the call was done,', () => {
  test.each(['POST', 'post', 'PATCH', 'LINK'])('a %s is not made again, whatever Retry-After says', async (method) => {
    statuses = [503, 200];
    expect(await send(method)).toBe(503);
    expect(calls()).toBe(1);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'put'])('a %s is made again', async (method) => {
    statuses = [503, 200];
    expect(await send(method)).toBe(200);
    expect(calls()).toBe(2);
  });

  test('a POST with an Idempotency-Key is made again, under the same key', async () => {
    statuses = [503, 200];
    expect(await send('POST', { 'Idempotency-Key': '"8e03978e"' })).toBe(200);
    const keys = server.calls.flatMap(({ url, headers }) => (url === '/orders' ? [headers['idempotency-key']] : []));
    expect(keys).toEqual(['"8e03978e"', '"8e03978e"']);
  });
});

test('a POST that makes something in Keyward gets a key of its own, and is made again under it [S118]', async () => {
  const keysOf = async (path: string, headers = {}) => {
    const before = server.calls.length;
    statuses = [503, 401, 200];
    await client.fetch(path, { method: 'POST', headers, body: '{}' });
    const made = server.calls.slice(before).filter(({ url }) => url === path);
    return made.map((one) => one.headers['idempotency-key']);
  };
  const [first, ...others] = await keysOf('/v1/tokens');
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(others).toEqual([first, first]);
  expect((await keysOf('/v1/tokens'))[0]).not.toBe(first);
  expect(await keysOf('/v1/users', { 'idempotency-key': 'mine' })).toEqual(['mine', 'mine', 'mine']);
  expect((await keysOf('/v1/tokens/7/rotate'))[0]).toMatch(/^[0-9a-f-]{36}$/);
  for (const path of ['/v1/tokens/7/deactivate', '/v1/login', '/orders'])
    expect(await keysOf(path)).toEqual([undefined]);
});

test('a POST that was refused before anything was done is made again: 429, and 401 with a fresh token', async () => {
  statuses = [429, 401, 200];
  expect(await send('POST')).toBe(200);
  expect(calls()).toBe(3);
});

test('a POST is not made again after the 503 that answers its second try', async () => {
  statuses = [401, 503, 200];
  expect(await send('POST')).toBe(503);
  expect(calls()).toBe(2);
});

test('a connection that breaks is never tried again', async () => {
  await server.close();
  let requests = 0;
  server = await startRecordingServer((call, response) => {
    if (call.url === '/v1/access-tokens') {
      return answerJson(response, 200, { accessToken: 'a', expiresAt: '2099-01-01T00:00:00Z' });
    }
    requests += 1;
    response.destroy();
  });
  client = createClient({ url: server.url, credential: { apiToken: 'kw_secret' } });
  await expect(client.fetch('/orders', { method: 'POST', body: '{}' })).rejects.toThrow();
  expect(requests).toBe(1);
});
