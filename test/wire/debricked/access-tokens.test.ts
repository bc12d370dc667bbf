// Managing long-lived tokens under /api/1.0/open/access-tokens: list, create, update, delete.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import {
  accessTokens,
  call,
  formats,
  jwtFor,
  jwtOf,
  loginRefresh,
  longLived,
  post,
  postText,
  signIn,
} from './calls.ts';

const list = `${accessTokens}/`;
const update = `${accessTokens}/update-access-token`;

interface Item {
  description: string;
  created: string;
  accessScopes: string[];
  tokenId: number;
  userId: number;
}

async function items(server: TestServer, jwt: string, query = ''): Promise<Item[]> {
  const response = await call(server, list + query, `Bearer ${jwt}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Item[];
}

async function create(server: TestServer, jwt: string, fields: object): Promise<{ secret: string; item: Item }> {
  const secret = await jwtOf(post(server, list, fields, 'json', jwt));
  const [item] = await items(server, jwt);
  if (item === undefined) throw new Error('The new token is not listed.');
  return { secret, item };
}

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let jwt: string;
  beforeAll(async () => {
    server = await startServer({ database });
    jwt = await jwtOf(signIn(server, server.owner));
  });
  afterAll(() => server.stop());

  it('creates a token, shows its secret once, exchanges it, updates it and deletes it', async () => {
    const fields = { adminToken: false, description: 'CI of the shop', access: ['read:files'] };
    const { secret, item } = await create(server, jwt, fields);
    const created = new Date(server.clock.now()).toISOString();
    const userId = server.asOwner.owner.number;
    const { tokenId } = item;
    expect(item).toEqual({ description: 'CI of the shop', created, accessScopes: ['read:files'], tokenId, userId });
    expect(Number.isSafeInteger(tokenId) && Number.isSafeInteger(userId)).toBe(true);
    const fromToken = await jwtFor(server, secret);
    expect((await call(server, formats, `Bearer ${fromToken}`)).status).toBe(200);

    const changed = await post(server, update, { tokenId, description: 'CI of the blog', access: [] }, 'json', jwt);
    expect([changed.status, await changed.json()]).toEqual([200, {}]);
    expect(await items(server, jwt)).toEqual([{ ...item, description: 'CI of the blog', accessScopes: [] }]);
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
    server = await startServer();
    jwt = await jwtOf(signIn(server, server.owner));
  });
  afterAll(() => server.stop());

  it('answers the path without its trailing slash too', async () => {
    expect((await call(server, accessTokens, `Bearer ${jwt}`)).status).toBe(200);
    expect((await post(server, accessTokens, { description: 'no slash' }, 'json', jwt)).status).toBe(200);
  });

  it('gives an admin token what its maker holds, and any other only what is asked', async () => {
    const admin = await create(server, jwt, { adminToken: true, description: 'all', access: ['read:files'] });
    expect(admin.item.accessScopes).toEqual(['*:*']);
    server.clock.advance(1);
    const none = await create(server, jwt, { description: 'none' });
    expect(none.item.accessScopes).toEqual([]);
    const { tokenId } = none.item;
    expect((await post(server, update, { tokenId, adminToken: true }, 'json', jwt)).status).toBe(200);
    const now = (await items(server, jwt)).find((item) => item.tokenId === tokenId);
    expect(now).toMatchObject({ accessScopes: ['*:*'], description: 'none' });
  });

  it('shows a member their own tokens only, and lets them touch no others', async () => {
    const { token: ours } = await longLived(server, { description: 'ours' });
    const { secret } = await longLived(
      server,
      { description: 'own', permissions: ['manage:own_api_key'] },
      server.member.caller,
    );
    const own = await jwtFor(server, secret);
    const seen = await items(server, own);
    expect(seen).toMatchObject([{ description: 'own', userId: server.member.caller.owner.number }]);
    expect((await post(server, update, { tokenId: ours.number, description: 'x' }, 'json', own)).status).toBe(404);
    expect((await call(server, `${accessTokens}/${ours.number}`, `Bearer ${own}`, 'DELETE')).status).toBe(404);
    const all = (await items(server, jwt, '?search=own')).map((item) => item.userId);
    expect(all).toEqual([server.member.caller.owner.number]);
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
    const holder = await longLived(server, { permissions: ['create:organization_api_key', 'read:files'] });
    const limited = await jwtFor(server, holder.secret);
    const wanted = { description: 'more', access: ['read:funds'] };
    const response = await post(server, list, wanted, 'json', limited);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 403, message: 'you do not have access to current operation' });
    expect((await post(server, list, { ...wanted, access: ['read:files'] }, 'json', limited)).status).toBe(200);
    const { tokenId } = (await items(server, jwt, '?search=more'))[0] ?? { tokenId: 0 };
    expect(tokenId).toBeGreaterThan(0);
    expect((await items(server, jwt, '?search=more'))[0]?.accessScopes).toEqual(['read:files']);
  });

  it('answers 403 to a JWT without any of the permissions', async () => {
    const powerless = await jwtFor(server, (await longLived(server)).secret);
    const responses = [
      await call(server, list, `Bearer ${powerless}`),
      await post(server, list, { description: 'x' }, 'json', powerless),
      await post(server, update, { tokenId: 5 }, 'json', powerless),
      await call(server, `${accessTokens}/5`, `Bearer ${powerless}`, 'DELETE'),
    ];
    for (const response of responses) {
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ code: 403, message: 'you do not have access to current operation' });
    }
  });

  it.each(['', 'x.y.z'])('answers 401 to the bearer %j everywhere, whatever else is wrong', async (bearer) => {
    const message = bearer === '' ? 'JWT Token not found' : 'Invalid JWT Token';
    const responses = [
      await call(server, `${list}?page=x`, `Bearer ${bearer}`),
      await postText(server, list, '{', 'application/json', bearer),
      await postText(server, update, '<x/>', 'text/xml', bearer),
      await call(server, `${accessTokens}/x`, `Bearer ${bearer}`, 'DELETE'),
    ];
    for (const response of responses) {
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect([response.status, await response.json()]).toEqual([401, { code: 401, message }]);
    }
  });

  it.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'page=',
    'page=1e3',
    'page=9999999999',
    'page=1&page=2',
    'rowsPerPage=0',
    'rowsPerPage=201',
    'rowsPerPage=ten',
    'order=up',
    'order=ASC',
    'order=__proto__x',
    'sortColumn=secret',
    'sortColumn=constructor',
    'search=%00',
    'search=%ff',
  ])('answers 400 with a message to the query %s [S79]', async (query) => {
    const response = await call(server, `${list}?${query}`, `Bearer ${jwt}`);
    expect([response.status, await response.json()]).toEqual([400, { code: 400, message: expect.stringMatching(/./) }]);
  });

  it.each([
    '',
    '{}',
    '[]',
    'null',
    '{"description":5}',
    '{"description":"x","access":"read:files"}',
    '{"description":"x","access":["nonsense"]}',
    '{"description":"x","access":["*"]}',
    '{"description":"x","access":[5]}',
    '{"description":"x","adminToken":"true"}',
    '{"description":"\\u202e"}',
    '{"description":"x","description":"y"}',
    `{"description":"${'x'.repeat(1001)}"}`,
  ])('creates nothing of the body %.60s and answers 400 with a message', async (body) => {
    const before = (await items(server, jwt, '?rowsPerPage=200')).length;
    const response = await postText(server, list, body, 'application/json', jwt);
    expect([response.status, await response.json()]).toEqual([400, { code: 400, message: expect.stringMatching(/./) }]);
    expect(await items(server, jwt, '?rowsPerPage=200')).toHaveLength(before);
  });

  it.each([
    '{}',
    '{"tokenId":"5"}',
    '{"tokenId":0}',
    '{"tokenId":-1}',
    '{"tokenId":1.5}',
    '{"tokenId":9007199254740993}',
    '{"tokenId":null}',
    '{"tokenId":5,"description":null}',
    '{"tokenId":5,"access":{}}',
  ])('answers 400 to the update %s', async (body) => {
    const response = await postText(server, update, body, 'application/json', jwt);
    expect([response.status, await response.json()]).toEqual([400, { code: 400, message: expect.stringMatching(/./) }]);
  });

  it.each(['0', '-1', 'x', '1.5', '9007199254740993', '99999999999999999999', 'update-access-token', '%20'])(
    'answers 400 to the deletion of %s',
    async (tokenId) => {
      const response = await call(server, `${accessTokens}/${tokenId}`, `Bearer ${jwt}`, 'DELETE');
      expect([response.status, await response.json()]).toEqual([400, { code: 400, message: expect.any(String) }]);
    },
  );

  it('answers 404 to a tokenId that there is not, and to a second deletion', async () => {
    const { token } = await longLived(server);
    const deletion = () => call(server, `${accessTokens}/${token.number}`, `Bearer ${jwt}`, 'DELETE');
    expect([(await deletion()).status, (await deletion()).status]).toEqual([200, 404]);
    expect((await post(server, update, { tokenId: token.number }, 'json', jwt)).status).toBe(404);
    expect((await post(server, update, { tokenId: 5 }, 'json', jwt)).status).toBe(404);
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
    expect(item.accessScopes).toEqual([]);
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

  it('answers 405 to a method that the path does not know', async () => {
    const response = await call(server, list, `Bearer ${jwt}`, 'PATCH');
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect([response.status, await response.json()]).toEqual([405, { code: 405, message: expect.any(String) }]);
  });
});
