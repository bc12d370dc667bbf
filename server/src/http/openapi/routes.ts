// Which endpoints the server has, and the schemas that validate their requests: found by having every dialect register them
// once more, in a Fastify that nobody asks anything. Other languages that come later are found like these.

import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import type { Operation } from '../../dialects/operation.ts';
import { mountHealth } from '../health.ts';
import { lazySchemas } from '../lazy-schemas.ts';
import type { Language } from './language.ts';
import { serverDialect } from './server-operations.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface DescribedRoute {
  method: Method;
  /** As it is registered: `/v1/users/:id`. */
  url: string;
  schema: FastifySchema;
  /** The tag: a dialect, or `server` for what is none's. */
  tag: string;
  language: Language;
  /** Undefined where nobody has described it. */
  operation: Operation | undefined;
}

/** Every endpoint of these dialects and of the server itself, in the order in which they are registered. */
export async function describedRoutes(dialects: readonly Dialect[]): Promise<DescribedRoute[]> {
  const found: Noted[] = [];
  const app = Fastify({ exposeHeadRoutes: false, schemaController: lazySchemas, pluginTimeout: 120_000 });
  // Nothing is asked, so that operations are only put in their places.
  const core = {} as Core;
  for (const dialect of dialects) {
    app.register(async (scope) => {
      note(scope, dialect.name, dialect, found);
      dialect.mount(scope, core);
    });
  }
  const own = serverDialect(dialects);
  app.register(async (scope) => {
    note(scope, 'server', own, found);
    mountHealth(scope, core);
    for (const [url, schema] of Object.entries(ownRoutes)) scope.get(url, { schema }, () => null);
  });
  await app.ready();
  await app.close();
  // With and without a slash at its end it is one endpoint.
  const routes = found.map(described);
  const urls = new Set(routes.map(({ method, url }) => `${method} ${url}`));
  return routes.filter(({ method, url }) => !url.endsWith('/') || !urls.has(`${method} ${url.slice(0, -1)}`));
}

/** What the app mounts beside dialects and health; a test holds them against what it serves. */
const ownRoutes: Readonly<Record<string, FastifySchema>> = {
  '/metrics': {},
  '/forward-auth': {},
  '/problems': {},
  '/problems/:code': { params: Type.Object({ code: Type.String() }) },
  '/openapi.json': {},
  '/postman.json': {},
  '/postman-environment.json': {},
};

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Schemas are read at the end: what stands around a route, as acting for a customer does, adds to them. */
function note(scope: FastifyInstance, tag: string, language: Language, found: Noted[]): void {
  scope.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      if (methods.has(method)) found.push({ method: method as Method, route, tag, language });
    }
  });
}

interface Noted extends Pick<DescribedRoute, 'method' | 'tag' | 'language'> {
  route: RouteOptions;
}

function described({ method, route: { url, schema = {} }, tag, language }: Noted): DescribedRoute {
  return { method, url, schema, tag, language, operation: language.reference.operations[`${method} ${url}`] };
}
