// Every route against every kind of caller who may not use it, and every role. Generated from the registered routes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInRoles } from '../../../server/src/core/caller/built-in-roles.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, challengeOf, expectProblem, nobody } from './calls.ts';
import { checksumOf, createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { registeredRoutes, rows } from './routes.ts';

/** Ids that are nobody's, so that who may do a thing does it to nothing. */
const nowhere: OrganizationFixture = {
  organization: nobody,
  user: nobody,
  apiUser: nobody,
  deletedApiUser: nobody,
  federatedCredential: nobody,
  token: nobody,
  deletedToken: nobody,
  recipe: nobody,
  application: nobody,
  authorization: nobody,
  webhook: nobody,
  delivery: nobody,
  role: 'no-such-role',
  permission: 'read:no-such-thing',
  api: 'no-such-api',
  plan: 'no-such-plan',
  kid: 'no-such-key',
};

/** What is the whole server's and seen in every organization. */
const everybodys = { plan: '-', kid: '-', api: '-', permission: '-' };

let server: TestServer;
let acme: OrganizationFixture;
let theirs: OrganizationFixture;
let stranger: string;
const bearers = new Map<string, string>();

beforeAll(async () => {
  server = await startServer();
  acme = await createOrganizationFixture(server, server.organization, server.owner);
  const initech = await server.addOrganization('initech');
  theirs = await createOrganizationFixture(server, initech, initech.owner);
  stranger = await bearerOf(server, (await server.addOrganization('globex')).owner);
  await server.core.createRole(systemIn(server.organization), { name: 'none', permissions: [] });
  for (const role of [...builtInRoles.keys(), 'none']) {
    bearers.set(role, (await bearerWithRole(server, server.organization, role)).secret);
  }
});
afterAll(() => server?.stop());

test('has a row in its table for every registered route, and for no other [S53] [S54]', async () => {
  expect((await registeredRoutes()).sort()).toEqual(rows.map(({ route }) => route).sort());
});

describe.each(rows.filter(({ needs }) => needs !== 'open'))(
  '$route',
  ({ method, path, body, needs, crossing, lacking, people }) => {
    test('answers 401 with a challenge, and no error in it, when no credential was sent [S7] [S53]', async () => {
      const answer = await call(server, method, path(acme), undefined, body?.());
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers.get('www-authenticate')).toBe(challengeOf(server));
    });

    test('answers 401 to a credential that nobody made, before it looks at the body [S53]', async () => {
      const answer = await call(server, method, path(acme), 'kw_nobody', method === 'GET' ? undefined : '{');
      expectProblem(answer, 401, 'invalid_credential');
      expect(answer.headers.get('www-authenticate')).toBe(challengeOf(server, ', error="invalid_token"'));
      expect(answer.text).not.toContain('kw_nobody');
    });

    test("keeps another organization's owner out and tells it nothing [S27] [S53]", async () => {
      const before = await checksumOf(server.store, theirs.organization);
      const answer = await call(server, method, path(theirs), stranger, body?.());
      if (crossing === 'own') {
        for (const id of Object.values({ ...theirs, ...everybodys }).filter((one) => one !== '-')) {
          expect(answer.text).not.toContain(id);
        }
      } else {
        expectProblem(answer, crossing, crossing === 404 ? 'not_found' : 'forbidden');
        const unknown = await call(server, method, path(nowhere), stranger, body?.());
        expect(unknown.text).toBe(answer.text);
      }
      expect(await checksumOf(server.store, theirs.organization)).toBe(before);
    });

    test.each([...builtInRoles.keys(), 'none'])('is for a role that holds what it needs: %s [S54]', async (role) => {
      const held = builtInRoles.get(role)?.permissions ?? [];
      const isLetIn = needs === 'anyone' || held.includes('*:*') || held.some((one) => needs.includes(one));
      const before = await checksumOf(server.store, server.organization.id);
      const answer = await call(server, method, path(isLetIn ? nowhere : acme), bearers.get(role), body?.());
      if (!isLetIn) {
        const problem = expectProblem(answer, lacking ?? 403, lacking === undefined ? 'forbidden' : 'not_found');
        if (lacking === undefined) expect(needs).toContain(problem.permissions?.[0]);
        expect(await checksumOf(server.store, server.organization.id)).toBe(before);
      } else if (people) {
        expectProblem(answer, 403, 'forbidden');
      } else {
        expect([200, 201, 204, 404], answer.text).toContain(answer.status);
      }
    });
  },
);

const onOneToken = rows.filter(({ pattern }) => pattern.startsWith('/v1/tokens/:id'));

describe.each(onOneToken)('$route', ({ method, path, body }) => {
  test("keeps a member from everyone else's tokens as if there were none [S53]", async () => {
    const before = await checksumOf(server.store, server.organization.id);
    expectProblem(await call(server, method, path(acme), bearers.get('member'), body?.()), 404, 'not_found');
    expect(await checksumOf(server.store, server.organization.id)).toBe(before);
  });
});

describe.each(rows.filter(({ needs }) => needs === 'open'))('$route', ({ method, path, body, answers }) => {
  test('reads no Authorization header, and answers for what is in the body [S53]', async () => {
    const answer = await call(server, method, path(acme), stranger, body?.());
    if (answers !== undefined) {
      expect(answer.status).toBe(answers);
      return;
    }
    expectProblem(answer, 401, 'invalid_credential');
    expect(answer.headers.get('www-authenticate')).toBe(challengeOf(server));
  });
});
