// API users keep their names when the domain that new ones are named under is changed: every door still knows them.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, newId } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it.each(['api.old.example', 'api.keyward.local'])(
  'lets an API user of @%s in at each of the three doors',
  async (domain) => {
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Old', role: 'admin' });
    const kept = { ...apiUser, id: newId(), number: apiUser.number ^ 1, username: `${newId()}@${domain}` };
    const password = 'x'.repeat(48);
    await server.store.write((changes) => changes.apiUsers.insert(kept, digestOf(password)));
    const ask = (path: string, headers: Record<string, string>, body?: object) =>
      fetch(server.url + path, { method: 'POST', headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const json = { 'content-type': 'application/json' };
    const basic = `Basic ${Buffer.from(`${kept.username}:${password}`).toString('base64')}`;
    const answers = await Promise.all([
      ask('/api/v1/authorize', json, { username: kept.username, password }),
      ask('/v2/auth/token', { authorization: basic }),
      ask('/api/login_check', json, { _username: kept.username, _password: password }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  },
);

it('gives no person a name of an API user’s form, under any domain', async () => {
  const person = { email: `${newId()}@api.old.example`, name: 'Disguised', role: 'member' };
  await expect(server.core.createUser(server.asOwner, person)).rejects.toMatchObject({ code: 'invalid_request' });
});

it.each(['demo', 'a', 'build-1.nightly_x'])('takes %s for a user name', async (email) => {
  const { user } = await server.core.createUser(server.asOwner, { email, name: 'Plain', role: 'member' });
  expect(user.email).toBe(email);
});

it.each(['', '.demo', 'demo-', 'de mo', 'dëmo', 'x'.repeat(65), 'de/mo'])(
  'refuses %j for a user name',
  async (email) => {
    const refused = server.core.createUser(server.asOwner, { email, name: 'Plain', role: 'member' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
  },
);
