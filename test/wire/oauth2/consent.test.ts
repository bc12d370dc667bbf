// What somebody allows an application and nothing beyond: as it was shown, with the password where it is everything, while the
// session lasts in which it was allowed; and how much can be asked at once.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuthorizationList, Consent, ConsentOutcome, SessionList } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { expectProblem } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import {
  answer,
  askedOf,
  authorize,
  codeFor,
  grantedTo,
  pkce,
  redeem,
  redirectUri,
  refresh,
  register,
  requestOf,
  shownOn,
  type TestApplication,
} from './application-flow.ts';
import { call, claimsOf, post } from './clients.ts';

const long = 'x'.repeat(64);
const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

describe('what people allow applications', () => {
  let server: TestServer;
  let page: Page;

  beforeAll(async () => {
    const many = [...times(101, (n) => [`v${n}:r0`, `v${n}:${long}`]), ...times(60, (n) => [`v0:r${n}`])].flat();
    server = await startServer({ permissions: ['read:funds', 'write:funds', ...new Set(many)] });
    page = await signedIn(server, server.owner);
  });
  afterAll(() => server.stop());

  const allowing = (request: string, permissions: readonly string[], browser = page) =>
    browser.ask<ConsentOutcome>('POST', '/v1/consents', { request, allow: true, permissions });
  const codeIn = ({ redirectTo }: ConsentOutcome) => new URL(redirectTo).searchParams.get('code') ?? '';
  const asking = async (application: TestApplication, others: Record<string, string | undefined> = {}) => {
    const { verifier, challenge } = pkce();
    return { request: await askedOf(server, requestOf(application, challenge, others)), verifier };
  };
  /** Somebody with a role of their own. */
  const clerk = async (permissions: readonly string[]) => {
    const name = `r${randomBytes(4).toString('hex')}`;
    await server.core.createRole(server.asOwner, { name, permissions });
    const wanted = { email: `${name}@acme.example`, name, role: name };
    const { password } = await server.core.createUser(systemIn(server.organization), wanted);
    return { role: name, browser: await signedIn(server, { email: wanted.email, password }) };
  };

  describe('is what they were shown', () => {
    it('where the application has come to be allowed more while they looked', async () => {
      const app = await register(server, { permissions: ['read:funds'] });
      const { request, verifier } = await asking(app, { scope: undefined });
      const shown = await shownOn(page, request);
      await server.core.updateApplication(server.asOwner, app.id, { permissions: ['read:funds', 'write:funds'] });
      const code = codeIn((await allowing(request, shown)).body);
      expect((await redeem(server, app, { code, verifier })).body.scope).toBe('read:funds');
      const next = await asking(app, { scope: undefined });
      const asked = await page.ask<Consent>('POST', '/v1/consents/look', { request: next.request });
      expect(asked.body.permissions.map((one) => `${one.name} ${one.isNew}`)).toEqual([
        'read:funds false',
        'write:funds true',
      ]);
    });

    it('where they have come to be able to do more themselves', async () => {
      const { role, browser } = await clerk(['read:funds']);
      const app = await register(server);
      const { request, verifier } = await asking(app, { scope: 'read:funds write:funds' });
      const shown = await shownOn(browser, request);
      expect(shown).toEqual(['read:funds']);
      await server.core.updateRole(server.asOwner, role, { permissions: ['read:funds', 'write:funds'] });
      const code = codeIn((await allowing(request, shown, browser)).body);
      expect((await redeem(server, app, { code, verifier })).body.scope).toBe('read:funds');
    });

    it('where a pattern takes the place of what it covers, and never more than is asked, whatever they say they saw', async () => {
      const app = await register(server, { permissions: ['read:funds'] });
      const first = await asking(app, { scope: undefined });
      const shown = await shownOn(page, first.request);
      await server.core.updateApplication(server.asOwner, app.id, { permissions: ['read:*'] });
      const code = codeIn((await allowing(first.request, shown)).body);
      expect((await redeem(server, app, { code, verifier: first.verifier })).body.scope).toBe('read:funds');
      const second = await asking(app);
      const wide = codeIn((await allowing(second.request, ['*:*', 'nonsense'])).body);
      expect((await redeem(server, app, { code: wide, verifier: second.verifier })).body.scope).toBe('read:funds');
    });

    it('and is nothing where nothing of that is left, and refused without saying what it was', async () => {
      const app = await register(server);
      const { request } = await asking(app);
      const none = await allowing(request, ['write:funds']);
      expect(new URL(none.body.redirectTo).searchParams.get('error')).toBe('access_denied');
      const silent = await page.ask('POST', '/v1/consents', { request, allow: true });
      expectProblem(silent, 400, 'invalid_request');
      expect(silent.text).toContain('/body/permissions');
    });
  });

  it('takes their password where it is everything, also where they allowed it before [S89]', async () => {
    const app = await register(server, { permissions: ['*:*'] });
    const { request } = await asking(app, { scope: '*:*' });
    const look = async () => (await page.ask<Consent>('POST', '/v1/consents/look', { request })).body;
    expect(await look()).toMatchObject({ asksAlways: true, permissions: [{ name: '*:*', isNew: true }] });
    expectProblem(await allowing(request, ['*:*']), 403, 'confirmation_required');
    expect((await page.ask<AuthorizationList>('GET', '/v1/self/authorizations')).text).not.toContain(app.id);
    await page.confirm?.();
    expect(codeIn((await allowing(request, ['*:*'])).body)).toMatch(/^\w{43}$/);
    server.clock.advance(6 * 60_000);
    expect(await look()).toMatchObject({ asksAlways: true, permissions: [{ name: '*:*', isNew: false }] });
    expectProblem(await allowing(request, ['*:*']), 403, 'confirmation_required');
    // A part of it is allowed without.
    const part = await asking(app, { scope: 'read:funds' });
    expect((await allowing(part.request, ['read:funds'])).status).toBe(200);
  });

  describe('is asked so that they can look through it:', () => {
    const many = (count: number, resource = '*') => times(count, (n) => `v${n}:${resource}`);

    it('in at most a hundred words and 4,000 characters [S75] [S96]', async () => {
      const app = await register(server, { permissions: ['*:*'] });
      const tried = async (words: readonly string[]) => {
        const { location } = await authorize(server, requestOf(app, pkce().challenge, { scope: words.join(' ') }));
        return location?.searchParams.get('error') ?? location?.pathname;
      };
      expect(await tried(many(100))).toBe('/consent');
      expect(await tried(many(101))).toBe('invalid_scope');
      expect(await tried(many(40, long))).toBe('/consent');
      expect(await tried(many(60, long))).toBe('invalid_scope');
    });

    it('not at all where the person, or by now the application, divides it into too many lines [S75] [S96]', async () => {
      const app = await register(server, { permissions: ['*:*'] });
      const { request } = await asking(app, { scope: many(100).join(' ') });
      const parts = times(60, (n) => `*:r${n}`);
      const { browser } = await clerk(parts);
      const isRefused = async (by: Page) => {
        const looked = await by.ask('POST', '/v1/consents/look', { request });
        expectProblem(looked, 400, 'invalid_request');
        expect(looked.text).toContain('asks for more than one token can carry');
        expectProblem(await allowing(request, many(100), by), 400, 'invalid_request');
      };
      await isRefused(browser);
      expect(await shownOn(page, request)).toHaveLength(100);
      await server.core.updateApplication(server.asOwner, app.id, { permissions: parts });
      await isRefused(page);
      // Whoever may do one thing of all this: what it takes to find out is refused too.
      await isRefused((await clerk(['v0:r0'])).browser);
    });

    it('each thing once, however the application says it', async () => {
      const app = await register(server, { permissions: ['read:*', '*:funds', 'read:funds'] });
      const { request } = await asking(app, { scope: 'read:funds read:* *:funds' });
      expect((await shownOn(page, request)).toSorted()).toEqual(['*:funds', 'read:*']);
    });
  });

  describe('ends', () => {
    it('with the session in which it was allowed, before the application has come for it', async () => {
      const { browser } = await clerk(['read:funds']);
      const app = await register(server);
      const given = await codeFor(server, app, {}, browser);
      expect((await browser.ask('DELETE', '/v1/session')).status).toBe(204);
      expect((await redeem(server, app, given)).body.error).toBe('invalid_grant');
    });

    it('with all other sessions, for whoever allowed it in one of those, and for nobody else', async () => {
      const thief = await signedIn(server, server.admin);
      const app = await register(server);
      const stolen = await codeFor(server, app, {}, thief);
      const own = await signedIn(server, server.admin);
      const given = await codeFor(server, app, {}, own);
      expect((await own.ask('DELETE', '/v1/sessions')).status).toBe(204);
      expect((await redeem(server, app, stolen)).body.error).toBe('invalid_grant');
      expect((await redeem(server, app, given)).status).toBe(200);
    });

    it('with the redirect URI to which it was sent, with all that was given there', async () => {
      const app = await register(server, { redirectUris: [redirectUri, 'https://reports.example/other'] });
      const { access, refresh: token } = await grantedTo(server, app, {}, page);
      const given = await codeFor(server, app, {}, page);
      await server.core.updateApplication(server.asOwner, app.id, { redirectUris: ['https://reports.example/other'] });
      expect((await redeem(server, app, given)).body.error).toBe('invalid_grant');
      expect((await refresh(server, app, token)).body.error).toBe('invalid_grant');
      expect((await call(server, '/v1/check', access)).status).toBe(401);
    });

    it('where the redirect URI is taken off while the application comes for it, though its code is left', async () => {
      const app = await register(server);
      const given = await codeFor(server, app, {}, page);
      const elsewhere = { redirectUris: ['https://reports.example/other'] };
      const late = await duringWrite(
        () => redeem(server, app, given),
        () => server.store.write((changes) => changes.applications.update(server.organization.id, app.id, elsewhere)),
      );
      expect([late.status, late.body.error]).toEqual([400, 'invalid_grant']);
    });

    it('for nobody but who has the new secret, where that came while the old one was on its way', async () => {
      const app = await register(server);
      let { secret } = app;
      const rotate = async () => {
        ({ secret } = await server.core.rotateApplicationSecret(server.asOwner, app.id));
      };
      const given = await codeFor(server, app, {}, page);
      const late = await duringWrite(() => redeem(server, app, given), rotate);
      expect([late.status, late.body.error]).toEqual([401, 'invalid_client']);
      const now = { ...app, secret };
      const { body } = await redeem(server, now, given);
      const later = await duringWrite(() => refresh(server, now, body.refresh_token), rotate);
      expect([later.status, later.body.error]).toEqual([401, 'invalid_client']);
      expect((await refresh(server, { ...app, secret }, body.refresh_token)).status).toBe(200);
    });

    it('of sessions of one application beyond ten, for those that were used last the longest ago', async () => {
      const { browser } = await clerk(['read:funds']);
      const app = await register(server);
      const all = [];
      for (let n = 0; n < 10; n += 1) {
        all.push(await grantedTo(server, app, {}, browser));
        server.clock.advance(1000);
      }
      const [first, second, third] = all;
      const used = await refresh(server, app, first?.refresh ?? '');
      expect(used.status).toBe(200);
      server.clock.advance(1000);
      for (let n = 0; n < 2; n += 1) all.push(await grantedTo(server, app, {}, browser));
      const isGood = async (token = '') => (await call(server, '/v1/check', token)).status === 200;
      expect(await isGood(second?.access)).toBe(false);
      expect(await isGood(third?.access)).toBe(false);
      for (const { access } of all.slice(3)) expect(await isGood(access)).toBe(true);
      expect(await isGood(used.body.access_token)).toBe(true);
      const { items } = (await browser.ask<SessionList>('GET', '/v1/sessions')).body;
      expect(items).toHaveLength(11);
      const ended = (await server.store.journal.after(0, 100_000)).filter(
        ({ subject }) => subject.id === claimsOf(second?.access ?? '').sid,
      );
      expect(ended.at(-1)).toMatchObject({ action: 'session.ended', detail: { reason: 'too_many_sessions' } });
    });
  });

  it('is asked for nothing by made-up codes and refresh tokens: nothing is written, and nobody waits [S96] [S99]', async () => {
    const open = await register(server, { type: 'public', redirectUris: ['http://127.0.0.1/callback'] });
    const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count);
    const written = vi.spyOn(server.store, 'write');
    try {
      const asked = [];
      for (let n = 0; n < 100; n += 1) {
        const code = { code: letters(43), verifier: pkce().verifier };
        asked.push(await redeem(server, open, code));
        asked.push(await refresh(server, open, `RT1${letters(86)}`));
        asked.push(await post(server, '/oauth/revoke', { token: `RT1${letters(86)}`, client_id: open.id }));
      }
      expect(new Set(asked.map(({ status, body }) => `${status} ${body?.error}`))).toEqual(
        new Set(['400 invalid_grant', '200 undefined']),
      );
      // What the server writes by itself meanwhile does not come with each.
      expect(written.mock.calls.length).toBeLessThan(30);
    } finally {
      written.mockRestore();
    }
    expect(await answer(page, (await asking(open)).request)).toBeInstanceOf(URL);
  });

  /** Has `end` done when `act` has begun its change and not yet made it. */
  async function duringWrite<T>(act: () => Promise<T>, end: () => Promise<unknown>): Promise<T> {
    const { store } = server;
    const write = store.write.bind(store);
    const held = vi.spyOn(store, 'write');
    held.mockImplementationOnce(async (change) => {
      await end();
      return write(change);
    });
    try {
      return await act();
    } finally {
      held.mockRestore();
    }
  }
});
