// Every endpoint of the server, with a request that it would take: what bad requests are made from; by noun and by dialect in
// endpoints/. The test beside it compares this table with the routes that are registered, so that a new route without a row
// fails.

import Fastify, { type RouteOptions } from 'fastify';
import { demoRoutes } from '../../server/src/cli/demo/data.ts';
import type { Core } from '../../server/src/core/core.ts';
import { allDialects } from '../../server/src/dialects/all.ts';
import type { DialectName } from '../../server/src/dialects/dialect.ts';
import { mountHealth } from '../../server/src/http/health.ts';
import { apiUsers } from './endpoints/api-users.ts';
import { applications } from './endpoints/applications.ts';
import { bluebricks } from './endpoints/bluebricks.ts';
import { catalogue } from './endpoints/catalogue.ts';
import { checking } from './endpoints/checking.ts';
import { debricked } from './endpoints/debricked.ts';
import { imports } from './endpoints/imports.ts';
import { oauth2 } from './endpoints/oauth2.ts';
import { organizations } from './endpoints/organizations.ts';
import { people } from './endpoints/people.ts';
import type { Endpoint, Row, Rows } from './endpoints/row.ts';
import { session } from './endpoints/session.ts';
import { tokens } from './endpoints/tokens.ts';
import { webhooks } from './endpoints/webhooks.ts';

export const endpoints: readonly Endpoint[] = [
  ...named('native', [
    ...session,
    ...organizations,
    ...people,
    ...apiUsers,
    ...tokens,
    ...imports,
    ...applications,
    ...catalogue,
    ...checking,
    ...webhooks,
  ]),
  ...named('oauth2', oauth2),
  ...named('debricked', debricked),
  ...named('parsers', [['POST /v2/auth/token', { credential: 'basic', lane: 'sign-in', slow: true }]]),
  ...named('bluebricks', bluebricks),
  ...named('rebelcore', [
    [
      'POST /api/v1/authorize',
      { credential: 'body', lane: 'sign-in', body: () => ({ username: 'x@api.keyward.local', password: 'wrong' }) },
    ],
  ]),
  ...demoRoutes('http://upstream.example').flatMap(({ methods, path, dialect, ...route }) =>
    named(
      dialect ?? 'native',
      methods.map((method): [string, Row] => [
        `${method} ${path}`,
        {
          credential: 'credential' in route ? 'none' : 'bearer',
          guarded: true,
          ...(path.includes(':') && { parameter: 'acme' }),
        },
      ]),
    ),
  ),
];

/** What Fastify is told to serve by every dialect and by the probes, with the schemas: `METHOD /path`. */
export async function registeredRoutes(): Promise<Map<string, RouteOptions['schema']>> {
  const found = new Map<string, RouteOptions['schema']>();
  const app = Fastify();
  app.addHook('onRoute', ({ method, url, schema }) => {
    for (const one of [method].flat()) found.set(`${one} ${url}`, schema);
  });
  // Nothing is called: the operations are only put in their places.
  const core = new Proxy({} as Core, { get: () => () => undefined });
  mountHealth(app, core);
  for (const dialect of allDialects) app.register(async (scope) => dialect.mount(scope, core));
  await app.ready();
  await app.close();
  return found;
}

function named(dialect: DialectName, rows: Rows): Endpoint[] {
  return rows.map(([route, row]) => ({ route, dialect, ...row }));
}
