// Managing long-lived tokens under /api/1.0/open/access-tokens: list, create, update, delete.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import {
  accessTokens,
  call,
  formats,
  type Item,
  items,
  jwtFor,
  jwtOf,
  loginRefresh,
  longLived,
  post,
  signIn,
} from './calls.ts';

const list = `${accessTokens}/`;
const update = `${accessTokens}/update-access-token`;

async function create(server: TestServer, jwt: string, fields: object): Promise<{ secret: string; item: Item }> {
  server.clock.advance(1);
  const secret = await jwtOf(post(server, list, fields, 'json', jwt));
  const [item] = await items(server, jwt);
  if (item === undefined) throw new Error('The new token is not listed.');
  return { secret, item };
}

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let jwt: string;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:a', 'read:b', 'read:c'] });
    jwt = await jwtOf(signIn(server, server.owner));
  });
  afterAll(() => server.stop());

  it('creates a token, shows its secret once, exchanges it, updates it and deletes it', async () => {
    const fields = { adminToken: false, description: 'CI of the shop', access: ['read:files'] };
    const { secret, item } = await create(server, jwt, fields);
    const created = new Date(server.clock.now()).toISOString();
    const userId = server.asOwner.owner.number;
    const { tokenId } = item;
    expect(item).toEqual({ description: 'CI of the shop', created, accessScopes: 'read:files', tokenId, userId });
    for (const number of [tokenId, userId]) expect(number > 0 && number < 2 ** 31).toBe(true);
    const fromToken = await jwtFor(server, secret);
    expect((await call(server, formats, `Bearer ${fromToken}`)).status).toBe(200);

    const changed = await post(server, update, { tokenId, description: 'CI of the blog', access: [] }, 'json', jwt);
    expect([changed.status, await changed.json()]).toEqual([200, {}]);
    expect(await items(server, jwt)).toEqual([{ ...item, description: 'CI of the blog', accessScopes: '' }]);
    expect((await call(server, formats, `Bearer ${fromToken}`)).status).toBe(403);

    const deleted = await call(server, `${accessTokens}/${tokenId}`, `Bearer ${jwt}`, 'DELETE');
    expect([deleted.status, await deleted.json()]).toEqual([200, {}]);
    expect(await items(server, jwt)).toEqual([]);
    expect((await post(server, loginRefresh, { refresh_token: secret })).status).toBe(401);
    expect((await call(server, formats, `Bearer ${fromToken}`)).status).toBe(401);
    expect(server.logs()).not.toContain(secret);
  });

  it('pages, sorts and searches', async () => {
    for (const [description, permissions] of [
      ['beta', ['read:c']],
      ['Alpha', ['read:b']],
      ['gamma 100%', ['read:a']],
    ] as const) {
      server.clock.advance(1000);
      await longLived(server, { description, permissions });
    }
    const shown = async (query: string) => (await items(server, jwt, query)).map((item) => item.description);
    expect(await shown('')).toEqual(['gamma 100%', 'Alpha', 'beta']);
    expect(await shown('?order=asc&sortColumn=created')).toEqual(['beta', 'Alpha', 'gamma 100%']);
    expect(await shown('?order=asc&sortColumn=accessScopes')).toEqual(['gamma 100%', 'Alpha', 'beta']);
    expect((await shown('?order=desc&sortColumn=description'))[0]).toBe('gamma 100%');
    expect(await shown('?page=2&rowsPerPage=2&order=asc')).toEqual(['gamma 100%']);
    expect(await shown('?page=999999999&rowsPerPage=200')).toEqual([]);
    expect(await shown('?search=ALPHA')).toEqual(['Alpha']);
    expect(await shown('?search=%25')).toEqual(['gamma 100%']);
    expect(await shown('?search=')).toHaveLength(3);
    const response = await call(server, `${list}?rowsPerPage=1`, `Bearer ${jwt}`);
    expect(response.headers.get('x-total-count')).toBe('3');
  });

  it('shows and changes nothing of another organization [S53]', async () => {
    const stranger = await server.addOrganization('elsewhere');
    const { token } = await longLived(server, { description: 'ours' });
    const theirs = await jwtOf(signIn(server, stranger.owner));
    expect(await items(server, theirs)).toEqual([]);
    const changed = await post(server, update, { tokenId: token.number, description: 'theirs' }, 'json', theirs);
    const deleted = await call(server, `${accessTokens}/${token.number}`, `Bearer ${theirs}`, 'DELETE');
    for (const response of [changed, deleted]) {
      expect([response.status, await response.json()]).toEqual([404, { code: 404, message: expect.any(String) }]);
    }
    expect((await items(server, jwt)).find((item) => item.tokenId === token.number)?.description).toBe('ours');
  });
});

describe('managing tokens', () => {
  let server: TestServer;
  let jwt: string;
  beforeAll(async () => {
    server = await startServer({ permissions: ['read:a', 'read:b'] });
    jwt = await jwtOf(signIn(server, server.owner));
  });
  afterAll(() => server.stop());

  it('answers the path without its trailing slash too', async () => {
    expect((await call(server, accessTokens, `Bearer ${jwt}`)).status).toBe(200);
    expect((await post(server, accessTokens, { description: 'no slash' }, 'json', jwt)).status).toBe(200);
  });

  it('shows the columns that are asked for, and gives the list as a file', async () => {
    server.clock.advance(1000);
    await longLived(server, { description: '=sum, "quoted"', permissions: ['read:a', 'read:b'] });
    const [first] = await items(
      server,
      jwt,
      '?visibleColumns[]=description&visibleColumns%5B%5D=accessScopes&rowsPerPage=1',
    );
    expect(first).toEqual({
      description: '=sum, "quoted"',
      accessScopes: 'read:a, read:b',
      tokenId: expect.any(Number),
      userId: server.asOwner.owner.number,
    });
    const query = '?generateCsv=true&rowsPerPage=1&visibleColumns[]=description&visibleColumns[]=accessScopes';
    const file = await call(server, `${list}${query}`, `Bearer ${jwt}`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(await file.text()).toBe(`description,accessScopes\r\n"'=sum, ""quoted""","read:a, read:b"\r\n`);
    expect(Object.keys((await items(server, jwt, '?generateCsv=0&rowsPerPage=1'))[0] ?? {})).toHaveLength(5);
  });

  it('gives an admin token what its maker holds, and any other only what is asked', async () => {
    const admin = await create(server, jwt, { adminToken: true, description: 'all', access: ['read:files'] });
    expect(admin.item.accessScopes).toBe('*:*');
    const none = await create(server, jwt, { description: 'none' });
    expect(none.item.accessScopes).toBe('');
    const { tokenId } = none.item;
    expect((await post(server, update, { tokenId, adminToken: true }, 'json', jwt)).status).toBe(200);
    const now = (await items(server, jwt)).find((item) => item.tokenId === tokenId);
    expect(now).toMatchObject({ accessScopes: '*:*', description: 'none' });
  });

  it('shows a developer their own tokens only, and lets them touch no others', async () => {
    const permissions = ['access:api', 'manage:own_api_key'];
    await server.core.createRole(server.asOwner, { name: 'developer', permissions });
    const made = await server.core.createApiUser(server.asOwner, { name: 'developer', role: 'developer' });
    const developer = await server.callerFor({ type: 'api_user', id: made.apiUser.id });
    const { token: ours } = await longLived(server, { description: 'ours' });
    const { secret } = await longLived(server, { description: 'own', permissions: ['manage:own_api_key'] }, developer);
    const own = await jwtFor(server, secret);
    const seen = await items(server, own);
    expect(seen).toMatchObject([{ description: 'own', userId: developer.owner.number }]);
    expect((await post(server, update, { tokenId: ours.number, description: 'x' }, 'json', own)).status).toBe(404);
    expect((await call(server, `${accessTokens}/${ours.number}`, `Bearer ${own}`, 'DELETE')).status).toBe(404);
    const all = (await items(server, jwt, '?search=own')).map((item) => item.userId);
    expect(all).toEqual([developer.owner.number]);
  });

  it('shows no userId where the caller may not see the owner', async () => {
    const permissions = ['read:organization_api_key'];
    await server.core.createRole(server.asOwner, { name: 'auditor', permissions });
    const made = await server.core.createApiUser(server.asOwner, { name: 'auditor', role: 'auditor' });
    const auditor = await server.callerFor({ type: 'api_user', id: made.apiUser.id });
    const proof = { kind: 'password', username: auditor.owner.name, password: made.password } as const;
    const outcome = await server.core.exchange({ proof, shape: () => ({ form: 'debricked', lifetimeMs: 60_000 }) });
    const seen = await items(server, outcome.allowed ? outcome.token : '');
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((item) => item.userId === null)).toBe(true);
  });

  it('lets nobody grant what they do not hold [S56]', async () => {
    const record = await longLived(server, { permissions: ['create:organization_api_key', 'read:files'] });
    const limited = await jwtFor(server, record.secret);
    const wanted = { description: 'more', access: ['read:funds'] };
    const response = await post(server, list, wanted, 'json', limited);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 403, message: 'you do not have access to current operation' });
    expect((await post(server, list, { ...wanted, access: ['read:files'] }, 'json', limited)).status).toBe(200);
    const { tokenId } = (await items(server, jwt, '?search=more'))[0] ?? { tokenId: 0 };
    expect(tokenId).toBeGreaterThan(0);
    expect((await items(server, jwt, '?search=more'))[0]?.accessScopes).toBe('read:files');
  });

  it('never binds fields that it does not know [S55]', async () => {
    const fields = {
      description: 'bound',
      use: 'both',
      permissions: ['*:*'],
      userId: 1,
      organizationId: 'x',
      name: 'n',
    };
    const { secret, item } = await create(server, jwt, fields);
    expect(item.accessScopes).toBe('');
    expect((await call(server, formats, `Bearer ${secret}`)).status).toBe(401);
    const token = await server.core.readApiToken(server.asOwner, { number: item.tokenId });
    expect(token).toMatchObject({ use: 'exchange', owner: { id: server.owner.id } });
    expect(token.name).not.toBe('n');
  });

  it('shows no secret and no digest in any list', async () => {
    const { secret } = await longLived(server, { readable: true });
    const text = JSON.stringify(await items(server, jwt, '?rowsPerPage=200'));
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/kw_|digest|sealed/);
  });
});
