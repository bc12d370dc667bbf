// What every route says to a request that cannot be read, whoever sent it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';
import { createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { rows } from './routes.ts';

let server: TestServer;
let owner: string;
let acme: OrganizationFixture;
beforeAll(async () => {
  server = await startServer();
  acme = await createOrganizationFixture(server, server.organization, server.owner);
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const bearerFor = (needs: unknown) => (needs === 'open' ? undefined : owner);

describe.each(rows.filter(({ method }) => method !== 'GET'))('$route', ({ method, pattern, path, needs, body }) => {
  const send = (text: string | undefined, type = 'application/json', headers = {}) =>
    call(server, method, path(acme), bearerFor(needs), text, { 'content-type': type, ...headers });

  test.each([
    ['nothing closed', '{"name":'],
    ['a trailing comma', '{"name":"x",}'],
    ['a repeated key', '{"name":"x","name":"y"}'],
    ['a forbidden key', '{"__proto__":{"name":"x"}}'],
    ['another forbidden key', '{"constructor":{"prototype":{}}}'],
    ['NUL', '{"name":"\\u0000"}'],
    ['half a character', '{"name":"\\ud800"}'],
    ['a byte order mark', '\ufeff{}'],
    ['too deep a nest', '['.repeat(10_000)],
    ['no number', '{"name":NaN}'],
    ['too large a number', '{"name":1e400}'],
    ['text', 'name=x'],
  ])('refuses a body with %s [S76]', async (_what, text) => {
    expectProblem(await send(text), 400, 'invalid_request');
  });

  test('refuses a body that is no object', async () => {
    for (const text of ['[]', '"text"', '1', 'true']) expectFaults(await send(text), '/body');
  });

  test('refuses another media type with 415 [S9]', async () => {
    const text = JSON.stringify(body?.() ?? {});
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
      'json',
    ]) {
      expectProblem(await send(text, type), 415, 'unsupported_media_type');
    }
    expectProblem(await send(text, 'application/json; charset=latin1'), 415, 'unsupported_media_type');
    expectProblem(await send(text, 'application/json', { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
  });

  const kilobytes = largeBodies[pattern] ?? 64;
  test(`refuses more than ${kilobytes} kB with 413 [S75]`, async () => {
    expectProblem(await send(`{"name":"${'x'.repeat((kilobytes + 1) * 1024)}"}`), 413, 'too_large');
  });

  if (body !== undefined && Object.keys(body()).length > 0) {
    test('refuses a field of another type, naming it', async () => {
      for (const [field, value] of Object.entries(body())) {
        const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
        // A recipe may be named or written out.
        const wrong = field === 'recipe' ? 7 : isRecord ? 'wrong' : { wrong: 'type' };
        const answer = await send(JSON.stringify({ ...body(), [field]: wrong }));
        expectFaults(answer, `/body/${field}`);
      }
    });
  }
});

/** In kilobytes, where many things are sent at once: rows of an import, leases of a verifier, and what it reports. */
const largeBodies: Readonly<Record<string, number>> = {
  '/v1/leases': 2048,
  '/v1/imports/tokens': 2048,
  '/v1/imports/users': 2048,
  '/v1/imports/api-users': 2048,
  '/v1/verifier-reports': 2048,
};

/** True if requests for `path` may come to a route of this pattern. */
function takes(pattern: string, path: string): boolean {
  const [parts, wanted] = [pattern.split('/'), path.split('/')];
  return parts.length === wanted.length && parts.every((part, at) => part === wanted[at] || part.startsWith(':'));
}

describe('every path', () => {
  const patterns = Map.groupBy(rows, ({ pattern }) => pattern);

  test.each([...patterns.keys()])(
    '%s answers other methods with 405 and says which it knows [S65]',
    async (pattern) => {
      const known = patterns.get(pattern) ?? [];
      // A word in the place of an id is an id for the methods that it is not a word for.
      const named = rows.filter((row) => takes(row.pattern, pattern)).map(({ method }) => method);
      const methods = named.includes('GET') ? [...named, 'HEAD'] : named;
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
        (one) => !methods.includes(one),
      )) {
        const answer = await call(server, method, known[0]?.path(acme) ?? '', owner);
        expectProblem(answer, 405, 'method_not_allowed');
        expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...methods].sort());
      }
      const head = await call(server, 'HEAD', known[0]?.path(acme) ?? '', owner);
      expect(head.status === 405).toBe(!methods.includes('HEAD'));
    },
  );

  test.each([
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/users/',
    '/v1/Users',
    '/v1/users/x/y/z',
    '/.well-known/nothing',
    '/elsewhere',
  ])('%s is not there, and says so in the same words', async (path) => {
    expectProblem(await call(server, 'GET', path, owner), 404, 'not_found');
  });

  test('is taken in its plain form only [S64]', async () => {
    for (const path of ['/v1//users', '/v1/users%2Fx', '/v1/users;x=1', '/v1/us%00ers', '/v1/users/%5c']) {
      expectProblem(await call(server, 'GET', path, owner), 400, 'invalid_request');
    }
    expectProblem(await call(server, 'GET', `/v1/users/${'x'.repeat(9000)}`, owner), 414, 'uri_too_long');
  });
});

test('says 503 and when to come back while the database does not answer, and never lets anyone in', async () => {
  const other = await startServer();
  const bearer = await bearerOf(other, other.owner);
  await other.store.close();
  for (const [method, path, body] of [
    ['GET', '/v1/users'],
    ['GET', '/v1/tokens'],
    ['POST', '/v1/permissions', { name: 'read:nothing' }],
    ['POST', '/v1/access-tokens', { apiToken: bearer }],
  ] as const) {
    const answer = await call(other, method, path, bearer, body);
    expectProblem(answer, 503, 'unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  await other.stop();
});
