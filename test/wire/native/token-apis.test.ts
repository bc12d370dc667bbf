// API tokens that are bound to APIs: they call, and verify for, these alone, by every way and in every form; what they make is
// bound as they are; and an API goes only when none is bound to it, or from all of them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, KeywardError } from '../../../sdk/src/index.ts';
import type { CreatedToken, Problem, Self, Token, VerifyResponse } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectForbidden, expectProblem } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    const route = {
      methods: ['GET'],
      match: 'all',
      organizationParam: null,
      permissions: [],
      dialect: 'native',
    } as const;
    const routes = (upstream: string) => [
      { ...route, path: '/plain', upstream },
      { ...route, path: '/billing', api: 'billing', upstream },
    ];
    server = await startServer({ database, permissions: ['read:orders'], routes });
    owner = await bearerOf(server, server.owner);
    for (const handle of ['billing', 'orders']) {
      await server.core.createApi(server.asOwner, { handle, name: handle });
    }
  });
  afterAll(() => server?.stop());

  const create = (body: object, bearer = owner) => call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, body);
  const change = (id: string, body: object) => call<Token>(server, 'PATCH', `/v1/tokens/${id}`, owner, body);
  const bound = async (...apis: string[]) => (await create({ permissions: ['*:*'], apis })).body;
  const exchanged = async (apiToken: string, form: 'jwt' | 'sealed') =>
    (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken, form })).body
      .accessToken;

  /** By the gateway, by the credential itself, and by a service that asks: to the default API, to billing, to orders. */
  async function calls(credential: string): Promise<(number | string)[]> {
    const asked = async (api: object) => {
      const { body } = await call<VerifyResponse>(server, 'POST', '/v1/verify', owner, { credential, ...api });
      return body.allowed ? 200 : (body.reason ?? '');
    };
    const statuses = ['/plain', '/billing', '/v1/check', '/v1/check?api=billing', '/v1/check?api=orders'].map(
      async (path) => (await call(server, 'GET', path, credential)).status,
    );
    return Promise.all([...statuses, asked({}), asked({ api: 'billing' }), asked({ api: 'orders' })]);
  }
  const wrong = 'wrong_api';

  test('a token calls the APIs that it is bound to alone, in every form, and without a binding all of them', async () => {
    const { token, secret } = await bound('billing');
    expect(token.apis).toEqual(['billing']);
    const forms = [secret, await exchanged(secret, 'jwt'), await exchanged(secret, 'sealed')];
    for (const one of forms) {
      expect(await calls(one)).toEqual([403, 200, 403, 200, 403, wrong, 200, wrong]);
      // It is told by itself, and is a caller of Keyward's own API like any other.
      expect((await call<Self>(server, 'GET', '/v1/self', one)).body.apis).toEqual(['billing']);
    }
    const refused = expectProblem(await call(server, 'GET', '/v1/check', secret), 403, 'forbidden');
    expect(refused.detail).toContain('bound to other APIs');
    expect((await change(token.id, { apis: ['default', 'orders'] })).body.apis).toEqual(['default', 'orders']);
    for (const one of forms) expect(await calls(one)).toEqual([200, 403, 200, 403, 200, 200, wrong, 200]);
    expect((await change(token.id, { apis: null })).body.apis).toBeNull();
    for (const one of forms) expect(await calls(one)).toEqual([200, 200, 200, 200, 200, 200, 200, 200]);
    expect((await call<Self>(server, 'GET', '/v1/self', secret)).body).not.toHaveProperty('apis');
  });

  test('a verifier with a bound token asks about calls to these APIs alone', async () => {
    const { secret: asker } = await bound('billing');
    const { secret: credential } = (await create({ permissions: ['read:orders'] })).body;
    const ask = (api: object) => call<VerifyResponse>(server, 'POST', '/v1/verify', asker, { credential, ...api });
    expect((await ask({ api: 'billing' })).body.allowed).toBe(true);
    for (const other of [{}, { api: 'orders' }]) {
      expect(expectProblem(await ask(other), 403, 'forbidden').detail).toContain('billing');
    }
  });

  test('the SDK decides by the API that a guard names, or that it was made for', async () => {
    const { secret: asker } = (await create({ permissions: ['verify:credential', 'follow:feed'] })).body;
    const options = {
      url: server.url,
      credential: { apiToken: asker },
      exchange: 'none',
      clock: server.clock.now,
    } as const;
    const [general, special] = [createVerifier(options), createVerifier({ ...options, api: 'billing' })];
    try {
      await Promise.all([general.ready(), special.ready()]);
      const { secret } = await bound('billing');
      const free = (await create({ permissions: [] })).body.secret;
      const told = async (verifier: typeof general, text: string, api?: string) => {
        const verdict = await verifier.verify(text, api === undefined ? {} : { api });
        return verdict.allowed ? 'allowed' : verdict.reason;
      };
      // The second time it is known.
      for (let time = 0; time < 2; time += 1) {
        for (const text of [secret, await exchanged(secret, 'jwt'), await exchanged(secret, 'sealed')]) {
          expect(await told(general, text)).toBe(wrong);
          expect(await told(general, text, 'billing')).toBe('allowed');
          expect(await told(general, text, 'orders')).toBe(wrong);
          expect(await told(special, text)).toBe('allowed');
          expect(await told(special, text, 'default')).toBe(wrong);
        }
        for (const api of [undefined, 'billing', 'orders']) expect(await told(general, free, api)).toBe('allowed');
        await expect(general.verify(free, { api: 'no-such' })).rejects.toThrow(KeywardError);
      }
      expect(special.verifySync(secret)).toMatchObject({ allowed: true });
      expect(general.verifySync(secret)).toMatchObject({ allowed: false, reason: wrong });
    } finally {
      await Promise.all([general.close(), special.close()]);
    }
  });

  test('an API that does not exist is named wherever a request names it, and nothing fails open', async () => {
    for (const answer of [
      await create({ permissions: [], apis: ['billing', 'order'] }),
      await change((await bound('billing')).token.id, { apis: ['orders', 'order'] }),
    ]) {
      expectFaults(answer, '/body/apis/1');
      expect(answer.text).toContain('Did you mean orders?');
    }
    expectFaults(await create({ permissions: [], apis: [] }), '/body/apis');
    const free = (await create({ permissions: [] })).body.secret;
    for (const answer of [
      await call(server, 'GET', '/v1/check?api=order', free),
      await call(server, 'POST', '/v1/verify', owner, { credential: free, api: 'order' }),
    ]) {
      expect(expectProblem(answer, 404, 'not_found').detail).toContain('Did you mean orders?');
    }
    expect((await call(server, 'GET', '/v1/check?api=order')).status).toBe(401);
  });

  test('what a bound token makes is bound as it is, and it revives nothing that is good for more [S56]', async () => {
    const { secret } = await bound('billing', 'orders');
    const made = await create({ permissions: ['read:orders'] }, secret);
    expect(made.body.token.apis).toEqual(['billing', 'orders']);
    expect((await create({ permissions: [], apis: ['orders'] }, secret)).body.token.apis).toEqual(['orders']);
    for (const apis of [null, ['default'], ['orders', 'default']]) {
      expectProblem(await create({ permissions: [], apis }, secret), 403, 'forbidden');
      const path = `/v1/tokens/${made.body.token.id}`;
      expectProblem(await call(server, 'PATCH', path, secret, { apis }), 403, 'forbidden');
    }
    const free = (await create({ permissions: [] })).body.token;
    await call(server, 'POST', `/v1/tokens/${free.id}/deactivate`, owner);
    expectProblem(await call(server, 'POST', `/v1/tokens/${free.id}/activate`, secret), 403, 'forbidden');
  });

  test('an API that tokens are bound to is removed only with force, and then from all of them', async () => {
    const api = { handle: `gone-${database}`, name: 'Gone' };
    await server.core.createApi(server.asOwner, api);
    const only = await bound(api.handle);
    const both = await bound('billing', api.handle);
    const path = `/v1/apis/${api.handle}`;
    const refused = expectProblem(await call<Problem>(server, 'DELETE', path, owner), 409, 'conflict');
    expect(refused.detail).toContain('2 API tokens are bound to this API');
    expect(refused.detail).toContain(only.token.name);
    expect((await call(server, 'DELETE', `${path}?force=true`, owner)).status).toBe(204);
    const read = async (id: string) => (await call<Token>(server, 'GET', `/v1/tokens/${id}`, owner)).body.apis;
    expect([await read(only.token.id), await read(both.token.id)]).toEqual([[], ['billing']]);
    // Bound to none, it calls nothing, not even an API of the same name.
    await server.core.createApi(server.asOwner, api);
    for (const name of ['default', 'billing', api.handle]) {
      expect((await call(server, 'GET', `/v1/check?api=${name}`, only.secret)).status).toBe(403);
    }
    expect((await call(server, 'GET', '/v1/check?api=billing', both.secret)).status).toBe(200);
    const page = await server.store.journal.after((await server.store.journal.head()) - 4, 4);
    const changed = page.filter(({ action }) => action === 'api_token.changed').map(({ detail }) => detail);
    expect(changed).toEqual(
      expect.arrayContaining([
        { apis: [], withdrawn: api.handle },
        { apis: ['billing'], withdrawn: api.handle },
      ]),
    );
  });

  test('a deleted token that is bound to an API which is removed without force is not restored for another of its handle', async () => {
    const api = { handle: `again-${database}`, name: 'Again' };
    const permission = { name: `read:again-${database}`, api: api.handle };
    await server.core.createApi(server.asOwner, api);
    await server.core.registerPermission(server.asOwner, permission);
    const { token, secret } = await bound(api.handle);
    const holder = await server.core.createApiToken(server.asOwner, { permissions: [permission.name] });
    for (const { id } of [token, holder.token]) await server.core.deleteApiToken(server.asOwner, { id });
    expect((await call(server, 'DELETE', `/v1/apis/${api.handle}`, owner)).status).toBe(204);
    await server.core.createApi(server.asOwner, api);
    await server.core.registerPermission(server.asOwner, permission);
    for (const { id } of [token, holder.token]) await server.core.restoreApiToken(server.asOwner, id);
    expect((await call(server, 'GET', `/v1/check?api=${api.handle}`, secret)).status).toBe(403);
    const again = await server.core.inspect(holder.secret, { permissions: [permission.name] });
    expect(again).toMatchObject({ allowed: false, reason: 'missing_permission' });
  });

  test('is bound only by whoever may change it', async () => {
    const member = await bearerOf(server, server.member, ['manage:own_api_key']);
    const { token } = await bound('billing');
    expect((await call(server, 'PATCH', `/v1/tokens/${token.id}`, member, { apis: ['orders'] })).status).toBe(404);
    const viewer = await bearerOf(server, server.owner, ['read:organization_api_key']);
    expectForbidden(
      await call(server, 'PATCH', `/v1/tokens/${token.id}`, viewer, { apis: ['orders'] }),
      'update:organization_api_key',
    );
  });
});
