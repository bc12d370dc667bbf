// GET /api/v1/auth/keys: every key of the organization, page by page.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerWith, call, create, list, manager } from './keys.ts';

describe.each(['sqlite', 'postgres'] as const)('listing keys on %s', (database) => {
  let server: TestServer;
  let bearer: string;
  let named: string;
  const names = (entries: { name: string }[]) => entries.map((entry) => entry.name);

  beforeAll(async () => {
    server = await startServer({ database });
    const token = await server.core.createApiToken(server.asOwner, {
      name: 'manager',
      permissions: [...manager, 'read:user'],
    });
    bearer = token.secret;
    named = token.token.id;
    for (const name of ['alpha', 'Beta', 'gamma']) {
      server.clock.advance(1000);
      await create(server, bearer, name);
    }
  });
  afterAll(() => server.stop());

  it('shows each key with exactly the fields of the wire', async () => {
    const { total, list: entries } = await list(server, bearer, '?order=ASC');
    expect(total).toBe(4);
    const user = await server.core.readUser(server.asOwner, server.owner.id);
    expect(entries[0]).toEqual({
      id: named,
      name: 'manager',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      expiration_time: null,
      updated_at: null,
      created_by: { id: server.owner.id, name: user.name, nickname: user.email.split('@')[0], picture: '' },
      is_disabled: false,
    });
  });

  it('shows times in milliseconds, and null for those that have not come', async () => {
    const expiresAt = server.clock.now() + 3_600_000;
    const { token } = await server.core.createApiToken(server.asOwner, { name: 'timed', permissions: [], expiresAt });
    server.clock.advance(5);
    await server.core.updateApiToken(server.asOwner, { id: token.id }, { description: 'Changed.' });
    const [entry] = (await list(server, bearer, '?search=timed')).list;
    expect(entry?.expiration_time).toBe(new Date(expiresAt).toISOString());
    expect(entry?.updated_at).toBe(new Date(server.clock.now()).toISOString());
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
  });

  it('lists the newest first unless asked otherwise', async () => {
    expect(names((await list(server, bearer)).list)).toEqual(['gamma', 'Beta', 'alpha', 'manager']);
    expect(names((await list(server, bearer, '?order=asc&sort=created_at')).list)).toEqual([
      'manager',
      'alpha',
      'Beta',
      'gamma',
    ]);
  });

  it('sorts by name too', async () => {
    const ascending = names((await list(server, bearer, '?sort=name&order=ASC')).list);
    expect(names((await list(server, bearer, '?sort=name&order=DESC')).list)).toEqual([...ascending].reverse());
    expect(ascending.toSorted()).toEqual(['Beta', 'alpha', 'gamma', 'manager']);
  });

  it('pages by offset and limit, and counts all in total', async () => {
    const first = await list(server, bearer, '?offset=0&limit=3');
    const second = await list(server, bearer, '?offset=3&limit=3');
    expect([first.total, second.total]).toEqual([4, 4]);
    expect([...names(first.list), ...names(second.list)]).toEqual(['gamma', 'Beta', 'alpha', 'manager']);
    expect(await list(server, bearer, '?offset=999999999')).toEqual({ total: 4, list: [] });
  });

  it('finds a part of a name in any case, and counts what it found', async () => {
    const found = await list(server, bearer, '?search=BET');
    expect([found.total, names(found.list)]).toEqual([1, ['Beta']]);
    expect((await list(server, bearer, '?search=')).total).toBe(4);
    expect((await list(server, bearer, '?search=%25')).total).toBe(0);
    expect((await list(server, bearer, '?search=_')).total).toBe(0);
  });

  it('takes a limit of 200 and refuses 201, rather than skip keys of whoever pages by it [S79]', async () => {
    expect((await list(server, bearer, '?limit=200')).total).toBe(4);
    expect((await call(server, 'GET', '/keys?limit=201', bearer)).status).toBe(400);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=1.5',
    'limit=1e2',
    'limit=0x10',
    'limit=',
    'limit=%2020',
    'limit=9007199254740993',
    'offset=-1',
    'offset=1000000000',
    'offset=NaN',
    'order=UP',
    'order=',
    'sort=secret',
    'sort=__proto__',
    'limit=1&limit=2',
    'search=%00',
    'search=%ff',
    'search=%zz',
    'limit[]=1',
  ])('answers 400 to ?%s [S78]', async (query) => {
    const response = await call(server, 'GET', `/keys?${query}`, bearer);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ statusCode: 400, message: expect.any(String), error: 'Bad Request' });
  });

  it('ignores parameters that it does not know', async () => {
    expect((await list(server, bearer, '?page=7')).total).toBe(4);
  });
});

describe('who made a key', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  const creatorOf = async (bearer: string, name: string) =>
    (await list(server, bearer, `?search=${name}`)).list.find((entry) => entry.name === name)?.created_by;

  it('is shown by id alone to whoever may not read users', async () => {
    await server.core.createApiToken(server.admin.caller, { name: 'by-the-admin', permissions: [] });
    const bearer = await bearerWith(server, ['read:organization_api_key']);
    const { id } = server.admin;
    expect(await creatorOf(bearer, 'by-the-admin')).toEqual({ id, name: id, nickname: id, picture: '' });
  });

  it('is shown by name to the maker', async () => {
    const bearer = await bearerWith(server, manager);
    await create(server, bearer, 'by-the-owner');
    const { name } = await server.core.readUser(server.asOwner, server.owner.id);
    expect(await creatorOf(bearer, 'by-the-owner')).toMatchObject({ id: server.owner.id, name });
  });

  it('can be an API user', async () => {
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Robot', role: 'admin' });
    const caller = await server.callerFor({ type: 'api_user', id: apiUser.id });
    const own = await bearerWith(server, ['create:organization_api_key', 'read:organization_api_key'], caller);
    await create(server, own, 'by-a-robot');
    const { id, username } = apiUser;
    expect(await creatorOf(own, 'by-a-robot')).toEqual({ id, name: username, nickname: username, picture: '' });
    const reader = await bearerWith(server, ['read:organization_api_key', 'read:api_user']);
    expect(await creatorOf(reader, 'by-a-robot')).toEqual({ id, name: 'Robot', nickname: username, picture: '' });
  });

  it('is shown by id alone when gone', async () => {
    const person = { email: 'gone@acme.test', name: 'Gone', role: 'admin' };
    const { user } = await server.core.createUser(server.asOwner, person);
    const caller = await server.callerFor({ type: 'user', id: user.id });
    await server.core.createApiToken(caller, { name: 'by-the-gone', permissions: [] });
    await server.core.deleteUser(server.asOwner, user.id);
    const bearer = await bearerWith(server, ['read:organization_api_key', 'read:user']);
    expect(await creatorOf(bearer, 'by-the-gone')).toMatchObject({ id: user.id, name: user.id });
  });
});
