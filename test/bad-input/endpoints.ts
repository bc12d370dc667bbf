// Every endpoint of the server, with a request that it would take: what bad requests are made from. The test beside it
// compares this table with the routes that are registered, so that a new route without a row fails.

import Fastify, { type RouteOptions } from 'fastify';
import { demoRoutes } from '../../server/src/cli/demo/data.ts';
import type { Core } from '../../server/src/core/core.ts';
import { allDialects } from '../../server/src/dialects/all.ts';
import type { DialectName } from '../../server/src/dialects/dialect.ts';
import { mountHealth } from '../../server/src/http/health.ts';
import { canary } from './headers.ts';

/** How an endpoint is told who calls: on the request, in its body, or not at all. `basic` is a token endpoint's. */
type Credential = 'bearer' | 'body' | 'basic' | 'none';

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

type Row = Omit<Endpoint, 'route' | 'dialect'>;

const bearer = { credential: 'bearer' } as const;
const tokenLimit = { limit: 5, windowMs: 60_000 };
const planLimit = { limit: 5, windowMs: 60_000, per: 'organization', cap: 9 };
const patterns = ['read:funds'];

/** Whose outside tokens are taken. */
const trust = {
  issuer: 'https://issuer.example',
  audience: 'keyward',
  conditions: { sub: 'acme' },
  jwksUri: 'https://issuer.example/keys',
  jwks: null,
};

const { issuer: _, ...change } = trust;

/** What holds permissions, and the permissions, whose answers say who holds them. */
const grants = 'tokens';
const lanes: Partial<Record<string, string>> = { permissions: grants, roles: grants };

/** A noun of the native API that can be made, read, changed, deleted. */
function noun(path: string, parameter: string, make: Row['body'], change: Row['body'], acts: readonly string[]) {
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
  ] as [string, Row][];
}

const native: [string, Row][] = [
  [
    'POST /v1/login',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ email: 'x@acme.example', password: 'wrong', code: '1' }),
    },
  ],
  [
    'POST /v1/access-tokens',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ username: 'x@api.keyward.local', password: 'wrong', form: 'jwt', lifetimeSeconds: 60 }),
    },
  ],
  [
    'POST /v1/session',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ email: 'x@acme.example', password: 'wrong', code: '123456' }),
    },
  ],
  ['GET /v1/set-up', { credential: 'none' }],
  [
    'POST /v1/set-up',
    {
      credential: 'body',
      body: () => ({
        token: 'wrong',
        organization: 'acme',
        email: 'a@acme.example',
        name: 'A',
        password: 'fifteen characters',
      }),
    },
  ],
  ['POST /v1/password-links/look', { credential: 'body', body: () => ({ token: 'wrong' }) }],
  [
    'POST /v1/password-links/redeem',
    { credential: 'body', body: () => ({ token: 'wrong', password: 'fifteen characters' }) },
  ],
  ['GET /v1/session', bearer],
  ['DELETE /v1/session', bearer],
  ['POST /v1/session/confirmation', { ...bearer, body: () => ({ password: 'wrong' }) }],
  ['GET /v1/sessions', bearer],
  ['DELETE /v1/sessions', bearer],
  ['DELETE /v1/sessions/:id', { ...bearer, parameter: 'nosuchsession' }],
  ['GET /v1/self', bearer],
  ['PATCH /v1/self', { ...bearer, body: () => ({ name: 'Myself' }) }],
  ['POST /v1/self/second-factor', { ...bearer, slow: true, body: () => ({ password: 'wrong' }) }],
  ['POST /v1/self/second-factor/confirmation', { ...bearer, body: () => ({ code: '123456' }) }],
  ['DELETE /v1/self/second-factor', { ...bearer, slow: true, body: () => ({ password: 'wrong' }) }],
  ['POST /v1/users/:id/password-link', { ...bearer, lane: 'users', parameter: '@@user@@' }],
  ['DELETE /v1/users/:id/second-factor', { ...bearer, lane: 'users', parameter: '@@user@@' }],
  [
    'POST /v1/invitations',
    { ...bearer, lane: 'users', slow: true, body: (n) => ({ email: `i${n}@acme.example`, name: 'I', role: 'member' }) },
  ],
  ['GET /v1/check', bearer],
  [
    'POST /v1/verify',
    {
      ...bearer,
      body: () => ({
        credential: canary,
        permissions: patterns,
        dpop: { jkt: 'A'.repeat(43) },
        match: 'any',
        cost: 0,
        address: '192.0.2.1',
        cursor: 0,
        plan: 'no-such-plan',
        api: 'no-such-api',
        organization: 'acme',
      }),
    },
  ],
  ['PUT /v1/self/password', { ...bearer, slow: true, body: () => ({ current: 'wrong', next: 'fifteen characters' }) }],
  ...noun(
    'organizations',
    '@@org@@',
    (n) => ({
      name: `org-${n}`,
      planId: 'free',
      contributors: 2,
      longestTokenLifetimeMs: null,
      entitlement: ['*:*'],
      externalId: `cus-${n}`,
      metadata: { n },
    }),
    (n) => ({
      name: `renamed-${n}`,
      planId: 'free',
      contributors: 3,
      longestTokenLifetimeMs: null,
      entitlement: ['*:*'],
      externalId: `cus-${n}`,
      metadata: { n },
    }),
    ['deactivate', 'activate', 'reset-budget'],
  ),
  [
    'POST /v1/organizations/:id/owners',
    {
      ...bearer,
      lane: 'organizations',
      parameter: '@@org@@',
      body: (n) => ({ email: `owner-${n}@victim.example`, name: 'O' }),
    },
  ],
  ...noun(
    'users',
    '@@user@@',
    (n) => ({ email: `u${n}@acme.example`, name: 'U', role: 'member' }),
    () => ({ name: 'V', role: 'viewer' }),
    ['deactivate', 'activate'],
  ),
  ['POST /v1/users/:id/reset-password', { ...bearer, lane: 'users', parameter: '@@user@@', slow: true }],
  ...noun(
    'roles',
    'auditor',
    (n) => ({ name: `role-${n}`, description: 'd', permissions: patterns }),
    () => ({ description: 'd', permissions: patterns }),
    [],
  ),
  ...noun(
    'api-users',
    '@@apiUser@@',
    (n) => ({ name: 'A', role: 'viewer', externalId: `till-${n}`, metadata: { n } }),
    (n) => ({ name: 'B', role: 'member', externalId: `till-${n}`, metadata: { n } }),
    ['activate', 'restore'],
  ),
  [
    'POST /v1/api-users/:id/deactivate',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: () => ({ cutOff: true }) },
  ],
  [
    'POST /v1/api-users/:id/rotate',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: () => ({ overlapSeconds: 0 }) },
  ],
  ['DELETE /v1/api-users/:id/previous-password', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['POST /v1/api-users/:id/successor', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['GET /v1/api-users/:id/access-tokens', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['GET /v1/api-users/:id/federated-credentials', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  [
    'POST /v1/api-users/:id/federated-credentials',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: (n) => ({ name: `CI ${n}`, ...trust }) },
  ],
  ...(['GET', 'PATCH', 'DELETE'] as const).map((method): [string, Row] => [
    `${method} /v1/federated-credentials/:id`,
    {
      ...bearer,
      lane: 'api-users',
      parameter: '@@apiUser@@',
      ...(method === 'PATCH' && { body: () => ({ ...change, name: 'CI' }) }),
    },
  ]),
  ...noun(
    'tokens',
    '@@token@@',
    (n) => ({
      name: `token-${n}`,
      description: 'd',
      permissions: patterns,
      use: 'both',
      expiresAt: '2099-01-01T00:00:00Z',
      readable: true,
      addresses: ['192.0.2.0/24'],
      apis: null,
      limits: [tokenLimit],
      owner: { type: 'user', id: '@@user@@' },
      externalId: `key-${n}`,
      metadata: { n },
    }),
    (n) => ({
      name: `renamed-${n}`,
      description: 'e',
      permissions: patterns,
      addresses: [],
      apis: null,
      limits: [tokenLimit],
      owner: { type: 'user', id: '@@user@@' },
      use: 'both',
      expiresAt: '2099-01-01T00:00:00Z',
      externalId: `key-${n}`,
      metadata: { n },
    }),
    ['deactivate', 'activate', 'restore'],
  ),
  [
    'POST /v1/tokens/bulk',
    { ...bearer, lane: 'tokens', body: () => ({ ids: ['@@token@@'], action: 'activate', descendants: false }) },
  ],
  [
    'POST /v1/tokens/:id/rotate',
    { ...bearer, lane: 'tokens', parameter: '@@token@@', body: () => ({ overlapSeconds: 0 }) },
  ],
  ['DELETE /v1/tokens/:id/previous-secret', { ...bearer, lane: 'tokens', parameter: '@@token@@' }],
  [
    'POST /v1/tokens/:id/reveal',
    { ...bearer, lane: 'tokens', parameter: '@@token@@', slow: true, body: () => ({ password: 'wrong' }) },
  ],
  ...noun(
    'applications',
    'no-such-application',
    (n) => ({
      name: `application-${n}`,
      type: 'public',
      redirectUris: ['https://app.example/callback'],
      grants: ['authorization_code'],
      permissions: patterns,
      logoUrl: 'https://app.example/logo.png',
      jwksUri: null,
      jwks: null,
    }),
    (n) => ({
      name: `renamed-${n}`,
      redirectUris: ['https://app.example/other'],
      grants: ['authorization_code'],
      permissions: patterns,
      logoUrl: null,
      jwksUri: null,
      jwks: null,
    }),
    ['rotate', 'deactivate', 'activate'],
  ),
  ['GET /v1/authorizations', bearer],
  ['DELETE /v1/authorizations/:id', { ...bearer, parameter: 'no-such-authorization' }],
  ['GET /v1/self/authorizations', bearer],
  ['DELETE /v1/self/authorizations/:id', { ...bearer, parameter: 'no-such-authorization' }],
  ['POST /v1/consents/look', { ...bearer, body: () => ({ request: 'wrong' }) }],
  ['POST /v1/consents', { ...bearer, body: () => ({ request: 'wrong', allow: true, permissions: [] }) }],
  ['POST /v1/devices/look', { ...bearer, body: () => ({ userCode: 'wrong' }) }],
  ['POST /v1/devices', { ...bearer, body: () => ({ userCode: 'wrong', allow: true, permissions: [] }) }],
  ...noun(
    'permissions',
    'read:funds',
    (n) => ({ name: `read:thing-${n}`, api: 'default', description: 'd', group: 'g' }),
    () => ({ description: 'e', group: 'h' }),
    [],
  ),
  ['GET /v1/permissions/:name/holders', { ...bearer, lane: grants, parameter: 'read:funds' }],
  ...noun(
    'apis',
    'orders',
    (n) => ({ handle: `api-${n}`, name: 'A', identifier: `urn:test:api-${n}`, ...signed, description: 'd' }),
    (n) => ({ name: 'B', identifier: `urn:test:renamed-${n}`, ...signed, description: 'e' }),
    [],
  ),
  ['GET /v1/plans', { ...bearer, lane: 'plans' }],
  [
    'POST /v1/plans',
    {
      ...bearer,
      lane: 'plans',
      body: (n) => ({
        id: `plan-${n}`,
        name: 'P',
        limits: [planLimit],
        whenUnavailable: 'deny',
        entitlement: ['*:*'],
      }),
    },
  ],
  ['DELETE /v1/plans/:id', { ...bearer, lane: 'plans', parameter: 'no-such-plan' }],
  [
    'PATCH /v1/plans/:id',
    {
      ...bearer,
      lane: 'plans',
      parameter: 'some-plan',
      body: () => ({ name: 'P', limits: [planLimit], whenUnavailable: 'local', entitlement: ['*:*'] }),
    },
  ],
  [
    'PUT /v1/plans/:id',
    {
      ...bearer,
      lane: 'plans',
      parameter: 'some-plan',
      body: () => ({ name: 'P', limits: [planLimit], whenUnavailable: 'deny', entitlement: ['*:*'] }),
    },
  ],
  ['GET /v1/signing-keys', { ...bearer, lane: 'signing-keys' }],
  [
    'POST /v1/signing-keys/rotate',
    { ...bearer, lane: 'signing-keys', slow: true, body: () => ({ profile: 'oauth', algorithm: 'ES256' }) },
  ],
  ['POST /v1/signing-keys/:kid/revoke', { ...bearer, lane: 'signing-keys', parameter: 'nosuchkey' }],
  ['GET /v1/journal', { ...bearer, changing: true }],
  ['GET /v1/journal/export', { ...bearer, changing: true }],
  ['GET /v1/journal/chain', { ...bearer, changing: true }],
  ['GET /v1/usage', { ...bearer, changing: true }],
  ['GET /v1/budget', { ...bearer, changing: true }],
  ['GET /v1/verifiers', { ...bearer, changing: true }],
  ['GET /v1/revoked-access-tokens', bearer],
  ['GET /v1/receipts/latest', { ...bearer, changing: true }],
  ['GET /v1/settings', bearer],
  ['GET /v1/feed', bearer],
  ['POST /v1/feed/acknowledgements', { ...bearer, body: () => ({ verifier: 'v', cursor: 1 }) }],
  ['POST /v1/leases', { ...bearer, body: () => ({ verifier: 'v', cursor: 0, leases: [{ wanted: 1, returned: 1 }] }) }],
  [
    'POST /v1/lookup',
    { ...bearer, body: () => ({ secret: '@@token@@', start: 'kw_abc', lastFour: 'abcd', address: '192.0.2.1' }) },
  ],
  ['GET /.well-known/jwks.json', { credential: 'none', lane: 'signing-keys' }],
  ...['GET /healthz', 'HEAD /healthz', 'GET /readyz', 'HEAD /readyz'].map((route): [string, Row] => [
    route,
    { credential: 'none' },
  ]),
];

const accessTokens = '/api/1.0/open/access-tokens';
const debricked: [string, Row][] = [
  [
    'POST /api/login_check',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ _username: 'x@acme.example', _password: 'wrong' }),
    },
  ],
  ['POST /api/login_refresh', { credential: 'body', lane: 'sign-in', body: () => ({ refresh_token: 'wrong' }) }],
  ['GET /app/oauth/authorize', { credential: 'none' }],
  [
    'POST /app/oauth/token',
    {
      credential: 'body',
      lane: 'sign-in',
      body: () => ({
        grant_type: 'refresh_token',
        refresh_token: 'wrong',
        client_id: 'x',
        client_secret: 'wrong',
        code: 'wrong',
        redirect_uri: 'http://localhost:9096/callback',
        code_verifier: 'wrong',
      }),
    },
  ],
  ...[accessTokens, `${accessTokens}/`].flatMap((path): [string, Row][] => [
    [`GET ${path}`, { ...bearer, lane: 'tokens' }],
    [
      `POST ${path}`,
      { ...bearer, lane: 'tokens', body: () => ({ description: 'd', adminToken: false, access: patterns }) },
    ],
  ]),
  [
    `POST ${accessTokens}/update-access-token`,
    { ...bearer, lane: 'tokens', body: () => ({ tokenId: 7, description: 'e', adminToken: false, access: patterns }) },
  ],
  [`DELETE ${accessTokens}/:tokenId`, { ...bearer, lane: 'tokens', parameter: '@@number@@' }],
];

const bluebricks: [string, Row][] = [
  ['POST /api/v1/auth/key', { ...bearer, lane: 'tokens', body: (n) => ({ name: `key-${n}` }) }],
  ['GET /api/v1/auth/keys', { ...bearer, lane: 'tokens' }],
  ['POST /api/v1/auth/key/deactivate', { ...bearer, lane: 'tokens', body: () => ({ name: 'victim' }) }],
  ['POST /api/v1/auth/key/activate', { ...bearer, lane: 'tokens', body: () => ({ name: 'victim' }) }],
];

/** Of an API. */
const signed = { signingAlgorithm: 'ES256' };

export const endpoints: readonly Endpoint[] = [
  ...named('native', native),
  ...named('oauth2', [
    ['GET /oauth/authorize', { credential: 'none' }],
    ['POST /oauth/device', { credential: 'basic' }],
    ['POST /oauth/token', { credential: 'basic', lane: 'sign-in' }],
    ['POST /oauth/introspect', { credential: 'basic' }],
    ['POST /oauth/revoke', { credential: 'basic' }],
    ['GET /.well-known/oauth-authorization-server', { credential: 'none' }],
    ['GET /.well-known/oauth-protected-resource', { credential: 'none' }],
    ['GET /.well-known/oauth-protected-resource/*', { credential: 'none' }],
  ]),
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

function named(dialect: DialectName, rows: readonly [string, Row][]): Endpoint[] {
  return rows.map(([route, row]) => ({ route, dialect, ...row }));
}
