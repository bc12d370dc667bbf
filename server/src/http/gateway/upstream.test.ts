// What a client is told of an upstream that fails: whether its call may have been carried out.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { native } from '../../dialects/native.ts';
import { type Running, start } from '../app.test-support.ts';

let upstream: Server;
let running: Running;

beforeAll(async () => {
  upstream = createServer((request) => {
    if (!request.url?.startsWith('/silent')) request.socket.destroy();
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const base = { methods: ['GET', 'POST'], permissions: [], dialect: null } as const;
  const guarded = [
    { ...base, path: '/cut', upstream: here },
    { ...base, path: '/silent', upstream: here, limits: { answerMs: 200 } },
    { ...base, path: '/absent', upstream: 'http://127.0.0.1:1' },
    { ...base, path: '/refused', upstream: 'http://127.0.0.1:2' },
    { ...base, path: '/nowhere', upstream: 'http://nowhere.invalid' },
  ];
  running = await start({ dialects: [native], guarded });
});
afterAll(async () => {
  upstream.closeAllConnections();
  await running.close();
  upstream.close();
});

const retryAfter = async (path: string) => {
  const headers = { authorization: 'Bearer good', 'content-type': 'application/json' };
  const answer = await fetch(running.url + path, { method: 'POST', headers, body: '{"order":1}' });
  return [answer.status, answer.headers.get('retry-after')];
};

it.each(['/absent', '/nowhere'])('a call that cannot have arrived may be sent again: %s', async (path) => {
  expect(await retryAfter(path)).toEqual([503, '1']);
});

it('a call that is passed to nobody leaves a line without a stack, and those after it are counted', async () => {
  for (let calls = 0; calls < 20; calls += 1) await retryAfter('/refused');
  const lines = running.logged.filter((line) => line.includes('127.0.0.1:2'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    route: '/refused',
    upstream: 'http://127.0.0.1:2',
    cause: expect.stringContaining('ECONNREFUSED'),
  });
  expect(lines[0]).not.toContain('    at ');
});

it.each(['/cut', '/silent'])('a call that may have been carried out is no one’s to repeat: %s', async (path) => {
  expect(await retryAfter(path)).toEqual([503, null]);
});
