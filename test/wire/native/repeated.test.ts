// Acts that may be repeated: whoever lost the answer asks again, and is answered the same, with a receipt too.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const things: Record<string, () => Promise<string>> = {
  tokens: async () => (await server.core.createApiToken(server.asOwner, { permissions: [] })).token.id,
  users: async () => {
    const email = `u${Math.random()}@again.example`;
    return (await server.core.createUser(server.asOwner, { email, name: 'U', role: 'member' })).user.id;
  },
  'api-users': async () => (await server.core.createApiUser(server.asOwner, { name: 'A', role: 'member' })).apiUser.id,
};

const acts = [
  ['DELETE', ''],
  ['POST', '/deactivate'],
] as const;

describe.each(Object.entries(things))('of %s', (path, make) => {
  describe.each(acts)('%s …%s', (method, act) => {
    test('answers the same again, without and with a receipt, and is journalled once', async () => {
      const id = await make();
      const ask = (query = '') => call<{ seq?: number }>(server, method, `/v1/${path}/${id}${act}${query}`, owner);
      const first = await ask('?receipt=1000');
      expect([first.status, (await ask()).status]).toEqual([200, 204]);
      const again = await ask('?receipt=1000');
      expect([again.status, again.body.seq]).toEqual([200, first.body.seq]);
      const entries = await server.store.journal.latest(server.organization.id, 100);
      expect(entries.filter(({ subject }) => subject.id === id)).toHaveLength(2);
    });

    test('is for those who may do it: nobody learns what was deleted elsewhere', async () => {
      const id = await make();
      const stranger = await bearerOf(
        server,
        (await server.addOrganization(`far-${path}${act.replace('/', '-')}`)).owner,
      );
      await call(server, method, `/v1/${path}/${id}${act}`, owner);
      expect((await call(server, method, `/v1/${path}/${id}${act}`, stranger)).status).toBe(404);
    });
  });
});

test('an organization may be deleted again, and deactivated and activated again', async () => {
  const { id } = await server.addOrganization('ended');
  for (const [method, act] of [
    ['POST', '/deactivate'],
    ['POST', '/activate'],
    ['DELETE', ''],
  ] as const) {
    for (const _ of 'twice')
      expect((await call(server, method, `/v1/organizations/${id}${act}`, owner)).status).toBe(204);
  }
});

test('what was deleted can be neither deactivated, changed nor read', async () => {
  const id = await things.tokens?.();
  await call(server, 'DELETE', `/v1/tokens/${id}`, owner);
  expect((await call(server, 'POST', `/v1/tokens/${id}/deactivate`, owner)).status).toBe(404);
  expect((await call(server, 'GET', `/v1/tokens/${id}`, owner)).status).toBe(404);
});
