// Keyward's own paths, which no guarded route may take: a call there would be answered by whoever was registered first, or
// go to an upstream with one method and stay here with another.

import type { FastifyInstance } from 'fastify';
import type { GuardedRoute } from './guarded-route.ts';
import { RouteError } from './route-pattern.ts';

/** Notes every path that the app registers from now on, but those of guarded routes. */
export function noteOwnPaths(app: FastifyInstance): () => ReadonlySet<string> {
  const paths = new Set<string>();
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.isUpstream !== true) paths.add(url);
  });
  return () => paths;
}

/** Throws a RouteError for a route that leads to an upstream from a path of Keyward's own, whatever their methods. */
export function refuseOwnPaths(routes: readonly GuardedRoute[], own: ReadonlySet<string>): void {
  const shapes = new Map([...own].map((path) => [shapeOf(path), path]));
  const trees = [...own].filter((path) => path !== '/*' && path.endsWith('/*')).map((path) => path.slice(0, -1));
  for (const { path, upstream } of routes) {
    if (upstream == null) continue;
    const taken = shapes.get(shapeOf(path)) ?? trees.find((tree) => path.startsWith(tree))?.concat('*');
    if (taken === undefined) continue;
    throw new RouteError(
      `${path} is a path of Keyward itself (${taken}): serve this API under another path or host, or switch off the dialect that has it`,
    );
  }
}

/** A path without the names of its parameters. */
function shapeOf(path: string): string {
  return path.replace(/:[^/]*/g, ':');
}
