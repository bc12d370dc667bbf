// What a verifier remembers, of whom, and for how long; what it asks, and what it never lets pass.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { machineMs, watchMachine } from '../machine-time.ts';
import { type FakeKeyward, heartbeatMs, principalOf, startFakeKeyward, yes } from './fake-keyward.ts';

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
const newToken = () => generateApiToken(newId());
const idOf = (token: string) => token.slice(3, 25);

describe('a credential that Keyward accepts', () => {
  test('is asked about once, and then known without waiting', async () => {
    const verifier = await start();
    const token = newToken();
    expect(verifier.verifySync(token)).toBeUndefined();
    expect(await verifier.verify(token)).toMatchObject({ allowed: true, principal: { id: idOf(token) }, limit: null });
    for (let n = 0; n < 100; n += 1) expect(verifier.verifySync(token)?.allowed).toBe(true);
    expect(asked()).toBe(1);
    expect(JSON.parse(server.calls.find(({ url }) => url === '/v1/verify')?.body ?? '')).toEqual({
      credential: token,
      cost: 0,
      // Of no time before what the feed has told.
      cursor: 0,
    });
  });

  test('is asked about once by a thousand calls that come at the same time [S103]', async () => {
    const verifier = await start();
    const token = newToken();
    const verdicts = await Promise.all(Array.from({ length: 1000 }, () => verifier.verify(token)));
    expect(verdicts.every(({ allowed }) => allowed)).toBe(true);
    expect(asked()).toBe(1);
  });

  test('cannot be changed by one call for the next [S102]', async () => {
    const verifier = await start();
    const token = newToken();
    const verdict = await verifier.verify(token);
    const { principal } = verdict as unknown as { principal: { id: string; permissions: string[] } };
    expect(() => principal.permissions.push('*:*')).toThrow(TypeError);
    expect(() => Object.assign(principal, { id: 'somebody' })).toThrow(TypeError);
    expect(() => Object.assign(verdict, { principal: null })).toThrow(TypeError);
    expect(verifier.verifySync(token)).toMatchObject({ principal: { id: idOf(token), permissions: ['read:x'] } });
  });

  test('lets its holder do what it holds, and nothing else, by the rule of the server', async () => {
    const verifier = await start();
    const token = newToken();
    server.answers.verify = () => ({
      allowed: true,
      principal: principalOf('a', ['read:funds', 'write:*', 'not a permission']),
    });
    await verifier.verify(token);
    const may = (permissions: string[], match?: 'all' | 'any') =>
      verifier.verifySync(token, { permissions, ...(match && { match }) })?.allowed;
    expect(may([])).toBe(true);
    expect(may(['read:funds', 'write:orders'])).toBe(true);
    expect(may(['read:funds', 'read:orders'])).toBe(false);
    expect(may(['read:funds', 'read:orders'], 'any')).toBe(true);
    expect(may(['delete:a', 'delete:b'], 'any')).toBe(false);
    expect(may(['read:*'])).toBe(false);
    expect(may(['not a permission'])).toBe(false);
    expect(verifier.verifySync(token, { permissions: ['read:orders'] })).toEqual({
      allowed: false,
      reason: 'missing_permission',
      principal: expect.objectContaining({ id: 'a' }),
      limit: null,
      required: ['read:orders'],
      refusal: expect.stringMatching(/^v[0-9a-f]{12}-\d+$/),
    });
    expect(asked()).toBe(1);
  });

  test('ends when it is said to', async () => {
    let now = Date.now();
    const verifier = await start({ clock: () => now });
    const token = newToken();
    const expiresAt = new Date(now + 1000).toISOString();
    server.answers.verify = () => ({ allowed: true, principal: { ...principalOf('a'), expiresAt } });
    expect(await verifier.verify(token)).toMatchObject({ allowed: true });
    now += 999;
    expect(verifier.verifySync(token)?.allowed).toBe(true);
    now += 1;
    expect(verifier.verifySync(token)).toMatchObject({ allowed: false, reason: 'expired' });
  });

  test('counts only from addresses that it was accepted from, if it is bound to some [S15]', async () => {
    const verifier = await start();
    const token = newToken();
    server.answers.verify = (request) =>
      request.address === '10.0.0.1' ? yes(request) : { allowed: false, reason: 'address_not_allowed' };
    expect(await verifier.verify(token, { address: '10.0.0.1' })).toMatchObject({ allowed: true });
    expect(verifier.verifySync(token, { address: '10.0.0.1' })).toMatchObject({ allowed: true });
    expect(verifier.verifySync(token)).toMatchObject({ allowed: false, reason: 'address_not_allowed' });
    const before = asked();
    for (const address of ['10.0.0.2', '10.0.0.2', '10.0.0.2']) {
      expect(await verifier.verify(token, { address })).toMatchObject({
        allowed: false,
        reason: 'address_not_allowed',
      });
    }
    expect(asked() - before).toBe(1);
    expect(verifier.verifySync(token, { address: '10.0.0.1' })).toMatchObject({ allowed: true });
  });

  test('is not refused from where it may be used because it was shown without an address', async () => {
    const verifier = await start();
    const token = newToken();
    server.answers.verify = (request) =>
      request.address === '10.0.0.1' ? yes(request) : { allowed: false, reason: 'address_not_allowed' };
    expect(await verifier.verify(token)).toMatchObject({ allowed: false, reason: 'address_not_allowed' });
    expect(await verifier.verify(token, { address: '10.0.0.1' })).toMatchObject({ allowed: true });
  });

  test('that is bound to no address costs no question for a new one', async () => {
    const verifier = await start();
    const token = newToken();
    await verifier.verify(token, { address: '10.0.0.1' });
    expect(verifier.verifySync(token, { address: '10.0.0.2' })).toMatchObject({ allowed: true });
    expect(verifier.verifySync(token)).toMatchObject({ allowed: true });
    expect(asked()).toBe(1);
  });

  test('is never taken for another, whatever is asked in which order [S104]', async () => {
    const verifier = await start({ capacity: 300 });
    const tokens = Array.from({ length: 1000 }, newToken);
    let wrong = 0;
    const pick = () => tokens[Math.floor(Math.random() * tokens.length)] ?? '';
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let n = 0; n < 250; n += 1) {
          const token = pick();
          const verdict = verifier.verifySync(token) ?? (await verifier.verify(token));
          if (!verdict.allowed || verdict.principal.id !== idOf(token)) wrong += 1;
        }
      }),
    );
    expect(wrong).toBe(0);
    expect(verifier.stats().known).toBeLessThanOrEqual(300);
  });
});

describe('a credential that Keyward refuses', () => {
  test('is remembered for a second at most [S101]', async () => {
    const verifier = await start();
    const token = newToken();
    server.answers.verify = () => ({ allowed: false, reason: 'unknown' });
    for (let n = 0; n < 10; n += 1)
      expect(await verifier.verify(token)).toMatchObject({ allowed: false, reason: 'unknown' });
    expect(asked()).toBe(1);
    delete server.answers.verify;
    await expect.poll(async () => (await verifier.verify(token)).allowed, { interval: 20 }).toBe(true);
  });

  test('counts as soon as the feed says that something has changed [S101]', async () => {
    const verifier = await start();
    const token = newToken();
    server.answers.verify = () => ({ allowed: false, reason: 'inactive' });
    expect(await verifier.verify(token)).toMatchObject({ allowed: false, reason: 'inactive' });
    delete server.answers.verify;
    server.feed.change('api_token', 'whoever', 'api_token.activated');
    await expect.poll(() => verifier.stats().cursor).toBe(1);
    expect(await verifier.verify(token)).toMatchObject({ allowed: true });
  });

  test('pushes out none that it accepts, however many there are [S101]', async () => {
    const verifier = await start({ capacity: 100, timeoutMs: 60_000 });
    const good = Array.from({ length: 50 }, newToken);
    for (const token of good) await verifier.verify(token);
    server.answers.verify = () => ({ allowed: false, reason: 'unknown' });
    await Promise.all(Array.from({ length: 3000 }, () => verifier.verify(newToken())));
    expect(good.filter((token) => verifier.verifySync(token)?.allowed !== true)).toEqual([]);
  });

  test('is not asked about if it cannot be one of ours', async () => {
    const verifier = await start();
    const token = newToken();
    const typo = token.slice(0, -1) + (token.endsWith('a') ? 'b' : 'a');
    for (const noise of [typo, 'kw_', `${token}x`, 'AT1', 'AT1=', 'x', 'eyJ', `${'e'.repeat(20_000)}`, ' ', '\0']) {
      expect(verifier.verifySync(noise), noise.slice(0, 20)).toMatchObject({ allowed: false, reason: 'unknown' });
    }
    for (const nothing of [null, undefined, '']) {
      expect(verifier.verifySync(nothing)).toMatchObject({ allowed: false, reason: 'missing' });
      expect(await verifier.verify(nothing)).toMatchObject({ allowed: false, reason: 'missing' });
    }
    expect(asked()).toBe(0);
  });
});

describe('when Keyward does not answer', () => {
  test('nothing new is let in, nothing is remembered of it, and what is known goes on [S101]', async () => {
    const verifier = await start({ timeoutMs: 2000 });
    const known = newToken();
    const fresh = newToken();
    await verifier.verify(known);
    server.answers.verify = () => Promise.reject(new Error('broken off'));
    await expect(verifier.verify(fresh)).rejects.toMatchObject({ name: 'KeywardError', code: 'unavailable' });
    server.answers.verify = () => new Promise(() => {});
    await expect(verifier.verify(fresh)).rejects.toMatchObject({ name: 'KeywardError', code: 'unavailable' });
    expect(verifier.verifySync(known)?.allowed).toBe(true);
    delete server.answers.verify;
    expect(await verifier.verify(fresh)).toMatchObject({ allowed: true });
  });

  test('a flood that waits for its turn waits no longer than one answer may take [S101]', async () => {
    const timeoutMs = 3000;
    const verifier = await start({ timeoutMs });
    server.answers.verify = () => new Promise(() => {});
    await watchMachine();
    const began = performance.now();
    const verdicts = await Promise.allSettled(Array.from({ length: 500 }, () => verifier.verify(newToken())));
    expect(verdicts.every(({ status }) => status === 'rejected')).toBe(true);
    // One after the other, 64 at a time, they would take eight times as long.
    expect(machineMs(began)).toBeLessThan(4 * timeoutMs);
  });

  test('an answer that is no verdict is no yes', async () => {
    const verifier = await start();
    for (const answer of [{}, { allowed: 'yes' }, { allowed: true }, null, []]) {
      server.answers.verify = () => answer as never;
      await expect(verifier.verify(newToken())).rejects.toMatchObject({ code: 'unexpected_answer' });
    }
  });
});

describe('what was forgotten while an answer was under way', () => {
  test.each([
    ['the credential itself', 'api_token', 'api_token.deactivated'],
    ['its owner', 'user', 'user.deactivated'],
  ])('is not remembered from that answer: %s', async (_what, type, action) => {
    const verifier = await start();
    const token = newToken();
    let answer = () => {};
    const first = new Promise<void>((go) => {
      answer = go;
    });
    server.answers.verify = async (request) => {
      await first;
      return asked() === 1 ? yes(request) : { allowed: false, reason: 'inactive' };
    };
    const verdict = verifier.verify(token);
    await expect.poll(asked).toBe(1);
    server.feed.change(type, type === 'user' ? 'u1' : idOf(token), action);
    await expect.poll(() => verifier.stats().cursor).toBe(1);
    answer();
    expect(await verdict).toMatchObject({ allowed: false, reason: 'inactive' });
    expect(verifier.stats().known).toBe(0);
  });
});

describe('a flood', () => {
  test('of unknown credentials opens 64 connections, and is refused at last, not let in', async () => {
    const verifier = await start({ timeoutMs: 110_000 });
    let [open, most] = [0, 0];
    server.answers.verify = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((go) => setTimeout(go, 1));
      open -= 1;
      return { allowed: false, reason: 'unknown' };
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 5000 }, () => verifier.verify(newToken())));
    expect(most).toBeLessThanOrEqual(64);
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBe(5000 - 64 - 4096);
    expect(outcomes.some((one) => one.status === 'fulfilled' && one.value.allowed)).toBe(false);
  });
});

describe('a verifier', () => {
  test('takes no cost that is no whole number from 0 on', async () => {
    const verifier = await start();
    const token = newToken();
    await verifier.verify(token);
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1' as never]) {
      expect(() => verifier.verifySync(token, { cost })).toThrow(RangeError);
      await expect(verifier.verify(token, { cost })).rejects.toThrow(RangeError);
    }
  });

  test('is ready when the feed is followed, and says so if Keyward refuses it', async () => {
    server.answers.instead = (call, response) => {
      if (!call.url.startsWith('/v1/feed')) return false;
      response.writeHead(403, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ detail: 'This needs the permission follow:feed.' }));
      return true;
    };
    await expect(start()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('follow:feed') });
  });

  test('becomes ready by itself when Keyward comes later', async () => {
    server.feed.shut();
    const starting = start();
    await expect.poll(() => server.count('/v1/feed')).toBeGreaterThan(1);
    server.feed.open();
    expect((await starting).stats().feed).toBe('live');
  });

  test('when closed lets nobody in and asks no more', async () => {
    const verifier = await start();
    const token = newToken();
    await verifier.verify(token);
    await verifier.close();
    const before = server.calls.length;
    expect(verifier.verifySync(token)).toBeUndefined();
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'closed' });
    await expect(verifier.ready()).rejects.toMatchObject({ code: 'closed' });
    await new Promise((go) => setTimeout(go, 2 * heartbeatMs));
    expect(server.calls.length).toBe(before);
  });
});
