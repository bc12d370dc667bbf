// Held against the router that the gateway uses: the same routes, the same calls, the same answer.

import fc from 'fast-check';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { targetFault } from '../request-rules.ts';
import type { GuardedRoute } from './guarded-route.ts';
import { rulesOf } from './route-match.ts';

function route(path: string, methods: readonly string[] = ['GET'], more: Partial<GuardedRoute> = {}): GuardedRoute {
  return { path, methods, permissions: [], dialect: null, ...more };
}

describe('the route of a call', () => {
  it('is the one that the router would take, for any routes and any path in its plain form [S64]', async () => {
    const part = fc.constantFrom('a', 'b', 'a.b', 'A', '~', '', ':x', ':y');
    const path = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([parts, isOpen]) => `/${parts.join('/')}${isOpen ? '/*' : ''}`);
    const methods = fc.subarray(['GET', 'HEAD', 'POST', 'DELETE'], { minLength: 1 });
    const routes = fc.array(fc.tuple(path, methods), { minLength: 1, maxLength: 6 });
    const asked = fc
      .array(
        fc.constantFrom('a', 'b', 'a.b', 'A', 'c', '', '%61', '%2561', '%41', 'a,b', 'a%2Cb', '%C5%81', ':x', '*'),
        {
          minLength: 1,
          maxLength: 5,
        },
      )
      .map((parts) => `/${parts.join('/')}`);
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(routes, fc.array(asked, { minLength: 5, maxLength: 20 }), async (drawn, targets) => {
        const app = Fastify({ exposeHeadRoutes: false });
        const known: GuardedRoute[] = [];
        for (const [path, methods] of drawn) {
          for (const method of methods) {
            const one = route(path, [method]);
            try {
              rulesOf([...known, one]);
            } catch {
              continue;
            }
            known.push(one);
            app.route({ method, url: path, handler: (_request, reply) => reply.header('x-route', path).send('') });
          }
        }
        const rules = rulesOf(known);
        for (const target of targets.filter((one) => targetFault(one) === undefined)) {
          for (const method of ['GET', 'HEAD', 'POST', 'DELETE'] as const) {
            const answer = await app.inject({ method, url: target });
            const found = rules.find(method, target)?.route.path;
            expect([method, target, found]).toEqual([method, target, answer.headers['x-route']]);
            if (found !== undefined) hits += 1;
          }
        }
        await app.close();
      }),
      { numRuns: 120 },
    );
    expect(hits).toBeGreaterThan(100);
  });

  it('names the organization that the path is about, decoded', () => {
    const rules = rulesOf([route('/db/:env/x/*', ['GET'], { organizationParam: 'env' })]);
    expect(rules.find('GET', '/db/%C5%81/x/y')?.organization).toBe('Ł');
    expect(rules.find('GET', '/db/acme/x/')?.organization).toBe('acme');
    expect(rulesOf([route('/db/:env')]).find('GET', '/db/acme')).toMatchObject({ organization: undefined });
  });

  it.each([
    ['get', '/a'],
    ['HEAD', '/a'],
    ['GET', '/a/'],
    ['GET', '/A'],
    ['GET', '/'],
    ['GET', '/toString'],
    ['GET', '/__proto__'],
  ])('is none for %s %s where only GET /a is guarded', (method, path) => {
    expect(rulesOf([route('/a')]).find(method, path)).toBeUndefined();
  });
});

it.each([
  [route('/a'), route('/a')],
  [route('/a/:x'), route('/a/:y')],
  [route('/a/*', ['POST', 'GET']), route('/a/*', ['GET'])],
])('refuses two routes on the same calls at start: %j', (one, other) => {
  expect(() => rulesOf([one, other])).toThrow(/two routes are for GET \/a/);
});
