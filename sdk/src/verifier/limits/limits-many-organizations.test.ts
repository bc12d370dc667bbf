// The budgets of very many organizations: leased with one request a second for all of them, and bounded in memory.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { closeOpened, granted, limitsFor } from './limits.test-support.ts';

afterEach(closeOpened);

describe('with very many organizations in use', () => {
  const calls = 1_000;

  test('one lease request a second is made for all of them together, and no call waits or lacks a lease for long', async () => {
    const { limits, requests, spend } = limitsFor(() => granted(100, { expiresInMs: 60_000 }));
    let [asked, spent] = [0, 0];
    for (let second = 0; second < 20; second += 1) {
      for (let part = 0; part < 10; part += 1) {
        for (let n = 0; n < calls; n += 1) {
          const state = spend(1, `o${(second * 7919 + part * calls + n) % 10_000}`);
          if (state === 'ask') asked += 1;
          else spent += 1;
        }
        await vi.advanceTimersByTimeAsync(100);
      }
    }
    for (const [at, { at: time }] of requests.entries()) {
      // The first was for the first of them alone.
      if (at > 1) expect(time - (requests[at - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    expect(requests.length).toBeLessThanOrEqual(21);
    expect(Math.max(...requests.map(({ leases }) => leases.length))).toBeLessThanOrEqual(5000);
    // Each of them has waited for its first lease alone.
    expect(asked).toBeLessThan(45_000);
    expect(spent).toBeGreaterThan(150_000);
    expect(limits.leased(performance.now())).toBeGreaterThan(0);
  });

  test('no more are remembered than may be, those that are in use last', async () => {
    const { limits, spend } = limitsFor(() => granted(100), 100);
    const hot = limits.bookOf('hot');
    for (let n = 0; n < 1000; n += 1) {
      spend(1, `o${n}`);
      limits.spend(hot, 1, performance.now());
    }
    expect(limits.bookOf('hot')).toBe(hot);
    expect(hot.isGone).toBe(false);
    const first = limits.bookOf('o999');
    for (let n = 0; n < 1000; n += 1) limits.bookOf(`p${n}`);
    expect(first.isGone).toBe(true);
  });
});
