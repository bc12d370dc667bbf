// Following the feed: what is forgotten when, what is done while it is not heard, and that nothing is missed after.

import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { machineMs, watchMachine } from '../machine-time.ts';
import { type FakeKeyward, heartbeatMs, principalOf, startFakeKeyward, yes } from './fake-keyward.ts';
import { answerJson } from './recording-server.ts';

let server: FakeKeyward;
const verifiers: Verifier[] = [];
beforeEach(async () => {
  server = await startFakeKeyward();
});
afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
  await server.close();
});

async function start(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const credential = { apiToken: 'kw_mine' };
  const verifier = createVerifier({ url: server.url, credential, exchange: 'none', ...options });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}
const asked = () => server.count('/v1/verify');
const idOf = (token: string) => token.slice(3, 25);
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

/** A verifier that knows three credentials. */
async function startKnowing(options: Partial<VerifierOptions> = {}) {
  const verifier = await start(options);
  const tokens = [0, 1, 2].map(() => generateApiToken(newId())) as [string, string, string];
  for (const token of tokens) await verifier.verify(token);
  const known = () => tokens.map((token) => verifier.verifySync(token)?.allowed === true);
  await expect.poll(known).toEqual([true, true, true]);
  return { verifier, tokens, known };
}

describe('a change', () => {
  test('of an API token makes that token forgotten, and no other', async () => {
    const { tokens, known } = await startKnowing();
    server.feed.change('api_token', idOf(tokens[1]), 'api_token.deactivated');
    await expect.poll(known).toEqual([true, false, true]);
  });

  test.each(['user', 'api_user', 'role', 'organization', 'something new'])(
    'of a %s makes all of its organization forgotten',
    async (type) => {
      const { known } = await startKnowing();
      server.feed.change(type, 'x');
      await expect.poll(known).toEqual([false, false, false]);
    },
  );

  test.each(['user', 'api_user', 'role', 'organization'])(
    'of a %s of another organization makes nothing forgotten but that one',
    async (type) => {
      const { verifier, known } = await startKnowing();
      const other = generateApiToken(newId());
      server.answers.verify = (request) =>
        request.credential === other
          ? { allowed: true, principal: principalOf(idOf(other), ['read:x'], 'o2') }
          : yes(request);
      await verifier.verify(other);
      await expect.poll(() => verifier.verifySync(other)?.allowed).toBe(true);
      server.feed.change(type, 'x', `${type}.changed`, 'o2');
      await expect.poll(() => verifier.verifySync(other)).toBeUndefined();
      expect(known()).toEqual([true, true, true]);
      server.feed.change(type, 'x', `${type}.changed`, null);
      await expect.poll(known).toEqual([false, false, false]);
    },
  );

  test('of a plan makes the organizations that may be on it forgotten, and their budgets asked for anew', async () => {
    const limit = { plan: 'free', limit: 1000, windowMs: 60_000, retryAfterMs: 0 };
    const { verifier, tokens, known } = await startKnowing();
    server.answers.lease = () => ({ ...limit, granted: 100, expiresInMs: 60_000 });
    server.feed.change('organization', 'o1');
    await expect.poll(known).toEqual([false, false, false]);
    for (const token of tokens) await verifier.verify(token);
    // The calls above may have spent of it already.
    await expect.poll(() => verifier.stats().leased).toBeGreaterThan(0);
    const leases = server.count('/v1/leases');

    server.feed.change('plan', 'premium');
    server.feed.change('api_token', 'nobody');
    await expect.poll(() => verifier.stats().cursor).toBe(3);
    expect(known()).toEqual([true, true, true]);
    expect(server.count('/v1/leases')).toBe(leases);

    server.feed.change('plan', 'free');
    await expect.poll(() => verifier.stats().cursor).toBe(4);
    expect(known()).toEqual([false, false, false]);
    await expect.poll(() => server.count('/v1/leases')).toBe(leases + 1);
    for (const token of tokens) await verifier.verify(token);
    await expect.poll(known).toEqual([true, true, true]);
  });

  test('of a signing key makes the keys fetched anew, and a revoked one refused at once, whatever is fetched [S38]', async () => {
    const { signed } = await import('./fake-keyward.ts');
    const verifier = await start();
    const { kid, alg, typ } = server.keys.oauth;
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: server.url, aud: server.url, iat, exp: iat + 60, jti: 'j', src: 'user:u:0' };
    const token = signed(server.keys.oauth, { alg, typ, kid }, claims);
    expect(await verifier.verify(token)).toMatchObject({ allowed: true });
    const before = server.count('/.well-known/jwks.json');
    // The stand-in goes on showing the key, as a cache in between might.
    server.feed.change('signing_key', kid, 'signing_key.revoked');
    await expect.poll(() => server.count('/.well-known/jwks.json')).toBe(before + 1);
    expect(await verifier.verify(token)).toMatchObject({ allowed: false, reason: 'unknown' });
    expect(verifier.verifySync(token)).toMatchObject({ allowed: false, reason: 'unknown' });
  });

  test('of a signing key while the keys are being fetched makes them fetched once more: those may be too old [S38]', async () => {
    const { signed } = await import('./fake-keyward.ts');
    const verifier = await start();
    const { alg, typ } = server.keys.oauth;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const fresh = { ...publicKey.export({ format: 'jwk' }), kid: 'oauth-2', alg, use: 'sig' };
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: server.url, aud: server.url, iat, exp: iat + 60, jti: 'j', src: 'user:u:0' };
    const token = signed({ privateKey }, { alg, typ, kid: fresh.kid }, claims);
    const held: { url: string; release(): void }[] = [];
    server.answers.instead = ({ url }, response) => {
      if (!url.startsWith('/.well-known/')) return false;
      // What was true when it was asked.
      const keys = server.feed.head < 2 ? [] : [fresh];
      held.push({ url, release: () => answerJson(response, 200, { keys }) });
      return true;
    };
    server.feed.change('signing_key', server.keys.oauth.kid, 'signing_key.revoked');
    await expect.poll(() => held.length).toBe(1);
    server.feed.change('signing_key', fresh.kid, 'signing_key.created');
    await expect.poll(() => verifier.stats().cursor).toBe(2);
    held[0]?.release();
    await expect.poll(() => held.length).toBe(2);
    const verdict = verifier.verify(token);
    held[1]?.release();
    expect(await verdict).toMatchObject({ allowed: true });
    expect(held.map(({ url }) => new URL(url, server.url).search)).toEqual(['?cursor=1', '?cursor=2']);
  });

  test('is acknowledged once it is applied, the last of many with one word', async () => {
    const { verifier, known } = await startKnowing({ name: 'verifier-7' });
    expect(server.feed.acknowledged).toEqual([0]);
    for (let n = 0; n < 50; n += 1) server.feed.change('user', 'x');
    await expect.poll(() => server.feed.acknowledged.at(-1)).toBe(50);
    expect(known()).toEqual([false, false, false]);
    expect(server.feed.acknowledged.length).toBeLessThan(20);
    expect(verifier.stats().cursor).toBe(50);
    const said = server.calls.find(({ url }) => url === '/v1/feed/acknowledgements');
    expect(JSON.parse(said?.body ?? '')).toEqual({ verifier: 'verifier-7', cursor: 0 });
    expect(server.calls.find(({ url }) => url.startsWith('/v1/feed?'))?.url).toContain('verifier=verifier-7');
  });
});

describe('after the connection broke', () => {
  test('it goes on from its cursor: what changed meanwhile is forgotten, the rest is still known', async () => {
    const { tokens, known } = await startKnowing();
    server.feed.change('user', 'somebody');
    await expect.poll(known).toEqual([false, false, false]);
    for (const token of tokens) await verifiers[0]?.verify(token);
    server.feed.shut();
    server.feed.change('api_token', idOf(tokens[0]));
    server.feed.open();
    await expect.poll(known).toEqual([false, true, true]);
    expect(server.feed.askedFor).toEqual([null, '1']);
  });

  test('all is forgotten if Keyward no longer knows the cursor', async () => {
    const { verifier, known } = await startKnowing();
    for (let n = 0; n < 5; n += 1) server.feed.change('plan', 'free');
    await expect.poll(() => verifier.stats().cursor).toBe(5);
    for (const token of [generateApiToken(newId())]) await verifier.verify(token);
    server.feed.shut();
    server.feed.head = 2;
    server.feed.open();
    await expect.poll(() => verifier.stats().cursor).toBe(2);
    expect(known()).toEqual([false, false, false]);
    expect(server.feed.askedFor.at(-1)).toBe('5');
  });

  test('all is forgotten if it begins elsewhere than was asked for, whatever it says of that', async () => {
    const { verifier, known } = await startKnowing();
    server.answers.instead = (call, response) => {
      if (!call.url.startsWith('/v1/feed?')) return false;
      const hello = { cursor: 9, reset: false, heartbeatMs };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
      return true;
    };
    server.feed.shut();
    await expect.poll(() => verifier.stats().cursor).toBe(9);
    expect(known()).toEqual([false, false, false]);
    expect(verifier.stats().known).toBe(0);
  });

  test('it is not trusted before it has told all that was missed', async () => {
    await server.close();
    server = await startFakeKeyward(heartbeatMs);
    const { verifier, tokens } = await startKnowing({ onFeedLost: 'deny' });
    server.feed.beats = false;
    server.feed.shut();
    await expect.poll(() => verifier.stats().feed).toBe('late');
    server.feed.open();
    await expect.poll(() => server.feed.askedFor.length).toBe(2);
    await expect.poll(() => verifier.stats().feed).toBe('late');
    expect(verifier.verifySync(tokens[0])).toBeUndefined();
    server.feed.beats = true;
    await expect.poll(() => verifier.verifySync(tokens[0])?.allowed).toBe(true);
  });
});

describe.each([
  ['the connection breaks', () => server.feed.shut()],
  [
    'the heartbeat stops, without a word',
    () => {
      server.feed.beats = false;
    },
  ],
])('while the feed is not heard (%s)', (_how, lose) => {
  const lateMs = 2 * heartbeatMs;
  beforeEach(async () => {
    await server.close();
    server = await startFakeKeyward(heartbeatMs);
  });

  test('each call is asked about, by default, and goes on as before when it is heard again', async () => {
    const { verifier, tokens, known } = await startKnowing();
    lose();
    await expect.poll(() => verifier.stats().feed).toBe('late');
    expect(known()).toEqual([false, false, false]);
    const before = asked();
    for (let n = 0; n < 3; n += 1)
      expect(await verifier.verify(tokens[0], { cost: 2 })).toMatchObject({ allowed: true });
    expect(asked() - before).toBe(3);
    const last = server.calls.findLast(({ url }) => url === '/v1/verify');
    expect(JSON.parse(last?.body ?? '')).toMatchObject({ credential: tokens[0], cost: 2 });
    server.answers.verify = () => ({ allowed: false, reason: 'revoked' });
    expect(await verifier.verify(tokens[0])).toMatchObject({ allowed: false, reason: 'revoked' });
    server.feed.beats = true;
    server.feed.open();
    await expect.poll(() => known()[1]).toBe(true);
  });

  test('nothing is let in, where that is wanted', async () => {
    const { verifier, tokens } = await startKnowing({ onFeedLost: 'deny' });
    lose();
    await expect.poll(() => verifier.stats().feed).toBe('late');
    const before = asked();
    await expect(verifier.verify(tokens[0])).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked()).toBe(before);
  });

  test('what is known goes on for so long, where that is wanted, and is asked about then', async () => {
    await watchMachine();
    const { verifier, known } = await startKnowing({ onFeedLost: { allowForMs: 400 } });
    const lostAt = performance.now();
    lose();
    let lastAllowedAt = lostAt;
    while (performance.now() - lostAt < lateMs + 700) {
      const calledAt = performance.now();
      if (known()[0]) lastAllowedAt = calledAt;
      await pause(5);
    }
    expect(verifier.stats().feed).toBe('late');
    expect(lastAllowedAt - lostAt).toBeGreaterThan(400);
    // What was said before the feed was lost is heard when this thread has its turn.
    expect(machineMs(lostAt, lastAllowedAt)).toBeLessThanOrEqual(lateMs + 400);
  });
});

test('a verifier that has never heard the feed trusts nothing that it remembers', async () => {
  server.feed.shut();
  const credential = { apiToken: 'kw_mine' };
  const verifier = createVerifier({ url: server.url, credential, exchange: 'none', onFeedLost: { allowForMs: 1e9 } });
  verifiers.push(verifier);
  const token = generateApiToken(newId());
  for (let n = 1; n <= 3; n += 1) {
    expect(await verifier.verify(token)).toMatchObject({ allowed: true });
    expect(asked()).toBe(n);
  }
  expect(() =>
    createVerifier({ url: server.url, credential, onFeedLost: { allowForMs: Number.POSITIVE_INFINITY } }),
  ).toThrow(TypeError);
});
