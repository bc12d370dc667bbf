// Whoever comes with an access token for one API hands out nothing that would outlast it or be good for more, and an application
// manages nothing of what is its user's own: what it was given can be ended, all of it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedToken, Token } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectForbidden, expectProblem } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { grantedTo, register } from './application-flow.ts';
import { apiTokenClient, apiUserClient, claimsOf, exchange, tokenFor } from './clients.ts';

const day = 86_400_000;
const tokenVerbs = ['create', 'read', 'update', 'delete'].map((verb) => `${verb}:organization_api_key`);

describe('an access token for one API', () => {
  let server: TestServer;
  let page: Page;

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds'] });
    page = await signedIn(server, server.owner);
  });
  afterAll(() => server.stop());

  /** What an application has of somebody who lets it do all this. */
  async function applicationWith(...permissions: string[]): Promise<string> {
    const app = await register(server, { permissions });
    return (await grantedTo(server, app, { scope: permissions.join(' ') }, page)).access;
  }
  const endOf = (jwt: string) => new Date(Number(claimsOf(jwt).exp) * 1000).toISOString();
  const make = (bearer: string, wanted: Record<string, unknown> = {}) =>
    call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['read:funds'], ...wanted });
  const refused = async (bearer: string, method: string, path: string, body?: unknown) =>
    expectProblem(await call(server, method, path, bearer, body), 403, 'forbidden');
  const lasting = async (wanted = {}) => {
    const made = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'], ...wanted });
    return made.token.id;
  };

  it('has an application manage no API token of its user’s own', async () => {
    const bearer = await applicationWith('manage:own_api_key', 'read:funds');
    const id = await lasting();
    expectForbidden(await make(bearer), 'create:organization_api_key');
    expectForbidden(await call(server, 'GET', '/v1/tokens', bearer), 'read:organization_api_key');
    expectForbidden(await call(server, 'GET', `/v1/tokens/${id}`, bearer), 'read:organization_api_key');
    await refused(bearer, 'PATCH', `/v1/tokens/${id}`, { name: 'mine' });
    await refused(bearer, 'POST', `/v1/tokens/${id}/rotate`, { overlapSeconds: 0 });
    await refused(bearer, 'DELETE', `/v1/tokens/${id}`);
    await refused(bearer, 'POST', '/v1/tokens/bulk', { action: 'delete', ids: [id] });
    const managing = await applicationWith('manage:own_api_key', 'create:organization_api_key');
    expectForbidden(await make(managing, { permissions: ['manage:own_api_key'] }), 'read:organization_api_key');
  });

  it.each(['an application', 'an API user', 'an API token'])(
    'of %s makes API tokens that end with it and are good for that API alone [S47]',
    async (who) => {
      const all = ['manage:own_api_key', ...tokenVerbs, 'read:funds'];
      const bearer =
        who === 'an application'
          ? await applicationWith(...all)
          : await tokenFor(
              server,
              who === 'an API user' ? await apiUserClient(server, 'owner') : await apiTokenClient(server),
            );
      const made = await make(bearer);
      expect(made.status).toBe(201);
      expect(made.body.token).toMatchObject({ apis: ['default'], expiresAt: endOf(bearer) });
      const late = new Date(Date.parse(endOf(bearer)) + 1000).toISOString();
      for (const wider of [{ apis: null }, { expiresAt: late }])
        expectProblem(await make(bearer, wider), 403, 'forbidden');
      expect((await make(bearer, { expiresAt: null })).body.token.expiresAt).toBe(endOf(bearer));

      // Nor does it hand out what lasts, in whichever way.
      const others = [await lasting(), await lasting({ apis: ['default'] })];
      for (const id of others) {
        await refused(bearer, 'POST', `/v1/tokens/${id}/rotate`, { overlapSeconds: 0 });
        await server.core.deactivateApiToken(server.asOwner, { id });
        await refused(bearer, 'POST', `/v1/tokens/${id}/activate`);
        await server.core.deleteApiToken(server.asOwner, { id });
        await refused(bearer, 'POST', `/v1/tokens/${id}/restore`);
      }
      const { id } = made.body.token;
      await refused(bearer, 'PATCH', `/v1/tokens/${id}`, { expiresAt: late });
      await refused(bearer, 'PATCH', `/v1/tokens/${id}`, { apis: null });
      const lastingId = await lasting();
      const owner = { type: 'user', id: server.owner.id };
      await refused(bearer, 'PATCH', `/v1/tokens/${lastingId}`, { owner: { type: 'user', id: server.admin.id } });
      expect((await call<Token>(server, 'GET', `/v1/tokens/${lastingId}`, bearer)).body.owner).toMatchObject(owner);
    },
  );

  it('that was narrowed from an API token’s is narrower than that in what it makes too [S47]', async () => {
    await server.core.createApi(server.asOwner, { handle: 'orders', name: 'Orders' });
    const expiresAt = server.clock.now() + day;
    const client = await apiTokenClient(server, { apis: ['default', 'orders'], expiresAt });
    const { access_token: bearer } = (await exchange(server, client.secret, { expires_in: '60' })).body;
    expect((await make(bearer)).body.token).toMatchObject({ apis: ['default'], expiresAt: endOf(bearer) });
    expectProblem(await make(bearer, { apis: ['default', 'orders'] }), 403, 'forbidden');
    expect((await make(client.secret)).body.token).toMatchObject({
      apis: ['default', 'orders'],
      expiresAt: new Date(expiresAt).toISOString(),
    });
  });

  it('hands out no API user, which is bound to no API and lasts', async () => {
    const robot = await apiUserClient(server, 'member');
    const role = 'member';
    const name = 'Robot';
    const trust = { name: 'CI', issuer: 'https://ci.example', audience: 'x', conditions: { sub: 'a' } };
    for (const bearer of [await tokenFor(server, await apiUserClient(server, 'owner')), await applicationWith('*:*')]) {
      const path = `/v1/api-users/${robot.id}`;
      await refused(bearer, 'POST', '/v1/api-users', { name, role });
      await refused(bearer, 'POST', `${path}/rotate`, { overlapSeconds: 0 });
      await refused(bearer, 'PATCH', path, { role });
      await refused(bearer, 'POST', `${path}/federated-credentials`, trust);
      expect((await call(server, 'PATCH', path, bearer, { name: 'Renamed' })).status).toBe(200);
      expect((await call(server, 'POST', `${path}/deactivate`, bearer, {})).status).toBe(204);
      await refused(bearer, 'POST', `${path}/activate`);
      await server.core.deleteApiUser(server.asOwner, robot.id);
      await refused(bearer, 'POST', `${path}/restore`);
      await server.core.restoreApiUser(server.asOwner, robot.id);
    }
    const whole = await bearerOf(server, server.owner);
    expect((await call(server, 'POST', '/v1/api-users', whole, { name, role })).status).toBe(201);
  });

  it('of an application reads no API token again, whether it knows the password or not', async () => {
    const { password } = server.owner;
    const id = await lasting({ readable: true });
    const bearer = await applicationWith('*:*');
    for (const guess of [password, 'another password']) {
      expectProblem(
        await call(server, 'POST', `/v1/tokens/${id}/reveal`, bearer, { password: guess }),
        403,
        'forbidden',
      );
    }
    expect((await page.ask('POST', `/v1/tokens/${id}/reveal`, { password })).status).toBe(200);
  });
});
