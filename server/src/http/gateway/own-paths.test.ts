// Which routes may stand beside Keyward's own paths, by what the router would make of both.

import { describe, expect, it } from 'vitest';
import { type Running, start } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';
import { refuseOwnPaths, routesOverOwnPaths } from './own-paths.ts';

const own = new Set(['/healthz', '/v1/users', '/v1/users/:id', '/v1/users/:id/link', '/forward-auth/*', '/*']);
const to = (path: string, upstream: string | null = 'http://127.0.0.1:1'): GuardedRoute[] => [
  { path, methods: ['GET'], permissions: [], dialect: null, upstream },
];

describe('a route to an upstream', () => {
  it.each([
    ['/healthz', '/healthz'],
    ['/v1/users/:name', '/v1/users/:id'],
    ['/v1/users/me', '/v1/users/:id'],
    ['/v1/:what/me', '/v1/users/:id'],
    ['/v1/users/me/link', '/v1/users/:id/link'],
    ['/v1/users/me/*', '/v1/users/:id/link'],
    ['/forward-auth/x', '/forward-auth/*'],
  ])('at %s is refused: it would take calls of %s', (path, taken) => {
    expect(() => refuseOwnPaths(to(path), own)).toThrow(`${path} is a path of Keyward itself (${taken})`);
    expect(() => refuseOwnPaths(to(path, null), own)).not.toThrow();
  });

  it.each([
    ['/v1/orders', []],
    ['/v1/users/me/orders', []],
    ['/v1/orders/*', []],
    ['/v1/users/:id/link/*', []],
    ['/v1/:what', ['/v1/users']],
    ['/v1/users/*', ['/v1/users/:id', '/v1/users/:id/link']],
    ['/v1/*', ['/v1/users', '/v1/users/:id', '/v1/users/:id/link']],
    ['/*', ['/healthz', '/v1/users', '/v1/users/:id', '/v1/users/:id/link']],
  ])('at %s may stand, beside what stays here: %j', (path, staying) => {
    expect(() => refuseOwnPaths(to(path), own)).not.toThrow();
    const found = staying.length === 0 ? [] : [{ route: path, own: staying }];
    expect(routesOverOwnPaths(to(path), own)).toEqual(found);
    expect(routesOverOwnPaths(to(path, null), own)).toEqual([]);
  });

  it('leaves a line at the start where it is wider than paths of Keyward itself', async () => {
    const running: Running = await start({ guarded: to('/v1/*') });
    const warned = running.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn');
    expect(warned).toEqual([
      expect.objectContaining({ route: '/v1/*', msg: expect.stringContaining('never reach its upstream') }),
    ]);
    expect((await fetch(`${running.url}/v1/query`)).status).toBe(200);
    await running.close();
  });
});
