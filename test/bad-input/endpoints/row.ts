// An endpoint, and the words that rows of endpoints are made of. For tests only.

import type { DialectName } from '../../../server/src/dialects/dialect.ts';

export interface Endpoint {
  /** `METHOD /path/:parameter` as it is registered. */
  route: string;
  dialect: DialectName;
  credential: Credential;
  /** A body that it takes; `n` makes what must be unique so. */
  body?: (n: number) => Record<string, unknown>;
  /** What the path's parameter may be; placeholders as in requests.ts. */
  parameter?: string;
  /** True where the call is passed through to the guarded API, whose own affair body and query are. */
  guarded?: true;
  /** True where an answer shows what requests of other lanes do meanwhile. */
  changing?: true;
  /** Requests that change the same things keep their order; without a lane an endpoint has its own. */
  lane?: string;
  /** May cost a slow hash or a new key, so it is asked less often. */
  slow?: true;
}

export type Row = Omit<Endpoint, 'route' | 'dialect'>;

/** Each with its route. */
export type Rows = [string, Row][];

export const bearer = { credential: 'bearer' } as const;

/** Of permissions, that the one who asks has. */
export const patterns = ['read:funds'];

/** The lane of what holds permissions, and of the permissions, whose answers say who holds them. */
export const grants = 'tokens';

/** A noun of the native API that can be made, read, changed, deleted. */
export function noun(path: string, parameter: string, make: Row['body'], change: Row['body'], acts: readonly string[]) {
  const lane = lanes[path] ?? path;
  const row: Row = { ...bearer, lane, parameter };
  const named: Partial<Record<string, string>> = { permissions: 'name', roles: 'name', apis: 'handle' };
  const one = `/v1/${path}/:${named[path] ?? 'id'}`;
  return [
    [`GET /v1/${path}`, { ...bearer, lane }],
    [`POST /v1/${path}`, { ...bearer, lane, ...(make && { body: make }) }],
    ...(path === 'permissions' || path === 'roles' ? [] : [[`GET ${one}`, row]]),
    [`PATCH ${one}`, { ...row, ...(change && { body: change }) }],
    [`DELETE ${one}`, row],
    ...acts.map((act) => [`POST ${one}/${act}`, row]),
  ] as Rows;
}

/** How an endpoint is told who calls: on the request, in its body, or not at all. `basic` is a token endpoint's. */
type Credential = 'bearer' | 'body' | 'basic' | 'none';

const lanes: Partial<Record<string, string>> = { permissions: grants, roles: grants, applications: grants };
