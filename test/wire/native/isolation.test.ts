// Many random operations as others, and not one row of an organization changed.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startServer } from '../../server.ts';
import { bearerOf, call } from './calls.ts';
import { checksumOf, createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { rows } from './routes.ts';

const operations = 500;
/** What is the whole server's, and seen by all. */
const everybodys = { plan: '', kid: '', api: '', permission: '' };

/** Everything but signing in; `mine` and `theirs` say whose ids stand in the path. */
const operation = fc.record({
  row: fc.constantFrom(...rows.filter(({ needs }) => needs !== 'open')),
  whose: fc.constantFrom('mine', 'theirs', 'made'),
  as: fc.constantFrom('neighbour', 'operator'),
  made: fc.nat(),
  query: fc.constantFrom('', '?limit=200', '?search=initech', '?whose=all&deleted=only', '?sort=name&order=desc'),
});

test.each(['sqlite', 'postgres'] as const)(
  "leaves every row of an organization as it is through 500 random operations of others' owners: %s [S57]",
  async (database) => {
    const server = await startServer({ database });
    try {
      const initech = await server.addOrganization('initech');
      const globex = await server.addOrganization('globex');
      const theirs = await createOrganizationFixture(server, initech, initech.owner);
      const bearers = {
        neighbour: await bearerOf(server, globex.owner),
        operator: await bearerOf(server, server.owner),
      };
      const worlds = {
        neighbour: await createOrganizationFixture(server, globex, globex.owner),
        operator: await createOrganizationFixture(server, server.organization, server.owner),
      };
      const secrets = [initech.owner.email, ...Object.values({ ...theirs, ...everybodys }).filter((one) => one !== '')];

      const property = fc.asyncProperty(
        fc.array(operation, { minLength: operations, maxLength: operations }),
        async (all) => {
          const before = await checksumOf(server.store, theirs.organization);
          const ids: string[] = [];
          const statuses = new Set<number>();
          for (const { row, whose, as, made, query } of all) {
            // The organization that runs the server may change the others and the catalogue; that is its work.
            const isOperators = /^\/v1\/(organizations|apis|permissions)/.test(row.pattern);
            if (as === 'operator' && isOperators) continue;
            const own = ids[made % Math.max(1, ids.length)] ?? 'none';
            const mine = worlds[as];
            const fixture: OrganizationFixture =
              whose === 'theirs' ? { ...theirs } : whose === 'mine' ? mine : everywhere(own);
            const path = row.path(fixture) + (row.method === 'GET' ? query : '');
            const answer = await call<{ id?: string; token?: { id: string } }>(
              server,
              row.method,
              path,
              bearers[as],
              row.body?.(),
            );
            statuses.add(answer.status);
            expect(answer.status, `${row.route} ${answer.text}`).toBeLessThan(500);
            if (!row.path(theirs).includes(theirs.organization)) {
              for (const secret of secrets) expect(answer.text, row.route).not.toContain(secret);
            }
            if (answer.status === 201)
              ids.push(...[answer.body.id, answer.body.token?.id].filter((id) => id !== undefined));
          }
          expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 204, 404]));
          expect(await checksumOf(server.store, theirs.organization)).toBe(before);
        },
      );
      await fc.assert(property, { numRuns: 1, endOnFailure: true });
    } finally {
      await server.stop();
    }
  },
);

/** One id in every place: that of something made on the way. */
function everywhere(id: string): OrganizationFixture {
  const of = {
    organization: id,
    user: id,
    apiUser: id,
    deletedApiUser: id,
    token: id,
    deletedToken: id,
    application: id,
    federatedCredential: id,
    webhook: id,
    delivery: id,
    authorization: id,
  };
  return { ...of, recipe: id, role: id, permission: id, api: id, plan: id, kid: id };
}
