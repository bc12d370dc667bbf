// Verifiers of the provider: they are for the calls of all customers, each on a plan of its own, and what ends a customer's
// ends it at every one of them at once. Those of a customer know nobody else's.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createVerifier,
  type KeywardError,
  type Requirement,
  type Verifier,
  type VerifierOptions,
} from '../../sdk/src/index.ts';
import { guard } from '../../sdk/src/node.ts';
import type { Receipt, VerifyResponse } from '../../sdk/src/wire.ts';
import { watchMachine, within } from '../machine-time.ts';
import { type Person, startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectProblem } from '../wire/native/calls.ts';

interface Customer {
  id: string;
  name: string;
  owner: Person;
  /** An API token. */
  secret: string;
  token: { id: string };
}

let server: TestServer;
let customers: [Customer, Customer];
const verifiers: Verifier[] = [];
const asking = ['verify:credential', 'follow:feed'];

beforeEach(async () => {
  await watchMachine();
  server = await startServer();
  const add = async (name: string): Promise<Customer> => {
    const made = await server.addOrganization(name);
    return { ...made, ...(await server.core.createApiToken(made.owner.caller, { permissions: ['read:user'] })) };
  };
  customers = [await add('one'), await add('two')];
});
afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
  await server?.stop();
});

/** A verifier of the provider, or of whom is said. */
async function start(owner: Pick<Person, 'caller'> = server.owner, options: Partial<VerifierOptions> = {}) {
  const credential = { apiToken: (await server.core.createApiToken(owner.caller, { permissions: asking })).secret };
  const verifier = createVerifier({ url: server.url, credential, clock: server.clock.now, onError() {}, ...options });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}
const isKnown = (verifier: Verifier, { secret }: Customer) => verifier.verifySync(secret)?.allowed === true;

describe('a verifier of the provider', () => {
  test('knows the credentials of every customer, in each of their forms, and whose they are', async () => {
    const verifier = await start();
    for (const { id, name, secret } of customers) {
      const exchange = async (form: 'jwt' | 'sealed') => {
        const body = { apiToken: secret, form };
        return (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, body)).body;
      };
      for (const text of [secret, (await exchange('jwt')).accessToken, (await exchange('sealed')).accessToken]) {
        expect(await verifier.verify(text, { permissions: ['read:user'] })).toMatchObject({
          allowed: true,
          principal: { organizationId: id, organization: { id, name, externalId: null } },
        });
      }
    }
    expect(verifier.stats().known).toBe(6);
  });

  test('lets in one organization alone where it is said which, by its id or its name', async () => {
    const [verifier, [one, two]] = [await start(), customers];
    for (const organization of [one.id, one.name]) {
      expect(await verifier.verify(one.secret, { organization })).toMatchObject({ allowed: true });
      const refusal = { allowed: false, reason: 'wrong_organization', principal: { organizationId: two.id } };
      expect(await verifier.verify(two.secret, { organization })).toMatchObject(refusal);
      expect(verifier.verifySync(two.secret, { organization })).toMatchObject(refusal);
    }
  });

  test('says of an organization or an API that does not exist that there is none of it, and lets nobody in there', async () => {
    const told: KeywardError[] = [];
    const [verifier, [one, two]] = [await start(server.owner, { onError: (error) => told.push(error) }), customers];
    // It is known, and would otherwise be refused here, as a credential of another organization or without the permission.
    expect(await verifier.verify(one.secret)).toMatchObject({ allowed: true });
    const mistakes: [Requirement, string][] = [
      [{ organization: 'onw' }, 'There is no organization "onw".'],
      [{ api: 'defualt' }, 'There is no API defualt. Did you mean default?'],
      [{ api: 'defualt', permissions: ['delete:user'] }, 'There is no API defualt. Did you mean default?'],
    ];
    for (const [requirement, text] of mistakes) {
      told.length = 0;
      expect(verifier.verifySync(one.secret, requirement)).toBeUndefined();
      const failure = { code: 'misconfigured', message: expect.stringContaining(text) };
      await expect(verifier.verify(one.secret, requirement)).rejects.toMatchObject(failure);
      const listener = guard(verifier, requirement, (_request, response) => response.end());
      const api = createServer(listener).listen(0, '127.0.0.1');
      await once(api, 'listening');
      const { port } = api.address() as AddressInfo;
      const headers = { authorization: `Bearer ${one.secret}` };
      expect((await fetch(`http://127.0.0.1:${port}`, { headers })).status).toBe(503);
      api.closeAllConnections();
      api.close();
      if (requirement.permissions === undefined) expect(told).toMatchObject([failure]);
    }
    // It asks once about an organization that is there, and again when organizations have changed.
    const refusal = { allowed: false, reason: 'wrong_organization' };
    const forTwo = { organization: two.id };
    expect(verifier.verifySync(one.secret, forTwo)).toBeUndefined();
    expect(await verifier.verify(one.secret, forTwo)).toMatchObject(refusal);
    expect(verifier.verifySync(one.secret, forTwo)).toMatchObject(refusal);
    await server.core.deleteOrganization(server.asOwner, two.id);
    await expect.poll(() => verifier.verifySync(one.secret, forTwo)).toBeUndefined();
    await expect(verifier.verify(one.secret, forTwo)).rejects.toMatchObject({ code: 'misconfigured' });
  });

  test('that is for an API that does not exist does not become ready, and says why', async () => {
    const message = expect.stringContaining('There is no API odrers. Did you mean orders?');
    await server.core.createApi(server.asOwner, { handle: 'orders', name: 'Orders' });
    await expect(start(server.owner, { api: 'odrers' })).rejects.toMatchObject({ code: 'misconfigured', message });
    expect(await (await start(server.owner, { api: 'orders' })).verify(customers[0].secret)).toMatchObject({
      allowed: true,
    });
  });

  test('spends the plan of each customer, and not the one of another', async () => {
    const [verifier, [one, two]] = [await start(), customers];
    const plan = { name: 'Small', limits: [{ limit: 3, windowMs: 60_000, per: 'organization' }] } as const;
    await server.core.putPlan(server.asOwner, { id: 'small', ...plan });
    await server.core.updateOrganization(server.asOwner, one.id, { planId: 'small' });
    const reasons = async ({ secret }: Customer) => {
      const verdicts = [];
      for (let n = 0; n < 5; n += 1) verdicts.push(await verifier.verify(secret));
      return verdicts.map((verdict) => (verdict.allowed ? 'allowed' : verdict.reason));
    };
    expect(await reasons(one)).toEqual(['allowed', 'allowed', 'allowed', 'rate_limited', 'rate_limited']);
    expect(await reasons(two)).toEqual(Array.from({ length: 5 }, () => 'allowed'));
    expect(verifier.verifySync(two.secret)).toMatchObject({ allowed: true, limit: { plan: 'enterprise' } });
    expect(verifier.verifySync(one.secret)).toMatchObject({ reason: 'rate_limited', limit: { plan: 'small' } });
  });

  test('forgets a customer whose people or roles change, and goes on knowing the others', async () => {
    const [verifier, [one, two]] = [await start(), customers];
    const bearer = await bearerOf(server, one.owner);
    for (const customer of customers) {
      await verifier.verify(customer.secret);
      await expect.poll(() => isKnown(verifier, customer)).toBe(true);
    }
    const { asked } = verifier.stats();
    const role = { name: 'reader', permissions: ['read:user'] };
    expect((await call(server, 'POST', '/v1/roles', bearer, role)).status).toBe(201);
    await expect.poll(() => isKnown(verifier, one), { interval: 1 }).toBe(false);
    expect(isKnown(verifier, two)).toBe(true);
    expect(await verifier.verify(two.secret)).toMatchObject({ allowed: true });
    expect(verifier.stats().asked).toBe(asked);
  });
});

describe('what ends a customer', () => {
  const acts = [
    ['deactivating its organization', 'POST', ({ id }: Customer) => `/v1/organizations/${id}/deactivate`, 'inactive'],
    ['deleting its organization', 'DELETE', ({ id }: Customer) => `/v1/organizations/${id}`, 'revoked'],
  ] as const;

  test.each(acts)(
    '%s ends its calls at each of four verifiers within a second, and a receipt says so',
    async (...act) => {
      const [, method, path, reason] = act;
      const [one, two] = customers;
      const four = await Promise.all([1, 2, 3, 4].map((n) => start(server.owner, { name: `v${n}` })));
      const theirs = await start(two.owner, { name: 'theirs' });
      for (const verifier of four) {
        for (const customer of customers) {
          await verifier.verify(customer.secret);
          await expect.poll(() => isKnown(verifier, customer)).toBe(true);
        }
      }
      expect(await theirs.verify(two.secret)).toMatchObject({ allowed: true });
      const bearer = await bearerOf(server, server.owner);
      await within(1000, async () => {
        const answer = await call<Receipt>(server, method, `${path(one)}?receipt=10000`, bearer);
        expect(answer.body, answer.text).toMatchObject({ effective: 5, of: 5, waitingFor: [] });
      });
      // What a receipt says has happened has: there is nothing left to wait for.
      for (const verifier of four) {
        expect(isKnown(verifier, one)).toBe(false);
        expect(isKnown(verifier, two)).toBe(true);
      }
      for (const verifier of four) expect(await verifier.verify(one.secret)).toMatchObject({ allowed: false, reason });
    },
  );

  test('a receipt for the customer itself counts the verifiers of the provider, and does not name them', async () => {
    const [one] = customers;
    await start(server.owner, { name: 'orders-api-7' });
    await start(one.owner, { name: 'mine' });
    const stuck = await start(server.owner, {
      name: 'secret-project-3',
      fetch: (input, init) =>
        String(input).endsWith('/acknowledgements') ? new Promise(() => {}) : globalThis.fetch(input, init),
    });
    const bearer = await bearerOf(server, one.owner);
    const answer = await call<Receipt>(server, 'DELETE', `/v1/tokens/${one.token.id}?receipt=1000`, bearer);
    expect(answer.body).toMatchObject({ effective: 3, of: 4, waitingFor: ['a verifier of the provider'] });
    const listed = await call<{ items: { name: string }[] }>(server, 'GET', '/v1/verifiers', bearer);
    expect(listed.body.items.map(({ name }) => name)).toEqual(['mine']);
    await stuck.close();
  });
});

describe('a verifier of a customer', () => {
  test('knows its own credentials, and no other customer’s from one that nobody made', async () => {
    const [one, two] = customers;
    const verifier = await start(one.owner);
    expect(await verifier.verify(one.secret)).toMatchObject({ allowed: true });
    const provider = (await server.core.createApiToken(server.asOwner, { permissions: [] })).secret;
    for (const secret of [two.secret, provider]) {
      expect(await verifier.verify(secret)).toMatchObject({ allowed: false, reason: 'unknown', principal: null });
    }
    await server.core.deactivateApiToken(two.owner.caller, { id: two.token.id });
    expect(await verifier.verify(two.secret)).toMatchObject({ reason: 'unknown', principal: null });
  });

  test('is not told of another customer’s changes', async () => {
    const [one, two] = customers;
    const verifier = await start(one.owner);
    await verifier.verify(one.secret);
    await expect.poll(() => isKnown(verifier, one)).toBe(true);
    await server.core.deactivateApiToken(two.owner.caller, { id: two.token.id });
    const head = await server.store.journal.head();
    await expect.poll(() => verifier.stats().cursor).toBe(head);
    expect(isKnown(verifier, one)).toBe(true);
  });
});

describe('POST /v1/verify', () => {
  const verify = (bearer: string, body: object) => call<VerifyResponse>(server, 'POST', '/v1/verify', bearer, body);

  test('answers the provider about everybody, with the reason, and about one organization where it is named', async () => {
    const [one, two] = customers;
    const bearer = await bearerOf(server, server.owner, ['verify:credential']);
    const answer = async (body: object) => (await verify(bearer, body)).body;
    expect(await answer({ credential: one.secret })).toMatchObject({
      allowed: true,
      principal: { organizationId: one.id, organization: { name: 'one' } },
      limit: { plan: 'enterprise' },
    });
    for (const organization of [two.id, two.name]) {
      expect(await answer({ credential: two.secret, organization })).toMatchObject({ allowed: true });
      expect(await answer({ credential: one.secret, organization })).toMatchObject({ reason: 'wrong_organization' });
    }
    await server.core.deactivateApiToken(one.owner.caller, { id: one.token.id });
    expect(await answer({ credential: one.secret })).toMatchObject({ allowed: false, reason: 'inactive' });
  });

  test('names an organization, an API or a plan that does not exist, whatever the credential is worth', async () => {
    const [one, two] = customers;
    const bearer = await bearerOf(server, server.owner, ['verify:credential']);
    const customer = await bearerOf(server, one.owner, ['verify:credential']);
    const { secret: credential } = one;
    const details = async (asker: string, more: object) =>
      expectProblem(await verify(asker, { credential, ...more }), 404, 'not_found').detail;
    expect(await details(bearer, { organization: 'nobody' })).toBe('There is no organization "nobody".');
    expect(await details(bearer, { plan: 'no-such-plan' })).toBe('There is no plan "no-such-plan".');
    for (const text of [credential, 'noise', '']) {
      const named = { credential: text, api: 'defualt', permissions: ['delete:user'] };
      expect(await details(bearer, named)).toBe('There is no API defualt. Did you mean default?');
      expect(await details(customer, named)).toBe('There is no API defualt. Did you mean default?');
      expect(await details(bearer, { credential: text, plan: 'fre' })).toBe('There is no plan "fre".');
    }
    // Whether there is another customer is nothing that a customer is told.
    expect(await details(customer, { organization: 'nobody' })).toBe('There is no organization "nobody".');
    expect(await details(customer, { organization: two.name })).toBe('There is no organization "two".');
    expect((await verify(customer, { credential, organization: 'one' })).body).toMatchObject({ allowed: true });
    await server.core.deleteOrganization(server.asOwner, two.id);
    expect(await details(bearer, { organization: two.id })).toBe(`There is no organization "${two.id}".`);
  });

  test('takes a plan, and GET /v1/check takes none, and names an API that does not exist', async () => {
    const [one] = customers;
    const bearer = await bearerOf(server, server.owner, ['verify:credential']);
    const { body } = await verify(bearer, { credential: one.secret, plan: 'free' });
    expect(body).toMatchObject({ allowed: true, limit: { plan: 'free' } });
    expectProblem(await call(server, 'GET', '/v1/check?plan=free', one.secret), 400, 'invalid_request');
    for (const query of ['api=defualt', 'api=defualt&permissions=delete:user']) {
      const { detail } = expectProblem(await call(server, 'GET', `/v1/check?${query}`, one.secret), 404, 'not_found');
      expect(detail).toBe('There is no API defualt. Did you mean default?');
    }
  });
});
