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

/**
 * Throws a RouteError for a route that leads to an upstream from a path of Keyward's own, whatever their methods, or from one
 * that stands for a name in it: `/v1/users/me` would take the calls about a user called `me`.
 */
export function refuseOwnPaths(routes: readonly GuardedRoute[], own: ReadonlySet<string>): void {
  const trees = [...own].filter((path) => path !== '/*' && path.endsWith('/*')).map((path) => path.slice(0, -1));
  for (const { path, upstream } of routes) {
    if (upstream == null) continue;
    const taken =
      [...own].find((one) => standing(path, one) === 'before') ??
      trees.find((tree) => path.startsWith(tree))?.concat('*');
    if (taken === undefined) continue;
    throw new RouteError(
      `${path} is a path of Keyward itself (${taken}): serve this API under another path or host, or switch off the dialect that has it`,
    );
  }
}

/** Routes that lead to an upstream and are wider than paths of Keyward's own, which the router gives to Keyward. */
export function routesOverOwnPaths(
  routes: readonly GuardedRoute[],
  own: ReadonlySet<string>,
): { route: string; own: string[] }[] {
  return routes
    .filter(({ upstream }) => upstream != null)
    .map(({ path }) => ({ route: path, own: [...own].filter((one) => standing(path, one) === 'behind') }))
    .filter((found) => found.own.length > 0);
}

/**
 * Where calls fall under both paths: whether the router gives some to the route, as the same path or as the one with a fixed
 * part where the other has a parameter, or all to Keyward. Undefined where no call does.
 */
function standing(path: string, own: string): 'before' | 'behind' | undefined {
  if (own.endsWith('/*')) return undefined;
  const isOpen = path.endsWith('/*');
  const parts = (isOpen ? path.slice(0, -2) : path).split('/');
  const ownParts = own.split('/');
  if (isOpen ? parts.length >= ownParts.length : parts.length !== ownParts.length) return undefined;
  const [isParameter, isOwnParameter] = [parts, ownParts].map((all) => all.map((part) => part.startsWith(':')));
  const differs = (at: number) => isParameter?.[at] !== isOwnParameter?.[at];
  const meets = parts.every((part, at) => isParameter?.[at] || isOwnParameter?.[at] || part === ownParts[at]);
  if (!meets) return undefined;
  const isNarrower = parts.some((_, at) => differs(at) && isOwnParameter?.[at]);
  const isSame = !isOpen && !parts.some((_, at) => differs(at));
  return isNarrower || isSame ? 'before' : 'behind';
}
