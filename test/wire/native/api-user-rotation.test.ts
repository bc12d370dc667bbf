// Rotating an API user: two passwords that both work for a while, at every door that takes one, and every way in which the old
// one ends. On both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenResponse, ApiUser, RotatedApiUser } from '../../../sdk/src/wire.ts';
import { endDueOverlaps } from '../../../server/src/core/credentials/overlap.ts';
import { statementsRun } from '../../security/statement-counter.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, nobody, signIn } from './calls.ts';

const hour = 3_600_000;

describe.each(['sqlite', 'postgres'] as const)('rotation of an API user on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const create = async (role = 'viewer') => {
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Till', role });
    return { id: apiUser.id, username: apiUser.username, password };
  };
  const rotate = (id: string, overlapSeconds: number, bearer = owner) =>
    call<RotatedApiUser>(server, 'POST', `/v1/api-users/${id}/rotate`, bearer, { overlapSeconds });
  const end = (id: string) => call(server, 'DELETE', `/v1/api-users/${id}/previous-password`, owner);
  const read = async (id: string) => (await call<ApiUser>(server, 'GET', `/v1/api-users/${id}`, owner)).body;
  const exchange = (username: string, password: string, form = 'jwt') =>
    call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, { username, password, form });
  const statuses = async (username: string, ...passwords: string[]) => {
    const answers = await Promise.all(passwords.map((password) => exchange(username, password)));
    return answers.map(({ status }) => status);
  };
  const checks = (...bearers: string[]) =>
    Promise.all(bearers.map(async (bearer) => (await call(server, 'GET', '/v1/check', bearer)).status));
  const sweep = () => endDueOverlaps({ store: server.store, clock: server.clock.now });
  const entriesOf = async (id: string) =>
    (await server.store.journal.latest(server.organization.id, 200)).filter(({ subject }) => subject.id === id);
  const actions = async (id: string) => (await entriesOf(id)).map(({ action }) => action);

  /** Every door that takes the password of an API user. */
  const doors = {
    native: (username: string, password: string) => exchange(username, password, 'sealed'),
    debricked: (username: string, password: string) =>
      call(server, 'POST', '/api/login_check', undefined, { _username: username, _password: password }),
    parsers: (username: string, password: string) => {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      return call(server, 'POST', '/v2/auth/token', undefined, undefined, { authorization });
    },
    rebelcore: (username: string, password: string) =>
      call(server, 'POST', '/api/v1/authorize', undefined, { username, password }),
  };

  test('gives a new password at once, and the old one works beside it', async () => {
    const { id, username, password: old } = await create();
    const { status, body, text } = await rotate(id, 3600);
    expect(status).toBe(200);
    expect(body.password).toHaveLength(48);
    expect(body.password).not.toBe(old);
    const rotatedAt = new Date(server.clock.now()).toISOString();
    const previousUntil = new Date(server.clock.now() + hour).toISOString();
    expect(body).toMatchObject({ id, username, name: 'Till', role: 'viewer', rotation: { rotatedAt, previousUntil } });
    expect(text).not.toContain(old);
    const { password, ...shown } = body;
    expect(await read(id)).toMatchObject(shown);
    expect(await statuses(username, old, password)).toEqual([200, 200]);
    const journal = await call(server, 'GET', '/v1/journal?limit=200', owner);
    for (const secret of [old, password]) {
      expect(journal.text).not.toContain(secret);
      expect(server.logs()).not.toContain(secret);
    }
    const [entry] = await entriesOf(id);
    expect(entry).toMatchObject({ action: 'api_user.rotated', detail: { previousUntil: server.clock.now() + hour } });
    expect(await actions(id)).toEqual(['api_user.rotated', 'api_user.created']);
  });

  test.each(Object.keys(doors) as (keyof typeof doors)[])(
    'at the door of %s both passwords work until the overlap is over, and from then on the new one',
    async (dialect) => {
      const { id, username, password: old } = await create('admin');
      const { password } = (await rotate(id, 60)).body;
      const tried = async () =>
        Promise.all([old, password, `${old}x`].map(async (one) => (await doors[dialect](username, one)).status));
      expect(await tried()).toEqual([200, 200, 401]);
      server.clock.advance(59_999);
      expect(await tried()).toEqual([200, 200, 401]);
      server.clock.advance(1);
      // Nobody has removed it yet.
      expect(await tried()).toEqual([401, 200, 401]);
      expect((await read(id)).rotation).toBeNull();
      expect(await sweep()).toBeGreaterThan(0);
      expect(await tried()).toEqual([401, 200, 401]);
      const [entry] = await entriesOf(id);
      expect(entry).toMatchObject({
        action: 'api_user.previous_password_ended',
        actor: { type: 'system' },
        detail: { because: 'time' },
      });
    },
  );

  test('lets exactly one of many racing rotations win', async () => {
    const { id, username, password: old } = await create();
    const all = await Promise.all(Array.from({ length: 20 }, () => rotate(id, 3600)));
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const won = all.find(({ status }) => status === 200)?.body.password ?? '';
    expect(await statuses(username, old, won)).toEqual([200, 200]);
    expect((await actions(id)).filter((one) => one === 'api_user.rotated')).toHaveLength(1);
  });

  test('leaves one password of many racing rotations without an overlap, and tells whoever lost', async () => {
    const { id, username, password: old } = await create();
    const all = await Promise.all(Array.from({ length: 20 }, () => rotate(id, 0)));
    // One that begins when another has ended has not raced it, and renews the password once more.
    const won = all.filter(({ status }) => status === 200).map(({ body }) => body.password);
    expect(all.filter(({ status }) => status === 409)).toHaveLength(20 - won.length);
    expect((await statuses(username, ...won)).filter((status) => status === 200)).toHaveLength(1);
    expect(await statuses(username, old)).toEqual([401]);
    expect((await actions(id)).filter((one) => one === 'api_user.rotated')).toHaveLength(won.length);
  });

  test('without an overlap ends the old password, and every access token made with it, at once', async () => {
    const { id, username, password: old } = await create();
    const made = await Promise.all((['jwt', 'sealed'] as const).map((form) => exchange(username, old, form)));
    const outliving = String((await doors.rebelcore(username, old)).body.token);
    const tokens = [...made.map(({ body }) => body.accessToken), outliving];
    expect(await checks(...tokens)).toEqual([200, 200, 200]);
    const { password, rotation } = (await rotate(id, 0)).body;
    expect(rotation).toBeNull();
    expect(await statuses(username, old, password)).toEqual([401, 200]);
    expect(await checks(...tokens)).toEqual([401, 401, 401]);
    const next = String((await doors.rebelcore(username, password)).body.token);
    expect(await checks(next)).toEqual([200]);
    // What outlives a deactivation still does, in the generations after a rotation as before.
    await call(server, 'POST', `/v1/api-users/${id}/deactivate`, owner);
    expect(await checks(...tokens, next)).toEqual([401, 401, 401, 200]);
    await call(server, 'POST', `/v1/api-users/${id}/deactivate`, owner, { cutOff: true });
    expect(await checks(next)).toEqual([401]);
  });

  test.each([0, 3600])(
    'leaves alone the API tokens that it owns and what it made, with %i s of overlap',
    async (overlapSeconds) => {
      const { id, username, password: old } = await create('admin');
      const machine = await server.callerFor({ type: 'api_user', id });
      const own = await server.core.createApiToken(machine, { permissions: ['read:user'] });
      const made = await server.core.createApiUser(machine, { name: 'Child', role: 'viewer' });
      const fromOwn = await call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, {
        apiToken: own.secret,
      });
      const fromMade = await exchange(made.apiUser.username, made.password);
      const fromItself = (await exchange(username, old)).body.accessToken;
      const bearers = [own.secret, fromOwn.body.accessToken, fromMade.body.accessToken];
      expect((await rotate(id, overlapSeconds)).status).toBe(200);
      expect(await checks(...bearers, fromItself)).toEqual([200, 200, 200, overlapSeconds === 0 ? 401 : 200]);
      expect(await statuses(made.apiUser.username, made.password)).toEqual([200]);
      await server.restart();
      expect(await checks(...bearers, fromItself)).toEqual([200, 200, 200, overlapSeconds === 0 ? 401 : 200]);
      // Its own end is the end of the tokens that it owns, as ever.
      await call(server, 'POST', `/v1/api-users/${id}/deactivate`, owner);
      expect(await checks(...bearers)).toEqual([401, 401, 200]);
    },
  );

  test('keeps access tokens through an overlap; those made with the old password end with it', async () => {
    const { id, username, password: old } = await create();
    const before = (await exchange(username, old)).body.accessToken;
    const { password } = (await rotate(id, 600)).body;
    const during = (await exchange(username, old)).body;
    expect(Date.parse(during.expiresAt) - server.clock.now()).toBeLessThanOrEqual(600_000);
    const fresh = (await exchange(username, password)).body;
    expect(Date.parse(fresh.expiresAt) - server.clock.now()).toBeGreaterThan(600_000);
    expect(await checks(before, during.accessToken, fresh.accessToken)).toEqual([200, 200, 200]);
    server.clock.advance(600_000);
    expect(await checks(during.accessToken, fresh.accessToken)).toEqual([401, 200]);
  });

  test('refuses a second overlap while one lasts, and in an emergency ends both passwords', async () => {
    const { id, username, password: first } = await create();
    const { password: second } = (await rotate(id, 3600)).body;
    expect(expectProblem(await rotate(id, 60), 409, 'conflict').detail).toMatch(/password .* works until .* End it/);
    expect(await statuses(username, first, second)).toEqual([200, 200]);
    const { password: third } = (await rotate(id, 0)).body;
    expect(await statuses(username, first, second, third)).toEqual([401, 401, 200]);
    expect((await rotate(id, 60)).status).toBe(200);
  });

  test('ends an overlap when asked to, once', async () => {
    const { id, username, password: old } = await create();
    const { password } = (await rotate(id, 3600)).body;
    const all = await Promise.all(Array.from({ length: 5 }, () => end(id)));
    expect(all.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404]);
    expect(await statuses(username, old, password)).toEqual([401, 200]);
    expect((await read(id)).rotation).toBeNull();
    expect((await entriesOf(id))[0]).toMatchObject({ detail: { because: 'asked' } });
    expectProblem(await end(nobody), 404, 'not_found');
    expectProblem(await rotate(nobody, 60), 404, 'not_found');
  });

  test('tells the use of the old password from that of the new one', async () => {
    const { id, username, password: old } = await create();
    const use = (password: string, agent: string) =>
      call(server, 'POST', '/v1/access-tokens', undefined, { username, password }, { 'user-agent': agent });
    await use(old, 'before');
    await server.restart();
    const { password } = (await rotate(id, 30 * 24 * 3600)).body;
    const told = { previousLastUsed: { userAgent: 'before' }, currentLastUsed: null };
    expect((await read(id)).rotation).toMatchObject(told);
    server.clock.advance(1000);
    await use(password, 'changed over');
    server.clock.advance(1000);
    await use(old, 'straggler');
    const at = new Date(server.clock.now()).toISOString();
    await server.restart();
    const shown = await read(id);
    expect(shown.rotation).toMatchObject({
      previousLastUsed: { at, address: '127.0.0.1', userAgent: 'straggler' },
      currentLastUsed: { userAgent: 'changed over' },
    });
    expect(shown.lastUsed).toMatchObject({ at, userAgent: 'straggler' });
  });

  test('ends the old password when it has been silent for a day while the new one is used', async () => {
    const [silent, busy] = [await create(), await create()];
    const renewed = new Map<string, string>();
    for (const { id } of [silent, busy]) renewed.set(id, (await rotate(id, 30 * 24 * 3600)).body.password);
    const use = async (of: typeof silent, password: string) =>
      expect(await statuses(of.username, password)).toEqual([200]);
    for (let day = 0; day < 3; day += 1) {
      server.clock.advance(23 * hour);
      await use(busy, busy.password);
      for (const one of [silent, busy]) await use(one, renewed.get(one.id) ?? '');
      await server.restart();
      await sweep();
    }
    expect(await statuses(silent.username, silent.password, renewed.get(silent.id) ?? '')).toEqual([401, 200]);
    expect(await statuses(busy.username, busy.password)).toEqual([200]);
    expect((await entriesOf(silent.id))[0]).toMatchObject({
      action: 'api_user.previous_password_ended',
      detail: { because: 'silent' },
    });
  });

  test('ends both passwords with the API user, and revives both with it', async () => {
    const { id, username, password: old } = await create();
    const { password } = (await rotate(id, 3600)).body;
    for (const [method, path, status] of [
      ['POST', '/deactivate', 401],
      ['POST', '/activate', 200],
      ['DELETE', '', 401],
      ['POST', '/restore', 200],
    ] as const) {
      expect((await call(server, method, `/v1/api-users/${id}${path}`, owner)).status).toBe(204);
      expect(await statuses(username, old, password)).toEqual([status, status]);
    }
    await call(server, 'DELETE', `/v1/api-users/${id}`, owner);
    expectProblem(await rotate(id, 60), 404, 'not_found');
    expectProblem(await end(id), 404, 'not_found');
  });

  test('is for nobody who could do more with the new password than without it [S56]', async () => {
    const { id, username, password } = await create('admin');
    const weak = await bearerOf(server, server.owner, ['update:api_user', 'read:user']);
    expectProblem(await rotate(id, 60, weak), 403, 'forbidden');
    expectProblem(await rotate(id, 0, await signIn(server, server.member)), 403, 'forbidden');
    expect(await statuses(username, password)).toEqual([200]);
    expect((await read(id)).rotation).toBeNull();
    await server.core.createRole(server.asOwner, { name: `reader-${id.slice(0, 8)}`, permissions: ['read:user'] });
    const reader = await create(`reader-${id.slice(0, 8)}`);
    expect((await rotate(reader.id, 60, weak)).body.lastUsed).toBeNull();
  });

  test('refuses an overlap that is none, and says so', async () => {
    const { id } = await create();
    for (const overlap of [-1, 2_592_001, 1.5, '60', null]) {
      expectFaults(await rotate(id, overlap as number), '/body/overlapSeconds');
    }
    expectFaults(await call(server, 'POST', `/v1/api-users/${id}/rotate`, owner, {}), '/body/overlapSeconds');
  });

  test('asks for the old password what it asks for the new one, of the database [S22]', async () => {
    const { id, username, password: old } = await create();
    const { password } = (await rotate(id, 60)).body;
    const asked = async (one: string) => {
      const before = statementsRun();
      await exchange(username, one, 'sealed');
      return statementsRun() - before;
    };
    const usual = await asked(password);
    expect(await asked(old)).toBe(usual);
    server.clock.advance(60_000);
    const wrong = await asked(`${old}x`);
    expect(await asked(old)).toBe(wrong);
  });
});
