// What people let applications do is about what was there when they were asked: a permission or an API that is deleted is gone
// from it, and what is made later under the same name is something else, which they are asked about.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consent } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call as ask, bearerOf, expectProblem } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import {
  askedOf,
  authorize,
  codeFor,
  grantedTo,
  pkce,
  redeem,
  refresh,
  register,
  requestOf,
  type TestApplication,
} from './application-flow.ts';
import { call } from './clients.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s, what people let applications do', (database) => {
  let server: TestServer;
  let page: Page;
  let made = 0;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:funds'] });
    page = await signedIn(server, server.owner);
  });
  afterAll(() => server.stop());

  /** As somebody answers who was shown these. */
  const allow = (request: string, permissions: readonly string[]) =>
    page.ask('POST', '/v1/consents', { request, allow: true, permissions });
  const look = async (app: TestApplication, scope: string, resource?: string) => {
    const request = await askedOf(server, requestOf(app, pkce().challenge, { scope, resource }));
    return (await page.ask<Consent>('POST', '/v1/consents/look', { request })).body.permissions;
  };
  const isRefused = async (app: TestApplication, token: string) => (await refresh(server, app, token)).status === 400;
  const isGood = async (token: string) => (await call(server, '/v1/check', token)).status === 200;
  const newName = () => {
    made += 1;
    return `read:x${made}`;
  };

  it('ends with a permission that is deleted, and is asked about again where one of its name is registered [S61]', async () => {
    const { core, asOwner } = server;
    const name = newName();
    await core.registerPermission(asOwner, { name });
    const app = await register(server, { permissions: ['read:*', name] });
    const scope = `read:funds ${name}`;
    const [given, other] = [await grantedTo(server, app, { scope }, page), await grantedTo(server, app, {}, page)];
    const late = await codeFor(server, app, { scope: name }, page);
    expect((await look(app, scope)).map(({ isNew }) => isNew)).toEqual([false, false]);
    await core.deletePermission(asOwner, name, { force: true });
    await core.registerPermission(asOwner, { name, description: 'Something else.' });
    expect(await isGood(given.access)).toBe(false);
    expect(await isRefused(app, given.refresh)).toBe(true);
    expect((await redeem(server, app, late)).body.error).toBe('invalid_grant');
    expect(await look(app, scope)).toMatchObject([
      { name: 'read:funds', isNew: false },
      { name, description: 'Something else.', isNew: true },
    ]);
    // What did not name it goes on.
    expect(await isGood(other.access)).toBe(true);
    expect(await isRefused(app, other.refresh)).toBe(false);
    expect((await core.readApplication(asOwner, app.id)).permissions).toEqual(['read:*']);
    const told = (await server.store.journal.latest(server.organization.id, 20)).map((entry) => [
      entry.action,
      entry.subject.id,
      entry.detail.withdrawn,
    ]);
    expect(told).toContainEqual(['application.access_ended', app.id, name]);
    expect(told).toContainEqual(['application.changed', app.id, name]);
  });

  it('stands in the way of nobody who deletes a permission; the applications that name it do', async () => {
    const { core, asOwner } = server;
    const name = newName();
    const owner = await bearerOf(server, server.owner);
    await core.registerPermission(asOwner, { name });
    const wide = await register(server, { permissions: ['read:*'] });
    const given = await grantedTo(server, wide, { scope: name }, page);
    const naming = await register(server, { name: 'Naming', permissions: [name] });
    const holders = await ask(server, 'GET', `/v1/permissions/${name}/holders`, owner);
    expect(holders.body).toMatchObject({
      applications: 1,
      first: [{ type: 'application', id: naming.id, name: 'Naming', organization: server.organization }],
    });
    const problem = expectProblem(await ask(server, 'DELETE', `/v1/permissions/${name}`, owner), 409, 'conflict');
    expect(problem.detail).toContain('1 application.');
    expect(await isGood(given.access)).toBe(true);
    await core.deleteApplication(asOwner, naming.id);
    expect((await ask(server, 'DELETE', `/v1/permissions/${name}`, owner)).status).toBe(204);
    await core.registerPermission(asOwner, { name });
    expect(await isGood(given.access)).toBe(false);
    expect(await isRefused(wide, given.refresh)).toBe(true);
    expect(await look(wide, name)).toMatchObject([{ name, isNew: true }]);
  });

  it('ends with an API that is deleted, and is asked about again where one of its handle is made [S61]', async () => {
    const { core, asOwner } = server;
    const name = newName();
    const resource = 'https://orders.example';
    const create = async () => {
      await core.createApi(asOwner, { handle: 'orders', name: 'Orders', identifier: resource });
      await core.registerPermission(asOwner, { name, api: 'orders', description: '' });
    };
    await create();
    const app = await register(server, { permissions: ['read:*'] });
    // The pattern stays what it is; the API does not.
    const given = await grantedTo(server, app, { scope: 'read:*', resource }, page);
    const other = await grantedTo(server, app, { scope: 'read:*' }, page);
    expect((await look(app, 'read:*', resource)).map(({ isNew }) => isNew)).toEqual([false]);
    const late = await askedOf(server, requestOf(app, pkce().challenge, { scope: 'read:*', resource }));
    await core.deleteApi(asOwner, 'orders', { force: true });
    // Somebody answers what they were asked before.
    expect((await allow(late, ['read:*'])).status).toBe(200);
    await create();
    expect(await isRefused(app, given.refresh)).toBe(true);
    expect((await look(app, 'read:*', resource)).map(({ isNew }) => isNew)).toEqual([true]);
    expect((await look(app, 'read:*')).map(({ isNew }) => isNew)).toEqual([false]);
    expect(await isGood(other.access)).toBe(true);
    await core.deleteApi(asOwner, 'orders', { force: true });
  });

  it('is never about what does not exist yet [S48]', async () => {
    const { core, asOwner } = server;
    const name = newName();
    const app = await register(server, { permissions: ['read:*'] });
    for (const scope of [name, `read:funds ${name}`]) {
      const { location } = await authorize(server, requestOf(app, pkce().challenge, { scope }));
      expect(location?.searchParams.get('error'), scope).toBe('invalid_scope');
    }
    // Asked while it was there, and answered when it was not.
    await core.registerPermission(asOwner, { name });
    const request = await askedOf(server, requestOf(app, pkce().challenge, { scope: `read:funds ${name}` }));
    await core.deletePermission(asOwner, name);
    const seen = await page.ask<Consent>('POST', '/v1/consents/look', { request });
    expect(seen.body.permissions.map((one) => one.name)).toEqual(['read:funds']);
    expect((await allow(request, ['read:funds', name])).status).toBe(200);
    await core.registerPermission(asOwner, { name });
    expect((await look(app, name)).map(({ isNew }) => isNew)).toEqual([true]);
  });

  it('is taken away by who deletes a permission, whoever of many allows it meanwhile', async () => {
    const { core, asOwner } = server;
    const name = newName();
    await core.registerPermission(asOwner, { name });
    const apps = await Promise.all(Array.from({ length: 6 }, () => register(server, { permissions: ['read:*'] })));
    const requests = await Promise.all(
      apps.map((app) => askedOf(server, requestOf(app, pkce().challenge, { scope: `read:funds ${name}` }))),
    );
    await Promise.all([
      ...requests.map((request) => allow(request, ['read:funds', name])),
      core.deletePermission(asOwner, name),
    ]);
    await core.registerPermission(asOwner, { name });
    for (const app of apps) expect((await look(app, name)).map(({ isNew }) => isNew)).toEqual([true]);
  });
});
