// What a route comes to whose plan the database lacks, from the start or later. A whole server stands behind it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const gold = { id: 'gold', name: 'Gold', limits: [{ limit: 5, windowMs: 60_000, per: 'organization' }] } as const;

describe('a route that names a plan which does not exist', () => {
  let server: TestServer;
  let secret: string;
  beforeAll(async () => {
    const route = { methods: ['GET'], permissions: [], dialect: null } as const;
    server = await startServer({
      routes: (upstream) => [
        { ...route, path: '/golden', plan: 'gold', upstream },
        { ...route, path: '/golden/open', plan: 'gold', credential: 'none', dialect: 'debricked', upstream },
        { ...route, path: '/plain', upstream },
      ],
    });
    ({ secret } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] }));
  });
  afterAll(() => server?.stop());

  const ask = (path: string) => fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${secret}` } });

  test('answers 503 in the words of its dialect, and all other routes are served', async () => {
    const answer = await ask('/golden');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      503,
      expect.stringContaining('application/problem+json'),
    ]);
    const open = await ask('/golden/open');
    expect([open.status, await open.json()]).toEqual([503, expect.objectContaining({ code: 503 })]);
    expect((await ask('/plain')).status).toBe(200);
  });

  test('is named in the log at the start and in the metrics, is counted for whoever probes, and the server is ready', async () => {
    const lines = server
      .logs()
      .split('\n')
      .filter((line) => line.includes('a plan that does not exist'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'warn', plan: 'gold', routes: ['/golden', '/golden/open'] }),
    ]);
    const ready = await fetch(`${server.url}/readyz`);
    const unavailable = '2 routes lack their plans or APIs; the log names them';
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', unavailable }]);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'keyward_routes_unavailable{plan="gold"} 2\n',
    );
  });

  test('is served as soon as there is one, and limited by it', async () => {
    await server.core.putPlan(server.asOwner, gold);
    expect((await ask('/golden')).headers.get('ratelimit')).toMatch(/^"gold";r=4;/);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ready' });
    await expect.poll(() => server.logs()).toContain('the plan that routes name is there');
  });
});
