// POST /api/v1/auth/key: a name in, a secret out, once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerWith, call, create, infer, list, manager, nameTaken } from './keys.ts';

describe.each(['sqlite', 'postgres'] as const)('creating a key on %s', (database) => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ database });
    bearer = await bearerWith(server, manager);
  });
  afterAll(() => server.stop());

  it('answers 200 with the secret and nothing else, and the secret works as a bearer', async () => {
    const response = await call(server, 'POST', '/key', bearer, { name: 'first' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { api_key: string };
    expect(body).toEqual({ api_key: expect.stringMatching(/^kw_/) });
    expect(await infer(server, body.api_key)).toBe(200);
  });

  it.each(['{}', undefined])('makes a key without a name of the body %s, and gives it one', async (body) => {
    const headers = {
      authorization: `Bearer ${bearer}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const made = await fetch(`${server.url}/api/v1/auth/key`, {
      method: 'POST',
      headers,
      ...(body !== undefined && { body }),
    });
    expect([made.status, await made.json()]).toEqual([200, { api_key: expect.stringMatching(/^kw_/) }]);
  });

  it('shows the secret in no later answer and in no log', async () => {
    const secret = await create(server, bearer, 'shown-once');
    const later = [
      await call(server, 'GET', '/keys', bearer),
      await call(server, 'POST', '/key/deactivate', bearer, { name: 'shown-once' }),
      await call(server, 'POST', '/key/activate', bearer, { name: 'shown-once' }),
      await call(server, 'POST', '/key', bearer, { name: 'shown-once' }),
    ];
    for (const response of later) {
      expect(await response.text()).not.toContain(secret);
      expect(JSON.stringify([...response.headers])).not.toContain(secret);
    }
    expect(server.logs()).not.toContain(secret);
  });

  it('lets exactly one of many racing creations have a name', async () => {
    const racing = Array.from({ length: 8 }, () => call(server, 'POST', '/key', bearer, { name: 'contested' }));
    const statuses = (await Promise.all(racing)).map((response) => response.status).sort();
    expect(statuses).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('answers 409 to a name that is taken, in any spelling that is kept alike', async () => {
    await create(server, bearer, 'Café');
    for (const name of ['Café', ' Cafe\u0301 ']) {
      const response = await call(server, 'POST', '/key', bearer, { name });
      expect(response.status).toBe(409);
      expect(await response.json()).toEqual(nameTaken);
    }
  });

  it.each(["'; drop table api_tokens; --", '%_\\', '{{7*7}}', '<script>alert(1)</script>', '𝕳𝖊𝖑𝖑𝖔 ☃ ﷽', '__proto__'])(
    'keeps a naughty name as it is: %s [S83]',
    async (name) => {
      await create(server, bearer, name);
      const found = await list(server, bearer, `?search=${encodeURIComponent(name)}`);
      expect(found.list.map((entry) => entry.name)).toEqual([name.normalize('NFC')]);
      expect((await call(server, 'POST', '/key/deactivate', bearer, { name })).status).toBe(200);
    },
  );
});

describe('what a created key may do', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('is what its maker may do, and no more [S56]', async () => {
    const bearer = await bearerWith(server, ['create:organization_api_key', 'run:inference']);
    const secret = await create(server, bearer, 'as-its-maker');
    expect(await infer(server, secret)).toBe(200);
    expect((await call(server, 'GET', '/keys', secret)).status).toBe(403);
    const narrow = await create(server, await bearerWith(server, ['create:organization_api_key']), 'narrow');
    expect(await infer(server, narrow)).toBe(403);
  });

  it('can be to make keys in turn', async () => {
    const first = await create(server, await bearerWith(server, manager), 'mother');
    const second = await create(server, first, 'daughter');
    expect(await infer(server, second)).toBe(200);
  });

  it('does not grow with fields that the wire does not know [S55]', async () => {
    const bearer = await bearerWith(server, ['create:organization_api_key']);
    const body = {
      name: 'ambitious',
      permissions: ['*:*'],
      is_disabled: true,
      organization: 'elsewhere',
      owner: { type: 'user', id: server.admin.id },
      expiration_time: '2020-01-01T00:00:00.000Z',
    };
    const response = await call(server, 'POST', '/key', bearer, body);
    expect(response.status).toBe(200);
    const token = await server.core.readApiToken(server.asOwner, { name: 'ambitious' });
    expect(token).toMatchObject({ permissions: ['create:organization_api_key'], expiresAt: null });
    expect(token.owner.id).toBe(server.owner.id);
    expect(token.organizationId).toBe(server.organization.id);
    expect(token.lifecycle.deactivatedAt).toBeNull();
  });

  it('ends with its maker', async () => {
    const person = { email: 'leaver@acme.test', name: 'Leaver', role: 'admin' };
    const { user } = await server.core.createUser(server.asOwner, person);
    const caller = await server.callerFor({ type: 'user', id: user.id });
    const secret = await create(server, await bearerWith(server, manager, caller), 'of-a-leaver');
    expect(await infer(server, secret)).toBe(200);
    await server.core.deactivateUser(server.asOwner, user.id);
    expect(await infer(server, secret)).toBe(401);
  });
});
