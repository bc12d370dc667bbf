// The device grant (RFC 8628): a device asks, somebody types its code in the portal and allows it, and the device is given
// tokens: once, as the client that asked, for as long as somebody may answer. And the attacks on it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionList } from '../../../sdk/src/wire.ts';
import { digestOf } from '../../../server/src/core/secret.ts';
import { keyHolder, proofBy } from '../../dpop.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call as ask, expectProblem } from '../native/calls.ts';
import { openSessionClient, type Page, signedIn } from '../native/session-client.ts';
import { refresh, register, type TestApplication } from './application-flow.ts';
import { call, claimsOf, type OAuthAnswer, post } from './clients.ts';
import { answerDevice, askForCode, codesFor, grantedTo, look, poll, registerDevice } from './device-flow.ts';

const second = 1000;
const lifetime = 600 * second;

describe.each(['sqlite', 'postgres'] as const)('a device on %s', (database) => {
  let server: TestServer;
  let page: Page;
  let device: TestApplication;
  let box: TestApplication;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:funds', 'write:funds'] });
    page = await signedIn(server, server.owner);
    device = await registerDevice(server);
    box = await registerDevice(server, { name: 'Set-top box', type: 'confidential' });
  });
  afterAll(() => server.stop());

  const said = ({ status, body }: OAuthAnswer) => [status, body.error];
  const isGood = async (token: string) => (await call(server, '/v1/check', token)).status === 200;

  it('is given tokens once somebody has typed its code and allowed it, and renews them', async () => {
    for (const one of [device, box]) {
      const asked = await askForCode(server, one, { scope: 'read:funds' });
      expect(asked.status).toBe(200);
      expect([asked.headers.get('cache-control'), asked.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
      const { device_code: deviceCode, user_code: userCode } = asked.body;
      expect(asked.body).toEqual({
        device_code: expect.stringMatching(/^[0-9A-Za-z]{43}$/),
        user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
        verification_uri: `${server.url}/device`,
        verification_uri_complete: `${server.url}/device?user_code=${userCode}`,
        expires_in: 600,
        interval: 5,
      });
      expect(said(await poll(server, one, { deviceCode }))).toEqual([400, 'authorization_pending']);
      expect((await look(page, userCode)).body).toMatchObject({
        application: { id: one.id, organization: { name: 'acme' } },
        api: { handle: 'default' },
        permissions: [{ name: 'read:funds' }],
        address: '127.0.0.1',
        expiresAt: new Date(server.clock.now() + lifetime).toISOString(),
      });
      expect((await answerDevice(page, userCode)).body).toEqual({ allowed: true });
      const { status, headers, body } = await poll(server, one, { deviceCode });
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read:funds' });
      expect(claimsOf(body.access_token)).toMatchObject({ client_id: one.id, sub: server.owner.id, aud: server.url });
      expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
      expect((await call(server, '/v1/check?permissions=write:funds', body.access_token)).status).toBe(403);
      expect((await refresh(server, one, body.refresh_token)).status).toBe(200);
    }
  });

  it('is told so where it was not allowed, as often as it asks', async () => {
    const codes = await codesFor(server, device);
    expect((await answerDevice(page, codes.userCode, false)).body).toEqual({ allowed: false });
    expect(said(await poll(server, device, codes))).toEqual([400, 'access_denied']);
    expect(said(await poll(server, device, codes))).toEqual([400, 'access_denied']);
    expectProblem(await answerDevice(page, codes.userCode), 409, 'conflict');
  });

  it('is slowed down with each poll that comes too soon, and is heard again after the longer wait', async () => {
    const codes = await codesFor(server, device);
    const polled = async (ms: number) => {
      server.clock.advance(ms);
      return (await poll(server, device, codes)).body.error;
    };
    expect(await polled(0)).toBe('authorization_pending');
    expect(await polled(5 * second)).toBe('authorization_pending');
    expect(await polled(second)).toBe('slow_down');
    expect(await polled(5 * second)).toBe('slow_down');
    expect(await polled(15 * second)).toBe('authorization_pending');
    expect(await polled(10 * second)).toBe('slow_down');
    for (let n = 0; n < 20; n += 1) expect(await polled(0)).toBe('slow_down');
    // It never has to wait longer than a minute, and is answered at once when somebody has.
    expect(await polled(60 * second)).toBe('authorization_pending');
    await answerDevice(page, codes.userCode);
    expect((await poll(server, device, codes)).status).toBe(200);
  });

  it('gains nothing by polling many times at once', async () => {
    const codes = await codesFor(server, device);
    const all = await Promise.all(Array.from({ length: 8 }, () => poll(server, device, codes)));
    const errors = all.map(({ body }) => body.error).sort();
    expect(errors).toEqual(['authorization_pending', ...Array.from({ length: 7 }, () => 'slow_down')]);
  });

  it('is told when nobody answered in time, or too late for it to ask', async () => {
    const [unanswered, unfetched] = [await codesFor(server, device), await codesFor(server, device)];
    await answerDevice(page, unfetched.userCode);
    server.clock.advance(lifetime);
    for (const codes of [unanswered, unfetched]) {
      expect(said(await poll(server, device, codes))).toEqual([400, 'expired_token']);
    }
    const late = await look(page, unanswered.userCode);
    expectProblem(late, 404, 'not_found');
    expect(late.text).toContain('This code has expired');
    expectProblem(await answerDevice(page, unanswered.userCode), 404, 'not_found');
  });

  it('is given tokens once: a second use, whoever makes it, ends what came of the first [S42]', async () => {
    const { access, refresh: token, codes } = await grantedTo(server, device, page);
    expect(await isGood(access)).toBe(true);
    expect(said(await poll(server, device, codes))).toEqual([400, 'invalid_grant']);
    expect(await isGood(access)).toBe(false);
    expect((await refresh(server, device, token)).body.error).toBe('invalid_grant');
    const entries = await server.store.journal.after(0, 100_000);
    const ended = entries.filter((one) => one.action === 'session.ended' && one.subject.id === claimsOf(access).sid);
    expect(ended).toMatchObject([{ detail: { application: device.id, reason: 'device_code_used_twice' } }]);

    const raced = await codesFor(server, device);
    await answerDevice(page, raced.userCode);
    const all = await Promise.all(Array.from({ length: 8 }, () => poll(server, device, raced)));
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(await isGood(won[0]?.body.access_token)).toBe(false);
  });

  it('is the only one that its code is good for, and proves who it is [S42]', async () => {
    const codes = await codesFor(server, box);
    await answerDevice(page, codes.userCode);
    expect(said(await poll(server, device, codes))).toEqual([400, 'invalid_grant']);
    for (const secret of [null, 'x'.repeat(48)]) {
      expect(said(await poll(server, { ...box, secret }, codes))).toEqual([401, 'invalid_client']);
      expect(said(await askForCode(server, { ...box, secret }))).toEqual([401, 'invalid_client']);
    }
    expect((await poll(server, box, codes)).status).toBe(200);
  });

  it.each(['x', 'a'.repeat(43), 'a'.repeat(44), 'BCDF-GHJK'])(
    'polls with no code that it makes up: %s',
    async (text) => {
      expect(said(await poll(server, device, { deviceCode: text }))).toEqual([400, 'invalid_grant']);
    },
  );

  it('must be a client that is allowed the grant, and asks for what it may [S48]', async () => {
    const other = await register(server);
    expect(said(await askForCode(server, other))).toEqual([400, 'unauthorized_client']);
    expect(said(await poll(server, other, { deviceCode: 'x' }))).toEqual([400, 'unauthorized_client']);
    const nobody = { id: '00000000-0000-4000-8000-000000000000', secret: null };
    expect(said(await askForCode(server, nobody))).toEqual([401, 'invalid_client']);
    expect(said(await post(server, '/oauth/device', { scope: 'read:funds' }))).toEqual([401, 'invalid_client']);
    for (const scope of ['create:user', '*:*', 'read:funds nonsense']) {
      expect(said(await askForCode(server, device, { scope })), scope).toEqual([400, 'invalid_scope']);
    }
    expect(said(await askForCode(server, device, { resource: 'https://nowhere.example' }))).toEqual([
      400,
      'invalid_target',
    ]);
    expect(said(await askForCode(server, device, { dpop_jkt: 'short' }))).toEqual([400, 'invalid_request']);
    expect((await askForCode(server, device, { unknown: 'ignored', resource: server.url })).status).toBe(200);
    const twice = await post(server, '/oauth/device', `client_id=${device.id}&client_id=${device.id}`);
    expect(said(twice)).toEqual([400, 'invalid_request']);
  });

  it('gets nothing once whoever allowed it is deactivated, has another password, or takes it back [S36]', async () => {
    const { core, asOwner } = server;
    const email = 'brief@acme.example';
    const { user, password } = await core.createUser(asOwner, { email, name: 'Brief', role: 'admin' });
    const theirs = await signedIn(server, { email, password });
    const [first, again, back] = [
      await codesFor(server, device),
      await codesFor(server, device),
      await codesFor(server, device),
    ];
    await answerDevice(theirs, back.userCode);
    const { items } = (await theirs.ask<{ items: { id: string }[] }>('GET', '/v1/self/authorizations')).body;
    expect((await theirs.ask('DELETE', `/v1/self/authorizations/${items[0]?.id}`)).status).toBe(204);
    expect(said(await poll(server, device, back))).toEqual([400, 'invalid_grant']);

    await answerDevice(theirs, first.userCode);
    await core.deactivateUser(asOwner, user.id);
    expect(said(await poll(server, device, first))).toEqual([400, 'invalid_grant']);
    await core.activateUser(asOwner, user.id);
    expect(said(await poll(server, device, first))).toEqual([400, 'invalid_grant']);

    await answerDevice(await signedIn(server, { email, password }), again.userCode);
    await core.resetPassword(asOwner, user.id);
    expect(said(await poll(server, device, again))).toEqual([400, 'invalid_grant']);
  });

  it('gets nothing once its application is deactivated or may do less, and nobody is asked for it any more [S36]', async () => {
    const { core, asOwner } = server;
    const short = await registerDevice(server);
    const [allowed, waiting] = [await codesFor(server, short), await codesFor(server, short)];
    await answerDevice(page, allowed.userCode);
    await core.deactivateApplication(asOwner, short.id);
    expect(said(await poll(server, short, allowed))).toEqual([401, 'invalid_client']);
    expect(said(await askForCode(server, short))).toEqual([401, 'invalid_client']);
    expectProblem(await look(page, waiting.userCode), 404, 'not_found');
    await core.activateApplication(asOwner, short.id);
    for (const codes of [allowed, waiting]) {
      expect(said(await poll(server, short, codes))).toEqual([400, 'invalid_grant']);
    }
    const narrowed = await codesFor(server, short);
    await answerDevice(page, narrowed.userCode);
    await core.updateApplication(asOwner, short.id, { permissions: ['read:funds'] });
    expect(said(await poll(server, short, narrowed))).toEqual([400, 'invalid_grant']);
    await core.updateApplication(asOwner, short.id, {
      grants: ['authorization_code'],
      redirectUris: ['https://a.example/'],
    });
    expect(said(await askForCode(server, short))).toEqual([400, 'unauthorized_client']);
  });

  it('with a key that it named is given tokens by a proof of that key alone', async () => {
    const holder = keyHolder();
    const prove = (by = holder) => ({
      dpop: proofBy(by, {
        method: 'POST',
        url: `${server.url}/oauth/token`,
        nonce: server.core.dpopNonce(),
        now: server.clock.now(),
      }),
    });
    const codes = await codesFor(server, device, { dpop_jkt: holder.thumbprint });
    await answerDevice(page, codes.userCode);
    expect(said(await poll(server, device, codes))).toEqual([400, 'invalid_dpop_proof']);
    expect(said(await poll(server, device, codes, {}, prove(keyHolder())))).toEqual([400, 'invalid_dpop_proof']);
    const { status, body } = await poll(server, device, codes, {}, prove());
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    expect(claimsOf(body.access_token)).toMatchObject({ cnf: { jkt: holder.thumbprint } });
    expect((await refresh(server, device, body.refresh_token)).body.error).toBe('invalid_dpop_proof');
  });

  it('is for the API that it named', async () => {
    const codes = await codesFor(server, device, { resource: server.url });
    await answerDevice(page, codes.userCode);
    const elsewhere = await poll(server, device, codes, { resource: 'https://nowhere.example' });
    expect(said(elsewhere)).toEqual([400, 'invalid_target']);
  });

  it('shows a code that is understood however it is typed, and no other', async () => {
    const { userCode } = await codesFor(server, device);
    const plain = userCode.replace('-', '').toLowerCase();
    for (const typed of [userCode, plain, ` ${plain.slice(0, 3)} ${plain.slice(3)} `]) {
      expect((await look(page, typed)).status, typed).toBe(200);
    }
    for (const typed of ['BCDF-GHJ', 'AAAA-AAAA', `${userCode}X`, '%00', 'é'.repeat(8)]) {
      expectProblem(await look(page, typed), 404, 'not_found');
    }
    expectProblem(await look(page, 'x'.repeat(65)), 400, 'invalid_request');
  });

  it('is answered in a session of the portal alone, by one of its own pages [S86]', async () => {
    const { access } = await grantedTo(server, device, page);
    const { userCode } = await codesFor(server, device);
    const own = await ask<{ accessToken: string }>(server, 'POST', '/v1/login', undefined, {
      email: server.owner.email,
      password: server.owner.password,
    });
    for (const bearer of [access, own.body.accessToken]) {
      expectProblem(await ask(server, 'POST', '/v1/devices/look', bearer, { userCode }), 403, 'forbidden');
      expectProblem(
        await ask(server, 'POST', '/v1/devices', bearer, { userCode, allow: true, permissions: [] }),
        403,
        'forbidden',
      );
    }
    expectProblem(
      await openSessionClient(server).ask('POST', '/v1/devices/look', { userCode }),
      401,
      'unauthenticated',
    );
    for (const headers of [{ 'x-keyward-portal': '' }, { origin: 'https://evil.example' }]) {
      expectProblem(
        await page.ask('POST', '/v1/devices', { userCode, allow: true, permissions: [] }, headers),
        403,
        'forbidden',
      );
    }
    expect((await answerDevice(page, userCode, false)).status).toBe(200);
  });

  it('of a customer is for that customer’s people, and of the operator for everyone', async () => {
    const initech = await server.addOrganization(`initech-${database}`);
    const theirs = await signedIn(server, initech.owner);
    const own = await registerDevice(server, {}, initech.owner.caller);
    const foreign = await codesFor(server, own);
    expectProblem(await look(page, foreign.userCode), 403, 'forbidden');
    expectProblem(await answerDevice(page, foreign.userCode), 403, 'forbidden');
    expect((await answerDevice(theirs, foreign.userCode)).body).toEqual({ allowed: true });
    expect((await poll(server, own, foreign)).status).toBe(200);
    const { access } = await grantedTo(server, device, theirs, { scope: 'read:funds' });
    expect(claimsOf(access).sub).toBe(initech.owner.id);
  });

  it('is given nothing where whoever allows it may do nothing of what it asks for', async () => {
    const { core, asOwner } = server;
    const email = `reader-${database}@acme.example`;
    await core.createRole(asOwner, { name: 'reader', permissions: ['read:funds'] });
    const { password } = await core.createUser(asOwner, { email, name: 'Reader', role: 'reader' });
    const theirs = await signedIn(server, { email, password });
    const codes = await codesFor(server, device, { scope: 'write:funds' });
    expect((await look(theirs, codes.userCode)).body.permissions).toEqual([]);
    expect((await answerDevice(theirs, codes.userCode)).body).toEqual({ allowed: false });
    expect(said(await poll(server, device, codes))).toEqual([400, 'access_denied']);
  });

  it('is allowed what was shown, and nothing that it has come to ask for since', async () => {
    const codes = await codesFor(server, device);
    expect((await answerDevice(page, codes.userCode, true, ['read:funds', 'create:user'])).body).toEqual({
      allowed: true,
    });
    expect((await poll(server, device, codes)).body.scope).toBe('read:funds');
    const { userCode } = await codesFor(server, device);
    expectProblem(await page.ask('POST', '/v1/devices', { userCode, allow: true }), 400, 'invalid_request');
  });

  it('gets nothing once whoever allowed it has signed out there', async () => {
    const browser = await signedIn(server, server.owner);
    const codes = await codesFor(server, device);
    await answerDevice(browser, codes.userCode);
    await browser.ask('DELETE', '/v1/session');
    expect(said(await poll(server, device, codes))).toEqual([400, 'invalid_grant']);
  });

  it('is answered by one of many who answer at once', async () => {
    const codes = await codesFor(server, device);
    const all = await Promise.all(
      [true, false, true, false, true].map((allow) => answerDevice(page, codes.userCode, allow)),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  it('leaves neither of its codes in the database, the journal or the log', async () => {
    const { codes } = await grantedTo(server, device, page);
    const kept = await server.store.deviceCodes.find(digestOf(codes.deviceCode));
    const entries = await server.store.journal.after(0, 100_000);
    const text = JSON.stringify([kept, entries]) + server.logs();
    for (const code of [codes.deviceCode, codes.userCode, codes.userCode.replace('-', '')]) {
      expect(text).not.toContain(code);
    }
    const given = entries.filter(({ action }) => action === 'application.device_allowed');
    expect(given.at(-1)).toMatchObject({
      actor: { id: server.owner.id },
      subject: { type: 'application', id: device.id },
      detail: { api: 'default', address: '127.0.0.1' },
    });
  });

  it('is among the sessions of whoever allowed it, and ends there', async () => {
    const { access } = await grantedTo(server, device, page);
    const { items } = (await page.ask<SessionList>('GET', '/v1/sessions')).body;
    const session = items.find(({ id }) => id === claimsOf(access).sid);
    expect(session).toMatchObject({ carrier: 'application', address: '127.0.0.1' });
    await page.ask('DELETE', `/v1/sessions/${session?.id}`);
    expect(await isGood(access)).toBe(false);
  });

  it('waits through a restart', async () => {
    const [waiting, allowed] = [await codesFor(server, device), await codesFor(server, device)];
    await answerDevice(page, allowed.userCode);
    await server.restart();
    expect((await poll(server, device, allowed)).status).toBe(200);
    expect((await answerDevice(page, waiting.userCode)).body).toEqual({ allowed: true });
    expect((await poll(server, device, waiting)).status).toBe(200);
  });

  it('is not asked for more often than a hundred times from one address while nobody answers', async () => {
    server.clock.advance(lifetime);
    const asked = await Promise.all(Array.from({ length: 110 }, () => askForCode(server, device)));
    expect(asked.filter(({ status }) => status === 200)).toHaveLength(100);
    const refused = asked.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0]?.body.error).toBe('temporarily_unavailable');
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    server.clock.advance(lifetime);
    expect((await askForCode(server, device)).status).toBe(200);
  });
});

describe('guessing at codes', () => {
  it('is kept slow, for one person, whatever they find (RFC 8628 section 5.1) [S24]', async () => {
    const server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    try {
      await server.restart({ signInFailures: 10 });
      const device = await registerDevice(server);
      const page = await signedIn(server, server.owner);
      const { userCode } = await codesFor(server, device);
      expect((await look(page, userCode)).status).toBe(200);
      const guesses = await Promise.all(Array.from({ length: 15 }, () => look(page, 'BBBB-BBBB')));
      expect(guesses.filter(({ status }) => status === 404)).toHaveLength(10);
      const slowed = guesses.find(({ status }) => status === 429);
      expectProblem(slowed as NonNullable<typeof slowed>, 429, 'too_many_requests');
      expectProblem(await look(page, userCode), 429, 'too_many_requests');
      expectProblem(await answerDevice(page, userCode), 429, 'too_many_requests');
      // Others are not kept out.
      const other = await signedIn(server, server.admin);
      expect((await answerDevice(other, userCode)).body).toEqual({ allowed: true });
    } finally {
      await server.stop();
    }
  });
});

describe('two nodes', () => {
  it('know of each other’s devices: asked at one, answered at the other, polled at both [S42]', async () => {
    const server = await startServer({ database: 'postgres', permissions: ['read:funds', 'write:funds'] });
    try {
      const far = await server.addNode();
      const device = await registerDevice(server);
      const page = await signedIn(server, server.owner);
      const codes = await codesFor(far, device);
      expect((await poll(server, device, codes)).body.error).toBe('authorization_pending');
      expect((await poll(far, device, codes)).body.error).toBe('slow_down');
      expect((await answerDevice(page, codes.userCode)).body).toEqual({ allowed: true });
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, n) => poll(n % 2 === 0 ? server : far, device, codes)),
      );
      const won = all.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      for (const node of [server, far]) {
        await expect.poll(async () => (await call(node, '/v1/check', won[0]?.body.access_token)).status).toBe(401);
      }
      const { access } = await grantedTo(far, device, page);
      expect((await call(server, '/v1/check', access)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
