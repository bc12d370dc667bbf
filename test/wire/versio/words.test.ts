// What Versio says to requests that cannot be answered.

import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeywardError } from '../../../server/src/core/errors.ts';
import { versio } from '../../../server/src/dialects/versio.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call, environmentToken, path } from './environment.ts';

let server: TestServer;
let secret: string;
beforeAll(async () => {
  server = await startServer();
  ({ secret } = await environmentToken(server, 'words'));
});
afterAll(() => server.stop());

const request = {} as FastifyRequest;

it('words an unknown path as 404 for whoever speaks the apiToken scheme', async () => {
  const response = await call(server, `apiToken ${secret}`, '/api-nothing');
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ status: 404, message: 'Not found', details: [expect.any(String)] });
});

it('words a wrong method as 405 and says which are right', async () => {
  const response = await call(server, `apiToken ${secret}`, path, 'DELETE');
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toContain('GET');
  expect(await response.json()).toMatchObject({ status: 405, message: 'Method not allowed' });
});

it('words a path in more than one spelling as 400, with details', async () => {
  const response = await call(server, `apiToken ${secret}`, '/api-versio.db/1.0/acme%2fother');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ status: 400, details: [expect.stringMatching(/^path: /)] });
});

it('words too many requests as 429 with whole seconds to wait', () => {
  const error = new KeywardError('too_many_requests', 'Slow down.', { retryAfterMs: 1001 });
  expect(versio.fail(error, request)).toEqual({
    status: 429,
    headers: { 'retry-after': '2' },
    body: { status: 429, message: 'Too many requests', details: ['Slow down.'] },
  });
});

it('words an outage as 503 with at least a second to wait', () => {
  const error = new KeywardError('unavailable', 'The database does not answer.');
  expect(versio.fail(error, request)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});

it('words a forbidden operation as 401, since this wire has no 403', () => {
  const answer = versio.fail(new KeywardError('forbidden', 'This needs the permission read:user.'), request);
  expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'apiToken realm="keyward"' } });
});

it('says of a bug no more than its id', () => {
  const answer = versio.fail(new KeywardError('internal', 'Internal error. Its id in the log is abc.'), request);
  expect(answer.status).toBe(500);
  expect(answer.body).toEqual({
    status: 500,
    message: 'Internal error',
    details: ['Internal error. Its id in the log is abc.'],
  });
});
