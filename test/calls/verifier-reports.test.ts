// What an SDK's verifier tells of the calls that it checks by itself: its refusals are explained as any other, its calls stand beside
// those of the nodes, and it learns and spoils nothing by telling.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { guard } from '../../sdk/src/node.ts';
import type { CallList, Explanation, VerifierList } from '../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

let server: TestServer;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
let operator: string;
let owner: string;
let other: string;
const verifiers: Verifier[] = [];
const apis: Server[] = [];
const watcher = ['verify:credential', 'follow:feed'];

beforeAll(async () => {
  server = await startServer();
  globex = await server.addOrganization('globex');
  operator = await bearerOf(server, server.owner);
  owner = await bearerOf(server, globex.owner);
  other = await bearerOf(server, (await server.addOrganization('initech')).owner);
});
afterAll(async () => {
  for (const one of apis) one.close();
  await Promise.all(verifiers.map((one) => one.close()));
  await server?.stop();
});

async function verifierOf(options: Partial<VerifierOptions> = {}, as = server.asOwner): Promise<Verifier> {
  const { secret } = await server.core.createApiToken(as, { permissions: watcher });
  const verifier = createVerifier({ url: server.url, credential: { apiToken: secret }, exchange: 'none', ...options });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}

async function tokenOf(permissions = ['read:funds']) {
  const { secret, token } = await server.core.createApiToken(globex.owner.caller, { permissions });
  return { secret, id: token.id };
}

const listed = async (bearer: string, query = '') =>
  (await call(server, 'GET', `/v1/calls${query}`, bearer)).body as CallList;

describe('a guarded API', () => {
  test('names each refusal, and it is explained to the credential’s own organization and to the operator', async () => {
    const verifier = await verifierOf({ name: 'orders' });
    const options = { permissions: ['write:funds'], route: '/orders/:id' };
    const api = createServer(guard(verifier, options, (_request, response) => response.end('yes')));
    apis.push(api);
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/orders/4711`;
    const { secret, id } = await tokenOf();
    const get = () => fetch(url, { headers: { authorization: `Bearer ${secret}` } });
    await verifier.verify(secret);
    const refused = await get();
    expect(refused.status).toBe(403);
    const refusal = refused.headers.get('keyward-refusal') ?? '';
    expect(refusal).toMatch(/^v[0-9a-f]{12}-\d+$/);
    await expect.poll(async () => (await call(server, 'GET', `/v1/refusals/${refusal}`, owner)).status).toBe(200);
    const told = (await call(server, 'GET', `/v1/refusals/${refusal}`, owner)).body as Explanation;
    expect(told).toMatchObject({
      reason: 'missing_permission',
      text: expect.stringMatching(/needs write:funds.*The token does not hold write:funds.*may do read:funds/),
      call: { node: 'orders', method: 'GET', route: '/orders/:id', credential: { id }, address: '127.0.0.1' },
    });
    expect(JSON.stringify(told)).not.toContain('4711');
    expect((await call(server, 'GET', `/v1/refusals/${refusal}`, operator)).body).toEqual(told);
    expect((await call(server, 'GET', `/v1/refusals/${refusal}`, other)).status).toBe(404);
    expect((await listed(owner, `?credential=api_token:${id}&verdict=refused`)).items[0]).toMatchObject({ refusal });
  });

  test('gives the id of Keyward’s own refusal where that was asked', async () => {
    const verifier = await verifierOf();
    const verdict = await verifier.verify('kw_0123456789012345678901_012345678901234567890123456789abcdef');
    expect(verdict.allowed || verdict.refusal).toMatch(/^v?[0-9a-f]{8,12}-\d+$/);
  });

  test('is told of by nobody where reports are off, and refusals have their ids all the same', async () => {
    const verifier = await verifierOf({ name: 'silent', reports: false });
    const verdict = await verifier.verify(null);
    expect(verdict.allowed || verdict.refusal).toMatch(/^v/);
    await verifier.close();
    expect((await listed(operator, '?organization=*&limit=1000')).items.some(({ node }) => node === 'silent')).toBe(
      false,
    );
  });
});

describe('a report', () => {
  const sentAt = () => new Date(server.clock.now()).toISOString();
  const report = (bearer: string, body: object) =>
    call(server, 'POST', '/v1/verifier-reports', bearer, { verifier: 'v', sentAt: sentAt(), ...body });
  const watcherOf = async (as = globex.owner.caller) =>
    (await server.core.createApiToken(as, { permissions: watcher })).secret;

  test('is taken of one’s own credentials alone, but for the operator’s', async () => {
    const mine = await tokenOf();
    const theirs = await server.core.createApiToken(server.asOwner, { permissions: [] });
    const calls = [mine.id, theirs.token.id, null].map((id) => ({
      at: sentAt(),
      verdict: 'missing_permission',
      credential: id === null ? null : { type: 'api_token', id },
      refusal: 'v0123456789ab-1',
    }));
    expect((await report(await watcherOf(), { calls })).body).toEqual({ taken: 1 });
    expect((await listed(owner, `?credential=api_token:${mine.id}`)).items).toHaveLength(1);
    expect((await listed(operator, `?credential=api_token:${theirs.token.id}`)).items).toEqual([]);
    expect((await report(await watcherOf(server.asOwner), { calls })).body).toEqual({ taken: 3 });
    // The same id, said by two: each sees what is its own.
    for (const [bearer, id] of [
      [owner, mine.id],
      [operator, undefined],
    ] as const) {
      const { body } = await call(server, 'GET', '/v1/refusals/v0123456789ab-1', bearer);
      if (id !== undefined) expect((body as unknown as Explanation).call?.credential?.id).toBe(id);
      else expect((body as unknown as Explanation).reason).toBe('missing_permission');
    }
  });

  test('needs the permission to follow, is bounded, and holds no secret afterwards [S124]', async () => {
    const { secret, id } = await tokenOf();
    expect((await report(owner.replace(/.$/, ''), {})).status).toBe(401);
    expect((await report(secret, {})).status).toBe(403);
    const one = { at: sentAt(), verdict: 'unknown', credential: { type: 'api_token', id } };
    const watching = await watcherOf();
    for (const wrong of [
      { calls: Array.from({ length: 201 }, () => one) },
      { calls: [{ ...one, verdict: 'nonsense' }] },
      { calls: [{ ...one, refusal: '00000000-1' }] },
      { calls: [{ ...one, at: 'yesterday' }] },
      { calls: [{ ...one, role: 'owner' }] },
      { findings: [{ kind: 'nonsense', count: 1 }] },
    ]) {
      expect((await report(watching, wrong)).status, JSON.stringify(wrong).slice(0, 80)).toBe(400);
    }
    const leaking = { ...one, verdict: 'missing_permission', permissions: [`read:${secret}`], route: `/x/${secret}` };
    expect((await report(watching, { calls: [leaking] })).status).toBe(200);
    const { text } = await call(server, 'GET', '/v1/calls?organization=*&limit=1000', operator);
    expect(text).not.toContain(secret.slice(-36));
  });

  test('is refused for a while where there are too many', async () => {
    const watching = await watcherOf();
    const statuses = new Set<number>();
    for (let at = 0; at < 201; at += 1) statuses.add((await report(watching, {})).status);
    expect([...statuses]).toEqual([200, 429]);
    server.clock.advance(10_000);
    expect((await report(watching, {})).status).toBe(200);
  });

  test('says what is wrong with a verifier, a clock that differs too, where verifiers are listed', async () => {
    const verifier = await verifierOf({ name: 'late' }, globex.owner.caller);
    const watching = await watcherOf();
    const body = {
      verifier: 'late',
      sentAt: new Date(server.clock.now() - 60_000).toISOString(),
      findings: [{ kind: 'feed_late', count: 3 }],
    };
    await report(watching, body);
    await report(watching, body);
    const verifiersOf = async () =>
      ((await call(server, 'GET', '/v1/verifiers', owner)).body as unknown as VerifierList).items;
    await expect
      .poll(async () => (await verifiersOf()).find(({ name }) => name === 'late')?.findings)
      .toEqual([
        { kind: 'feed_late', count: 6, at: expect.any(String) },
        { kind: 'clock_skew', count: 2, at: expect.any(String) },
      ]);
    await verifier.close();
  });
});

test('a verifier whose reports are not taken decides as before, and says nothing of it', async () => {
  const errors: unknown[] = [];
  let reports = 0;
  const failing: typeof fetch = (input, init) => {
    if (!String(input).endsWith('/v1/verifier-reports')) return fetch(input, init);
    reports += 1;
    return Promise.reject(new TypeError('fetch failed'));
  };
  const verifier = await verifierOf({ fetch: failing, onError: (error) => errors.push(error) });
  const { secret } = await tokenOf();
  expect((await verifier.verify(secret, { permissions: ['read:funds'] })).allowed).toBe(true);
  await verifier.close();
  expect(reports).toBe(1);
  expect(errors).toEqual([]);
});
