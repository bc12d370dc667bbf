// What Versio's web page does with tokens, through the operations that the native API and the portal stand on.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstPage } from '../../../server/src/core/page.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call, environmentToken } from './environment.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('lets one token hold many permissions and one user hold many tokens', async () => {
  const permissions = ['read:environment', 'read:files', 'read:funds'];
  const { token, secret } = await environmentToken(server, 'many', { permissions });
  await environmentToken(server, 'another');
  expect(token.permissions).toEqual(permissions);
  expect((await call(server, `apiToken ${secret}`)).status).toBe(200);
  expect((await call(server, `apiToken ${secret}`, '/v2/funds')).status).toBe(200);
});

it('shows a token again to the owner who asked for a readable one, and to nobody else', async () => {
  const { token, secret } = await environmentToken(server, 'readable', { readable: true });
  const { password } = server.owner;
  expect(await server.core.revealApiToken(server.asOwner, { id: token.id }, password)).toEqual({ secret });
  await expect(server.core.revealApiToken(server.asOwner, { id: token.id }, `${password}!`)).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const { caller, password: theirs } = server.admin;
  await expect(server.core.revealApiToken(caller, { id: token.id }, theirs)).rejects.toMatchObject({
    code: 'forbidden',
  });
});

it('lets an admin end the tokens of everyone, and a member only their own', async () => {
  const { core, admin, member } = server;
  const ours = await environmentToken(server, 'owned-by-the-owner');
  const theirs = await core.createApiToken(member.caller, { name: 'owned-by-a-member', permissions: [] });
  const all = (await core.listApiTokens(admin.caller, firstPage, 'all')).items.map((token) => token.name);
  expect(all).toEqual(expect.arrayContaining(['owned-by-the-owner', 'owned-by-a-member']));
  const own = (await core.listApiTokens(member.caller, firstPage, 'own')).items.map((token) => token.name);
  expect(own).toEqual(['owned-by-a-member']);
  await expect(core.deactivateApiToken(member.caller, { id: ours.token.id })).rejects.toMatchObject({
    code: 'not_found',
  });
  await core.deactivateApiToken(admin.caller, { id: ours.token.id });
  await core.deleteApiToken(admin.caller, { id: theirs.token.id });
  expect((await call(server, `apiToken ${ours.secret}`)).status).toBe(401);
});
