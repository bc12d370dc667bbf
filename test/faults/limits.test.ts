// The store of limits does not answer, though all else does: what becomes of a call is what its plan says, and is seen.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble, type Server } from '../../server/src/assemble.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { sharedPostgres } from '../postgres.ts';

const policies = ['local', 'deny', 'allow'] as const;
type Policy = (typeof policies)[number];

let server: Server;
let database: string;
const credentials = new Map<Policy, { first: string; other: string }>();

beforeAll(async () => {
  database = await (await sharedPostgres()).createDatabase();
  const environment = { KEYWARD_PORT: '0', KEYWARD_DATABASE: database, KEYWARD_SECRETS: generateSealingKeys() };
  server = await assemble(loadConfig({}, environment, '.'), { demo: true, logger: createLogger('silent') });
  await server.listen();
  for (const policy of policies) await addOrganization(policy);
});
afterAll(() => server?.close());

/** With a plan of this policy. */
async function addOrganization(policy: Policy): Promise<void> {
  const { core, store } = server;
  const operator = systemIn();
  const limits = [{ limit: 100_000, windowMs: 3_600_000, per: 'organization' }] as const;
  await core.putPlan(operator, { id: policy, name: policy, limits, whenUnavailable: policy });
  const make = async (name: string) => {
    const organization = await core.createOrganization(operator, { name, planId: policy });
    const owner = { email: `owner@${name}.example`, name: 'Owner', role: 'owner' };
    const { user } = await core.createUser(systemIn(organization), owner);
    const record = await store.credentials.bySource({ type: 'user', id: user.id });
    if (record === null) throw new Error('There is no owner.');
    return (await core.createApiToken(principalOf(record), { permissions: ['read:plan'] })).secret;
  };
  credentials.set(policy, { first: await make(policy), other: await make(`${policy}-other`) });
}

async function check(credential = '') {
  const { status, headers } = await fetch(`${server.url}/v1/check`, {
    headers: { authorization: `Bearer ${credential}` },
  });
  const retryAfter = headers.get('retry-after');
  return { status, decidedBy: headers.get('keyward-limits-unavailable'), retryAfter };
}

async function sample(name: string): Promise<number> {
  const line = (await (await fetch(`${server.url}/metrics`)).text())
    .split('\n')
    .find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

describe('while the ledgers are locked away', () => {
  test.each([
    ['local', 200, null, 503],
    ['deny', 503, 'deny', 503],
    ['allow', 200, null, 200],
  ] as const)(
    'a plan that says %s answers %i (header %s) of what is leased and %i of what is not, and says so [S100]',
    async (policy, leased, leasedBy, unleased) => {
      const { first, other } = credentials.get(policy) ?? {};
      // What this node has leased is there to be spent; nobody has called for the other organization yet.
      expect(await check(first)).toEqual({ status: 200, decidedBy: null, retryAfter: null });
      expect(await sample('keyward_limits_down')).toBe(0);
      const before = await sample(`keyward_limits_unavailable_total{policy="${policy}"}`);
      const client = new pg.Client({ connectionString: database });
      await client.connect();
      try {
        await client.query('begin; lock table leases in access exclusive mode');
        const found = await check(other);
        expect(found).toMatchObject({ status: unleased, decidedBy: policy });
        if (unleased === 503) expect(Number(found.retryAfter)).toBeGreaterThan(0);
        expect(await sample('keyward_limits_down')).toBe(1);
        expect(await check(first)).toMatchObject({ status: leased, decidedBy: leasedBy });
        expect(await sample(`keyward_limits_unavailable_total{policy="${policy}"}`)).toBeGreaterThan(before);
      } finally {
        await client.query('rollback');
        await client.end();
      }
      await expect.poll(() => check(other)).toMatchObject({ status: 200, decidedBy: null });
      expect(await sample('keyward_limits_down')).toBe(0);
    },
  );
});
