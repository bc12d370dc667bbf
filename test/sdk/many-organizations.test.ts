// A provider's verifier with thousands of customers in use, beside a whole server over HTTP: it leases for all of them
// together, about once a second and no oftener, and decides their calls by itself.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type { LeaseRequest } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';

/** Ten thousand: `KEYWARD_ORGANIZATIONS=10000 npm test -- test/sdk/many-organizations.test.ts`. */
const organizations = Number(process.env.KEYWARD_ORGANIZATIONS ?? 1000);

let server: TestServer;
let verifier: Verifier;
afterEach(async () => {
  await verifier?.close();
  await server?.stop();
});

/** Of an organization of its own, with an owner. */
async function makeToken(number: number): Promise<string> {
  const { core } = server;
  const plan = { planId: 'enterprise', contributors: 10_000 };
  const customer = systemIn(await core.createOrganization(systemIn(), { name: `customer-${number}`, ...plan }));
  const { apiUser } = await core.createApiUser(customer, { name: 'owner', role: 'owner' });
  const owner = { type: 'api_user', id: apiUser.id } as const;
  return (await core.createApiToken(customer, { permissions: [], owner })).secret;
}

/** For each of them, some at a time: at the server they then share a transaction. */
async function forEach<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const some = async () => {
    while (next < all.length) {
      const at = next++;
      results[at] = await act(all[at] as T);
    }
  };
  await Promise.all(Array.from({ length: 64 }, some));
  return results;
}

test(`with ${organizations} organizations in use a verifier makes one lease request a second at most for all of them together`, async () => {
  server = await startServer();
  const secrets = await forEach([...Array(organizations).keys()], makeToken);
  const permissions = ['verify:credential', 'follow:feed'];
  const requests: { at: number; organizations: number }[] = [];
  verifier = createVerifier({
    url: server.url,
    credential: { apiToken: (await server.core.createApiToken(server.asOwner, { permissions })).secret },
    exchange: 'none',
    clock: server.clock.now,
    timeoutMs: 60_000,
    fetch: (input, init) => {
      if (new URL(String(input)).pathname === '/v1/leases') {
        const { leases } = JSON.parse(String(init?.body)) as LeaseRequest;
        requests.push({ at: performance.now(), organizations: leases.length });
      }
      return globalThis.fetch(input, init);
    },
  });
  await verifier.ready();
  const [first, newcomers] = [(organizations * 9) / 10, organizations / 10];
  await callAll(secrets.slice(0, first));
  // The others come into use little by little, so that every second some of them want a lease.
  const before = requests.length;
  const steps = Math.min(100, newcomers);
  for (let step = 1; step <= steps; step += 1) {
    await callAll(secrets.slice(0, first + (newcomers * step) / steps));
    await pause(5000 / steps);
  }
  const gaps = requests
    .slice(before)
    .map(({ at }, n) => at - (requests[before + n - 1]?.at ?? Number.NEGATIVE_INFINITY));
  expect(gaps.length).toBeGreaterThan(2);
  // The moment is read later than the verifier reads it, and not always by as much: two requests in a row tell less than all.
  const times = requests.slice(before).map(({ at }) => at);
  const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  expect(times.length - 1).toBeLessThanOrEqual(tookMs / 980);
  expect(Math.min(...gaps)).toBeGreaterThan(800);
  expect(Math.max(...requests.map((request) => request.organizations))).toBeGreaterThan(organizations / 10);
  await expect.poll(() => callAll(secrets)).toBe(0);
  expect(verifier.stats()).toMatchObject({ known: organizations, feed: 'live' });
});

/** A call of each; resolves with for how many of them Keyward was asked. */
async function callAll(secrets: readonly string[]): Promise<number> {
  const unsure: string[] = [];
  for (const secret of secrets) {
    const verdict = verifier.verifySync(secret);
    if (verdict === undefined) unsure.push(secret);
    else expect(verdict.allowed).toBe(true);
  }
  for (const verdict of await forEach(unsure, (secret) => verifier.verify(secret))) {
    expect(verdict).toMatchObject({ allowed: true, limit: { plan: 'enterprise' } });
  }
  return unsure.length;
}
