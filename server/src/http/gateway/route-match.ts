// Which guarded route a method and a path fall under, for calls that are not made to this server. It reads a path as the
// router does (a test holds the two against each other), so that the gateway and forward-auth guard the same.

import { memoized } from '../memoize.ts';
import type { GuardedRoute } from './guarded-route.ts';
import { routePattern } from './route-pattern.ts';

export interface Match {
  route: GuardedRoute;
  /** The value of the route's `organizationParam`, decoded. */
  organization: string | undefined;
}

export interface Rules {
  /** The route for a raw path in its plain form (see `targetFault`), or undefined: then the call is not let in. */
  find(method: string, path: string): Match | undefined;
}

/** What may follow a part of a path: a fixed part before a parameter, a parameter before the rest. */
interface Branch {
  fixed: Map<string, Branch>;
  parameter: Branch | undefined;
  rest: Map<string, GuardedRoute>;
  end: Map<string, GuardedRoute>;
}

/** Reads the routes. Throws an Error for a path that cannot be guarded, and for two routes on the same calls. */
export function rulesOf(routes: readonly GuardedRoute[]): Rules {
  const root = branch();
  for (const route of routes) {
    routePattern(route.path);
    const parts = route.path.split('/').slice(1);
    const isOpen = parts.at(-1) === '*';
    let place = root;
    for (const part of isOpen ? parts.slice(0, -1) : parts) place = next(place, part);
    for (const method of route.methods) {
      const routesHere = isOpen ? place.rest : place.end;
      if (routesHere.has(method)) throw new Error(`routes: two routes guard ${method} ${route.path}.`);
      routesHere.set(method, route);
    }
  }
  const look = (method: string, path: string): Match | undefined => {
    const parts = path.includes('%') ? path.split('/').map(decodeURIComponent) : path.split('/');
    const route = walk(root, parts, 1, method);
    return route && { route, organization: organizationIn(route, parts) };
  };
  const methods = new Set(routes.flatMap((route) => route.methods));
  const finds = new Map(
    [...methods].map((method) => [method, memoized(1000, (path) => ({ match: look(method, path) }))]),
  );
  return { find: (method, path) => finds.get(method)?.(path).match };
}

function branch(): Branch {
  return { fixed: new Map(), parameter: undefined, rest: new Map(), end: new Map() };
}

function next(place: Branch, part: string): Branch {
  if (part.startsWith(':')) {
    place.parameter ??= branch();
    return place.parameter;
  }
  const known = place.fixed.get(part) ?? branch();
  place.fixed.set(part, known);
  return known;
}

function walk(place: Branch, parts: readonly string[], at: number, method: string): GuardedRoute | undefined {
  const part = parts[at];
  if (part === undefined) return place.end.get(method);
  const fixed = place.fixed.get(part);
  return (
    (fixed && walk(fixed, parts, at + 1, method)) ??
    (place.parameter && walk(place.parameter, parts, at + 1, method)) ??
    place.rest.get(method)
  );
}

function organizationIn({ path, organizationParam }: GuardedRoute, parts: readonly string[]): string | undefined {
  if (organizationParam == null) return undefined;
  return parts[path.split('/').indexOf(`:${organizationParam}`)] ?? '';
}
