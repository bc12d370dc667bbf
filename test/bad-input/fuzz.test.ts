// Ten thousand bad requests and more, over every endpoint, as an owner and as nobody, on both databases: each is refused
// in the endpoint's own words or taken, never a 5xx, never a redirect, and alike on SQLite and PostgreSQL.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '../../server/src/core/journal/chain.ts';
import { startServer, type TestServer, testClock } from '../server.ts';
import { comparable, faultsOf } from './answers.ts';
import type { Endpoint } from './endpoints/row.ts';
import { endpoints } from './endpoints.ts';
import { bytesOf, type Call, openConnection } from './http-client.ts';
import { ownerToken } from './owner-token.ts';
import { type BadRequest, badRequests } from './requests.ts';

const seed = Number(process.env.KEYWARD_SEED ?? 20_260_731);
/**
 * Of each endpoint, as its owner: so many that all together are over ten thousand, however many endpoints there are;
 * `KEYWARD_REQUESTS=1000 npm test -- test/bad-input/fuzz.test.ts` for a thousand of each.
 */
const asMany = Number(process.env.KEYWARD_REQUESTS ?? Math.ceil(10_500 / endpoints.length));
const perEndpoint = { owner: asMany, nobody: Math.ceil(asMany / 4), slow: Math.ceil(asMany * 0.6) };

const clock = testClock();
const requests = endpoints.flatMap(requestsFor);
const machines: { server: TestServer; own: Map<string, string> }[] = [];

beforeAll(async () => {
  for (const database of ['sqlite', 'postgres'] as const) {
    // One with the fast path and one without: the answers are the same.
    const server = await startServer({ database, clock, fastPath: database === 'sqlite' });
    machines.push({ server, own: await fill(server) });
  }
});

afterAll(async () => {
  for (const { server } of machines) await server.stop();
});

describe(`bad input (KEYWARD_SEED=${seed})`, () => {
  const answers: string[][] = [];

  test('is over 10,000 different requests, and reaches every endpoint [S77]', () => {
    expect(new Set(requests.map(({ call }) => bytesOf(call).toString('latin1'))).size).toBeGreaterThanOrEqual(10_000);
    for (const endpoint of endpoints) expect(requests.some((one) => one.endpoint === endpoint)).toBe(true);
  });

  test.each([0, 1])(
    'is refused in the words of its dialect, or taken [S5] [S6] [S62] [S75] [S76] [S78] [S79] [S83] [S84]',
    async (at) => {
      const machine = machines[at];
      if (machine === undefined) throw new Error('The server did not start.');
      const { told, faults } = await ask(machine.server, machine.own);
      answers[at] = told;
      // As many ways out as there are; a generator that only ever met one wall would prove nothing.
      const statuses = new Set(told.map((one) => Number(one.split(' ')[0])));
      expect([...statuses]).toEqual(
        expect.arrayContaining([200, 201, 204, 400, 401, 404, 405, 409, 413, 414, 415, 431]),
      );
      expect(faults).toEqual([]);
    },
    900_000,
  );

  test('is answered alike on both databases, with the fast path and without it [S77]', () => {
    const [sqlite = [], postgres = []] = answers;
    const different = requests.flatMap((request, at) =>
      sqlite[at] === postgres[at] ? [] : [`${described(request)}\n  ${sqlite[at]}\n  ${postgres[at]}`],
    );
    expect(different.slice(0, 20)).toEqual([]);
    expect(sqlite).toHaveLength(requests.length);
  });

  test('leaves a server that is well: ready, its chain intact, nothing logged as an error [S84]', async () => {
    for (const { server } of machines) {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect((await verifyChain(server.store.journal)).intact).toBe(true);
      expect(
        server
          .logs()
          .split('\n')
          .filter((line) => /"level":"(?:error|fatal)"/.test(line)),
      ).toEqual([]);
    }
  });
});

function requestsFor(endpoint: Endpoint, at: number): BadRequest[] {
  const count = endpoint.slow ? perEndpoint.slow : perEndpoint.owner;
  const asOwner = badRequests(endpoint, 'owner', count, seed + at);
  return endpoint.credential === 'bearer'
    ? [...asOwner, ...badRequests(endpoint, 'nobody', perEndpoint.nobody, seed + at + 1000)]
    : asOwner;
}

/** Sends them all; those of one lane one after the other. Answers in their order. */
async function ask({ url }: TestServer, own: ReadonlyMap<string, string>) {
  const lanes = Map.groupBy(
    requests.map((request, at) => ({ request, at })),
    ({ request: { endpoint } }) => endpoint.lane ?? endpoint.route,
  );
  const told: string[] = [];
  const faults: string[] = [];
  const waiting = [...lanes.values()].toSorted((one, other) => other.length - one.length);
  const worker = async () => {
    const connection = openConnection(url);
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for (const { request, at } of lane) {
        const reply = await connection.send(filledIn(request.call, own));
        told[at] = comparable(request, reply);
        for (const fault of faultsOf(request, reply)) {
          faults.push(`${fault}: ${described(request)}\n  ${reply.status} ${reply.body.slice(0, 300)}`);
        }
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { told, faults: faults.slice(0, 30) };
}

/** What the requests name, in each server. */
async function fill({ core, owner, asOwner, organization }: TestServer): Promise<Map<string, string>> {
  const other = await core.createOrganization(asOwner, { name: 'victim' });
  const { user } = await core.createUser(asOwner, { email: 'victim@acme.example', name: 'Victim', role: 'member' });
  const { apiUser } = await core.createApiUser(asOwner, { name: 'Victim', role: 'viewer' });
  const { token } = await core.createApiToken(asOwner, { name: 'victim', permissions: ['read:funds'], readable: true });
  const spare = await core.createApiToken(asOwner, { name: 'spare', permissions: ['*:*'] });
  // No budget ends: what is left of it would depend on who came first.
  for (const { id, ...plan } of await core.listPlans(asOwner)) {
    const limits = plan.limits.map((limit) => ({ ...limit, limit: 1_000_000_000, cap: null }));
    await core.putPlan(asOwner, { ...plan, id, limits });
  }
  await core.createRole(asOwner, { name: 'auditor', permissions: ['read:funds'] });
  await core.createApi(asOwner, { handle: 'orders', name: 'Orders' });
  return new Map([
    ['owner', await ownerToken({ core, owner })],
    ['apiToken', spare.secret],
    ['org', other.id],
    ['user', user.id],
    ['apiUser', apiUser.id],
    ['token', token.id],
    ['number', String(token.number)],
    ['self', organization.id],
  ]);
}

function filledIn(call: Call, own: ReadonlyMap<string, string>): Call {
  const fill = (text: string) => text.replace(/@@(\w+)@@/g, (_, name: string) => own.get(name) ?? '');
  return {
    ...call,
    target: fill(call.target),
    headers: call.headers.map(([name, value]) => [name, fill(value)] as const),
  };
}

function described({ call }: BadRequest): string {
  return bytesOf(call).toString('latin1').slice(0, 400).replaceAll('\r\n', '⏎');
}
