// How soon what OAuth gave out ends where it is checked: one access token, the family of a refresh token, an application, a
// federated credential. Four verifiers look at it all the time meanwhile, and receipts say when all of them have it: whosever
// they are.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createVerifier, type Verdict, type Verifier } from '../../sdk/src/index.ts';
import type { Receipt } from '../../sdk/src/wire.ts';
import { machineMs, watchMachine, within } from '../machine-time.ts';
import { type Person, startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { type Page, signedIn } from '../wire/native/session-client.ts';
import { grantedTo, register, type TestApplication } from '../wire/oauth2/application-flow.ts';
import { apiUserClient, type Client, exchange, post, tokenFor } from '../wire/oauth2/clients.ts';
import { newKey, type SigningKey, sign } from '../wire/oauth2/issuer.ts';

/** The promise, for each of them. */
const promisedMs = 1000;
const rounds = 4;
/** So that no budget refuses anything in place of its end. */
const free = { cost: 0 };

/** Something that is good at every verifier, and how it is ended at one of the nodes. */
interface Doomed {
  tokens: readonly string[];
  end(at: { url: string }, query: string): Promise<{ status: number; body: unknown }>;
}

describe.each([
  ['one node on SQLite', 'sqlite'],
  ['two nodes on PostgreSQL', 'postgres'],
] as const)('at four busy verifiers of %s', (name, database) => {
  let server: TestServer;
  let nodes: { url: string }[];
  let customer: { id: string; owner: Person };
  let client: Client;
  let key: SigningKey;
  let page: Page;
  let bearers: { provider: string; customer: string };
  beforeAll(async () => {
    await watchMachine();
    server = await startServer({ database, permissions: ['read:funds', 'write:funds'] });
    nodes = database === 'postgres' ? [server, await server.addNode()] : [server];
    customer = await server.addOrganization('initech');
    client = await apiUserClient(server, 'admin', customer.owner.caller);
    key = await newKey('ES256');
    page = await signedIn(server, customer.owner);
    bearers = { provider: await bearerOf(server, server.owner), customer: await bearerOf(server, customer.owner) };
  });
  afterAll(() => server?.stop());

  describe.each([
    ['of the provider, with an application of the customer’s own', 'provider', 'customer'],
    ['of the customer, with an application of the provider', 'customer', 'provider'],
  ] as const)('%s,', (whose, verifying, registering) => {
    const callerOf = (one: 'provider' | 'customer') => (one === 'provider' ? server.owner : customer.owner).caller;
    let verifiers: Verifier[];
    let application: TestApplication;
    let watched: { tokens: readonly string[]; allowedAt: number[]; refusedAt: number[] };
    let load: Promise<unknown>;
    let isOver: boolean;
    let wrong: number;

    const watch = (tokens: readonly string[]) => {
      watched = { tokens, allowedAt: verifiers.map(() => 0), refusedAt: verifiers.map(() => 0) };
      return watched;
    };
    const look = async (verifier: Verifier, token: string): Promise<Verdict | undefined> =>
      verifier.verifySync(token, free) ?? (await verifier.verify(token, free).catch(() => undefined));

    /** Calls as a busy API makes them, and a look at what is to end between them; half of the time is left to all else. */
    async function keepBusy(verifier: Verifier, n: number, kept: readonly string[]): Promise<void> {
      while (!isOver) {
        const started = performance.now();
        for (let times = 0; times < 10; times += 1) {
          for (const token of kept) if ((await look(verifier, token))?.allowed === false) wrong += 1;
        }
        const { tokens, allowedAt, refusedAt } = watched;
        const began = performance.now();
        const verdicts: (Verdict | undefined)[] = [];
        for (const token of tokens) verdicts.push(await look(verifier, token));
        if (verdicts.some((one) => one?.allowed === true)) allowedAt[n] = began;
        else if (verdicts.every((one) => one?.allowed === false)) refusedAt[n] = began;
        await pause(Math.max(1, performance.now() - started));
      }
    }

    /** Those of another test are waited for until they trust nothing any more. */
    async function nobodyElseFollows(): Promise<void> {
      const { token } = await server.core.createApiToken(customer.owner.caller, { permissions: [] });
      const path = `/v1/tokens/${token.id}/deactivate?receipt=50`;
      const count = async () => (await call<Receipt>(server, 'POST', path, bearers.customer)).body.of;
      while ((await count()) !== nodes.length) await pause(200);
    }

    beforeAll(async () => {
      await nobodyElseFollows();
      const permissions = ['verify:credential', 'follow:feed'];
      const { secret } = await server.core.createApiToken(callerOf(verifying), { permissions });
      application = await register(server, {}, callerOf(registering));
      verifiers = [0, 1, 2, 3].map((n) =>
        createVerifier({
          url: nodes[n % nodes.length]?.url ?? '',
          issuer: server.url,
          credential: { apiToken: secret },
          exchange: 'none',
          clock: server.clock.now,
          name: `v${n}`,
        }),
      );
      await Promise.all(verifiers.map((one) => one.ready({ timeoutMs: 60_000 })));
    });
    afterAll(async () => {
      await Promise.all((verifiers ?? []).map((one) => one.close()));
    });
    beforeEach(async () => {
      [isOver, wrong] = [false, 0];
      const kept = [await tokenFor(server, client), (await grantedTo(server, application, {}, page)).access];
      await allAllow(kept);
      watch([]);
      load = Promise.all(verifiers.map((one, n) => keepBusy(one, n, kept)));
    });
    afterEach(async () => {
      isOver = true;
      await load;
    });

    const allAllow = async (tokens: readonly string[]) => {
      for (const verifier of verifiers) {
        for (const token of tokens) await expect.poll(async () => (await look(verifier, token))?.allowed).toBe(true);
      }
    };

    const kinds: Record<string, () => Promise<Doomed>> = {
      'one access token, with what was made from it': async () => {
        const token = await tokenFor(server, client);
        const narrow = (await exchange(server, token, { scope: 'read:funds' })).body.access_token;
        return { tokens: [token, narrow], end: (at, query) => post(at, `/oauth/revoke${query}`, { token }, client) };
      },
      'the family of a refresh token': async () => {
        const { access, refresh: token } = await grantedTo(server, application, {}, page);
        const { id, secret } = application;
        const end: Doomed['end'] = (at, query) =>
          post(at, `/oauth/revoke${query}`, { token }, { id, secret: secret ?? '' });
        return { tokens: [access], end };
      },
      'an application that is deactivated': async () => {
        const { id, tokens } = await newApplication();
        const path = `/v1/applications/${id}/deactivate`;
        return { tokens, end: (at, query) => call(at, 'POST', path + query, bearers[registering]) };
      },
      'an application that is deleted': async () => {
        const { id, tokens } = await newApplication();
        return {
          tokens,
          end: (at, query) => call(at, 'DELETE', `/v1/applications/${id}${query}`, bearers[registering]),
        };
      },
      'a federated credential that is deleted': async () => {
        const issuer = `ci-${crypto.randomUUID()}`;
        const trusted = {
          name: issuer,
          issuer,
          audience: 'keyward',
          conditions: { sub: 'job' },
          jwks: { keys: [key.jwk] },
        };
        const path = `/v1/api-users/${client.id}/federated-credentials`;
        const { id } = (await call<{ id: string }>(server, 'POST', path, bearers.customer, trusted)).body;
        const end: Doomed['end'] = (at, query) =>
          call(at, 'DELETE', `/v1/federated-credentials/${id}${query}`, bearers.customer);
        return { tokens: [await withoutSecret(issuer)], end };
      },
    };

    async function newApplication(): Promise<{ id: string; tokens: string[] }> {
      const made = await register(server, {}, callerOf(registering));
      return { id: made.id, tokens: [(await grantedTo(server, made, {}, page)).access] };
    }

    async function withoutSecret(issuer: string): Promise<string> {
      const exp = Math.floor(server.clock.now() / 1000) + 60;
      const { body } = await post(server, '/oauth/token', {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_assertion: await sign({ iss: issuer, aud: 'keyward', sub: 'job', jti: crypto.randomUUID(), exp }, key),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      return body.access_token;
    }

    test.each(Object.keys(kinds))('%s is refused within a second, and a receipt says when by all', async (kind) => {
      const tookMs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { tokens, end } = await (kinds[kind] as () => Promise<Doomed>)();
        await allAllow(tokens);
        const { allowedAt, refusedAt } = watch(tokens);
        const at = nodes[round % nodes.length] as { url: string };
        if (round % 2 === 0) {
          const all = nodes.length + verifiers.length;
          const took = await within(promisedMs, async () => {
            const { status, body } = await end(at, '?receipt=10000');
            expect(body).toMatchObject({ effective: all, of: all, waitingFor: [] });
            expect(status).toBe(200);
          });
          // Not a moment later than the receipt, which is its promise.
          const verdicts = verifiers.flatMap((one) =>
            tokens.map(async (token) => (await one.verify(token, free)).allowed),
          );
          expect(await Promise.all(verdicts)).toEqual(verdicts.map(() => false));
          tookMs.push(took);
        } else {
          const { status } = await end(at, '');
          const endedAt = performance.now();
          expect([200, 204]).toContain(status);
          await expect.poll(() => Math.min(...refusedAt), { interval: 5 }).toBeGreaterThan(endedAt);
          const delays = allowedAt.map((last) => (last > endedAt ? machineMs(endedAt, last) : 0));
          expect(Math.max(...delays)).toBeLessThan(promisedMs);
          tookMs.push(...delays);
        }
      }
      const shown = tookMs.map((ms) => ms.toFixed(0)).join(', ');
      console.log(`${name}, ${whose}: ${kind} ended after ${shown} ms`);
      // Everything else went on as it was.
      expect(wrong).toBe(0);
    });
  });
});
