// Applications over the native API: what one may be registered as, its secret, and who sees it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application, ApplicationInUse, CreatedApplication } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from '../native/calls.ts';
import { grantedTo, register } from './application-flow.ts';

describe('applications', () => {
  let server: TestServer;
  let owner: string;
  const wanted = {
    name: 'Reports',
    type: 'confidential',
    redirectUris: ['https://reports.example/callback'],
    permissions: ['read:funds', 'write:*'],
  };

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server.stop());

  const create = (more: Record<string, unknown> = {}, bearer = owner) =>
    call<CreatedApplication>(server, 'POST', '/v1/applications', bearer, { ...wanted, ...more });

  it('are made with a secret that is told once, or without one', async () => {
    const { status, body } = await create({ logoUrl: 'https://reports.example/logo.png' });
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^[0-9A-Za-z]{48}$/);
    const { secret: _, ...shown } = body;
    const unused = { createdByName: expect.any(String), people: 0, lastUsedAt: null };
    expect(shown).toMatchObject({ ...wanted, active: true, grants: ['authorization_code', 'refresh_token'] });
    const read = await call<ApplicationInUse>(server, 'GET', `/v1/applications/${body.id}`, owner);
    expect(read.body).toEqual({ ...shown, ...unused });
    const listed = await call<{ items: ApplicationInUse[] }>(server, 'GET', '/v1/applications?search=reports', owner);
    expect(listed.body.items[0]).toEqual({ ...shown, ...unused });
    expect(JSON.stringify([read.body, listed.body]) + server.logs()).not.toContain(body.secret);
    expect((await create({ type: 'public' })).body.secret).toBeNull();
  });

  it('tell who made them, how many people they act for, and when they last did', async () => {
    const application = await register(server);
    const read = async () => {
      const path = `/v1/applications/${application.id}`;
      return (await call<ApplicationInUse>(server, 'GET', path, owner)).body;
    };
    expect(await read()).toMatchObject({ createdByName: server.owner.email, people: 0, lastUsedAt: null });
    await grantedTo(server, application);
    await grantedTo(server, application);
    expect(await read()).toMatchObject({ people: 1, lastUsedAt: expect.any(String) });
  });

  it('are made once for each Idempotency-Key, with the same secret', async () => {
    const headers = { 'idempotency-key': 'once' };
    const one = () => call<CreatedApplication>(server, 'POST', '/v1/applications', owner, wanted, headers);
    expect((await one()).body).toEqual((await one()).body);
  });

  it.each([
    'https://app.example/callback?a=b',
    'http://127.0.0.1:8123/callback',
    'http://[::1]/callback',
    'http://localhost/callback',
    'com.example.app:/callback',
    'com.example.app://callback',
  ])('may have answers sent to %s', async (uri) => {
    expect((await create({ redirectUris: [uri] })).status).toBe(201);
  });

  it.each([
    'http://app.example/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://localhost.evil.example/callback',
    'http://127.0.0.1@evil.example/callback',
    'https://user:secret@app.example/callback',
    'https://*.app.example/callback',
    'https://app.example/*',
    'https://app.example/callback#fragment',
    'https://app.example\\@evil.example/callback',
    'https://app.example/a b',
    'https:///callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'myapp:/callback',
    '/callback',
    'urn:ietf:wg:oauth:2.0:oob',
    '',
    `https://app.example/${'a'.repeat(1990)}`,
  ])('may not have answers sent to %s', async (uri) => {
    expectFaults(await create({ redirectUris: ['https://app.example/callback', uri] }), '/body/redirectUris/1');
  });

  it('need a redirect URI for a code, a grant, and permissions that exist', async () => {
    for (const redirectUris of [[], undefined]) {
      expectFaults(await create({ redirectUris }), '/body/redirectUris');
      const { status, body } = await create({ redirectUris, grants: ['urn:ietf:params:oauth:grant-type:device_code'] });
      expect({ status, redirectUris: body.redirectUris }).toEqual({ status: 201, redirectUris: [] });
    }
    expectFaults(await create({ grants: ['refresh_token'] }), '/body/grants');
    expectFaults(await create({ permissions: [] }), '/body/permissions');
    expectFaults(await create({ permissions: ['read:funds', 'read:nothing'] }), '/body/permissions/1');
    expectFaults(await create({ redirectUris: ['https://a.example/', 'https://a.example/'] }), '/body/redirectUris/1');
    for (const logoUrl of ['http://a.example/l', 'javascript:1', 'https://a:b@c.example/', 'https://x y/']) {
      expectFaults(await create({ logoUrl }), '/body/logoUrl');
    }
    expectProblem(await create({ grants: ['client_credentials'] }), 400, 'invalid_request');
  });

  it('ask for nothing that who makes, changes or activates them does not hold [S56]', async () => {
    const managing = ['create', 'read', 'update', 'delete'].map((verb) => `${verb}:application`);
    const limited = await bearerOf(server, server.owner, [...managing, 'read:funds']);
    expectProblem(await create({}, limited), 403, 'forbidden');
    expect((await create({ permissions: ['read:funds'] }, limited)).status).toBe(201);
    const { id } = (await create()).body;
    const redirectUris = ['https://evil.example/'];
    expectProblem(await call(server, 'PATCH', `/v1/applications/${id}`, limited, { redirectUris }), 403, 'forbidden');
    for (const act of ['rotate', 'activate']) {
      expectProblem(await call(server, 'POST', `/v1/applications/${id}/${act}`, limited), 403, 'forbidden');
    }
  });

  it('change, are deactivated, activated and deleted; ending them may be repeated', async () => {
    const { id, secret } = (await create()).body;
    const path = `/v1/applications/${id}`;
    const changed = await call<Application>(server, 'PATCH', path, owner, {
      name: 'Monthly',
      permissions: ['read:funds'],
    });
    expect(changed.body).toMatchObject({ id, name: 'Monthly', permissions: ['read:funds'] });
    const rotated = await call<CreatedApplication>(server, 'POST', `${path}/rotate`, owner);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).toMatch(/^[0-9A-Za-z]{48}$/);
    expect(rotated.body.secret).not.toBe(secret);
    for (const _ of [1, 2]) expect((await call(server, 'POST', `${path}/deactivate`, owner)).status).toBe(204);
    expect((await call<Application>(server, 'GET', path, owner)).body).toMatchObject({ active: false });
    expect((await call(server, 'POST', `${path}/activate`, owner)).status).toBe(204);
    const ended = await call(server, 'DELETE', `${path}?receipt=2000`, owner);
    expect(ended).toMatchObject({ status: 200, body: { effective: 1 } });
    expect((await call(server, 'DELETE', path, owner)).status).toBe(204);
    for (const method of ['GET', 'PATCH']) {
      const body = method === 'PATCH' ? { name: 'x' } : undefined;
      expectProblem(await call(server, method, path, owner, body), 404, 'not_found');
    }
    const open = (await create({ type: 'public' })).body.id;
    expectProblem(await call(server, 'POST', `/v1/applications/${open}/rotate`, owner), 409, 'conflict');
    const journal = await call<{ items: { action: string; subjectName: string }[] }>(
      server,
      'GET',
      `/v1/journal?subject=application:${id}`,
      owner,
    );
    const actions = journal.body.items.map(({ action }) => action).reverse();
    expect(actions).toEqual(
      ['created', 'changed', 'rotated', 'deactivated', 'activated', 'deleted'].map((one) => `application.${one}`),
    );
  });
});
