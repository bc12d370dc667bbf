// Routes that cannot be served are mistakes in the settings: the start says which and what to do, and it is no bug.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assemble } from '../../server/src/assemble.ts';
import { ConfigError, loadConfig } from '../../server/src/config/config.ts';
import { createLogger } from '../../server/src/http/log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-routes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a server with these routes, as YAML; gives back what kept it from starting, or null. */
async function startWith(routes: string): Promise<unknown> {
  writeFileSync(join(folder, 'keyward.yaml'), `port: 0\ndata: ${folder}/data\nroutes: [${routes}]\n`);
  try {
    const server = await assemble(loadConfig({}, {}, folder), { demo: false, logger: createLogger('fatal') });
    try {
      await server.listen();
    } finally {
      await server.close();
    }
    return null;
  } catch (error) {
    return error;
  }
}

const upstream = 'upstream: "http://127.0.0.1:9"';

describe('a route', () => {
  test.each([
    [`{ path: /v1/users, ${upstream} }`, '/v1/users is a path of Keyward itself'],
    [`{ path: '/v1/tokens/:mine', methods: [PATCH], ${upstream} }`, '/v1/tokens/:mine is a path of Keyward itself'],
    [`{ path: /v1/users/me, ${upstream} }`, '/v1/users/me is a path of Keyward itself (/v1/users/:id)'],
    [`{ path: /v1/login, methods: [GET], ${upstream} }`, '/v1/login is a path of Keyward itself'],
    [`{ path: /healthz, methods: [POST], ${upstream} }`, '/healthz is a path of Keyward itself'],
    [`{ path: /forward-auth/x, ${upstream} }`, '/forward-auth/x is a path of Keyward itself (/forward-auth/*)'],
    [`{ path: /metrics, ${upstream} }`, '/metrics is a path of Keyward itself'],
    [`{ path: /a, ${upstream} }, { path: /a }`, 'two routes are for GET /a'],
    [`{ path: '/a/:x' }, { path: '/a/:y', methods: [POST, GET] }`, 'two routes are for GET /a/:y (as /a/:x)'],
    [`{ path: '/a/:x-:y' }`, '/a/:x-:y is not a path such as /files/:name'],
    [`{ path: '/a*' }`, '/a* is not a path such as /files/:name'],
  ])('%s is refused in plain words', async (routes, words) => {
    const error = await startWith(routes);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain(words);
    expect((error as ConfigError).message).toMatch(/^routes/);
  });

  test.each([
    `{ path: /v1/orders, ${upstream} }`,
    `{ path: '/v1/*', ${upstream} }`,
    `{ path: /v1/users }`,
    `{ path: /a, ${upstream} }, { path: /a, methods: [POST], ${upstream} }, { path: '/a/*', ${upstream} }`,
    `{ path: /a, ${upstream} }, { path: /a, methods: [HEAD], ${upstream} }`,
  ])('%s is served', async (routes) => {
    expect(await startWith(routes)).toBeNull();
  });
});
