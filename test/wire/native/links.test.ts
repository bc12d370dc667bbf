// Links that work once: the server's set-up, invitations and new passwords.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Invitation, Link, LinkView, SetUpResponse, User } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import {
  type Answered,
  bearerOf,
  bearerWithRole,
  call,
  expectFaults,
  expectForbidden,
  expectProblem,
} from './calls.ts';
import { type EmptyServer, startEmptyServer } from './empty-server.ts';
import { openSessionClient, signedIn } from './session-client.ts';

const hour = 3_600_000;
const day = 24 * hour;
const password = 'blue kettle on a mountain';
const ended = 'This link was used or has expired. Ask for a new one.';

function tokenIn(link: Link): string {
  return link.url.slice(link.url.indexOf('#') + 1);
}

function expectEnded(answer: Answered): void {
  expect(expectProblem(answer, 404, 'not_found').detail).toBe(ended);
}

describe.each(['sqlite', 'postgres'] as const)('links on %s', (database) => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ database });
    bearer = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  let people = 0;
  const invite = async (role = 'member') => {
    people += 1;
    const body = { email: `invited${people}@links.example`, name: 'Ann', role };
    const answer = await call<Invitation>(server, 'POST', '/v1/invitations', bearer, body);
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  const reset = async (id: string) => {
    const answer = await call<Link>(server, 'POST', `/v1/users/${id}/password-link`, bearer);
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };
  const look = (token: string) =>
    call<LinkView & Record<string, unknown>>(server, 'POST', '/v1/password-links/look', undefined, { token });
  const redeem = (token: string, chosen = password) =>
    call(server, 'POST', '/v1/password-links/redeem', undefined, { token, password: chosen });
  const signsIn = async (email: string, secret: string) =>
    (await openSessionClient(server).ask('POST', '/v1/session', { email, password: secret })).status === 200;

  test('an invitation lets someone choose their own password, once, within seven days [S20]', async () => {
    const { user, link } = await invite();
    expect(user).toMatchObject({
      invited: true,
      active: false,
      stateReason: 'invited',
      role: 'member',
      lastSeenAt: null,
    });
    expect(link).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/welcome#[0-9A-Za-z]{43}$/),
      expiresAt: new Date(server.clock.now() + 7 * day).toISOString(),
    });
    const token = tokenIn(link);
    expect((await look(token)).body).toEqual({
      purpose: 'invitation',
      email: user.email,
      name: 'Ann',
      organization: server.organization.name,
      expiresAt: link.expiresAt,
    });
    expect(await signsIn(user.email, '')).toBe(false);
    expect((await redeem(token)).status).toBe(204);
    expect(await signsIn(user.email, password)).toBe(true);
    expectEnded(await redeem(token, 'another password altogether'));
    expectEnded(await look(token));
    const { body } = await call<User>(server, 'GET', `/v1/users/${user.id}`, bearer);
    expect(body.invited).toBe(false);
  });

  test('a link is used up by exactly one of many racing for it [S20]', async () => {
    const token = tokenIn((await invite()).link);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => redeem(token, `${password} number ${at}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, ...Array(7).fill(404)]);
  });

  test('a reset leaves the old password in force until it is used, for a day [S20]', async () => {
    const { user, link } = await invite();
    await redeem(tokenIn(link));
    const page = await signedIn(server, { email: user.email, password });
    const { url, expiresAt } = await reset(user.id);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/new-password#[0-9A-Za-z]{43}$/);
    expect(expiresAt).toBe(new Date(server.clock.now() + day).toISOString());
    const token = tokenIn({ url, expiresAt });
    expect((await look(token)).body.purpose).toBe('reset');
    expect(await signsIn(user.email, password)).toBe(true);
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
    expect((await redeem(token, 'green kettle on a mountain')).status).toBe(204);
    expect(await signsIn(user.email, password)).toBe(false);
    expect(await signsIn(user.email, 'green kettle on a mountain')).toBe(true);
    expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
  });

  test('a new link ends the ones before it, and one for someone who never came is an invitation again', async () => {
    const { user, link } = await invite();
    const second = await reset(user.id);
    expect(second.url).toContain('/welcome#');
    expectEnded(await look(tokenIn(link)));
    const third = await reset(user.id);
    expectEnded(await redeem(tokenIn(second)));
    expect((await redeem(tokenIn(third))).status).toBe(204);
  });

  test('a link ends with its time, its user, and any other new password [S20]', async () => {
    const expired = await invite();
    server.clock.advance(7 * day);
    expectEnded(await redeem(tokenIn(expired.link)));
    const ends: ((id: string) => Promise<unknown>)[] = [
      (id) => server.core.deactivateUser(server.asOwner, id),
      async (id) => {
        await server.core.deactivateUser(server.asOwner, id);
        await server.core.activateUser(server.asOwner, id);
      },
      (id) => server.core.deleteUser(server.asOwner, id),
      (id) => server.core.resetPassword(server.asOwner, id),
    ];
    for (const end of ends) {
      const { user, link } = await invite();
      await end(user.id);
      expectEnded(await look(tokenIn(link)));
      expectEnded(await redeem(tokenIn(link)));
    }
  });

  test('a text that nobody made is answered like a link that was used, whatever it is', async () => {
    const { link } = await invite();
    const used = tokenIn(link);
    await redeem(used);
    const texts = ['', 'x', used, used.slice(1), `${used}x`, 'kw_1', 'x'.repeat(10_000), ...[bearer]];
    const answers = await Promise.all(texts.map((text) => look(text)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    for (const answer of answers) expectEnded(answer);
  });

  test('a password that is refused leaves the link as it was [S19]', async () => {
    const { user, link } = await invite();
    for (const chosen of ['short', 'aaaaaaaaaaaaaaaaaaaa', 'passwordpassword', user.email, 'x'.repeat(1025)]) {
      expectFaults(await redeem(tokenIn(link), chosen), '/body/password');
    }
    expect((await redeem(tokenIn(link), `${'長い言葉'.repeat(8)} und ein Krähennest`)).status).toBe(204);
  });

  test('whoever makes a link learns no password, and cannot choose one [S20]', async () => {
    const made = await call(server, 'POST', '/v1/invitations', bearer, {
      email: 'chosen@links.example',
      name: 'Ann',
      role: 'member',
      password,
    });
    expectFaults(made, '/body/password');
    const { user, link } = await invite();
    expect(Object.keys(user)).not.toContain('password');
    const again = await call(server, 'POST', `/v1/users/${user.id}/password-link`, bearer, { password });
    expectFaults(again, '/body/password');
    expect(JSON.stringify(await server.store.journal.after(0, 100_000))).not.toContain(tokenIn(link));
    expect(server.logs()).not.toContain(tokenIn(link));
  });

  test("the address of a link is the server's own, whatever a request says [S73]", async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      origin: 'https://evil.example',
    };
    people += 1;
    const body = { email: `invited${people}@links.example`, name: 'Ann', role: 'member' };
    const answer = await call<Invitation>(server, 'POST', '/v1/invitations', bearer, body, headers);
    expect(answer.body.link.url.startsWith(`${server.url}/welcome#`)).toBe(true);
  });

  test('nobody invites into a role that they do not hold, or makes a link for someone above them [S56]', async () => {
    const viewer = (await bearerWithRole(server, server.organization, 'viewer')).secret;
    const body = { email: 'x@links.example', name: 'X', role: 'viewer' };
    expectForbidden(await call(server, 'POST', '/v1/invitations', viewer, body), 'create:user');
    expectForbidden(await call(server, 'POST', `/v1/users/${server.member.id}/password-link`, viewer), 'update:user');
    const admin = (await bearerWithRole(server, server.organization, 'admin')).secret;
    expectProblem(await call(server, 'POST', '/v1/invitations', admin, { ...body, role: 'owner' }), 403, 'forbidden');
    expectProblem(await call(server, 'POST', `/v1/users/${server.owner.id}/password-link`, admin), 403, 'forbidden');
  });

  test('an invitation to an address that is in use changes nothing', async () => {
    const body = { email: server.owner.email.toUpperCase(), name: 'X', role: 'member' };
    expectProblem(await call(server, 'POST', '/v1/invitations', bearer, body), 409, 'conflict');
  });

  test('links that ended are swept away after a day, with the sessions', async () => {
    const token = tokenIn((await invite()).link);
    await signedIn(server, server.owner);
    const { sweep } = await import('../../../server/src/chores/sweep.ts');
    const later = () => server.clock.now() + 8 * day + 1;
    await sweep(server.store, later);
    expect(await server.store.sessions.list(server.organization.id, server.owner.id, 0)).toEqual([]);
    expectEnded(await look(token));
  });
});

describe('the set-up of a server', () => {
  const wanted = { organization: 'acme', email: 'ann@acme.example', name: 'Ann', password };
  const setUp = (server: Pick<EmptyServer, 'url'>, token: string, changes = {}) =>
    call<SetUpResponse & Record<string, unknown>>(server, 'POST', '/v1/set-up', undefined, {
      token,
      ...wanted,
      ...changes,
    });

  async function withServer(work: (server: EmptyServer) => Promise<void>): Promise<void> {
    const server = await startEmptyServer();
    try {
      await work(server);
    } finally {
      await server.stop();
    }
  }

  test('there is no account, and so no default password, before it [S90]', async () => {
    await withServer(async (server) => {
      expect((await call(server, 'GET', '/v1/set-up')).body).toEqual({ needed: true });
      for (const email of ['admin', 'admin@example.com', 'owner', 'root', 'keyward@keyward.local']) {
        for (const secret of ['', 'admin', 'password', 'keyward']) {
          const answer = await openSessionClient(server).ask('POST', '/v1/session', { email, password: secret });
          expectProblem(answer, 401, 'invalid_credential');
        }
      }
    });
  });

  test('a link makes whoever has it the owner, once [S90]', async () => {
    await withServer(async (server) => {
      const link = await server.core.makeSetUpLink();
      expect(link?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/set-up#[0-9A-Za-z]{43}$/);
      const token = link?.url.split('#')[1] ?? '';
      for (const [field, value] of [
        ['organization', 'Acme!'],
        ['email', 'x'],
        ['password', 'short'],
        ['name', ''],
      ]) {
        expectFaults(await setUp(server, token, { [field ?? '']: value }), `/body/${field}`);
      }
      const answer = await setUp(server, token);
      expect(answer.status, answer.text).toBe(201);
      expect(answer.body).toEqual({
        organization: { id: expect.any(String), name: 'acme' },
        user: { id: expect.any(String), email: 'ann@acme.example', name: 'Ann' },
      });
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect((await call(server, 'GET', '/v1/set-up')).body).toEqual({ needed: false });
      expectEnded(await setUp(server, token, { organization: 'other', email: 'eve@acme.example' }));
      expect(await server.core.makeSetUpLink()).toBeNull();
      const session = await (await signedIn(server, { email: wanted.email, password })).ask('GET', '/v1/session');
      expect(session.body).toMatchObject({ user: { role: 'owner' }, organization: { name: 'acme', isOperator: true } });
    });
  });

  test('a link lasts an hour, and a guess opens nothing [S90]', async () => {
    await withServer(async (server) => {
      const link = await server.core.makeSetUpLink();
      const token = link?.url.split('#')[1] ?? '';
      for (const guess of ['', 'x', token.slice(0, -1), `${token}0`]) expectEnded(await setUp(server, guess));
      server.clock.advance(hour);
      expectEnded(await setUp(server, token));
      expect((await call(server, 'GET', '/v1/set-up')).body).toEqual({ needed: true });
    });
  });

  test('of many who set up at once, with several links, one becomes the owner [S90]', async () => {
    await withServer(async (server) => {
      const links = [await server.core.makeSetUpLink(), await server.core.makeSetUpLink()];
      const tokens = links.map((link) => link?.url.split('#')[1] ?? '');
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          setUp(server, tokens[at % 2] ?? '', { organization: `org-${at}`, email: `p${at}@acme.example` }),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => ![201, 404, 409].includes(status))).toEqual([]);
      for (const token of tokens) expectEnded(await setUp(server, token));
    });
  });

  test('a link of one kind does not do for another', async () => {
    await withServer(async (server) => {
      const token = (await server.core.makeSetUpLink())?.url.split('#')[1] ?? '';
      expectEnded(await call(server, 'POST', '/v1/password-links/look', undefined, { token }));
      expectEnded(await call(server, 'POST', '/v1/password-links/redeem', undefined, { token, password }));
    });
  });
});
