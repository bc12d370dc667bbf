// Refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14): each works once, in the hands of its own client, until the family
// is idle, old or ended; and what is kept of codes and of them on both databases, and on two nodes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthorizationList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { codeFor, grantedTo, redeem, refresh, register, type TestApplication } from './application-flow.ts';
import { apiUserClient, call, claimsOf, type OAuthAnswer, post } from './clients.ts';

const day = 86_400_000;

describe.each(['sqlite', 'postgres'] as const)('refresh tokens on %s', (database) => {
  let server: TestServer;
  let page: Page;
  let app: TestApplication;
  let open: TestApplication;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:funds', 'write:funds'] });
    page = await signedIn(server, server.owner);
    app = await register(server);
    open = await register(server, { name: 'Tool', type: 'public', redirectUris: ['http://127.0.0.1/callback'] });
  });
  afterAll(() => server.stop());

  const granted = (application = app, scope = 'read:funds write:funds') =>
    grantedTo(server, application, { scope }, page);
  const isRefused = ({ status, body }: OAuthAnswer) => status === 400 && body.error === 'invalid_grant';
  const isGood = async (token: string, at: Pick<TestServer, 'url'> = server) =>
    (await call(at, '/v1/check', token)).status === 200;

  it('give another access token and another refresh token, in the same session', async () => {
    const first = await granted();
    const { status, headers, body } = await refresh(server, app, first.refresh);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read:funds write:funds' });
    expect(body.refresh_token).not.toBe(first.refresh);
    expect(claimsOf(body.access_token).sid).toBe(claimsOf(first.access).sid);
    expect(await isGood(body.access_token)).toBe(true);
    expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
  });

  it('are of a session that the journal names with its application, and takes for no sign-in of the person’s own [S125]', async () => {
    const { access } = await granted();
    const { sid } = claimsOf(access);
    const [authorization] = (await page.ask<AuthorizationList>('GET', '/v1/self/authorizations')).body.items.filter(
      ({ application }) => application.id === app.id,
    );
    const entries = await server.store.journal.latest(server.organization.id, 20);
    expect(entries.filter(({ subject }) => subject.id === sid)).toMatchObject([
      {
        action: 'session.granted',
        actor: { type: 'user', id: server.owner.id },
        detail: { application: app.id, authorization: authorization?.id },
      },
    ]);
  });

  it('work once: whoever uses an old one ends the family, with the tokens of whoever used it first [S52]', async () => {
    const stolen = await granted();
    const { body: theirs } = await refresh(server, app, stolen.refresh);
    expect(isRefused(await refresh(server, app, stolen.refresh))).toBe(true);
    expect(await isGood(theirs.access_token)).toBe(false);
    expect(await isGood(stolen.access)).toBe(false);
    expect(isRefused(await refresh(server, app, theirs.refresh_token))).toBe(true);
    const entries = await server.store.journal.after(0, 100_000);
    const ended = entries.filter(
      ({ action, subject }) => action === 'session.ended' && subject.id === claimsOf(stolen.access).sid,
    );
    expect(ended).toMatchObject([{ detail: { application: app.id, reason: 'refresh_token_used_twice' } }]);
    expect(JSON.stringify(entries)).not.toContain(stolen.refresh);
  });

  it('are won by one of many who race with the same, and then end with the family [S52]', async () => {
    const { refresh: token } = await granted();
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(server, app, token)));
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(await isGood(won[0]?.body.access_token)).toBe(false);
  });

  it('may narrow the access token, never widen it, and stay as wide themselves [S47] [S48]', async () => {
    const { refresh: token } = await granted();
    const narrow = await refresh(server, app, token, { scope: 'read:funds' });
    expect(narrow.body.scope).toBe('read:funds');
    const wide = await refresh(server, app, narrow.body.refresh_token);
    expect(wide.body.scope).toBe('read:funds write:funds');
    for (const scope of ['read:funds create:user', '*:*', 'read:*']) {
      const { status, body } = await refresh(server, app, wide.body.refresh_token, { scope });
      expect([status, body.error], scope).toEqual([400, 'invalid_scope']);
    }
    expect((await refresh(server, app, wide.body.refresh_token)).status).toBe(200);
  });

  it('are bound to their client, and to what it proves', async () => {
    const other = await register(server);
    const { refresh: token } = await granted();
    expect(isRefused(await refresh(server, other, token))).toBe(true);
    for (const secret of [null, 'x'.repeat(48)]) {
      const { status, body } = await refresh(server, { ...app, secret }, token);
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    }
    expect((await refresh(server, app, token)).status).toBe(200);
    const tool = await granted(open);
    expect(isRefused(await refresh(server, { ...open, id: other.id, secret: other.secret }, tool.refresh))).toBe(true);
    expect((await refresh(server, open, tool.refresh)).status).toBe(200);
  });

  it('are bound to their API', async () => {
    const { refresh: token } = await granted();
    const { status, body } = await refresh(server, app, token, { resource: 'https://nowhere.example' });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
    expect((await refresh(server, app, token, { resource: server.url })).status).toBe(200);
  });

  it.each(['x', 'RT1', `RT1${'a'.repeat(86)}`, `RT1${'a'.repeat(87)}`, `rt1${'a'.repeat(86)}`])(
    'are nothing that anybody can make up: %s',
    async (text) => {
      expect(isRefused(await refresh(server, app, text))).toBe(true);
    },
  );

  it('are no credential, and no session', async () => {
    const { refresh: token } = await granted();
    expect(await isGood(token)).toBe(false);
    const family = token.slice(3, 46);
    const asCookie = await fetch(`${server.url}/v1/session`, { headers: { cookie: `__Host-keyward=${family}` } });
    expect(asCookie.status).toBe(401);
  });

  it('are not given to an application that may not have them, whose access ends with its token', async () => {
    const once = await register(server, { grants: ['authorization_code'] });
    const given = await codeFor(server, once, {}, page);
    const { body } = await redeem(server, once, given);
    expect(body).not.toHaveProperty('refresh_token');
    const { refresh: token } = await granted();
    const { status, body: refused } = await refresh(server, once, token);
    expect([status, refused.error]).toEqual([400, 'unauthorized_client']);
  });

  it('give what the person may do and the application may ask for by now, and nothing beyond [S36]', async () => {
    await server.core.createRole(server.asOwner, { name: 'clerk', permissions: ['read:funds', 'write:funds'] });
    const made = await server.core.createUser(server.asOwner, { email: 'c@acme.example', name: 'C', role: 'clerk' });
    const browser = await signedIn(server, { email: 'c@acme.example', password: made.password });
    const { refresh: token, access } = await grantedTo(server, app, { scope: 'read:funds write:funds' }, browser);
    await server.core.updateRole(server.asOwner, 'clerk', { permissions: ['read:funds'] });
    expect((await call(server, '/v1/check?permissions=write:funds', access)).status).toBe(403);
    const next = await refresh(server, app, token);
    expect(next.body.scope).toBe('read:funds');
    await server.core.updateRole(server.asOwner, 'clerk', { permissions: [] });
    const { status, body } = await refresh(server, app, next.body.refresh_token);
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
  });

  it('are revoked by their client, with their family, and by nobody else (RFC 7009) [S49]', async () => {
    const other = await register(server);
    const first = await granted();
    const revoke = (token: string, { id, secret }: TestApplication) =>
      secret === null
        ? post(server, '/oauth/revoke', { token, client_id: id })
        : post(server, '/oauth/revoke', { token, token_type_hint: 'refresh_token' }, { id, secret });
    expect((await revoke(first.refresh, other)).status).toBe(200);
    expect((await revoke(first.refresh, { ...app, secret: 'x'.repeat(48) })).status).toBe(401);
    expect((await revoke(first.refresh, { ...app, secret: null })).status).toBe(401);
    expect(await isGood(first.access)).toBe(true);
    expect((await revoke(first.refresh, app)).status).toBe(200);
    expect(await isGood(first.access)).toBe(false);
    expect(isRefused(await refresh(server, app, first.refresh))).toBe(true);
    expect((await revoke(first.refresh, app)).status).toBe(200);

    const tool = await granted(open);
    expect((await revoke(tool.access, open)).status).toBe(200);
    expect(await isGood(tool.access)).toBe(false);
    expect((await refresh(server, open, tool.refresh)).status).toBe(200);
  });

  it('are introspected by who may verify, without being used (RFC 7662) [S50]', async () => {
    const { refresh: token } = await granted();
    const client = await apiUserClient(server);
    const seen = await post(server, '/oauth/introspect', { token }, client);
    expect(seen.body).toMatchObject({
      active: true,
      scope: 'read:funds write:funds',
      client_id: app.id,
      username: server.owner.email,
      sub: server.owner.id,
      exp: Math.floor((server.clock.now() + 30 * day) / 1000),
    });
    expect(seen.body).not.toHaveProperty('token_type');
    expect((await refresh(server, app, token)).status).toBe(200);
    expect((await post(server, '/oauth/introspect', { token }, client)).body).toEqual({ active: false });
    expect((await refresh(server, app, `${token}x`)).body.error).toBe('invalid_grant');
    const initech = await server.addOrganization(`initech-${database}`);
    const theirs = await apiUserClient(server, 'admin', initech.owner.caller);
    const fresh = await granted();
    expect((await post(server, '/oauth/introspect', { token: fresh.refresh }, theirs)).body).toEqual({ active: false });
  });

  it('end when they are not used for thirty days, and after ninety however much they are used [S52]', async () => {
    const idle = await granted();
    let busy = (await granted()).refresh;
    for (let spent = 0; spent < 87; spent += 29) {
      server.clock.advance(29 * day);
      const { status, body } = await refresh(server, app, busy);
      expect(status).toBe(200);
      busy = body.refresh_token;
    }
    expect(isRefused(await refresh(server, app, idle.refresh))).toBe(true);
    server.clock.advance(3 * day);
    expect(isRefused(await refresh(server, app, busy))).toBe(true);
  });
});

describe('two nodes', () => {
  it('know of each other’s codes and refresh tokens: a second use on another ends what came of the first [S42] [S52]', async () => {
    const server = await startServer({ database: 'postgres', permissions: ['read:funds', 'write:funds'] });
    try {
      const far = await server.addNode();
      const app = await register(server);
      const page = await signedIn(server, server.owner);
      const given = await codeFor(server, app, {}, page);
      const { body } = await redeem(server, app, given);
      expect((await call(far, '/v1/check', body.access_token)).status).toBe(200);
      expect((await redeem(far, app, given)).body.error).toBe('invalid_grant');
      expect((await call(far, '/v1/check', body.access_token)).status).toBe(401);
      await expect.poll(async () => (await call(server, '/v1/check', body.access_token)).status).toBe(401);

      const { refresh: token, access } = await grantedTo(server, app, {}, page);
      expect((await call(far, '/v1/check', access)).status).toBe(200);
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, n) => refresh(n % 2 === 0 ? server : far, app, token)),
      );
      expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const node of [server, far]) {
        await expect.poll(async () => (await call(node, '/v1/check', access)).status).toBe(401);
      }

      const again = await grantedTo(server, app, {}, page);
      expect((await call(far, '/v1/check', again.access)).status).toBe(200);
      await server.core.deactivateApplication(server.asOwner, app.id);
      await expect.poll(async () => (await call(far, '/v1/check', again.access)).status).toBe(401);
    } finally {
      await server.stop();
    }
  });
});
