// A guard in an API beside Keyward itself: both say the same, word for word, of the same credentials and budgets.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import { apis } from './guarded-apis.ts';

describe('beside Keyward itself', () => {
  let server: TestServer;
  let verifier: Verifier;
  beforeAll(async () => {
    server = await startServer();
    const permissions = ['verify:credential', 'follow:feed'];
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions });
    verifier = createVerifier({ url: server.url, credential: { apiToken: secret }, clock: server.clock.now });
    await verifier.ready();
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.stop();
  });

  test('a guard says word for word what /v1/check says, but for where a permission is lacking', async () => {
    const make = (more: object = {}) =>
      server.core.createApiToken(server.asOwner, { permissions: ['read:user'], ...more });
    const good = await make();
    const ended = await make({ expiresAt: server.clock.now() + 5000 });
    const inactive = await make();
    await server.core.deactivateApiToken(server.asOwner, { id: inactive.token.id });
    const elsewhere = await make({ addresses: ['10.0.0.0/8'] });
    const exchangeOnly = await make({ use: 'exchange' });
    server.clock.advance(10_000);
    const cases: [string, string | undefined, string[]][] = [
      ['nothing', undefined, []],
      ['noise', 'noise', []],
      ['good', good.secret, []],
      ['good, permitted', good.secret, ['read:user']],
      ['good, not permitted', good.secret, ['read:user', 'write:user']],
      ['expired', ended.secret, []],
      ['inactive', inactive.secret, []],
      ['from elsewhere', elsewhere.secret, []],
      ['for exchange only', exchangeOnly.secret, []],
    ];
    for (const [what, secret, permissions] of cases) {
      const resourceMetadata = `${server.url}/.well-known/oauth-protected-resource`;
      const api = await apis['node:http']?.(verifier, { permissions, resourceMetadata });
      const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
      const ours = await fetch(api?.url ?? '', { headers });
      const query = permissions.length === 0 ? '' : `?permissions=${permissions.join(',')}`;
      const theirs = await call<Record<string, unknown>>(server, 'GET', `/v1/check${query}`, secret);
      expect([what, ours.status], what).toEqual([what, theirs.status]);
      if (ours.status === 200) continue;
      // A verifier knows what a credential may do, not whether its token, its role or its organization stands in the way.
      const { lacking, ...said } = theirs.body;
      expect(lacking !== undefined, what).toBe(theirs.status === 403 && permissions.length > 0);
      expect(await ours.json(), what).toEqual(said);
      for (const field of ['www-authenticate', 'content-type', 'cache-control']) {
        expect([what, field, ours.headers.get(field)]).toEqual([what, field, theirs.headers.get(field)]);
      }
      await api?.close();
    }
  });

  test('a guard lists all of several limits, and names those that refuse, as /v1/check does [S92]', async () => {
    const hour = 3_600_000;
    const limits = [
      { limit: 3, windowMs: hour, per: 'api_token' },
      { limit: 1000, windowMs: hour, per: 'organization' },
      { limit: 50, windowMs: 60_000, per: 'address' },
    ] as const;
    await server.core.putPlan(server.asOwner, { id: 'three', name: 'Three limits', limits });
    const on = async (name: string, planId: string) => {
      const { id, owner } = await server.addOrganization(name);
      await server.core.updateOrganization(server.asOwner, id, { planId });
      return owner.caller;
    };
    const [customer, unmetered] = [await on('customer', 'three'), await on('unmetered', 'unlimited')];
    const tokenOf = async (owner: Caller, own: { limit: number; windowMs: number }[]) =>
      (await server.core.createApiToken(owner, { permissions: [], limits: own })).secret;
    const threeNames =
      '"three:api_token:3600s";q=3;w=3600, "three:organization:3600s";q=1000;w=3600, "three:address:60s";q=50;w=60';
    const cases: [secret: string, calls: number, policies: string, violated: string[]][] = [
      [await tokenOf(customer, []), 3, threeNames, ['three:api_token:3600s']],
      [
        await tokenOf(customer, [{ limit: 3, windowMs: 60_000 }]),
        3,
        `${threeNames}, "token:60s";q=3;w=60`,
        ['three:api_token:3600s', 'token:60s'],
      ],
      [await tokenOf(unmetered, [{ limit: 2, windowMs: hour }]), 2, '"token:3600s";q=2;w=3600', ['token:3600s']],
    ];
    const api = await apis['node:http']?.(verifier, {});
    for (const [secret, calls, policies, violated] of cases) {
      const headers = { authorization: `Bearer ${secret}` };
      for (let left = calls - 1; left >= 0; left -= 1) {
        const answered = await fetch(api?.url ?? '', { headers });
        expect(answered.status).toBe(200);
        expect(sorted(answered.headers.get('ratelimit-policy'))).toBe(sorted(policies));
        expect(answered.headers.get('ratelimit')).toMatch(new RegExp(`^"(three:api_token|token):\\d+s";r=${left};t=`));
      }
      // The budget is spent: whoever is asked says the same.
      const ours = await fetch(api?.url ?? '', { headers });
      const body = (await ours.json()) as { 'violated-policies': string[] };
      expect(ours.status).toBe(429);
      expect(body['violated-policies'].toSorted()).toEqual(violated);
      const theirs = await fetch(`${server.url}/v1/check`, { headers: { ...headers, 'x-forwarded-proto': 'https' } });
      expect([theirs.status, await theirs.json()]).toEqual([429, body]);
      for (const field of ['ratelimit', 'ratelimit-policy', 'retry-after']) {
        expect([field, ours.headers.get(field)]).toEqual([field, theirs.headers.get(field)]);
      }
    }
    await api?.close();
  });
});

/** A list of policies says the same in any order. */
function sorted(policies: string | null): string {
  return (policies ?? '').split(', ').toSorted().join(', ');
}
