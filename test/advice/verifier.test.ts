// What an SDK's verifier decides by itself counts as what the server decides: what credentials were used for, from where, and
// who would have been refused by what is only observed. A real server, and real verifiers that tell it as they do anywhere.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifier, type Requirement, type Verifier } from '../../sdk/src/index.ts';
import type { Advice, CallList, Explanation, ObservationItem, ObservationList } from '../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

const day = 24 * 3_600_000;
const watcher = ['verify:credential', 'follow:feed'];
let server: TestServer;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
let owner: string;
let operator: string;
const verifiers: Verifier[] = [];

beforeAll(async () => {
  server = await startServer({ flushMs: 50, permissions: ['read:funds', 'write:funds', 'read:loans'] });
  await server.core.createApi(server.asOwner, { handle: 'elsewhere', name: 'Elsewhere' });
  globex = await server.addOrganization('globex');
  owner = await bearerOf(server, globex.owner);
  operator = await bearerOf(server, server.owner);
});
afterAll(async () => {
  await Promise.all(verifiers.map((one) => one.close()));
  await server?.stop();
});

async function verifierOf(as = server.asOwner): Promise<Verifier> {
  const { secret } = await server.core.createApiToken(as, { permissions: watcher });
  const { url, clock } = server;
  const verifier = createVerifier({ url, credential: { apiToken: secret }, exchange: 'none', clock: clock.now });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}

let made = 0;
async function tokenOf(permissions = ['*:*']) {
  made += 1;
  const name = `of verifiers ${made}`;
  const { secret, token } = await server.core.createApiToken(globex.owner.caller, { name, permissions });
  return { secret, id: token.id, name };
}

/** Decided in this process: what was asked of Keyward is counted there anyway. */
async function alone(verifier: Verifier, secret: string, ...calls: Requirement[]): Promise<void> {
  await verifier.verify(secret, { cost: 0, address: '192.0.2.1' });
  const { asked } = verifier.stats();
  for (const one of calls) expect((await verifier.verify(secret, { cost: 0, ...one })).allowed).toBe(true);
  expect(verifier.stats().asked).toBe(asked);
}

const adviceOn = async (id: string) => (await call<Advice>(server, 'GET', `/v1/tokens/${id}/advice`, owner)).body;
const observationOf = async (id: string, bearer = owner): Promise<ObservationItem | undefined> =>
  (await call<ObservationList>(server, 'GET', '/v1/observations', bearer)).body.items.find(
    ({ subject }) => subject.id === id,
  );
const narrow = (id: string, body: object, ms: number) =>
  call(server, 'PATCH', `/v1/tokens/${id}`, owner, {
    ...body,
    observe: { until: new Date(server.clock.now() + ms).toISOString() },
  });

describe('what a credential was used for', () => {
  test('is told by the verifier that decided it: permissions, APIs and addresses, each once', async () => {
    const verifier = await verifierOf();
    const { secret, id } = await tokenOf();
    await alone(
      verifier,
      secret,
      { permissions: ['read:funds'], address: '192.0.2.1' },
      { permissions: ['read:loans', 'read:funds'], address: '192.0.2.2' },
      { permissions: ['read:funds'], address: '192.0.2.1' },
    );
    await verifier.close();
    await eventually(async () =>
      expect(await adviceOn(id)).toMatchObject({
        usedPermissions: ['read:funds', 'read:loans'],
        usedApis: ['default'],
        usedAddresses: ['192.0.2.1', '192.0.2.2'],
      }),
    );
  });

  test('is of several permissions, of which one is enough, what the credential holds', async () => {
    const verifier = await verifierOf();
    const { secret, id } = await tokenOf(['read:loans']);
    await alone(verifier, secret, { permissions: ['write:funds', 'read:loans'], match: 'any' });
    await verifier.close();
    await eventually(async () => expect(await adviceOn(id)).toMatchObject({ usedPermissions: ['read:loans'] }));
  });

  test('is what is proposed after eight days, refuses nothing that was done, and is forgotten after 30', async () => {
    const verifier = await verifierOf();
    const { secret, id } = await tokenOf();
    await alone(verifier, secret, { permissions: ['read:funds'], address: '192.0.2.9' });
    await verifier.close();
    await eventually(async () => expect((await adviceOn(id)).usedPermissions).toEqual(['read:funds']));
    server.clock.advance(8 * day);
    const { proposal } = await adviceOn(id);
    expect(proposal).toEqual({ permissions: ['read:funds'], apis: ['default'], addresses: ['192.0.2.1', '192.0.2.9'] });
    expect((await call(server, 'PATCH', `/v1/tokens/${id}`, owner, proposal)).status).toBe(200);
    const later = await verifierOf();
    await alone(later, secret, { permissions: ['read:funds'], address: '192.0.2.1' });
    const refused = await later.verify(secret, { permissions: ['read:loans'], address: '192.0.2.1' });
    expect(refused).toMatchObject({ allowed: false, reason: 'missing_permission' });
    server.clock.advance(31 * day);
    expect((await adviceOn(id)).usedPermissions).toEqual([]);
  });

  test('keeps a token that only verifiers see from being called unused', async () => {
    const verifier = await verifierOf();
    const { secret, id } = await tokenOf();
    server.clock.advance(100 * day);
    await alone(verifier, secret, { permissions: ['read:funds'] });
    await verifier.close();
    await eventually(async () => {
      const { body } = await call<{ items: { token: { id: string }; finding: string }[] }>(
        server,
        'GET',
        '/v1/advice?limit=200',
        owner,
      );
      const kinds = body.items.filter(({ token }) => token.id === id).map(({ finding }) => finding);
      expect(kinds.sort()).toEqual(['no_expiry', 'wider_than_used']);
    });
  });
});

describe('calls that something observed would have refused', () => {
  test('are counted by the verifier that let them in, and the last one is explained by its id', async () => {
    const verifier = await verifierOf();
    const { secret, id, name } = await tokenOf(['read:funds', 'write:funds']);
    await narrow(id, { permissions: ['read:funds'], addresses: ['192.0.2.0/24'] }, day);
    const route = { method: 'POST', route: '/funds/:id' };
    await alone(
      verifier,
      secret,
      { permissions: ['write:funds'], address: '192.0.2.1', ...route },
      { permissions: ['write:funds'], address: '192.0.2.1', ...route },
      { permissions: ['read:funds'], address: '192.0.2.1' },
      { permissions: ['read:funds'], address: '198.51.100.7' },
    );
    await verifier.close();
    await eventually(async () => expect(await observationOf(id)).toMatchObject({ calls: 3 }));
    const { refusals, state, organization } = (await observationOf(id)) as ObservationItem;
    expect([state, organization]).toEqual(['observed', null]);
    expect((await observationOf(id, operator))?.organization).toMatchObject({ name: 'globex' });
    expect(refusals).toHaveLength(2);
    expect(refusals).toContainEqual(
      expect.objectContaining({
        credential: { type: 'api_token', id, name },
        reason: 'missing_permission',
        calls: 2,
        rule: '/funds/:id',
        address: '192.0.2.1',
      }),
    );
    expect(refusals).toContainEqual(expect.objectContaining({ reason: 'address_not_allowed', calls: 1 }));
    const refusal = refusals.find(({ reason }) => reason === 'missing_permission')?.call ?? '';
    expect(refusal).toMatch(/^v[0-9a-f]{12}-\d+$/);
    const told = (await call<Explanation>(server, 'GET', `/v1/refusals/${refusal}`, owner)).body;
    expect(told).toMatchObject({
      allowed: true,
      reason: 'missing_permission',
      text: expect.stringMatching(
        /^It was let in.*only observed until .*It needs write:funds. The token does not hold write:funds. It may do read:funds/,
      ),
      call: { verdict: 'allowed', refusal, route: '/funds/:id', method: 'POST', credential: { id } },
    });
    const listed = (await call<CallList>(server, 'GET', `/v1/calls?credential=api_token:${id}&limit=1000`, owner)).body;
    expect(listed.items.filter((one) => one.refusal === refusal)).toHaveLength(1);
    expect(listed.items.filter(({ verdict }) => verdict !== 'allowed')).toEqual([]);
  });

  test('are told of by nobody for what is not observed, and of other organizations’ tokens', async () => {
    const initech = await server.addOrganization('initech');
    const { secret } = await server.core.createApiToken(initech.owner.caller, { permissions: watcher });
    const { id } = await tokenOf(['read:funds', 'write:funds']);
    const until = new Date(server.clock.now() + day).toISOString();
    const at = new Date(server.clock.now()).toISOString();
    const observed = (more: object) => ({
      ...{ credential: { type: 'api_token', id }, subject: { type: 'api_token', id }, bound: 'narrowing', until },
      ...{ reason: 'missing_permission', calls: 7, last: { at, refusal: 'v0123456789ab-7' }, ...more },
    });
    const report = (bearer: string, body: object) =>
      call(server, 'POST', '/v1/verifier-reports', bearer, { verifier: 'v', sentAt: at, ...body });
    const mine = (await server.core.createApiToken(globex.owner.caller, { permissions: watcher })).secret;
    const uses = [{ credential: { type: 'api_token', id }, permissions: ['read:funds', 'read:*', 'nonsense'] }];
    expect((await report(mine, { observed: [observed({})] })).status).toBe(200);
    expect(await observationOf(id)).toBeUndefined();
    expect(
      (await call(server, 'PATCH', `/v1/tokens/${id}`, owner, { permissions: ['read:funds'], observe: { until } }))
        .status,
    ).toBe(200);
    expect((await report(secret, { observed: [observed({})], uses })).status).toBe(200);
    for (const more of [{ until: at }, { bound: 'entitlement' }, { subject: { type: 'plan', id } }]) {
      expect((await report(mine, { observed: [observed(more)] })).status).toBe(200);
    }
    for (const wrong of [{ reason: 'nonsense' }, { calls: 0 }, { until: 'soon' }, { bound: 'x' }, { role: 'owner' }]) {
      expect((await report(mine, { observed: [observed(wrong)] })).status, JSON.stringify(wrong)).toBe(400);
    }
    // What is told after all of these is counted alone, and the rest was not.
    expect((await report(mine, { observed: [observed({ calls: 1 })], uses })).status).toBe(200);
    await eventually(async () => expect(await observationOf(id)).toMatchObject({ calls: 1 }));
    await eventually(async () => expect((await adviceOn(id)).usedPermissions).toEqual(['read:funds']));
  });
});
