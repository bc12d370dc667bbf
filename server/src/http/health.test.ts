// Probes and the public key set.

import { afterEach, describe, expect, it } from 'vitest';
import { within } from '../../../test/machine-time.ts';
import { KeywardError } from '../core/errors.ts';
import { type Running, start, stubCore } from './app.test-support.ts';
import type { GuardedRoute } from './gateway/guarded-route.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
});

const status = async (path: string) => (await fetch(`${running?.url}${path}`)).status;

describe('health', () => {
  it('is alive though not ready, and does not say why it is not', async () => {
    const ready = async () => {
      throw new Error('the database is gone');
    };
    running = await start({ core: stubCore({ ready }) });
    expect(await status('/healthz')).toBe(200);
    const answer = await fetch(`${running.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('{"status":"unavailable"}');
    expect(running.logged.join('')).toContain('the database is gone');
  });

  it('that is missing leaves a line when it ends and one when it is back, however many probes see it', async () => {
    let isReady = false;
    const ready = async () => {
      if (!isReady) throw new Error('no key signs');
    };
    running = await start({ core: stubCore({ ready }) });
    for (let probe = 0; probe < 5; probe += 1) expect(await status('/readyz')).toBe(503);
    isReady = true;
    for (let probe = 0; probe < 5; probe += 1) expect(await status('/readyz')).toBe(200);
    const told = running.logged.map((line) => JSON.parse(line)).filter(({ msg }) => /ready/.test(msg));
    expect(told).toEqual([
      expect.objectContaining({ level: 'warn', err: expect.objectContaining({ message: 'no key signs' }) }),
      expect.objectContaining({ level: 'info', msg: 'ready again', probes: 5 }),
    ]);
  });

  it('and calls that miss a database that is away are told to whoever counts them, with no line each', async () => {
    const away = new KeywardError('unavailable', 'Later.', { isDatabaseAway: true });
    const lost = async () => {
      throw away;
    };
    const told: unknown[] = [];
    const outages = { failed: (error: unknown) => void told.push(error) };
    const core = stubCore({ ready: lost, verify: lost });
    const guarded: GuardedRoute[] = [{ path: '/told', methods: ['GET'], permissions: [], dialect: null }];
    running = await start({ core, outages, guarded, trustedProxies: ['127.0.0.1'] });
    expect(await status('/readyz')).toBe(503);
    expect(await status('/forward-auth/told')).toBe(503);
    const headers = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/told', authorization: 'Bearer good' };
    const onFastPath = await fetch(`${running.url}/forward-auth`, {
      headers: { ...headers, 'x-forwarded-proto': 'https' },
    });
    expect(onFastPath.status).toBe(503);
    expect(told).toEqual([away, away, away]);
    expect(running.logged.filter((line) => line.includes('"level":"warn"'))).toEqual([]);
  });

  it.each([
    [1, '1 route lacks its plan or API; the log names it'],
    [2, '2 routes lack their plans or APIs; the log names them'],
  ])('tells anybody that %i cannot be served, and neither which nor what of', async (count, unavailable) => {
    const routes = [
      { path: '/secret', plan: 'acme-gold' },
      { path: '/other', api: 'billing' },
    ];
    running = await start({ unavailableRoutes: () => routes.slice(0, count) });
    expect(await (await fetch(`${running.url}/readyz`)).json()).toEqual({ status: 'ready', unavailable });
  });

  it('is not ready when that is not known within two seconds', async () => {
    running = await start({ core: stubCore({ ready: () => new Promise(() => undefined) }) });
    await within(3_000, async () => expect(await status('/readyz')).toBe(503));
  });

  it('survives a check that fails after its deadline', async () => {
    const check = Promise.withResolvers<void>();
    running = await start({ core: stubCore({ ready: () => check.promise }) });
    expect(await status('/readyz')).toBe(503);
    check.reject(new Error('late'));
    // Had nobody listened, the process would end before its next turn.
    await new Promise((resolve) => setTimeout(resolve));
    expect(await status('/healthz')).toBe(200);
  });
});

it('publishes the key set, which may be kept for five minutes', async () => {
  running = await start();
  const answer = await fetch(`${running.url}/.well-known/jwks.json`);
  expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await answer.json()).toEqual({ keys: [{ kty: 'EC', kid: 'k1' }] });
});
