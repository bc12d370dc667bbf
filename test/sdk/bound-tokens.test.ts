// Access tokens for one API and a scope at verifiers of the SDK: bound there as at the server, and refused once revoked, by
// those that follow and by those that come later.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { startServer, type TestServer } from '../server.ts';
import { type Page, signedIn } from '../wire/native/session-client.ts';
import { codeFor, redeem, refresh, register, type TestApplication } from '../wire/oauth2/application-flow.ts';
import {
  apiTokenClient,
  apiUserClient,
  type Client,
  claimsOf,
  exchange,
  post,
  sealedType,
  tokenFor,
} from '../wire/oauth2/clients.ts';

describe('a verifier', () => {
  let server: TestServer;
  let client: Client;
  let verifiers: Verifier[];
  let options: Parameters<typeof createVerifier>[0];

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    await server.core.createApi(server.asOwner, {
      handle: 'orders',
      name: 'Orders',
      identifier: 'https://orders.example',
    });
    client = await apiUserClient(server);
    const guard = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
    options = { url: server.url, credential: { apiToken: guard.secret }, exchange: 'none', clock: server.clock.now };
    verifiers = Array.from({ length: 4 }, () => createVerifier(options));
    await Promise.all(verifiers.map((one) => one.ready({ timeoutMs: 60_000 })));
  });
  afterAll(async () => {
    await Promise.all(verifiers.map((one) => one.close()));
    await server.stop();
  });

  const first = () => verifiers[0] as Verifier;
  const revoke = (token: string) => post(server, '/oauth/revoke', { token }, client);
  const verdict = async (token: string, requirement = {}, by = first()) => {
    const { allowed, ...rest } = await by.verify(token, requirement);
    return allowed ? 'allowed' : 'reason' in rest ? rest.reason : '';
  };

  test.each([
    ['a JWT', {}],
    ['a sealed token', { requested_token_type: sealedType }],
  ])('lets %s do what its scope says, at its own API alone [S51]', async (_, more) => {
    const token = await tokenFor(server, client, { scope: 'read:funds', resource: 'https://orders.example', ...more });
    for (const _again of ['asked', 'remembered']) {
      expect(await verdict(token, { api: 'orders', permissions: ['read:funds'] })).toBe('allowed');
      expect(await verdict(token, { api: 'orders', permissions: ['write:funds'] })).toBe('missing_permission');
      expect(await verdict(token, { permissions: ['read:funds'] })).toBe('wrong_api');
    }
  });

  test('keeps the scopes and APIs of one client apart, and knows later tokens by their signature alone', async () => {
    const [narrow, wide] = [await tokenFor(server, client, { scope: 'read:funds' }), await tokenFor(server, client)];
    expect(await verdict(wide, { permissions: ['write:funds'] })).toBe('allowed');
    expect(await verdict(narrow, { permissions: ['write:funds'] })).toBe('missing_permission');
    const { asked } = first().stats();
    const later = await tokenFor(server, client, { scope: 'read:funds' });
    expect(first().verifySync(later, { permissions: ['read:funds'], cost: 0 })).toMatchObject({ allowed: true });
    expect(first().verifySync(later, { permissions: ['write:funds'] })).toMatchObject({ reason: 'missing_permission' });
    expect(first().stats().asked).toBe(asked);
  });

  test.each([
    ['a JWT', {}],
    ['a sealed token', { requested_token_type: sealedType }],
  ])('refuses %s that was revoked, and all that was made from it, wherever it is asked [S47, S49]', async (_, more) => {
    const [token, other] = [await tokenFor(server, client, more), await tokenFor(server, client, more)];
    const made = (await exchange(server, token)).body.access_token;
    for (const one of verifiers) {
      for (const each of [token, other, made]) expect(await verdict(each, {}, one)).toBe('allowed');
    }
    expect((await revoke(token)).status).toBe(200);
    await expect
      .poll(async () => Promise.all(verifiers.flatMap((one) => [verdict(token, {}, one), verdict(made, {}, one)])), {
        timeout: 60_000,
      })
      .toEqual(Array.from({ length: 8 }, () => expect.stringMatching(/^(?:revoked|unknown)$/)));
    for (const one of verifiers) expect(await verdict(other, {}, one)).toBe('allowed');
  });

  test('knows what was revoked before it came', async () => {
    const [token, other] = [await tokenFor(server, client), await tokenFor(server, client)];
    await revoke(token);
    const late = createVerifier(options);
    try {
      await late.ready({ timeoutMs: 60_000 });
      // The source is known by the other; the signature is good.
      expect(await verdict(other, {}, late)).toBe('allowed');
      expect(await verdict(token, {}, late)).toBe('revoked');
    } finally {
      await late.close();
    }
  });

  test('that must forget everything decides about no token before it knows all that were revoked meanwhile', async () => {
    const [kept, doomed] = [await tokenFor(server, client), await tokenFor(server, client)];
    const cut = new AbortController();
    const isRevoked = Promise.withResolvers<void>();
    const mayLoad = Promise.withResolvers<void>();
    let loads = 0;
    const far: typeof fetch = async (input, init = {}) => {
      const url = new URL(String(input));
      if (url.pathname === '/v1/revoked-access-tokens' && cut.signal.aborted) {
        loads += 1;
        await mayLoad.promise;
      }
      if (url.pathname !== '/v1/feed') return fetch(url, init);
      if (!cut.signal.aborted)
        return fetch(url, { ...init, signal: AbortSignal.any([init.signal, cut.signal].filter((one) => one != null)) });
      await isRevoked.promise;
      // Of a journal that the server does not have.
      url.searchParams.set('cursor', '999999999');
      return fetch(url, init);
    };
    const verifier = createVerifier({ ...options, fetch: far, timeoutMs: 60_000, onError() {} });
    try {
      await verifier.ready({ timeoutMs: 60_000 });
      for (const one of [kept, doomed]) expect(await verdict(one, { cost: 0 }, verifier)).toBe('allowed');
      cut.abort();
      await revoke(doomed);
      isRevoked.resolve();
      await expect.poll(() => loads).toBe(1);
      let isDecided = false;
      const waiting = verdict(kept, { cost: 0 }, verifier).finally(() => {
        isDecided = true;
      });
      // Keyward has said whose both are; their signatures are good.
      await expect.poll(() => verifier.stats().known).toBe(1);
      const { asked } = verifier.stats();
      expect([kept, doomed].map((one) => verifier.verifySync(one, { cost: 0 }))).toEqual([undefined, undefined]);
      const refused = verdict(doomed, { cost: 0 }, verifier);
      expect(isDecided).toBe(false);
      mayLoad.resolve();
      expect(await Promise.all([waiting, refused])).toEqual(['allowed', 'revoked']);
      expect([verifier.stats().asked, loads]).toEqual([asked, 1]);
    } finally {
      isRevoked.resolve();
      mayLoad.resolve();
      await verifier.close();
    }
  });

  test('refuses all that a client got once it has revoked ten thousand, and not what it gets then', async () => {
    const busy = await apiUserClient(server);
    const expiresAt = server.clock.now() + 3_600_000;
    const from = {
      organizationId: server.organization.id,
      source: { type: 'api_user', id: busy.id },
      sessionId: null,
      expiresAt,
    } as const;
    await server.store.write(async ({ revokedTokens }) => {
      for (let at = 0; at < 10_000; at += 1) await revokedTokens.insert({ jti: `${busy.id}-${at}`, ...from });
    });
    const tokens = [await tokenFor(server, busy), await tokenFor(server, busy)];
    const verdicts = () =>
      Promise.all(verifiers.flatMap((one) => tokens.map((token) => verdict(token, { cost: 0 }, one))));
    expect(await verdicts()).toEqual(Array(8).fill('allowed'));
    expect((await post(server, '/oauth/revoke', { token: tokens[0] ?? '' }, busy)).status).toBe(200);
    await expect.poll(verdicts).toEqual(Array(8).fill(expect.stringMatching(/^(?:revoked|unknown)$/)));
    const fresh = await tokenFor(server, busy);
    for (const one of verifiers) expect(await verdict(fresh, { cost: 0 }, one)).toBe('allowed');
  });

  /** What an application has of one session. */
  interface Given {
    app: TestApplication & { secret: string };
    page: Page;
    code: { code: string; verifier: string };
    used: string;
    next: string;
    session: string;
  }

  test.each<[string, (given: Given) => Promise<unknown>]>([
    ['its refresh token is revoked', ({ app, next }) => post(server, '/oauth/revoke', { token: next }, app)],
    ['a refresh token is used again', ({ app, used }) => refresh(server, app, used)],
    ['its code is used again', ({ app, code }) => redeem(server, app, code)],
    ['the person ends it', ({ page, session }) => page.ask('DELETE', `/v1/sessions/${session}`)],
  ])('refuses all access tokens of a session, sealed or not, once %s [S42, S49, S52]', async (_, end) => {
    const { secret, ...registered } = await register(server);
    const app = { ...registered, secret: secret ?? '' };
    const page = await signedIn(server, server.owner);
    const code = await codeFor(server, app, {}, page);
    const first = (await redeem(server, app, code, { requested_token_type: sealedType })).body;
    const second = (await refresh(server, app, first.refresh_token)).body;
    const made = (await exchange(server, second.access_token, { requested_token_type: sealedType })).body;
    const tokens: string[] = [first.access_token, second.access_token, made.access_token];
    expect(tokens.map((one) => one.startsWith('AT1'))).toEqual([true, false, true]);
    const verdicts = () => Promise.all(verifiers.flatMap((one) => tokens.map((token) => verdict(token, {}, one))));
    const all = (one: unknown) => Array.from({ length: verifiers.length * tokens.length }, () => one);
    // They have heard of how the session began: what they know from here on is forgotten for its end alone.
    const head = await server.store.journal.head();
    const hasHeard = (one: Verifier) => (one.stats().cursor ?? 0) >= head;
    await expect.poll(() => verifiers.every(hasHeard), { timeout: 60_000 }).toBe(true);
    expect(await verdicts()).toEqual(all('allowed'));
    const session = String(claimsOf(second.access_token).sid);
    await end({ app, page, code, used: first.refresh_token, next: second.refresh_token, session });
    const refused = expect.stringMatching(/^(?:revoked|unknown)$/);
    await expect.poll(verdicts, { timeout: 60_000 }).toEqual(all(refused));
  });

  test('goes by another identifier of an API once that has changed', async () => {
    const token = await tokenFor(server, client, { resource: 'https://orders.example' });
    expect(await verdict(token, { api: 'orders' })).toBe('allowed');
    await server.core.updateApi(server.asOwner, 'orders', { identifier: 'https://orders.example/v2' });
    await expect.poll(() => verdict(token, { api: 'orders' }), { timeout: 60_000 }).toBe('wrong_api');
  });
});
