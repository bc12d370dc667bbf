// GET /v1/check and POST /v1/verify: one verdict, for the holder of a credential and for a service that was presented one.

import { parseList } from 'structured-headers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyResponse } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, challengeOf, expectFaults, expectForbidden, expectProblem } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('verdicts on %s', (database) => {
  let server: TestServer;
  let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
  let service: string;
  let reader: string;
  beforeAll(async () => {
    server = await startServer({ database });
    globex = await server.addOrganization('globex');
    service = await bearerOf(server, server.owner, ['verify:credential']);
    reader = await bearerOf(server, server.owner, ['read:funds']);
  });
  afterAll(() => server?.stop());

  const check = (bearer?: string, query = '', headers = {}) =>
    call(server, 'GET', `/v1/check${query}`, bearer, undefined, headers);
  const verify = (body: object, bearer = service) => call<VerifyResponse>(server, 'POST', '/v1/verify', bearer, body);

  test('an allowed check is 200 with an empty body and says who is calling', async () => {
    const { status, text, headers } = await check(reader, '?permissions=read:funds');
    expect([status, text, headers.get('content-length')]).toEqual([200, '', '0']);
    expect(headers.get('x-auth-type')).toBe('api_token');
    expect(headers.get('x-auth-organization')).toBe(server.organization.id);
    expect(headers.get('x-auth-permissions')).toBe('read:funds');
  });

  test('a check says where the budget stands, in fields that a structured-fields parser reads [S92]', async () => {
    const { headers } = await check(reader);
    const [[name, state] = []] = parseList(headers.get('ratelimit') ?? '') as [string, Map<string, number>][];
    const [[policy, rule] = []] = parseList(headers.get('ratelimit-policy') ?? '') as [string, Map<string, number>][];
    expect([name, policy]).toEqual(['enterprise', 'enterprise']);
    expect(rule?.get('q')).toBe(50_000_000);
    expect(rule?.get('w')).toBe(3600);
    expect(state?.get('r')).toBeLessThan(50_000_000);
    expect(state?.get('t')).toBeGreaterThanOrEqual(0);
  });

  test('a check refuses what is missing, unknown or not permitted', async () => {
    expectProblem(await check(), 401, 'unauthenticated');
    expectProblem(await check('nonsense'), 401, 'invalid_credential');
    expectProblem(await check(reader, '?permissions=read:funds,write:funds'), 403, 'forbidden');
    expect((await check(reader, '?permissions=read:funds,write:funds&match=any')).status).toBe(200);
    expectFaults(await check(reader, '?cost=-1'), '/query/cost');
    expectFaults(await check(reader, '?match=some'), '/query/match');
  });

  test('a refusal names what was asked for in its body, and in its head only what a head may hold', async () => {
    const asked = (count: number) => Array.from({ length: count }, (_, index) => `read:thing_number_${1000 + index}`);
    const refused = async (permissions: readonly string[]) => {
      const answer = await check(reader, `?permissions=${permissions.join(',')}`);
      expectProblem(answer, 403, 'forbidden');
      expect(answer.body).toMatchObject({ permissions });
      return answer.headers.get('www-authenticate');
    };
    const lacking = (scope = '') => challengeOf(server, `, error="insufficient_scope"${scope}`);
    // Each is 22 characters and a space: 89 of them are 2,046 characters, 90 are 2,069.
    expect(await refused(asked(89))).toBe(lacking(`, scope="${asked(89).join(' ')}"`));
    expect(await refused(asked(90))).toBe(lacking());
  });

  test('verify answers 200 with the verdict, for a service that may ask', async () => {
    const { status, body } = await verify({ credential: reader, permissions: ['read:funds'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ allowed: true, principal: { type: 'api_token', organization: { name: 'acme' } } });
    expect(body.limit).toMatchObject({ plan: 'enterprise', limit: 50_000_000 });
    const refused = (await verify({ credential: reader, permissions: ['write:funds'] })).body;
    expect(refused).toMatchObject({
      allowed: false,
      reason: 'missing_permission',
      principal: { organization: { name: 'acme' } },
    });
    expectForbidden(await verify({ credential: reader }, reader), 'verify:credential');
  });

  test('verify tells a customer nothing of unknown, malformed and foreign credentials, and foreign ones spend nothing', async () => {
    const customer = await bearerOf(server, globex.owner, ['verify:credential']);
    const foreign = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
    const dead = await server.core.createApiToken(server.asOwner, { permissions: [] });
    await server.core.deactivateApiToken(server.asOwner, { id: dead.token.id });
    for (const credential of ['nonsense', '', ' ', foreign.secret, dead.secret, `${reader}x`]) {
      const { status, body } = await verify({ credential }, customer);
      expect(status).toBe(200);
      expect(body).toEqual({ allowed: false, reason: 'unknown' });
    }
  });

  test("verify tells finer reasons within the credential's own organization", async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    expect((await verify({ credential: secret })).body).toEqual({ allowed: false, reason: 'inactive' });
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
    expect((await verify({ credential: secret })).body).toEqual({ allowed: false, reason: 'revoked' });
    const exchange = await server.core.createApiToken(server.asOwner, { permissions: [], use: 'exchange' });
    expect((await verify({ credential: exchange.secret })).body).toEqual({ allowed: false, reason: 'exchange_only' });
  });

  test('a token with a list of addresses works from these alone, and so do access tokens made from it', async () => {
    const create = { permissions: ['read:funds'], addresses: ['192.0.2.0/24', '2001:db8::1'] };
    const { body, status } = await call<{ secret: string; token: { addresses: string[] } }>(
      server,
      'POST',
      '/v1/tokens',
      await bearerOf(server, server.owner),
      create,
    );
    expect(status).toBe(201);
    expect(body.token.addresses).toEqual(create.addresses);
    const from = async (address?: string) =>
      (await verify({ credential: body.secret, ...(address !== undefined && { address }) })).body;
    expect((await from('192.0.2.9')).allowed).toBe(true);
    expect((await from('2001:db8::1')).allowed).toBe(true);
    for (const address of ['192.0.3.1', '2001:db8::2', 'nonsense', undefined]) {
      expect(await from(address)).toMatchObject({ allowed: false, reason: 'address_not_allowed' });
    }
    expectProblem(await check(body.secret), 403, 'forbidden');
    const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: body.secret });
    expectProblem(exchanged, 401, 'invalid_credential');
    const bad = { permissions: [], addresses: ['10.0.0.1/8'] };
    expectFaults(
      await call(server, 'POST', '/v1/tokens', await bearerOf(server, server.owner), bad),
      '/body/addresses/0',
    );
  });

  test('a spent budget is 429 with an honest Retry-After, and exactly the limit is admitted [S92, S93]', async () => {
    await server.core.putPlan(server.asOwner, {
      id: 'tiny',
      name: 'Tiny',
      limits: [{ limit: 40, windowMs: 60_000, per: 'organization' }],
    });
    await server.core.updateOrganization(server.asOwner, globex.id, { planId: 'tiny' });
    const bearer = await bearerOf(server, globex.owner, ['read:funds']);
    const answers = await Promise.all(Array.from({ length: 100 }, () => check(bearer)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(40);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('cache-control')).toBe('no-store');
    expect(refused?.body).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['tiny'],
    });
    const [[, state] = []] = parseList(refused?.headers.get('ratelimit') ?? '') as [string, Map<string, number>][];
    expect(state?.get('r')).toBe(0);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(
      state?.get('t') ?? Number.POSITIVE_INFINITY,
    );
    expect((await check(reader)).status).toBe(200);
  });
});
