// Guarded routes: what a path needs and where it leads. Reads and checks the list in keyward.yaml; serves nothing.

import { isPermission } from '@keyward/rules/permission';
import type { GuardedRoute } from '../http/gateway/guarded-route.ts';
import { dialectNames, isMap, unknownWord, words } from './value.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const fields = [
  'path',
  'methods',
  'permissions',
  'match',
  'anonymous',
  'dialect',
  'organizationParam',
  'plan',
  'cost',
  'upstream',
  'keepCredential',
];

/** Reads a list of routes; only `path` is required. Throws an Error that names the route and the field. */
export function readRoutes(value: unknown): readonly GuardedRoute[] {
  if (!Array.isArray(value)) throw new Error('must be a list of routes');
  return value.map((route: unknown, index) => {
    if (!isMap(route)) throw new Error(`must hold maps; number ${index + 1} is none`);
    const stranger = Object.keys(route).find((field) => !fields.includes(field));
    const name = typeof route.path === 'string' ? route.path : `number ${index + 1}`;
    if (stranger !== undefined) throw new Error(`is wrong at ${name}: ${unknownWord(stranger, fields, 'field')}`);
    try {
      return readRoute(route);
    } catch (error) {
      throw new Error(`is wrong at ${name}: ${error instanceof Error ? error.message : 'unreadable'}`, {
        cause: error,
      });
    }
  });
}

function readRoute(route: Readonly<Record<string, unknown>>): GuardedRoute {
  const {
    path,
    match = 'all',
    anonymous = false,
    dialect = null,
    organizationParam = null,
    plan = null,
    cost = 1,
    upstream = null,
    keepCredential = false,
  } = route;
  const permissions = words(route.permissions ?? []);
  const verbs = words(route.methods ?? ['GET']).map((method) => method.toUpperCase());
  const known = dialectNames.find((name) => name === dialect) ?? null;
  if (typeof path !== 'string' || !/^\/[\w.~:*/-]*$/.test(path)) throw new Error('path must be like /v2/funds');
  if (verbs.length === 0 || !verbs.every((verb) => methods.includes(verb))) {
    throw new Error(`methods must be some of ${methods.join(', ')}`);
  }
  if (!permissions.every(isPermission)) throw new Error('permissions must each be like read:funds');
  if (match !== 'all' && match !== 'any') throw new Error('match must be all or any');
  if (typeof anonymous !== 'boolean') throw new Error('anonymous must be true or false');
  if (anonymous && permissions.length > 0) throw new Error('a route is anonymous or needs permissions, not both');
  if (dialect !== null && known === null) throw new Error(unknownWord(String(dialect), dialectNames, 'dialect'));
  if (plan !== null && typeof plan !== 'string') throw new Error('plan must be the id of a plan');
  if (typeof cost !== 'number' || !Number.isSafeInteger(cost) || cost < 0) throw new Error('cost must be 0 or more');
  if (typeof keepCredential !== 'boolean') throw new Error('keepCredential must be true or false');
  if (keepCredential && upstream === null) throw new Error('keepCredential needs an upstream');
  const isNamed = typeof organizationParam === 'string' && path.split('/').includes(`:${organizationParam}`);
  if (organizationParam !== null && !isNamed) throw new Error('organizationParam must name a parameter of the path');
  return {
    path,
    methods: verbs,
    permissions,
    match,
    anonymous,
    dialect: known,
    organizationParam: isNamed ? organizationParam : null,
    plan,
    cost,
    upstream: upstream === null ? null : upstreamOf(upstream),
    keepCredential,
  };
}

function upstreamOf(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && url.href === url.origin + url.pathname && /^https?:$/.test(url.protocol);
  if (!isPlain) throw new Error('upstream must be an address like http://127.0.0.1:3000');
  return url.href.replace(/\/$/, '');
}
