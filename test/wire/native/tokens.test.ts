// API tokens: what each of their endpoints answers when the caller may call it, on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedToken, RevealedToken, Token, TokenList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectForbidden, expectProblem, nobody, signIn, time, uuid } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('API tokens on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let member: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await signIn(server, server.owner);
    member = await signIn(server, server.member);
  });
  afterAll(() => server?.stop());

  const post = (body: unknown, bearer = owner) => call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, body);
  const create = async (more: object = {}, bearer = owner) => (await post({ permissions: [], ...more }, bearer)).body;
  const list = (query = '', bearer = owner) => call<TokenList>(server, 'GET', `/v1/tokens${query}`, bearer);
  const at = (method: string, path: string, body?: unknown, bearer = owner) =>
    call<Token>(server, method, `/v1/tokens/${path}`, bearer, body);
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/self', bearer)).status;

  describe('POST /v1/tokens', () => {
    test('creates a token as asked; the secret is told this once and works', async () => {
      const asked = { name: 'Deploy', description: 'For the build.', permissions: ['read:funds', 'read:funds'] };
      const { status, body } = await post({ ...asked, use: 'both', expiresAt: '2099-01-31T13:00:00+01:00' });
      expect(status).toBe(201);
      expect(Object.keys(body)).toEqual(['token', 'secret']);
      expect(body.token).toEqual({
        id: expect.stringMatching(uuid),
        name: 'Deploy',
        description: 'For the build.',
        owner: { type: 'user', id: server.owner.id, name: server.owner.email },
        permissions: ['read:funds'],
        start: body.secret.slice(0, 11),
        lastFour: body.secret.slice(-4),
        use: 'both',
        readable: false,
        addresses: [],
        apis: null,
        limits: [],
        externalId: null,
        metadata: null,
        state: 'active',
        stateReason: null,
        active: true,
        expiresAt: '2099-01-31T12:00:00.000Z',
        lastUsed: null,
        lastRefused: null,
        leakedAt: null,
        observed: null,
        rotation: null,
        createdAt: expect.stringMatching(time),
        createdBy: server.owner.id,
        updatedAt: null,
        deactivatedAt: null,
        deletedAt: null,
      });
      const descendants = { items: [], total: 0 };
      expect((await at('GET', body.token.id)).body).toEqual({ ...body.token, descendants });
      expect(await statusWith(body.secret)).toBe(200);
      expect((await at('GET', body.token.id)).text).not.toContain(body.secret);
      expect((await list('?limit=200')).text).not.toContain(body.secret);
      expect((await call(server, 'GET', '/v1/journal', owner)).text).not.toContain(body.secret);
      expect(server.logs()).not.toContain(body.secret);
    });

    test('needs nothing but permissions: the rest is generated, both ways of use, without an end', async () => {
      const { token } = await create();
      expect(token).toMatchObject({ description: '', permissions: [], use: 'both', readable: false, expiresAt: null });
      expect(token.name).toContain(token.id);
      expect((await create({ expiresAt: null })).token.expiresAt).toBeNull();
    });

    test('refuses a taken name with 409, and frees it with the deletion', async () => {
      const { token } = await create({ name: 'Only one' });
      expectProblem(await post({ name: ' Only one ', permissions: [] }), 409, 'conflict');
      expect((await at('DELETE', token.id)).status).toBe(204);
      expect((await post({ name: 'Only one', permissions: [] })).status).toBe(201);
    });

    test('refuses bad fields and says which', async () => {
      expectFaults(await post({}), '/body/permissions');
      expectFaults(await post({ permissions: ['read'] }), '/body/permissions/0');
      expectFaults(await post({ permissions: [], name: '' }), '/body/name');
      expectFaults(await post({ permissions: [], use: 'once' }), '/body/use');
      expectFaults(await post({ permissions: [], readable: 'yes' }), '/body/readable');
      for (const expiresAt of [
        '2020-01-01T00:00:00Z',
        '2030-02-30T00:00:00Z',
        '2030-01-01',
        'tomorrow',
        4_000_000_000,
      ]) {
        expectFaults(await post({ permissions: [], expiresAt }), '/body/expiresAt');
      }
      for (const expiresAt of ['9999-12-31T23:59:59.999Z', '2038-01-19T03:14:08Z']) {
        const { token } = await create({ expiresAt });
        expect(Date.parse(token.expiresAt ?? '')).toBe(Date.parse(expiresAt));
      }
    });
  });

  describe('GET /v1/tokens', () => {
    test("lists one's own, or everyone's for who may see them", async () => {
      const { token } = await create({}, member);
      expect((await list('?limit=200')).body.items.map(({ id }) => id)).not.toContain(token.id);
      expect((await list('?limit=200&whose=all')).body.items.map(({ id }) => id)).toContain(token.id);
      const own = await list('?limit=200', member);
      expect(own.status).toBe(200);
      expect(own.body.items.every((one) => one.owner.id === server.member.id)).toBe(true);
      expectForbidden(await list('?whose=all', member), 'read:organization_api_key');
      expectFaults(await list('?whose=theirs'), '/query/whose');
      expect(own.text).not.toMatch(/digest|sealed|secret|number|generation/i);
    });
  });

  describe('PATCH /v1/tokens/:id', () => {
    test('renames, describes and narrows, and leaves the secret as it is', async () => {
      const { token, secret } = await create({ permissions: ['read:*', 'run:inference'] });
      server.clock.advance(1000);
      const change = { name: `Changed ${token.id}`, description: 'Narrower.', permissions: ['read:funds'] };
      const { status, body } = await at('PATCH', token.id, change);
      expect(status).toBe(200);
      expect(body).toEqual({ ...token, ...change, updatedAt: expect.stringMatching(time) });
      const self = await call<{ permissions: string[] }>(server, 'GET', '/v1/self', secret);
      expect(self.body.permissions).toEqual(['read:funds']);
    });

    test('refuses a taken name, bad fields, an empty change and what is not there', async () => {
      const [one, other] = [await create(), await create()];
      expectProblem(await at('PATCH', one.token.id, { name: other.token.name }), 409, 'conflict');
      expectFaults(await at('PATCH', one.token.id, {}), '/body');
      expectFaults(await at('PATCH', one.token.id, { permissions: ['*'] }), '/body/permissions/0');
      expectFaults(await at('PATCH', one.token.id, { expiresAt: '2020-01-01T00:00:00Z' }), '/body/expiresAt');
      expectFaults(await at('PATCH', one.token.id, { use: 'once' }), '/body/use');
      expectProblem(await at('PATCH', nobody, { name: 'Nobody' }), 404, 'not_found');
    });
  });

  describe('a token that is ended', () => {
    test('is refused from the moment it is deactivated until it is activated', async () => {
      const { token, secret } = await create();
      for (const _ of 'twice') expect((await at('POST', `${token.id}/deactivate`)).status).toBe(204);
      expect(await statusWith(secret)).toBe(401);
      expect((await at('GET', token.id)).body).toMatchObject({
        active: false,
        deactivatedAt: expect.stringMatching(time),
      });
      for (const _ of 'twice') expect((await at('POST', `${token.id}/activate`)).status).toBe(204);
      expect(await statusWith(secret)).toBe(200);
    });

    test('is refused when deleted, listed among the deleted, and works again when restored', async () => {
      const { token, secret } = await create();
      expect((await at('DELETE', token.id)).status).toBe(204);
      expect(await statusWith(secret)).toBe(401);
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/deactivate'],
        ['POST', '/activate'],
      ] as const) {
        expectProblem(await at(method, token.id + path), 404, 'not_found');
      }
      expectProblem(await at('POST', `${token.id}/reveal`, { password: 'x' }), 404, 'not_found');
      const deleted = await list('?deleted=only&limit=200');
      expect(deleted.body.items.find(({ id }) => id === token.id)?.deletedAt).toMatch(time);
      expect((await list('?limit=200')).body.items.map(({ id }) => id)).not.toContain(token.id);
      expect((await at('POST', `${token.id}/restore`)).status).toBe(204);
      expectProblem(await at('POST', `${token.id}/restore`), 404, 'not_found');
      expect(await statusWith(secret)).toBe(200);
    });

    test('cannot be restored once its name is taken', async () => {
      const { token } = await create({ name: 'Contended' });
      await at('DELETE', token.id);
      await create({ name: 'Contended' });
      expectProblem(await at('POST', `${token.id}/restore`), 409, 'conflict');
    });
  });

  describe('POST /v1/tokens/:id/reveal', () => {
    const reveal = (id: string, body: unknown, bearer = owner) =>
      call<RevealedToken>(server, 'POST', `/v1/tokens/${id}/reveal`, bearer, body);

    test('shows a readable token again to its owner, who gives the password once more; the journal knows', async () => {
      const { token, secret } = await create({ readable: true });
      expect(token.readable).toBe(true);
      const { status, body, headers } = await reveal(token.id, { password: server.owner.password });
      expect(status).toBe(200);
      expect(body).toEqual({ secret });
      expect(headers.get('cache-control')).toBe('no-store');
      const journal = await call<{ items: { action: string; subject: object }[] }>(
        server,
        'GET',
        '/v1/journal?limit=1',
        owner,
      );
      expect(journal.body.items[0]).toMatchObject({
        action: 'api_token.revealed',
        subject: { type: 'api_token', id: token.id },
      });
      expect(journal.text).not.toContain(secret);
    });

    test('refuses a wrong password, or none', async () => {
      const { token, secret } = await create({ readable: true });
      const wrong = await reveal(token.id, { password: 'not the password' });
      expectFaults(wrong, '/body/password');
      expect(wrong.text).not.toContain(secret);
      expectFaults(await reveal(token.id, {}), '/body/password');
      expectFaults(await reveal(token.id, undefined), '/body');
    });

    test('refuses a token that was not kept readable, with 409', async () => {
      const { token } = await create();
      expectProblem(await reveal(token.id, { password: server.owner.password }), 409, 'conflict');
    });

    test('shows nothing to whom a token was handed over', async () => {
      const { token } = await create({ readable: true }, member);
      const handed = await call<Token>(server, 'PATCH', `/v1/tokens/${token.id}`, owner, {
        owner: { type: 'user', id: server.owner.id },
      });
      expect([handed.status, handed.body.readable]).toEqual([200, false]);
      expectProblem(await reveal(token.id, { password: server.owner.password }), 409, 'conflict');
    });

    test('is for the owner of the token alone, signed in', async () => {
      const { token } = await create({ readable: true }, member);
      expectProblem(await reveal(token.id, { password: server.owner.password }), 403, 'forbidden');
      const bearer = await bearerOf(server, server.member, ['manage:own_api_key']);
      expectProblem(await reveal(token.id, { password: server.member.password }, bearer), 403, 'forbidden');
    });
  });

  test('are numbered and named at random [S27]', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await create()).token.id));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(uuid);
    // No two of them share a beginning, as ids that count or that carry the time would.
    expect(new Set(ids.map((id) => id.slice(0, 6))).size).toBe(20);
  });
});
