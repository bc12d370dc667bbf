// Managing long-lived tokens: everything that is refused, in Debricked's words.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { accessTokens, call, items, jwtFor, jwtOf, longLived, post, postText, signIn } from './calls.ts';

const list = `${accessTokens}/`;
const update = `${accessTokens}/update-access-token`;

let server: TestServer;
let jwt: string;
beforeAll(async () => {
  server = await startServer();
  jwt = await jwtOf(signIn(server, server.owner));
});
afterAll(() => server.stop());

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
  'generateCsv=maybe',
  'visibleColumns[]=secret',
  'visibleColumns[]=',
  'visibleColumns[]=created&order=asc&order=asc',
  'page[]=1',
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

it.each(['', '0', '-1', 'x', '1.5', '9007199254740993', '99999999999999999999', 'update-access-token', '%20'])(
  'answers 400 to the deletion of %j',
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

it('answers 405 to a method that the path does not know', async () => {
  const response = await call(server, list, `Bearer ${jwt}`, 'PATCH');
  expect(response.headers.get('allow')).toMatch(/GET.*POST/);
  expect([response.status, await response.json()]).toEqual([405, { code: 405, message: expect.any(String) }]);
});
