// Every refusal has an id, on every way, and the id explains it to the credential's own organization and to the operator,
// and to nobody else. Callers are told nothing more than before.

import { reasons } from '@keyward/rules/reason';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallList, Explanation } from '../../sdk/src/wire.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const allowedFrom = '10.0.0.0/8';
const route = { methods: ['GET'], dialect: null } as const;

let server: TestServer;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
/** Bearers: of the operator, of the customer whose credentials are refused, and of another. */
let operator: string;
let own: string;
let other: string;

beforeAll(async () => {
  server = await startServer({
    routes: (upstream) => [
      { ...route, path: '/guarded/orders/:id', permissions: ['read:orders'], upstream },
      { ...route, path: '/guarded/invoices', permissions: ['write:invoices'], upstream },
      { ...route, path: '/guarded/elsewhere', permissions: [], api: 'elsewhere', upstream },
      { ...route, path: '/guarded/of/:organization', permissions: [], organizationParam: 'organization', upstream },
      { ...route, path: '/guarded/sealed', permissions: [], accepts: ['sealed'], upstream },
      { ...route, path: '/guarded/open', permissions: [], credential: 'none', plan: 'tiny', upstream },
      { ...route, path: '/guarded/tiny', permissions: [], plan: 'tiny', upstream },
      { ...route, path: '/versio/orders', permissions: ['write:invoices'], dialect: 'versio', upstream },
    ],
  });
  await server.restart({ trustedProxies: ['127.0.0.1'] });
  await server.core.createApi(server.asOwner, {
    handle: 'elsewhere',
    name: 'Elsewhere',
    identifier: 'https://elsewhere.example',
  });
  await server.core.putPlan(server.asOwner, {
    id: 'tiny',
    name: 'Tiny',
    limits: [{ limit: 1, windowMs: 3_600_000, per: 'api_token', cap: null }],
    whenUnavailable: 'local',
    entitlement: ['*:*'],
  });
  globex = await server.addOrganization('globex');
  const initech = await server.addOrganization('initech');
  operator = await bearerOf(server, server.owner);
  own = await bearerOf(server, globex.owner);
  other = await bearerOf(server, initech.owner);
});
afterAll(() => server?.stop());

const asGlobex = (): Caller => globex.owner.caller;

async function tokenOf(more: object = {}): Promise<{ secret: string; id: string }> {
  const { secret, token } = await server.core.createApiToken(asGlobex(), { permissions: ['read:orders'], ...more });
  return { secret, id: token.id };
}

const get = (path: string, secret: string | null, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    headers: { ...(secret !== null && { authorization: `Bearer ${secret}` }), ...headers },
  });

const refusalOf = (answer: Response): string => answer.headers.get('keyward-refusal') ?? '';
const explain = (id: string, bearer: string) => call(server, 'GET', `/v1/refusals/${id}`, bearer);

/** What the operator alone, or the credential's own organization too, is told. */
async function explained(id: string, isOfNobody = false): Promise<Explanation> {
  expect(id).toMatch(/^[0-9a-f]{8}-\d+$/);
  const unknown = await explain('00000000-1', other);
  for (const bearer of isOfNobody ? [own, other] : [other]) {
    const answer = await explain(id, bearer);
    expect({ ...(answer.body as object), status: answer.status }).toEqual({
      ...(unknown.body as object),
      status: 404,
    });
  }
  const told = await explain(id, operator);
  expect(told.status, told.text).toBe(200);
  if (!isOfNobody) expect((await explain(id, own)).body).toEqual(told.body);
  return told.body as Explanation;
}

describe('each reason', () => {
  const tried = new Set<string>();
  const isTold = async (answer: Response, reason: string, text: RegExp, isOfNobody = false): Promise<Explanation> => {
    tried.add(reason);
    const told = await explained(refusalOf(answer), isOfNobody);
    expect(told).toMatchObject({ allowed: false, reason, call: { verdict: reason } });
    expect(told.text).toMatch(text);
    return told;
  };

  test('no credential', async () => {
    const told = await isTold(
      await get('/guarded/orders/1?secret=hunter2', null),
      'missing',
      /without a credential/,
      true,
    );
    expect(told.call).toMatchObject({ route: '/guarded/orders/:id', method: 'GET', credential: null });
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  test('an unknown one, of which nothing is told but how an API token begins', async () => {
    const { secret, id } = await tokenOf();
    await server.core.deleteApiToken(asGlobex(), { id });
    await isTold(await get('/guarded/sealed', secret), 'unknown', /API token/, true);
    const told = await isTold(await get('/guarded/orders/1', 'nonsense'), 'unknown', /nothing that this server/, true);
    expect(told.details).toEqual({ form: 'other', start: null });
  });

  test('an inactive one, with what is inactive', async () => {
    const { secret, id } = await tokenOf();
    await server.core.deactivateApiToken(asGlobex(), { id });
    const told = await isTold(await get('/guarded/orders/1', secret), 'inactive', /deactivated/);
    expect(told.call?.credential).toMatchObject({ type: 'api_token', id });
  });

  test('a revoked access token', async () => {
    const { secret, id } = await tokenOf();
    const made = await server.core.exchange({
      proof: { kind: 'api_token', secret },
      shape: () => ({ form: 'oauth', lifetimeMs: 60_000 }),
    });
    if (!made.allowed) throw new Error(made.reason);
    await server.core.deactivateApiToken(asGlobex(), { id });
    await server.core.activateApiToken(asGlobex(), { id });
    await isTold(await get('/guarded/orders/1', made.token), 'revoked', /revoked/);
  });

  test('an expired one, with its end', async () => {
    const expiresAt = server.clock.now() + 60_000;
    const { secret } = await tokenOf({ expiresAt });
    server.clock.advance(60_001);
    await isTold(await get('/guarded/orders/1', secret), 'expired', new RegExp(new Date(expiresAt).toISOString()));
  });

  test('one that may only be exchanged', async () => {
    const { secret } = await tokenOf({ use: 'exchange' });
    await isTold(await get('/guarded/orders/1', secret), 'exchange_only', /exchanged/);
  });

  test('one for another API, with both', async () => {
    const { secret } = await tokenOf({ apis: ['default'] });
    await isTold(await get('/guarded/elsewhere', secret), 'wrong_api', /elsewhere.*default/);
  });

  test('a permission that is lacking, with what is held and what stands in the way', async () => {
    const { secret } = await tokenOf();
    const told = await isTold(
      await get('/guarded/invoices', secret),
      'missing_permission',
      /needs write:invoices.*The token does not hold write:invoices.*may do read:orders/,
    );
    expect(told.details).toMatchObject({ required: ['write:invoices'], held: ['read:orders'], role: 'owner' });
  });

  test('one of another organization', async () => {
    const { secret } = await tokenOf();
    await isTold(await get('/guarded/of/initech', secret), 'wrong_organization', /another organization/);
  });

  test('an address that is not allowed, with it and the list', async () => {
    const { secret } = await tokenOf({ addresses: [allowedFrom] });
    const told = await isTold(
      await get('/guarded/orders/1', secret),
      'address_not_allowed',
      /127\.0\.0\.1 is not in 10/,
    );
    expect(told.details).toEqual({ address: '127.0.0.1', addresses: [allowedFrom] });
  });

  test('a key that was not proved, a proof that is wrong, and one without a nonce', async () => {
    const { secret } = await tokenOf();
    // A token that is bound to none, shown with the scheme of those that are.
    const bare = await get('/guarded/orders/1', null, { authorization: `DPoP ${secret}` });
    const reason = (await explained(refusalOf(bare))).reason ?? '';
    expect(['wrong_key', 'invalid_proof', 'nonce_required']).toContain(reason);
  });

  test('a limit that is spent, with the limit and when there is room', async () => {
    const { secret } = await tokenOf();
    expect((await get('/guarded/tiny', secret)).status).toBe(200);
    const told = await isTold(await get('/guarded/tiny', secret), 'rate_limited', /tiny of 1 calls in 1 h.*room again/);
    expect(told.details).toMatchObject({ plan: 'tiny', limit: 1, windowMs: 3_600_000 });
    expect((await get('/guarded/open', null)).status).toBe(200);
    await isTold(await get('/guarded/open', null), 'rate_limited', /tiny/, true);
  });

  test('is among these, but for those about keys, which share a test', () => {
    const keys = ['wrong_key', 'invalid_proof', 'nonce_required'];
    expect([...tried].sort()).toEqual(reasons.filter((one) => !keys.includes(one)).sort());
  });
});

describe('each way', () => {
  const forwarded = {
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/guarded/invoices',
    'x-forwarded-proto': 'http',
  };
  const ways: Record<string, (secret: string) => Promise<Response>> = {
    gateway: (secret) => get('/guarded/invoices', secret),
    'forward-auth': (secret) => get('/forward-auth', secret, forwarded),
    'forward-auth, with the path in its own': (secret) =>
      get('/forward-auth/guarded/invoices', secret, { 'x-forwarded-proto': 'http' }),
    'the check': (secret) => get('/v1/check?permissions=write:invoices', secret),
    'a route in another dialect': (secret) => get('/versio/orders', secret),
    'the verdict for a service': (secret) =>
      fetch(`${server.url}/v1/verify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
        body: JSON.stringify({ credential: secret, permissions: ['write:invoices'] }),
      }),
  };

  test.each(Object.keys(ways))('%s names what it refuses, and no call that it lets in', async (way) => {
    const { secret } = await tokenOf();
    const refused = await (ways[way] as (secret: string) => Promise<Response>)(secret);
    expect((await explained(refusalOf(refused))).reason).toBe('missing_permission');
    const good = await tokenOf({ permissions: ['*:*'] });
    const allowed = await (ways[way] as (secret: string) => Promise<Response>)(good.secret);
    expect(allowed.headers.get('keyward-refusal')).toBeNull();
  });

  test('an endpoint of Keyward’s own names a credential that it refuses', async () => {
    const { secret, id } = await tokenOf();
    await server.core.deactivateApiToken(asGlobex(), { id });
    const told = await explained(refusalOf(await get('/v1/tokens', secret)));
    expect(told).toMatchObject({ reason: 'inactive', call: { route: '/v1/tokens', method: 'GET' } });
  });

  test('pages of other origins may read it', async () => {
    const { corsHeaders } = await import('../../server/src/http/cors.ts');
    const headers = corsHeaders({ origins: ['*'] }, { method: 'GET', headers: { origin: 'https://a.example' } });
    expect(headers['access-control-expose-headers']).toContain('Keyward-Refusal');
  });
});

test('unknown, inactive and deleted are one answer but for the id, whose form is the same [S21]', async () => {
  const [inactive, deleted] = [await tokenOf(), await tokenOf()];
  await server.core.deactivateApiToken(asGlobex(), { id: inactive.id });
  await server.core.deleteApiToken(asGlobex(), { id: deleted.id });
  const answers = await Promise.all(
    [inactive.secret, deleted.secret, 'nonsense', `kw_${'x'.repeat(22)}_${'y'.repeat(36)}`].map(async (secret) => {
      const answer = await get('/v1/check', secret);
      const { date: _, 'keyward-refusal': id, ...headers } = Object.fromEntries(answer.headers);
      expect(id).toMatch(/^[0-9a-f]{8}-\d+$/);
      return { status: answer.status, headers, body: await answer.text() };
    }),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test('the id is logged at debug, beside the answer, and nothing of the reason [S124]', async () => {
  const id = refusalOf(await get('/v1/check', 'nonsense'));
  await expect.poll(() => server.logs()).toContain(`"refusal":"${id}"`);
  const line =
    server
      .logs()
      .split('\n')
      .find((one) => one.includes(`"refusal":"${id}"`)) ?? '';
  expect(JSON.parse(line)).toMatchObject({ level: 'debug' });
  expect(line).not.toContain('unknown');
});

describe('what a call would be answered', () => {
  const asked = async (body: object, bearer = own) =>
    (await call(server, 'POST', '/v1/explain', bearer, body)).body as Explanation;

  test('is told by the path and by what it needs, with the same words, and spends nothing', async () => {
    const { secret, id } = await tokenOf();
    const before = await call(server, 'GET', `/v1/calls?credential=api_token:${id}`, own);
    for (const body of [{ path: '/guarded/invoices' }, { permissions: ['write:invoices'] }]) {
      expect(await asked({ credential: secret, ...body })).toMatchObject({
        allowed: false,
        reason: 'missing_permission',
        text: expect.stringContaining('needs write:invoices'),
        call: null,
      });
    }
    for (let round = 0; round < 3; round += 1) {
      expect(await asked({ credential: secret, path: '/guarded/tiny' })).toMatchObject({ allowed: true, reason: null });
    }
    expect((await get('/guarded/tiny', secret)).status).toBe(200);
    expect(await asked({ credential: secret, path: '/guarded/tiny' })).toMatchObject({ reason: 'rate_limited' });
    expect(await asked({ credential: secret, path: '/guarded/open' })).toMatchObject({ allowed: true });
    expect(await asked({ credential: secret, path: '/guarded/nowhere' })).toMatchObject({
      allowed: false,
      reason: null,
    });
    const after = await call(server, 'GET', `/v1/calls?credential=api_token:${id}`, own);
    expect((after.body as CallList).items).toHaveLength((before.body as CallList).items.length + 1);
  });

  test('goes by the address that the call would come from', async () => {
    const { secret } = await tokenOf({ addresses: [allowedFrom] });
    expect(await asked({ credential: secret, address: '10.1.2.3' })).toMatchObject({ allowed: true });
    expect(await asked({ credential: secret, address: '203.0.113.7' })).toMatchObject({
      reason: 'address_not_allowed',
      text: '203.0.113.7 is not in 10.0.0.0/8.',
    });
  });

  test('is the same as for an unknown credential to whoever may not see it', async () => {
    const { secret } = await tokenOf();
    const stranger = await asked({ credential: `kw_${'x'.repeat(22)}_${'y'.repeat(36)}` }, other);
    expect(stranger).toMatchObject({ allowed: false, reason: 'unknown' });
    const theirs = await asked({ credential: secret }, other);
    expect({ ...theirs, text: '', details: {} }).toEqual({ ...stranger, text: '', details: {} });
    expect(theirs.details).toEqual({ form: 'api_token', start: secret.slice(0, 11) });
    expect(await asked({ credential: secret }, operator)).toMatchObject({ allowed: true });
  });

  test('refuses a path beside what it needs, and fields that it does not know [S55]', async () => {
    const credential = 'nonsense';
    for (const body of [{ path: '/x', permissions: ['read:orders'] }, { role: 'owner' }, { path: 'x' }]) {
      expect((await call(server, 'POST', '/v1/explain', own, { credential, ...body })).status).toBe(400);
    }
  });
});

test('nothing is written by being refused, by asking why or by explaining', async () => {
  const { secret } = await tokenOf();
  const head = await server.store.journal.head();
  const id = refusalOf(await get('/guarded/invoices', secret));
  await explain(id, own);
  await call(server, 'POST', '/v1/explain', own, { credential: secret, path: '/guarded/invoices' });
  expect(await server.store.journal.head()).toBe(head);
});
