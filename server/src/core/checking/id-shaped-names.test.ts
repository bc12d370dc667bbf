// Organizations that were given a name of an id's form, as they once could be: none passes for the one whose id that is.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifier } from '../../../../sdk/src/index.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';

let server: TestServer;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
/** Called what the id of globex is. */
let squatter: Awaited<ReturnType<TestServer['addOrganization']>>;
let secret: string;
const nobody = '6f1c7b0e-93a5-4a51-8a1f-2f9f3f1d0c11';

beforeAll(async () => {
  server = await startServer();
  globex = await server.addOrganization('globex');
  squatter = await server.addOrganization('squatter');
  await server.store.write((changes) => changes.organizations.update(squatter.id, { name: globex.id }));
  secret = (await server.core.createApiToken(squatter.owner.caller, { permissions: [] })).secret;
});
afterAll(() => server?.stop());

test('its credentials are of the wrong organization on calls that are for the other one, here and in the SDK', async () => {
  expect(await server.core.inspect(secret, { organization: globex.id })).toMatchObject({
    reason: 'wrong_organization',
  });
  expect(await server.core.verify(secret, { organization: globex.id })).toMatchObject({ reason: 'wrong_organization' });
  expect(await server.core.verify(secret, { organization: squatter.id })).toMatchObject({ allowed: true });
  const { secret: token } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
  const verifier = createVerifier({ url: server.url, credential: { apiToken: token } });
  try {
    // Also from memory.
    for (let round = 0; round < 2; round += 1) {
      expect(await verifier.verify(secret, { organization: globex.id })).toMatchObject({
        reason: 'wrong_organization',
      });
      expect(await verifier.verify(secret, { organization: squatter.id })).toMatchObject({ allowed: true });
    }
  } finally {
    await verifier.close();
  }
});

test('nobody acts for it, asks about it or borrows its budget by that name', async () => {
  const there = await server.core.actFor(server.asOwner, globex.id);
  expect(there.organization.name).toBe('globex');
  await server.store.write((changes) => changes.organizations.update(squatter.id, { name: nobody }));
  await expect(server.core.actFor(server.asOwner, nobody)).rejects.toMatchObject({ code: 'not_found' });
  expect((await server.core.actFor(server.asOwner, squatter.id)).organization.id).toBe(squatter.id);
  const [lease] = await server.core.lease(server.asOwner, {
    verifier: 'v',
    leases: [{ organization: nobody, wanted: 1 }],
  });
  expect(lease?.error?.code).toBe('not_found');
  await expect(
    (async () => server.core.verdictFor(server.asOwner, secret, { organization: nobody }))(),
  ).rejects.toMatchObject({ code: 'not_found' });
});
