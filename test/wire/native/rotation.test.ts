// Rotating an API token: two secrets that both work for a while, which one is still in use, and every way in which the old
// one ends. On both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RevealedToken, RotatedToken, Token } from '../../../sdk/src/wire.ts';
import { endDueOverlaps } from '../../../server/src/core/credentials/overlap.ts';
import { statementsRun } from '../../security/statement-counter.ts';
import { startServer, type TestServer, unlimited } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, nobody, signIn } from './calls.ts';

const hour = 3_600_000;

describe.each(['sqlite', 'postgres'] as const)('rotation on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const create = (more: object = {}) => server.core.createApiToken(server.asOwner, { permissions: [], ...more });
  const rotate = (id: string, overlapSeconds: number, bearer = owner) =>
    call<RotatedToken>(server, 'POST', `/v1/tokens/${id}/rotate`, bearer, { overlapSeconds });
  const end = (id: string) => call(server, 'DELETE', `/v1/tokens/${id}/previous-secret`, owner);
  const read = async (id: string) => (await call<Token>(server, 'GET', `/v1/tokens/${id}`, owner)).body;
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/check', bearer)).status;
  const statuses = (...bearers: string[]) => Promise.all(bearers.map(statusWith));
  const exchange = (apiToken: string) =>
    call<{ accessToken: string; expiresAt: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken });
  const sweep = () => endDueOverlaps({ store: server.store, clock: server.clock.now });
  const actions = async (id: string) => {
    const entries = await server.store.journal.latest(server.organization.id, 200);
    return entries.filter(({ subject }) => subject.id === id).map(({ action }) => action);
  };

  test('gives a new secret at once, and the old one works beside it', async () => {
    const { token, secret: old } = await create({ name: `Rotated ${database}` });
    expect(await statusWith(old)).toBe(200);
    const { status, body, text } = await rotate(token.id, 3600);
    expect(status).toBe(200);
    expect(body.secret).not.toBe(old);
    const previousUntil = new Date(server.clock.now() + hour).toISOString();
    expect(body.token).toMatchObject({ id: token.id, name: token.name, rotation: { previousUntil } });
    expect(text).not.toContain(old);
    expect(await statuses(old, body.secret)).toEqual([200, 200]);
    const journal = await call(server, 'GET', '/v1/journal?limit=200', owner);
    for (const secret of [old, body.secret]) {
      expect(journal.text).not.toContain(secret);
      expect(server.logs()).not.toContain(secret);
    }
    expect(await actions(token.id)).toEqual(['api_token.rotated', 'api_token.created']);
  });

  test('ends the old secret by itself when the overlap is over, and says so beforehand', async () => {
    const { token, secret: old } = await create();
    const { secret } = (await rotate(token.id, 60)).body;
    const told = await call<{ expiresAt: string | null }>(server, 'GET', '/v1/self', old);
    expect(told.body.expiresAt).toBe(new Date(server.clock.now() + 60_000).toISOString());
    expect((await call<{ expiresAt: null }>(server, 'GET', '/v1/self', secret)).body.expiresAt).toBeNull();
    server.clock.advance(59_999);
    expect(await statuses(old, secret)).toEqual([200, 200]);
    server.clock.advance(1);
    expect(await statuses(old, secret)).toEqual([401, 200]);
    expect((await exchange(old)).status).toBe(401);
    expect((await read(token.id)).rotation).toBeNull();
    expect(await sweep()).toBeGreaterThan(0);
    expect((await actions(token.id))[0]).toBe('api_token.previous_secret_ended');
    expect(await statuses(old, secret)).toEqual([401, 200]);
  });

  test('lets exactly one of many racing rotations win', async () => {
    const { token, secret: old } = await create();
    const all = await Promise.all(Array.from({ length: 20 }, () => rotate(token.id, 3600)));
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const won = all.find(({ status }) => status === 200)?.body.secret ?? '';
    expect(await statuses(old, won)).toEqual([200, 200]);
    expect((await actions(token.id)).filter((one) => one === 'api_token.rotated')).toHaveLength(1);
  });

  test('leaves one secret of many racing rotations without an overlap, and tells whoever lost', async () => {
    const { token, secret: old } = await create();
    const all = await Promise.all(Array.from({ length: 20 }, () => rotate(token.id, 0)));
    // One that begins when another has ended has not raced it, and renews the token once more.
    const won = all.filter(({ status }) => status === 200).map(({ body }) => body.secret);
    expect(all.filter(({ status }) => status === 409)).toHaveLength(20 - won.length);
    expect((await statuses(...won)).filter((status) => status === 200)).toHaveLength(1);
    expect(await statusWith(old)).toBe(401);
    expect((await actions(token.id)).filter((one) => one === 'api_token.rotated')).toHaveLength(won.length);
  });

  test('without an overlap ends the old secret, and all that was made from it, at once', async () => {
    const { token, secret: old } = await create();
    const { accessToken } = (await exchange(old)).body;
    expect(await statuses(old, accessToken)).toEqual([200, 200]);
    const { secret, token: rotated } = (await rotate(token.id, 0)).body;
    expect(rotated.rotation).toBeNull();
    expect(await statuses(old, accessToken, secret)).toEqual([401, 401, 200]);
    expect((await exchange(old)).status).toBe(401);
  });

  test('keeps access tokens through an overlap; those from the old secret end with it', async () => {
    const { token, secret: old } = await create();
    const before = (await exchange(old)).body.accessToken;
    const { secret } = (await rotate(token.id, 600)).body;
    const during = (await exchange(old)).body;
    expect(Date.parse(during.expiresAt) - server.clock.now()).toBeLessThanOrEqual(600_000);
    const fresh = (await exchange(secret)).body;
    expect(Date.parse(fresh.expiresAt) - server.clock.now()).toBeGreaterThan(600_000);
    expect(await statuses(before, during.accessToken, fresh.accessToken)).toEqual([200, 200, 200]);
    server.clock.advance(600_000);
    expect(await statuses(during.accessToken, fresh.accessToken)).toEqual([401, 200]);
  });

  test('refuses a second overlap while one lasts, and in an emergency ends both secrets', async () => {
    const { token, secret: first } = await create();
    const { secret: second } = (await rotate(token.id, 3600)).body;
    expect(expectProblem(await rotate(token.id, 60), 409, 'conflict').detail).toMatch(/works until .* End it first/);
    expect(await statuses(first, second)).toEqual([200, 200]);
    const { secret: third } = (await rotate(token.id, 0)).body;
    expect(await statuses(first, second, third)).toEqual([401, 401, 200]);
    expect((await rotate(token.id, 60)).status).toBe(200);
  });

  test('ends an overlap when asked to, once', async () => {
    const { token, secret: old } = await create();
    const { secret } = (await rotate(token.id, 3600)).body;
    const all = await Promise.all(Array.from({ length: 5 }, () => end(token.id)));
    expect(all.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404]);
    expect(await statuses(old, secret)).toEqual([401, 200]);
    expect((await read(token.id)).rotation).toBeNull();
    expectProblem(await end(nobody), 404, 'not_found');
  });

  test('tells the use of the old secret from that of the new one, calls and exchanges', async () => {
    const { token, secret: old } = await create();
    const use = (bearer: string, agent: string) =>
      call(server, 'GET', '/v1/check', bearer, undefined, { 'user-agent': agent });
    await use(old, 'before');
    await server.restart();
    const { secret } = (await rotate(token.id, 30 * 24 * 3600)).body;
    expect((await read(token.id)).rotation).toMatchObject({
      previousLastUsed: { userAgent: 'before' },
      currentLastUsed: null,
    });
    server.clock.advance(1000);
    await use(secret, 'changed over');
    server.clock.advance(1000);
    await use(old, 'straggler');
    const at = new Date(server.clock.now()).toISOString();
    await server.restart();
    const shown = await read(token.id);
    expect(shown.rotation).toMatchObject({
      previousLastUsed: { at, address: '127.0.0.1', userAgent: 'straggler' },
      currentLastUsed: { userAgent: 'changed over' },
    });
    expect(shown.lastUsed).toMatchObject({ at, userAgent: 'straggler' });
    server.clock.advance(1000);
    await exchange(old);
    await server.restart();
    expect((await read(token.id)).rotation?.previousLastUsed?.at).toBe(new Date(server.clock.now()).toISOString());
  });

  test('ends the old secret when it has been silent for a day while the new one is used', async () => {
    const month = 30 * 24 * 3600;
    const [silent, busy, unused] = [await create(), await create(), await create()];
    const secrets = new Map<string, string>();
    for (const { token } of [silent, busy, unused]) {
      secrets.set(token.id, (await rotate(token.id, month)).body.secret);
    }
    const use = async (...bearers: string[]) => {
      for (const bearer of bearers) expect(await statusWith(bearer)).toBe(200);
    };
    server.clock.advance(23 * hour);
    await use(busy.secret, secrets.get(silent.token.id) ?? '', secrets.get(busy.token.id) ?? '');
    await server.restart();
    await sweep();
    await use(silent.secret);
    await server.restart();
    server.clock.advance(23 * hour);
    await use(busy.secret, secrets.get(silent.token.id) ?? '', secrets.get(busy.token.id) ?? '');
    await server.restart();
    await sweep();
    await use(unused.secret, busy.secret);
    // The silent one was used 23 hours ago, and asking it now would break its silence.
    server.clock.advance(2 * hour);
    await use(busy.secret);
    await server.restart();
    await sweep();
    expect(await statuses(silent.secret, secrets.get(silent.token.id) ?? '')).toEqual([401, 200]);
    expect(await statuses(busy.secret, unused.secret)).toEqual([200, 200]);
    const entry = (await server.store.journal.latest(server.organization.id, 200)).find(
      ({ subject, action }) => subject.id === silent.token.id && action === 'api_token.previous_secret_ended',
    );
    expect(entry).toMatchObject({ actor: { type: 'system' }, detail: { because: 'silent' } });
  });

  test('takes an access token that was made with the old secret for its use, to its end', async () => {
    const { token, secret: old } = await create({ use: 'both' });
    const { secret } = (await rotate(token.id, 30 * 24 * 3600)).body;
    const body = { apiToken: old, lifetimeSeconds: 12 * 3600 };
    expect((await call(server, 'POST', '/v1/access-tokens', undefined, body)).status).toBe(200);
    server.clock.advance(25 * hour);
    await statusWith(secret);
    await server.restart();
    await sweep();
    expect((await read(token.id)).rotation).not.toBeNull();
    server.clock.advance(12 * hour);
    await statusWith(secret);
    await server.restart();
    await sweep();
    expect((await read(token.id)).rotation).toBeNull();
    expect(await statusWith(old)).toBe(401);
  });

  test('ends both secrets with the token, and revives both with it', async () => {
    const { token, secret: old } = await create();
    const { secret } = (await rotate(token.id, 3600)).body;
    for (const [method, path, status] of [
      ['POST', '/deactivate', 401],
      ['POST', '/activate', 200],
      ['DELETE', '', 401],
      ['POST', '/restore', 200],
    ] as const) {
      expect((await call(server, method, `/v1/tokens/${token.id}${path}`, owner)).status).toBe(204);
      expect(await statuses(old, secret)).toEqual([status, status]);
    }
  });

  test('keeps a readable token readable: with its new secret', async () => {
    const { token, secret: old } = await create({ readable: true });
    const { secret } = (await rotate(token.id, 3600)).body;
    const session = await signIn(server, server.owner);
    const body = { password: server.owner.password };
    const shown = await call<RevealedToken>(server, 'POST', `/v1/tokens/${token.id}/reveal`, session, body);
    expect(shown.body.secret).toBe(secret);
    expect(shown.text).not.toContain(old);
  });

  test("is its owner's, or for who may change everyone's tokens [S53]", async () => {
    const { token, secret } = await create();
    const member = await bearerOf(server, server.member, ['manage:own_api_key']);
    expectProblem(await rotate(token.id, 60, member), 404, 'not_found');
    const own = await server.core.createApiToken(server.member.caller, { permissions: [] });
    expect((await rotate(own.token.id, 60, member)).status).toBe(200);
    expect((await rotate(own.token.id, 0)).status).toBe(200);
    expect(await statusWith(secret)).toBe(200);
  });

  test('is for nobody who could do more with the new secret than without it [S56]', async () => {
    const strong = await create({ permissions: ['*:*'] });
    const plain = await create({ permissions: ['read:funds'] });
    const weak = await bearerOf(server, server.owner, ['manage:own_api_key', 'update:organization_api_key']);
    for (const { token, secret } of [strong, plain]) {
      const answer = await rotate(token.id, 60, weak);
      expect(expectProblem(answer, 403, 'forbidden').permissions).toEqual(token.permissions);
      expect(await statusWith(secret)).toBe(200);
      expect((await read(token.id)).rotation).toBeNull();
    }
    expect((await rotate((await create()).token.id, 60, weak)).status).toBe(200);
    // What its owner has lost, the new secret cannot do either.
    const lost = await server.core.createApiToken(unlimited(server.member.caller), { permissions: ['*:*'] });
    const member = await signIn(server, server.member);
    expect((await rotate(lost.token.id, 60, member)).status).toBe(200);
  });

  test('refuses an overlap that is none, and says so', async () => {
    const { token } = await create();
    for (const overlap of [-1, 2_592_001, 1.5, '60', null]) {
      expectFaults(await rotate(token.id, overlap as number), '/body/overlapSeconds');
    }
    expectFaults(await call(server, 'POST', `/v1/tokens/${token.id}/rotate`, owner, {}), '/body/overlapSeconds');
  });

  test('is known after a restart, old secret and new', async () => {
    const { token, secret: old } = await create();
    const { secret } = (await rotate(token.id, 3600)).body;
    await server.restart();
    expect(await statuses(old, secret)).toEqual([200, 200]);
  });
});

test('is checked with either secret, once warm, without asking the database [P1]', async () => {
  const server = await startServer();
  try {
    const { token, secret: old } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    const { secret } = await server.core.rotateApiToken(server.asOwner, { id: token.id }, hour);
    for (const one of [old, secret]) expect(await server.core.verify(one)).toMatchObject({ allowed: true });
    const before = statementsRun();
    for (let call = 0; call < 200; call += 1) {
      // A promise would mean that something was waited for.
      expect(server.core.verify(call % 2 === 0 ? old : secret)).toMatchObject({ allowed: true });
    }
    expect(statementsRun() - before).toBeLessThan(20);
  } finally {
    await server.stop();
  }
});
