// POST /api/v1/auth/key/deactivate and /activate: the name is the handle, and repeating is harmless.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerWith, call, create, type Entry, infer, list, manager, noSuchKey } from './keys.ts';

describe.each(['sqlite', 'postgres'] as const)('deactivating and activating on %s', (database) => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ database });
    bearer = await bearerWith(server, manager);
  });
  afterAll(() => server.stop());

  const set = async (to: 'activate' | 'deactivate', name: string): Promise<Entry> => {
    const response = await call(server, 'POST', `/key/${to}`, bearer, { name });
    expect(response.status).toBe(200);
    return (await response.json()) as Entry;
  };

  it('answers the list entry of the key, with is_disabled as it is now', async () => {
    await create(server, bearer, 'toggled');
    const [listed] = (await list(server, bearer, '?search=toggled')).list;
    expect(await set('deactivate', 'toggled')).toEqual({ ...listed, is_disabled: true });
    expect((await list(server, bearer, '?search=toggled')).list).toEqual([{ ...listed, is_disabled: true }]);
    expect(await set('activate', 'toggled')).toEqual(listed);
  });

  it('refuses a deactivated key at once with 401, and takes the same secret when it is activated again', async () => {
    const secret = await create(server, bearer, 'in-use');
    for (let round = 0; round < 3; round += 1) {
      expect(await infer(server, secret)).toBe(200);
      await set('deactivate', 'in-use');
      expect(await infer(server, secret)).toBe(401);
      await set('activate', 'in-use');
    }
    expect(await infer(server, secret)).toBe(200);
  });

  it('is harmless when repeated, and journals only what changed', async () => {
    await create(server, bearer, 'repeated');
    const once = await set('deactivate', 'repeated');
    expect(await set('deactivate', 'repeated')).toEqual(once);
    const again = await set('activate', 'repeated');
    expect(await set('activate', 'repeated')).toEqual(again);
    const { id } = again;
    const acts = (await server.store.journal.after(0, 1000))
      .filter((entry) => entry.subject.id === id)
      .map((entry) => entry.action);
    expect(acts).toEqual(['api_token.created', 'api_token.deactivated', 'api_token.activated']);
  });

  it.each(['deactivate', 'activate'] as const)(
    'answers 404 when asked to %s an unknown or deleted name',
    async (to) => {
      const name = `deleted-${to}`;
      await create(server, bearer, name);
      await server.core.deleteApiToken(server.asOwner, { name });
      for (const unknown of [name, 'never-was', 'TOGGLED', "' or 1=1 --"]) {
        const response = await call(server, 'POST', `/key/${to}`, bearer, { name: unknown });
        expect(response.status).toBe(404);
        expect(await response.json()).toEqual(noSuchKey);
      }
    },
  );

  it('lets a key deactivate itself, after which it can do nothing', async () => {
    const secret = await create(server, bearer, 'self-ending');
    expect((await call(server, 'POST', '/key/deactivate', secret, { name: 'self-ending' })).status).toBe(200);
    expect((await call(server, 'POST', '/key/activate', secret, { name: 'self-ending' })).status).toBe(401);
  });

  it('has no delete', async () => {
    for (const method of ['DELETE', 'PUT', 'PATCH']) {
      const response = await call(server, method, '/key', bearer, { name: 'toggled' });
      expect(response.status).toBe(405);
      expect(await response.json()).toMatchObject({ statusCode: 405, error: 'Method Not Allowed' });
    }
  });
});
