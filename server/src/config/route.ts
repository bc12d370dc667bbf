// Guarded routes: what a path needs and where it leads. Reads and checks the list in keyward.yaml; serves nothing.

import { longestObservationMs } from '@keyward/rules/observed/observation';
import { isPermission } from '@keyward/rules/permission';
import { dialectNames } from '../dialects/dialect.ts';
import { type CredentialNeed, credentialForms, type GuardedRoute } from '../http/gateway/guarded-route.ts';
import type { PassLimits } from '../http/gateway/pass-limits.ts';
import { rulesOf } from '../http/gateway/route-match.ts';
import { readCors } from './cors.ts';
import { isMap, seconds, size, unknownWord, words } from './value.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const needs: readonly CredentialNeed[] = ['required', 'optional', 'none'];

const limitFields = ['bodyLimit', 'uploadSeconds', 'answerSeconds', 'idleSeconds'] as const;
/** What says nothing without an upstream. */
const upstreamFields = ['keepCredential', 'keepHost', 'securityHeaders', 'cors', ...limitFields] as const;
/** Every field of a route. */
export const routeFields = [
  'path',
  'methods',
  'credential',
  'anonymous',
  'accepts',
  'permissions',
  'observe',
  'match',
  'organizationParam',
  'dialect',
  'api',
  'plan',
  'cost',
  'encodedSlashes',
  'semicolons',
  'upstream',
  ...upstreamFields,
];

type Fields = Readonly<Record<string, unknown>>;

/** Reads a list of routes; only `path` is required. Throws an Error that names the route and the field. */
export function readRoutes(value: unknown): readonly GuardedRoute[] {
  if (!Array.isArray(value)) throw new Error('must be a list of routes');
  const routes = value.map((route: unknown, index) => {
    if (!isMap(route)) throw new Error(`must hold maps; number ${index + 1} is none`);
    const stranger = Object.keys(route).find((field) => !routeFields.includes(field));
    const name = typeof route.path === 'string' ? route.path : `number ${index + 1}`;
    if (stranger !== undefined) throw new Error(`is wrong at ${name}: ${unknownWord(stranger, routeFields, 'field')}`);
    try {
      return readRoute(route);
    } catch (error) {
      throw new Error(`is wrong at ${name}: ${error instanceof Error ? error.message : 'unreadable'}`, {
        cause: error,
      });
    }
  });
  try {
    rulesOf(routes);
  } catch (error) {
    throw new Error(`is wrong: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
  return routes;
}

function readRoute(route: Fields): GuardedRoute {
  const { path, match = 'all', dialect = null, organizationParam = null, api = null, plan = null, cost = 1 } = route;
  const permissions = words(route.permissions ?? []);
  const verbs = words(route.methods ?? ['GET']).map((method) => method.toUpperCase());
  const known = dialectNames.find((name) => name === dialect) ?? null;
  const credential = readNeed(route);
  const upstream = route.upstream == null ? null : upstreamOf(route.upstream);
  if (typeof path !== 'string' || !/^\/[\w.~:*/-]*$/.test(path)) throw new Error('path must be like /v2/funds');
  if (verbs.length === 0 || !verbs.every((verb) => methods.includes(verb))) {
    throw new Error(`methods must be some of ${methods.join(', ')}`);
  }
  if (!permissions.every(isPermission)) throw new Error('permissions must each be like read:funds');
  if (match !== 'all' && match !== 'any') throw new Error('match must be all or any');
  if (credential !== 'required' && permissions.length > 0) {
    throw new Error('a route that needs permissions needs a credential: leave out permissions, or credential');
  }
  if (dialect !== null && known === null) throw new Error(unknownWord(String(dialect), dialectNames, 'dialect'));
  if (api !== null && typeof api !== 'string') throw new Error('api must be the handle of an API');
  if (plan !== null && typeof plan !== 'string') throw new Error('plan must be the id of a plan');
  if (typeof cost !== 'number' || !Number.isSafeInteger(cost) || cost < 0) throw new Error('cost must be 0 or more');
  const pointless = upstream === null ? upstreamFields.find((field) => route[field] !== undefined) : undefined;
  if (pointless !== undefined) throw new Error(`${pointless} needs an upstream`);
  const isNamed = typeof organizationParam === 'string' && path.split('/').includes(`:${organizationParam}`);
  if (organizationParam !== null && !isNamed) throw new Error('organizationParam must name a parameter of the path');
  if (isNamed && credential === 'optional') throw new Error('organizationParam needs a credential');
  return {
    path,
    methods: verbs,
    credential,
    accepts: readForms(route.accepts, credential),
    permissions,
    ...readObserved(route, permissions),
    match,
    dialect: known,
    organizationParam: isNamed ? organizationParam : null,
    api,
    plan,
    cost,
    encodedSlashes: yes(route, 'encodedSlashes'),
    semicolons: yes(route, 'semicolons'),
    upstream,
    keepCredential: yes(route, 'keepCredential'),
    keepHost: yes(route, 'keepHost'),
    securityHeaders: yes(route, 'securityHeaders', true),
    cors: route.cors == null ? null : readCors(route.cors, verbs),
    limits: readLimits(route),
  };
}

/** What says no time, or none that is near enough, stops the start: it is never taken for one that is to be observed for ever. */
function readObserved({ observe }: Fields, permissions: readonly string[]): { observedUntil?: number } {
  if (observe == null) return {};
  if (permissions.length === 0) throw new Error('observe is of permissions, and the route needs none');
  const until =
    observe instanceof Date
      ? observe.getTime()
      : rfc3339.test(String(observe))
        ? Date.parse(String(observe))
        : Number.NaN;
  if (Number.isNaN(until)) throw new Error('observe must be a time, such as 2030-01-31T12:00:00Z');
  if (until - Date.now() > longestObservationMs) throw new Error('observe must be a time within the next 30 days');
  return { observedUntil: until };
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** `anonymous: true` is an older name of `credential: none`. */
function readNeed({ credential, anonymous = false }: Fields): CredentialNeed {
  if (typeof anonymous !== 'boolean') throw new Error('anonymous must be true or false');
  if (credential === undefined) return anonymous ? 'none' : 'required';
  const need = needs.find((one) => one === credential);
  if (need === undefined) throw new Error(`credential must be ${needs.join(', ')}`);
  if (anonymous && need !== 'none') throw new Error(`a route is anonymous or has credential: ${need}, not both`);
  return need;
}

function readForms(accepts: unknown, credential: CredentialNeed): NonNullable<GuardedRoute['accepts']> | null {
  if (accepts == null) return null;
  if (credential === 'none') throw new Error('accepts needs a credential');
  const wanted = words(accepts);
  const stranger = wanted.find((one) => !credentialForms.some((form) => form === one));
  if (stranger !== undefined) throw new Error(unknownWord(stranger, credentialForms, 'form of credential'));
  if (wanted.length === 0) throw new Error(`accepts must be some of ${credentialForms.join(', ')}`);
  return credentialForms.filter((form) => wanted.includes(form));
}

function readLimits(route: Fields): Partial<PassLimits> {
  const read = <T>(field: (typeof limitFields)[number], reader: (value: unknown) => T): T | undefined => {
    if (route[field] === undefined) return undefined;
    try {
      return reader(route[field]);
    } catch (error) {
      throw new Error(`${field} ${error instanceof Error ? error.message : 'is unreadable'}`, { cause: error });
    }
  };
  const ms = (field: (typeof limitFields)[number]) => {
    const value = read(field, seconds);
    return value === undefined ? undefined : value * 1000;
  };
  const limits = {
    bodyBytes: read('bodyLimit', size),
    uploadMs: ms('uploadSeconds'),
    answerMs: ms('answerSeconds'),
    idleMs: ms('idleSeconds'),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function yes(route: Fields, field: string, fallback = false): boolean {
  const value = route[field] ?? fallback;
  if (typeof value !== 'boolean') throw new Error(`${field} must be true or false`);
  return value;
}

function upstreamOf(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && url.href === url.origin + url.pathname && /^https?:$/.test(url.protocol);
  if (!isPlain) throw new Error('upstream must be an address like http://127.0.0.1:3000');
  return url.href.replace(/\/$/, '');
}
