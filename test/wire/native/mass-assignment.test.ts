// Fields and parameters that no request has, sent to every route.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';
import { checksumOf, createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { rows } from './routes.ts';

/** What a client might hope to set; each is refused wherever it is not a field of the request. */
const hoped: Record<string, unknown> = {
  id: '00000000-0000-4000-8000-000000000000',
  organizationId: '00000000-0000-4000-8000-000000000000',
  tenantId: 'acme',
  userId: 'me',
  owner: { type: 'user', id: 'me' },
  role: 'owner',
  permissions: ['*:*'],
  isOperator: true,
  number: 1,
  createdAt: '2000-01-01T00:00:00Z',
  createdBy: 'me',
  updatedAt: null,
  active: true,
  builtIn: true,
  lifecycle: { deactivatedAt: null },
  generation: 0,
  digest: 'a'.repeat(64),
  secret: 'kw_mine',
  sealedSecret: null,
  passwordHash: '$argon2id$',
  rateLimit: 1_000_000,
  planId: 'enterprise',
  contributors: 1_000_000,
  longestTokenLifetimeMs: 60_000,
  entitlement: ['*:*'],
  apis: null,
  externalId: 'cus_7',
  metadata: { vip: true },
  kid: 'mine',
};

let server: TestServer;
let owner: string;
let acme: OrganizationFixture;
beforeAll(async () => {
  server = await startServer();
  acme = await createOrganizationFixture(server, server.organization, server.owner);
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const writing = rows.filter(({ method }) => method !== 'GET');

test.each(writing)('$route refuses every field that it does not know, and binds none [S55]', async (row) => {
  const { method, path, body = () => ({}) } = row;
  const before = await checksumOf(server.store, server.organization.id);
  const allowed = new Set([...Object.keys(body()), ...(fieldsOf[row.route] ?? [])]);
  for (const [field, value] of Object.entries(hoped).filter(([name]) => !allowed.has(name))) {
    expectFaults(await call(server, method, path(acme), owner, { ...body(), [field]: value }), `/body/${field}`);
  }
  const all = Object.fromEntries(Object.entries(hoped).filter(([name]) => !allowed.has(name)));
  const answer = await call(server, method, path(acme), owner, { ...body(), ...all });
  expect(answer.status).toBe(400);
  for (const secret of ['kw_mine', '$argon2id$']) expect(answer.text).not.toContain(secret);
  expect(await checksumOf(server.store, server.organization.id)).toBe(before);
});

test.each(rows)(
  '$route refuses every parameter that it does not know [S55]',
  async ({ route, method, path, body, needs }) => {
    const known = route === 'GET /v1/check' ? ['permissions'] : [];
    for (const name of ['organizationId', 'role', 'permissions', 'all'].filter((one) => !known.includes(one))) {
      const bearer = needs === 'open' ? undefined : owner;
      expectFaults(await call(server, method, `${path(acme)}?${name}=x`, bearer, body?.()), `/query/${name}`);
    }
  },
);

const external = ['externalId', 'metadata'];

/** Fields of a request that its row in the table leaves out. */
const fieldsOf: Record<string, readonly string[]> = {
  'POST /v1/organizations': [...external, 'longestTokenLifetimeMs', 'entitlement'],
  'PATCH /v1/organizations/:id': ['planId', 'contributors', 'longestTokenLifetimeMs', 'entitlement', ...external],
  'PATCH /v1/plans/:id': ['limits', 'whenUnavailable', 'entitlement'],
  'POST /v1/api-users': external,
  'PATCH /v1/api-users/:id': external,
  'POST /v1/tokens': [...external, 'apis', 'owner', 'limits'],
  'PATCH /v1/tokens/:id': [...external, 'owner', 'apis', 'limits'],
  'PATCH /v1/applications/:id': ['permissions'],
  'POST /v1/verify': ['permissions'],
};
