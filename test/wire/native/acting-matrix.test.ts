// `?organization=` on every route: an operator with and without the permission, another organization's owner, nobody.
// Generated from the registered routes.

import { ownPermissions } from '@keyward/rules/own-permissions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden, expectProblem, nobody } from './calls.ts';
import { checksumOf, createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { registeredRoutes, rows } from './routes.ts';

/** Routes about what is an organization's own; all others refuse the parameter. */
const own =
  /^\/v1\/(users|roles|api-users|federated-credentials|applications|authorizations|tokens|import-recipes|imports|usage|advice|observations|calls|refusals|budget|journal|webhooks|webhook-deliveries)(\/|$)/;
const except = new Set(['POST /v1/users/:id/password-link', 'GET /v1/journal/chain']);
const isOwn = ({ route, pattern }: { route: string; pattern: string }) => own.test(pattern) && !except.has(route);

let server: TestServer;
let theirs: OrganizationFixture;
let acme: OrganizationFixture;
let globex: OrganizationFixture;
let till: string;
const bearers = { acting: '', lacking: '', member: '', neighbour: '', themselves: '' };

beforeAll(async () => {
  server = await startServer();
  const initech = await server.addOrganization('initech');
  const other = await server.addOrganization('globex');
  acme = await createOrganizationFixture(server, server.organization, server.owner);
  theirs = await createOrganizationFixture(server, initech, initech.owner);
  globex = await createOrganizationFixture(server, other, other.owner);
  bearers.acting = await bearerOf(server, server.owner);
  bearers.lacking = await bearerOf(
    server,
    server.owner,
    ownPermissions.filter((one) => one !== 'act:organization'),
  );
  bearers.member = (await bearerWithRole(server, server.organization, 'member')).secret;
  const { apiUser } = await server.core.createApiUser(systemIn(initech), { name: 'Till', role: 'member' });
  till = apiUser.id;
  bearers.neighbour = await bearerOf(server, other.owner);
  bearers.themselves = await bearerOf(server, initech.owner);
});
afterAll(() => server?.stop());

const checksums = (...all: OrganizationFixture[]) =>
  Promise.all(all.map(({ organization }) => checksumOf(server.store, organization)));

test('is tried on every registered route [G15]', async () => {
  expect((await registeredRoutes()).sort()).toEqual(rows.map(({ route }) => route).sort());
  expect(rows.filter(isOwn).length).toBeGreaterThan(35);
});

describe.each(rows.filter((row) => row.needs !== 'open' && isOwn(row)))('$route', ({ route, method, path, body }) => {
  const send = (bearer: string | undefined, organization: string, of = theirs) =>
    call(server, method, `${path(of)}?organization=${organization}`, bearer, bodyOf());
  const bodyOf = () => {
    if (route !== 'POST /v1/tokens') return body?.();
    return { ...body?.(), owner: { type: 'api_user', id: till } };
  };

  test('refuses whoever may not act for it, and tells nobody whether it exists [G15]', async () => {
    const before = await checksums(theirs, acme, globex);
    expectProblem(await send(undefined, theirs.organization), 401, 'unauthenticated');
    for (const bearer of [bearers.lacking, bearers.member, bearers.neighbour, bearers.themselves]) {
      const answer = await send(bearer, theirs.organization);
      expectForbidden(answer, 'act:organization');
      expect((await send(bearer, nobody)).text).toBe(answer.text);
      expect((await send(bearer, '')).text).toBe(answer.text);
    }
    expect(await checksums(theirs, acme, globex)).toEqual(before);
  });

  test('reaches nothing but what is the organization’s own for whoever may [G15]', async () => {
    const before = await checksums(acme, globex);
    for (const of of [acme, globex]) {
      const answer = await send(bearers.acting, theirs.organization, of);
      // The journal says which organization acted; the others are the whole server's.
      const shown = ['plan', 'kid', 'api', 'permission', ...(of === acme ? ['organization'] : [])];
      const ids = Object.entries(of).filter(([name]) => !shown.includes(name));
      if (path(of) !== path(theirs)) expect([403, 404], answer.text).toContain(answer.status);
      else for (const [, id] of ids) expect(answer.text).not.toContain(id);
    }
    const answer = await send(bearers.acting, theirs.organization);
    // Reading a token again is for the user who owns it.
    const usual = route === 'POST /v1/tokens/:id/reveal' ? [403] : [200, 201, 204, 404, 409];
    expect(usual, answer.text).toContain(answer.status);
    expect(await checksums(acme, globex)).toEqual(before);
  });

  test('answers 404 for an organization that is not there, and 400 for what names none', async () => {
    const before = await checksums(theirs, acme, globex);
    expect(expectProblem(await send(bearers.acting, nobody), 404, 'not_found').detail).toContain(nobody);
    expectFaults(await send(bearers.acting, ''), '/query/organization');
    expectFaults(await send(bearers.acting, 'x'.repeat(65)), '/query/organization');
    expect((await send(bearers.acting, 'x&organization=y')).status).toBe(400);
    expect(await checksums(theirs, acme, globex)).toEqual(before);
  });
});

describe.each(rows.filter((row) => row.needs === 'open' || !isOwn(row)))('$route', ({ method, path, body, needs }) => {
  test('says that it takes no organization to act for, and does nothing [G15]', async () => {
    const before = await checksums(theirs, acme, globex);
    const target = `${path(theirs)}?organization=${theirs.organization}`;
    const all = needs === 'open' || path(theirs) === '/v1/check' ? [undefined] : Object.values(bearers);
    for (const bearer of all) {
      const answer = await call(server, method, target, bearer, body?.());
      expectFaults(answer, '/query/organization');
      expect(answer.text).toContain('not about one organization');
    }
    if (all.length > 1) expectProblem(await call(server, method, target, undefined, body?.()), 401, 'unauthenticated');
    expect(await checksums(theirs, acme, globex)).toEqual(before);
  });
});
