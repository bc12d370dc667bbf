// Leased budgets: spent to the last unit and never beyond, given back once at most, and asked for no more than needed.

import { createLedger, grant, type Ledger, spendBeside } from '@keyward/rules/ledger';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KeywardError } from '../errors.ts';
import type { LeaseRequest, LeaseResponse } from '../wire/leases.ts';
import { createLimits, type Limits } from './limits.ts';

const plan = { plan: 'free', limit: 1000, windowMs: 60_000, granted: 0, expiresInMs: 3000, retryAfterMs: 0 };
const opened: Limits[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((limits) => limits.close()));
});

/** Limits with a clock of their own, which are granted what `grants` says, one after the other. */
function limitsOf(...grants: (Partial<LeaseResponse> | Error)[]) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const requests: LeaseRequest[] = [];
  const ask = async (request: LeaseRequest) => {
    requests.push(request);
    const next = grants.shift() ?? {};
    if (next instanceof Error) throw next;
    return { ...plan, ...next };
  };
  const limits = createLimits('v1', ask, () => performance.now());
  opened.push(limits);
  const spend = (cost = 1) => limits.spend(cost, performance.now());
  const spendAll = () => {
    let spent = 0;
    for (let next = spend(); typeof next === 'object' && next?.retryAfterMs === 0; next = spend()) spent += 1;
    return spent;
  };
  return { limits, requests, spend, spendAll };
}

test('what is leased is spent to the last unit, and then asked for again', async () => {
  const { limits, requests, spend, spendAll } = limitsOf({ granted: 10 }, { granted: 5 });
  expect(spend()).toBe('lease');
  await limits.lease(1);
  expect(spend()).toEqual({ ...plan, granted: undefined, expiresInMs: undefined, remaining: 9, resetMs: 2997 });
  expect(spendAll()).toBe(9);
  expect(spend()).toBe('lease');
  await limits.lease(1);
  expect(spendAll()).toBe(5);
  expect(requests).toEqual([
    { verifier: 'v1', wanted: 100 },
    { verifier: 'v1', wanted: expect.any(Number) },
  ]);
});

test('a lease is asked for once, however many calls wait', async () => {
  const { limits, requests } = limitsOf({ granted: 10 });
  await Promise.all(Array.from({ length: 100 }, () => limits.lease(1)));
  expect(requests).toHaveLength(1);
});

test('nothing is spent of a lease whose end has come; what was left goes back, and what is in use is replaced', async () => {
  const { limits, requests, spend } = limitsOf({ granted: 10 }, { granted: 20 }, {});
  await limits.lease(1);
  for (let n = 0; n < 4; n += 1) spend();
  await vi.advanceTimersByTimeAsync(3000);
  expect(requests.at(-1)).toEqual({ verifier: 'v1', wanted: 10, returned: 6 });
  expect(limits.leased(performance.now())).toBe(20);
  await vi.advanceTimersByTimeAsync(3000);
  expect(requests.at(-1)).toEqual({ verifier: 'v1', wanted: 0, returned: 20 });
  expect(spend()).toBe('lease');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(requests).toHaveLength(3);
});

test('nothing is spent after the end, even if this process was too busy to notice it', async () => {
  let now = 0;
  const ask = async () => ({ ...plan, granted: 10 });
  const limits = createLimits('v1', ask, () => now);
  opened.push(limits);
  await limits.lease(1);
  now = 2996;
  expect(limits.spend(1, now)).toMatchObject({ remaining: 9 });
  now = 2998;
  expect(limits.spend(1, now)).toBe('lease');
  expect(limits.leased(now)).toBe(0);
});

test('nothing of a lease is spent from the moment it is given back', async () => {
  const { limits, spend } = limitsOf({ granted: 10 }, { granted: 10 });
  await limits.lease(1);
  spend(7);
  expect(spend(5)).toBe('lease');
  const leasing = limits.lease(5);
  expect(spend()).toBe('lease');
  await leasing;
  expect(spend(10)).toMatchObject({ remaining: 0 });
});

test('what was given back with a request that failed is not given back again', async () => {
  const lost = new KeywardError('unavailable', 'lost');
  const { limits, requests } = limitsOf({ granted: 10 }, lost, { granted: 10 });
  await limits.lease(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(requests.at(-1)).toMatchObject({ returned: 10 });
  await expect(limits.lease(1)).rejects.toBe(lost);
  await vi.advanceTimersByTimeAsync(1000);
  await limits.lease(1);
  expect(requests.at(-1)).not.toHaveProperty('returned');
});

test('Keyward is not asked for a second after it did not answer', async () => {
  const { limits, requests, spend } = limitsOf(new KeywardError('unavailable', 'gone'), { granted: 1 });
  for (let n = 0; n < 10; n += 1) await expect(limits.lease(1)).rejects.toMatchObject({ code: 'unavailable' });
  expect(spend()).toBe('lease');
  expect(requests).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  await limits.lease(1);
  expect(spend()).toMatchObject({ retryAfterMs: 0 });
});

test('where nothing can be leased each call is Keyward’s, until it is worth while to ask again', async () => {
  const { limits, requests, spend } = limitsOf(
    { limit: 50, windowMs: 60_000, granted: 0, retryAfterMs: 40_000 },
    { granted: 3 },
  );
  await limits.lease(1);
  for (let n = 0; n < 10; n += 1) expect(spend()).toBe('ask');
  await vi.advanceTimersByTimeAsync(3000);
  expect(spend()).toBe('lease');
  await limits.lease(1);
  expect(spend()).toMatchObject({ remaining: 2 });
  expect(requests).toHaveLength(2);
});

test('what was refused by a plan that has changed meanwhile is not refused by the new one', async () => {
  const { limits, spend } = limitsOf({ granted: 10 });
  const { epoch } = limits;
  const state = { plan: 'free', limit: 1, windowMs: 60_000, remaining: 0, resetMs: 60_000, retryAfterMs: 60_000 };
  // The answer is on its way when the feed tells of the change.
  limits.restart();
  limits.noteRefusal(state, 1, performance.now(), epoch);
  expect(spend()).toBe('lease');
  await limits.lease(1);
  expect(spend()).toMatchObject({ retryAfterMs: 0 });
});

test('what Keyward has refused is refused without asking until it can pass, and what costs less is not', async () => {
  const { limits, spend } = limitsOf({ granted: 0, retryAfterMs: 60_000 });
  await limits.lease(1);
  const state = { plan: 'free', limit: 50, windowMs: 60_000, remaining: 2, resetMs: 900, retryAfterMs: 900 };
  limits.noteRefusal(state, 3, performance.now(), limits.epoch);
  expect(spend(3)).toEqual(state);
  expect(spend(2)).toBe('ask');
  await vi.advanceTimersByTimeAsync(500);
  expect(spend(4)).toMatchObject({ retryAfterMs: 400, resetMs: 400 });
  await vi.advanceTimersByTimeAsync(400);
  expect(spend(3)).toBe('ask');
});

test('a cost beyond the whole lease is Keyward’s to count', async () => {
  const { limits, spend } = limitsOf({ granted: 10 });
  await limits.lease(1);
  expect(spend(11)).toBe('ask');
  expect(spend(10)).toMatchObject({ remaining: 0 });
});

test('nothing is counted where the plan limits nothing, or where a call costs nothing', async () => {
  const { limits, requests, spend } = limitsOf({ plan: null, limit: 0, windowMs: 0 });
  expect(spend(0)).toBeNull();
  await limits.lease(1);
  expect(spend(1_000_000)).toBeNull();
  expect(requests).toHaveLength(1);
});

test('another plan begins with another lease, and an answer about the old one counts no more', async () => {
  const { limits, requests, spend } = limitsOf({ granted: 10 }, { granted: 7 }, { granted: 4 });
  await limits.lease(1);
  spend(4);
  limits.restart();
  expect(spend()).toBe('lease');
  const leasing = limits.lease(1);
  limits.restart();
  await leasing;
  expect(spend()).toBe('lease');
  await limits.lease(1);
  expect(requests.map(({ returned }) => returned)).toEqual([undefined, 6, 7]);
  expect(spend()).toMatchObject({ remaining: 3 });
});

test.each(['forbidden', 'unexpected_answer'] as const)(
  'without the right to lease (%s) each call is Keyward’s',
  async (code) => {
    const { limits, spend } = limitsOf(new KeywardError(code, 'no'));
    await limits.lease(1);
    expect(spend()).toBe('ask');
  },
);

test('when closed, what is left goes back', async () => {
  const { limits, requests, spend } = limitsOf({ granted: 10 });
  await limits.lease(1);
  spend(3);
  await limits.close();
  expect(requests.at(-1)).toEqual({ verifier: 'v1', wanted: 0, returned: 7 });
  await expect(limits.lease(1)).rejects.toMatchObject({ code: 'closed' });
});

describe('four verifiers over one ledger', () => {
  /** As the server does it: the lease before is settled with the next request, as spent at that moment. */
  function leasesOf(ledger: Ledger, rule: { limit: number; windowMs: number }, delayMs: () => number) {
    const last = new Map<string, { name: string; amount: number }>();
    let named = 0;
    return async ({ verifier, wanted, returned = 0 }: LeaseRequest): Promise<LeaseResponse> => {
      await new Promise((go) => setTimeout(go, delayMs()));
      const before = last.get(verifier);
      named += 1;
      const lease = `${verifier}/${named}`;
      const settled = before ? [{ lease: before.name, spent: [[0, before.amount - returned]] as const }] : [];
      const granted = grant(
        ledger,
        rule,
        { holder: verifier, lease, needed: 0, atLeast: 0, wanted, settled },
        performance.now(),
      );
      last.set(verifier, { name: lease, amount: granted.granted });
      await new Promise((go) => setTimeout(go, delayMs()));
      const { forMs: expiresInMs, retryAfterMs } = granted;
      return { plan: 'free', ...rule, granted: granted.granted, expiresInMs, retryAfterMs };
    };
  }

  test.each([
    ['calls at ten times the limit', 40, 2],
    ['bursts', 400, 60],
  ])('never admit more than the limit in any window: %s [S93]', async (_what, burst, everyMs) => {
    const rule = { limit: 2000, windowMs: 1000 };
    const ledger = createLedger(rule);
    const ask = leasesOf(ledger, rule, () => Math.random() * 4);
    const admitted: number[] = [];
    const until = performance.now() + 3500;
    const run = async (verifier: string) => {
      const limits = createLimits(verifier, ask, () => performance.now());
      opened.push(limits);
      const one = () => {
        const now = performance.now();
        const state = limits.spend(1, now);
        if (state === 'lease') return false;
        if (state === 'ask') {
          const answer = spendBeside(ledger, now, 1, true);
          if (answer.admitted) admitted.push(now);
          else limits.noteRefusal({ plan: 'free', ...answer }, 1, now, limits.epoch);
        } else if (state !== null && state.retryAfterMs === 0) admitted.push(now);
        return true;
      };
      while (performance.now() < until) {
        for (let n = 0; n < burst; n += 1) {
          if (one()) continue;
          await limits.lease(1);
          one();
        }
        await new Promise((go) => setTimeout(go, everyMs * Math.random() * 2));
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(run));
    admitted.sort((a, b) => a - b);
    let most = 0;
    let from = 0;
    for (const [at, time] of admitted.entries()) {
      while ((admitted[from] ?? 0) <= time - rule.windowMs) from += 1;
      most = Math.max(most, at - from + 1);
    }
    expect(most).toBeLessThanOrEqual(rule.limit);
    expect(most).toBeGreaterThan(rule.limit * 0.9);
    expect(admitted.length).toBeGreaterThan(rule.limit * 2.5);
  });
});

test.each([
  [undefined, false],
  ['local', false],
  ['deny', false],
  ['allow', true],
] as const)(
  'with the policy %s, when no lease can be had any more calls are let in uncounted: %s [S100]',
  async (whenUnavailable, isLetIn) => {
    const lost = new KeywardError('unavailable', 'gone');
    const told = whenUnavailable === undefined ? {} : { whenUnavailable };
    const { limits, requests, spend, spendAll } = limitsOf({ granted: 3, ...told }, lost, { granted: 2, ...told });
    await limits.lease(1);
    expect(spendAll()).toBe(3);
    expect(spend()).toBe('lease');
    const leasing = limits.lease(1);
    if (isLetIn) {
      await leasing;
      for (let n = 0; n < 20; n += 1)
        expect(spend()).toMatchObject({ unavailable: 'allow', remaining: 0, retryAfterMs: 0 });
    } else {
      await expect(leasing).rejects.toBe(lost);
      expect(spend()).toBe('lease');
    }
    expect(requests).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(spend()).toBe('lease');
    await limits.lease(1);
    expect(spend()).not.toHaveProperty('unavailable');
  },
);

test('calls that Keyward counts one by one are let in while it does not answer, where the plan says so [S100]', async () => {
  const { limits, spend } = limitsOf({ granted: 0, retryAfterMs: 5000, whenUnavailable: 'allow' });
  await limits.lease(1);
  expect(spend()).toBe('ask');
  limits.noteFailure(new KeywardError('unavailable', 'gone'));
  expect(spend()).toMatchObject({ unavailable: 'allow', retryAfterMs: 0 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(spend()).toBe('ask');
  limits.noteFailure(new KeywardError('forbidden', 'not for you'));
  expect(spend()).toBe('ask');
});

test('a policy is forgotten with the plan that said it [S100]', async () => {
  const lost = new KeywardError('unavailable', 'gone');
  const { limits } = limitsOf({ granted: 3, whenUnavailable: 'allow' }, lost);
  await limits.lease(1);
  limits.restart();
  await expect(limits.lease(1)).rejects.toBe(lost);
});
