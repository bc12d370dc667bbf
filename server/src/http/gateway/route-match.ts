// Which guarded route a method and a path fall under, for calls that are not made to this server and for paths that need a
// closer look. It reads a path as the router does (a test holds the two against each other), so that the gateway and forward-auth guard the same.

import type { KeywardError } from '../../core/errors.ts';
import { memoized } from '../memoize.ts';
import { rawPathOf } from '../query.ts';
import { targetFault } from '../request-rules.ts';
import type { GuardedRoute } from './guarded-route.ts';
import { RouteError, routePattern } from './route-pattern.ts';

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

/**
 * The route of a call by its target, as it was sent; undefined where none is for it. A path that is not in its plain form
 * is a KeywardError `invalid_request`, unless its route lets it: then whoever decodes `%2F`, cuts a part at `;` or merges
 * slashes must come to the same route (S64).
 */
export function routeOf(rules: Rules, method: string, target: string): Match | KeywardError | undefined {
  // A query may hold a credential, which is nothing to remember.
  const fault = target.includes('?') ? targetFault(target) : plainFault(target).fault;
  const path = rawPathOf(target);
  if (fault === undefined) return rules.find(method, path);
  if (targetFault(target, { encodedSlashes: true, semicolons: true }) !== undefined) return fault;
  const match = rules.find(method, path);
  if (match === undefined || targetFault(target, match.route) !== undefined) return fault;
  return readings(path).every((reading) => rules.find(method, reading)?.route === match.route) ? match : fault;
}

const plainFault = memoized(1000, (target) => ({ fault: targetFault(target) }));

/** A path as servers read it that decode before they split, that know parameters of parts, or both. */
function readings(path: string): string[] {
  const cut = (one: string) => one.replace(/(?:;|%3b)[^/]*/gi, '');
  const decoded = path.replace(/%2f/gi, '/');
  const both = cut(decoded);
  return [decoded, cut(path), both, both.replace(/\/{2,}/g, '/')];
}

/** Reads the routes. Throws a RouteError for a path that cannot be guarded, and for two routes on the same calls. */
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
      if (routesHere.has(method)) throw new RouteError(twice(method, route, routesHere.get(method)));
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

function twice(method: string, { path }: GuardedRoute, other: GuardedRoute | undefined): string {
  const also = other === undefined || other.path === path ? '' : ` (as ${other.path})`;
  return `two routes are for ${method} ${path}${also}: leave one of them out, or give them different methods`;
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
