// Leased budgets: spent to the last unit and never beyond, given back once at most, renewed in time, and asked for no
// oftener than is needed.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { KeywardError } from '../../errors.ts';
import type { Lease, LeaseRequest } from '../../wire/leases.ts';
import { closeOpened, gone, granted, limitsFor, limitsOf, none, opened } from './limits.test-support.ts';
import { createLimits } from './limits.ts';

afterEach(closeOpened);

test('a call that waits for a lease is looked at again where the budget is dropped meanwhile', async () => {
  const { limits, spend } = limitsFor(() => granted(10), 1);
  const book = limits.bookOf('acme');
  spend();
  const coming = limits.coming(book);
  expect(coming).toBeInstanceOf(Promise);
  limits.bookOf('other');
  expect(book.isGone).toBe(true);
  const waited = vi.fn();
  coming?.then(waited);
  await vi.advanceTimersByTimeAsync(1000);
  expect(waited).toHaveBeenCalled();
});

describe('a lease', () => {
  test('is spent to the last unit, and until it is there each call is Keyward’s', async () => {
    const { limits, requests, spend, spendAll } = limitsOf(granted(10));
    expect(spend()).toBe('ask');
    await vi.advanceTimersByTimeAsync(10);
    expect(spend()).toEqual({
      plan: 'free',
      limit: 1000,
      windowMs: 60_000,
      remaining: 9,
      resetMs: 2992,
      retryAfterMs: 0,
    });
    expect(limits.leased(performance.now())).toBe(9);
    expect(spendAll()).toBe(9);
    expect(spend()).toBe('ask');
    expect(requests).toMatchObject([{ verifier: 'v1', leases: [{ organization: 'acme', wanted: 100 }] }]);
  });

  test('is renewed when a quarter is left of its calls, which are spent meanwhile and before the new ones', async () => {
    const { spend, settle, wanted } = limitsOf(granted(100), granted(50));
    spend();
    await vi.advanceTimersByTimeAsync(100);
    for (let n = 0; n < 75; n += 1) spend();
    await vi.advanceTimersByTimeAsync(100);
    expect(wanted()).toHaveLength(1);
    for (let n = 0; n < 5; n += 1) spend();
    await vi.advanceTimersByTimeAsync(100);
    expect(wanted().slice(1)).toEqual([{ organization: 'acme', wanted: expect.any(Number), kept: 20 }]);
    for (let n = 0; n < 20; n += 1) expect(spend()).toMatchObject({ remaining: 70 - n - 1 });
    expect(spend()).toMatchObject({ remaining: 49 });
    await settle();
    expect(wanted()).toHaveLength(2);
  });

  test('is renewed when a quarter is left of its time, and what was left of it lapses at its own end', async () => {
    const { spend, wanted, limits } = limitsOf(granted(100), granted(50));
    spend();
    await vi.advanceTimersByTimeAsync(2500);
    spend();
    await vi.advanceTimersByTimeAsync(100);
    expect(wanted()[1]).toMatchObject({ kept: 99 });
    expect(limits.leased(performance.now())).toBe(149);
    await vi.advanceTimersByTimeAsync(500);
    expect(limits.leased(performance.now())).toBe(50);
    expect(spend()).toMatchObject({ remaining: 49 });
  });

  test('goes on while no more is granted, and what is left of it goes back', async () => {
    const { spend, spendAll, wanted } = limitsOf(granted(100), { retryAfterMs: 40_000 });
    spend();
    await vi.advanceTimersByTimeAsync(100);
    for (let n = 0; n < 90; n += 1) spend();
    await vi.advanceTimersByTimeAsync(100);
    expect(wanted()[1]).toMatchObject({ kept: 10 });
    expect(spend(4)).toMatchObject({ remaining: 6 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(wanted()[2]).toMatchObject({ returned: 6 });
    expect(spendAll()).toBe(0);
  });

  test('is over at its end; what was left goes back, and what is in use is replaced', async () => {
    const { limits, requests, spend, wanted } = limitsOf(granted(100), granted(20), {});
    spend();
    await vi.advanceTimersByTimeAsync(100);
    for (let n = 0; n < 4; n += 1) spend();
    await vi.advanceTimersByTimeAsync(3000);
    expect(wanted().at(-1)).toEqual({ organization: 'acme', wanted: 10, returned: 96 });
    expect(limits.leased(performance.now())).toBe(20);
    await vi.advanceTimersByTimeAsync(3000);
    expect(wanted().at(-1)).toEqual({ organization: 'acme', wanted: 0, returned: 20 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(3);
  });

  test('is not spent after its end, even if this process was too busy to notice it', async () => {
    let now = 0;
    const ask = async () => ({ leases: [{ organization: 'acme', ...none, ...granted(10) }] });
    const limits = createLimits('v1', ask, 10, () => now);
    opened.push(limits);
    const book = limits.bookOf('acme');
    limits.spend(book, 1, now);
    await expect.poll(() => limits.leased(now)).toBe(10);
    now = 2996;
    expect(limits.spend(book, 1, now)).toMatchObject({ remaining: 9 });
    now = 2998;
    expect(limits.spend(book, 1, now)).toBe('ask');
    expect(limits.leased(now)).toBe(0);
  });

  test('that was given back with a request that failed is not given back again', async () => {
    const { spend, wanted, settle } = limitsOf(granted(10), gone(), granted(10));
    spend();
    await vi.advanceTimersByTimeAsync(3100);
    expect(wanted().at(-1)).toMatchObject({ returned: 10 });
    await settle();
    spend();
    await settle();
    expect(wanted()).toHaveLength(3);
    expect(wanted().at(-1)).not.toHaveProperty('returned');
  });

  test('goes back when all is closed', async () => {
    const { limits, spend, settle, wanted } = limitsOf(granted(10));
    spend();
    await settle();
    spend(3);
    await limits.close();
    expect(wanted().at(-1)).toEqual({ organization: 'acme', wanted: 0, returned: 7 });
  });

  test('that costs less than a call is Keyward’s to count', async () => {
    const { spend, settle } = limitsOf(granted(10));
    spend();
    await settle();
    expect(spend(11)).toBe('ask');
    expect(spend(10)).toMatchObject({ remaining: 0 });
  });
});

describe('of Keyward', () => {
  test('a lease is asked for once, however many calls come meanwhile', async () => {
    const { spend, requests, settle } = limitsOf(granted(10));
    for (let n = 0; n < 100; n += 1) expect(spend()).toBe('ask');
    await settle();
    expect(requests).toHaveLength(1);
  });

  test('nothing is asked for a second after it did not answer', async () => {
    const { spend, requests } = limitsOf(gone(), granted(1));
    spend();
    await vi.advanceTimersByTimeAsync(10);
    for (let n = 0; n < 9; n += 1) {
      expect(spend()).toBe('ask');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    spend();
    await vi.advanceTimersByTimeAsync(10);
    expect(spend()).toMatchObject({ retryAfterMs: 0 });
  });

  test('where it leases nothing, nothing is asked for until it is worth while', async () => {
    const { spend, requests, settle } = limitsOf({ limit: 50, retryAfterMs: 40_000 }, granted(3));
    spend();
    for (let n = 0; n < 20; n += 1) {
      await vi.advanceTimersByTimeAsync(100);
      expect(spend()).toBe('ask');
    }
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1100);
    spend();
    await settle();
    expect(requests).toHaveLength(2);
    expect(spend()).toMatchObject({ remaining: 2 });
  });

  test.each(['forbidden', 'unexpected_answer', 'misconfigured'] as const)(
    'that leases nothing to this verifier (%s) each call is asked',
    async (code) => {
      const { spend, requests, settle } = limitsOf(new KeywardError(code, 'no'));
      spend();
      await settle();
      for (let n = 0; n < 8; n += 1) {
        expect(spend()).toBe('ask');
        await settle();
      }
      expect(requests).toHaveLength(1);
    },
  );

  test('what it says is wrong with one budget keeps nothing from the others', async () => {
    const { spend, settle } = limitsFor(({ organization }) =>
      organization === 'acme' ? granted(10) : { error: { code: 'not_found', detail: 'There is no organization.' } },
    );
    spend();
    spend(1, 'gone');
    await settle();
    expect(spend()).toMatchObject({ remaining: 9 });
    expect(spend(1, 'gone')).toBe('ask');
  });
});

describe('where nothing is limited', () => {
  test('nothing is counted, and after a minute it is looked at again while calls go on', async () => {
    const { spend, requests } = limitsFor(() => ({ plan: null, limit: 0, windowMs: 0 }));
    spend();
    await vi.advanceTimersByTimeAsync(10);
    for (let n = 0; n < 100; n += 1) {
      expect(spend(1_000_000)).toBeNull();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(requests).toHaveLength(3);
  });
});

describe('what Keyward has refused', () => {
  const state = { plan: 'free', limit: 1000, windowMs: 60_000, remaining: 2, resetMs: 900, retryAfterMs: 900 };

  test('is refused without asking until it can pass, and what costs less is not', async () => {
    const { limits, spend } = limitsOf({ retryAfterMs: 60_000 });
    spend();
    await vi.advanceTimersByTimeAsync(10);
    limits.noteRefusal(limits.bookOf('acme'), state, 3, performance.now(), limits.epoch);
    expect(spend(3)).toEqual(state);
    expect(spend(2)).toBe('ask');
    expect(spend(3, 'other')).toBe('ask');
    await vi.advanceTimersByTimeAsync(500);
    expect(spend(4)).toMatchObject({ retryAfterMs: 400, resetMs: 400 });
    await vi.advanceTimersByTimeAsync(400);
    expect(spend(3)).toBe('ask');
  });

  test('by a limit that is not the one of the leases is refused to nobody else', async () => {
    const { limits, spend, settle } = limitsOf({ retryAfterMs: 60_000 });
    spend();
    await settle();
    limits.noteRefusal(limits.bookOf('acme'), { ...state, limit: 7 }, 1, performance.now(), limits.epoch);
    expect(spend()).toBe('ask');
  });

  test('by a plan that has changed meanwhile is not refused by the new one', async () => {
    const { limits, spend, settle } = limitsOf({ retryAfterMs: 60_000 }, granted(10));
    spend();
    await settle();
    const { epoch } = limits;
    // The answer is on its way when the feed tells of the change.
    limits.restart('acme');
    limits.noteRefusal(limits.bookOf('acme'), state, 1, performance.now(), epoch);
    expect(spend()).toBe('ask');
    await settle();
    expect(spend()).toMatchObject({ retryAfterMs: 0, remaining: 9 });
  });
});

describe('another plan', () => {
  test('begins with another lease, and an answer about the old one counts no more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const waiting: { request: LeaseRequest; answer(calls: number): void }[] = [];
    const ask = (request: LeaseRequest) =>
      new Promise<{ leases: Lease[] }>((resolve) => {
        const answer = (calls: number) =>
          resolve({ leases: [{ organization: 'acme', ...none, ...granted(calls) } as Lease] });
        waiting.push({ request, answer });
      });
    const limits = createLimits('v1', ask, 10, () => performance.now());
    const spend = (cost = 1) => limits.spend(limits.bookOf('acme'), cost, performance.now());
    const answerNext = async (calls: number) => {
      await vi.advanceTimersByTimeAsync(1000);
      waiting.at(-1)?.answer(calls);
      await vi.advanceTimersByTimeAsync(0);
    };
    spend();
    await answerNext(10);
    spend(4);
    limits.restart('acme');
    expect(spend()).toBe('ask');
    await vi.advanceTimersByTimeAsync(1000);
    expect(waiting).toHaveLength(2);
    limits.restart('acme');
    await answerNext(7);
    expect(spend()).toBe('ask');
    await answerNext(4);
    expect(waiting.map(({ request }) => request.leases[0]?.returned)).toEqual([undefined, 6, 7]);
    expect(spend()).toMatchObject({ remaining: 3 });
    const closing = limits.close();
    await answerNext(0);
    await closing;
  });

  test('ends the leases of the organizations on it, and of no other', async () => {
    const { limits, spend, settle } = limitsFor(({ organization }) =>
      granted(10, { plan: organization === 'acme' ? 'free' : 'premium' }),
    );
    spend();
    spend(1, 'other');
    await settle();
    expect([limits.mayHave('acme', 'free'), limits.mayHave('other', 'free'), limits.mayHave('new', 'free')]).toEqual([
      true,
      false,
      true,
    ]);
    limits.restartPlan('free');
    expect(spend()).toBe('ask');
    expect(spend(1, 'other')).toMatchObject({ remaining: 9 });
    limits.restart('acme');
    expect(spend(1, 'other')).toMatchObject({ remaining: 8 });
    limits.restartAll();
    expect(spend(1, 'other')).toBe('ask');
  });

  test('that a call names is leased and counted by itself', async () => {
    const { spend, settle, wanted } = limitsFor(({ plan = 'free' }) => granted(plan === 'free' ? 10 : 5, { plan }));
    spend();
    spend(1, 'acme', 'exports');
    await settle();
    expect(wanted()).toEqual([
      { organization: 'acme', wanted: 100 },
      { organization: 'acme', plan: 'exports', wanted: 100 },
    ]);
    expect(spend()).toMatchObject({ plan: 'free', remaining: 9 });
    expect(spend(1, 'acme', 'exports')).toMatchObject({ plan: 'exports', remaining: 4 });
  });

  test('for each call is no plan: of more than a hundred nothing is remembered', async () => {
    const { spend, settle, wanted, limits } = limitsFor(() => granted(10));
    for (let n = 0; n < 1000; n += 1) expect(spend(1, 'acme', `plan-${n}`)).toBe('ask');
    await settle();
    expect(wanted()).toHaveLength(100);
    expect(limits.bookOf('acme', 'plan-999')).not.toBe(limits.bookOf('acme', 'plan-999'));
  });
});

describe('while Keyward is away', () => {
  test.each([
    ['local', 3, 'ask'],
    ['deny', 0, 'ask'],
    ['allow', 20, undefined],
  ] as const)('with the policy %s, of what is left %i are let in [S100]', async (whenUnavailable, most, then) => {
    const told = { whenUnavailable };
    const { spend, requests, settle } = limitsOf(granted(8, told), gone(), granted(2, told));
    spend();
    await vi.advanceTimersByTimeAsync(100);
    spend(5);
    await vi.advanceTimersByTimeAsync(2300);
    spend(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(requests).toHaveLength(2);
    let letIn = 0;
    for (let n = 0; n < 20; n += 1) if (typeof spend() === 'object') letIn += 1;
    expect(letIn).toBe(Math.min(most, whenUnavailable === 'local' ? 2 : 20));
    if (then === 'ask') expect(spend()).toBe('ask');
    else expect(spend()).toMatchObject({ unavailable: 'allow', remaining: 0, retryAfterMs: 0 });
    await settle();
    spend();
    await settle();
    expect(spend()).not.toHaveProperty('unavailable');
  });

  test('calls that it counts one by one are let in where the plan says so [S100]', async () => {
    const { limits, spend } = limitsOf({ retryAfterMs: 5000, whenUnavailable: 'allow' });
    spend();
    await vi.advanceTimersByTimeAsync(10);
    expect(spend()).toBe('ask');
    limits.noteFailure(limits.bookOf('acme'), gone());
    expect(spend()).toMatchObject({ unavailable: 'allow', retryAfterMs: 0 });
    expect(spend(1, 'other')).toBe('ask');
    await vi.advanceTimersByTimeAsync(1000);
    expect(spend()).toBe('ask');
    limits.noteFailure(limits.bookOf('acme'), new KeywardError('forbidden', 'not for you'));
    expect(spend()).toBe('ask');
  });

  test('a policy is forgotten with the plan that said it [S100]', async () => {
    const { limits, spend, settle } = limitsOf(granted(3, { whenUnavailable: 'allow' }), gone());
    spend();
    await settle();
    limits.restart('acme');
    spend();
    await vi.advanceTimersByTimeAsync(100);
    expect(spend()).toBe('ask');
  });
});
