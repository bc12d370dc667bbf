// What only memory can show: its bound, and what becomes of counters when the process ends.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitKey } from '../core/checking/limit.ts';
import { admittedOf, aKey, createClock, describeLimitStore } from './conformance.ts';
import { memoryLimits } from './memory.ts';

describeLimitStore('limits in memory', (clock) => memoryLimits({ clock }));

const quota = { limit: 100, windowMs: 60_000 };
const address = (index: number) => limitKey('address', 'anonymous', `address ${index}`);

describe('memory at its bound', () => {
  it('holds no more counters than it may, however many addresses call [S95]', async () => {
    const clock = createClock();
    const limits = memoryLimits({ clock, mostOpenKeys: 500, sharedCounters: 50 });
    for (let index = 0; index < 20_000; index += 1) {
      await limits.spend(address(index), quota, 1);
      clock.move(0.1);
    }
    expect(limits.size()).toBeLessThanOrEqual(550);
    clock.move(120_000);
    for (let index = 0; index < 2000; index += 1) await limits.spend(address(index), quota, 1);
    expect(limits.size()).toBeLessThanOrEqual(550);
  });

  it('does not forget who is being denied [S95]', async () => {
    const limits = memoryLimits({ clock: createClock(), mostOpenKeys: 100, sharedCounters: 10 });
    expect(await admittedOf(limits, address(-1), quota, 200)).toBe(100);
    for (let index = 0; index < 5000; index += 1) await limits.spend(address(index), quota, 1);
    expect(await admittedOf(limits, address(-1), quota, 10)).toBe(0);
    expect(await limits.look(address(-1), quota, 1)).toMatchObject({ admitted: false });
  });

  it('has room again for as many as have left their window', async () => {
    const clock = createClock();
    const limits = memoryLimits({ clock, mostOpenKeys: 10, sharedCounters: 1 });
    for (let index = 0; index < 30; index += 1) await limits.spend(address(index), quota, 1);
    clock.move(70_000);
    for (let index = 100; index < 110; index += 1)
      expect(await admittedOf(limits, address(index), quota, 110)).toBe(100);
    expect(limits.size()).toBe(10);
  });

  it('always has a counter for an organization, which no flood of addresses touches [S95] [S96]', async () => {
    const limits = memoryLimits({ clock: createClock(), mostOpenKeys: 10, sharedCounters: 2 });
    for (let index = 0; index < 1000; index += 1) await limits.spend(address(index), quota, 1);
    for (let index = 0; index < 50; index += 1) expect(await admittedOf(limits, aKey(), quota, 110)).toBe(100);
  });

  it('admits no key more than the limit in any window, whichever keys share a counter and whenever they stop to [S94] [S95]', () => {
    const steps = fc.array(
      fc.record({
        key: fc.nat(11),
        gap: fc.constantFrom(0, 0, 1, 100, 900, 1000, 2500),
        calls: fc.integer({ min: 1, max: 8 }),
      }),
      { minLength: 20, maxLength: 200, size: 'max' },
    );
    let refused = 0;
    fc.assert(
      fc.property(steps, fc.constantFrom(5, 70), (plan, limit) => {
        const clock = createClock();
        const limits = memoryLimits({ clock, mostOpenKeys: 3, sharedCounters: 2 });
        const log: { key: number; at: number }[] = [];
        for (const { key, gap, calls } of plan) {
          clock.move(gap);
          for (let call = 0; call < calls * (limit / 5); call += 1) {
            const answer = limits.spend(address(key), { limit, windowMs: 1000 }, 1);
            if ('then' in answer) throw new Error('Memory answers at once.');
            if (answer.admitted) log.push({ key, at: clock() });
            else refused += 1;
          }
          const within = log.filter((one) => one.key === key && clock() - one.at < 1000);
          expect(within.length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('saved counters', () => {
  it('go on after a restart where they were, overflow and leases included', async () => {
    const clock = createClock();
    const limits = memoryLimits({ clock, mostOpenKeys: 2, sharedCounters: 1 });
    for (let index = 0; index < 4; index += 1) await admittedOf(limits, address(index), quota, 40);
    const [organization, leased] = [aKey(), aKey()];
    await admittedOf(limits, organization, quota, 70);
    const request = { holder: 'h', lease: 'h/1', needed: 60, atLeast: 1, wanted: 0, settled: [] };
    await limits.lease(leased, quota, request);

    clock.move(1000);
    const restarted = memoryLimits({ clock, mostOpenKeys: 2, sharedCounters: 1 });
    expect(restarted.restore(limits.snapshot())).toBe(limits.size());
    for (const key of [address(0), address(1), address(2), address(3), organization, leased]) {
      const [now, before] = [await restarted.look(key, quota, 1), await limits.look(key, quota, 1)];
      // When within a sub-window the last call came is not saved.
      expect(now).toEqual({
        ...before,
        resetMs: expect.toSatisfy((ms: number) => ms >= before.resetMs && ms <= 60_000),
      });
    }
    expect(await admittedOf(restarted, leased, quota, 100)).toBe(40);
    expect(await admittedOf(restarted, organization, quota, 100)).toBe(30);
    expect(await admittedOf(restarted, address(2), quota, 100)).toBe(20);
    expect(await admittedOf(restarted, address(3), quota, 100)).toBe(0);
  });

  it('lose after a kill at most what was spent since the last flush', async () => {
    const clock = createClock();
    const limits = memoryLimits({ clock });
    const [busy, quiet] = [aKey(), aKey()];
    await admittedOf(limits, quiet, quota, 90);
    let file = limits.snapshot();
    for (let second = 0; second < 5; second += 1) {
      await admittedOf(limits, busy, quota, 10);
      file += limits.changes();
      clock.move(1000);
    }
    expect(limits.changes()).toBe('');
    await admittedOf(limits, busy, quota, 7);

    const restarted = memoryLimits({ clock });
    const torn = limits.changes().slice(0, -20);
    expect(restarted.restore(file + torn)).toBe(2);
    expect(await admittedOf(restarted, busy, quota, 200)).toBe(50);
    expect(await admittedOf(restarted, quiet, quota, 200)).toBe(10);
  });

  it('forget what has left the window, and take no time to have passed if the clock has gone back', async () => {
    const clock = createClock();
    const limits = memoryLimits({ clock });
    const key = aKey();
    await admittedOf(limits, key, quota, 100);
    const text = limits.snapshot();
    const back = memoryLimits({ clock: createClock(500) });
    back.restore(text);
    expect(await admittedOf(back, key, quota, 10)).toBe(0);
    clock.move(70_000);
    const later = memoryLimits({ clock });
    expect(later.restore(text)).toBe(0);
    expect(await admittedOf(later, key, quota, 200)).toBe(100);
    expect(limits.snapshot()).toBe('');
  });

  it('are not made of anything else', () => {
    const limits = memoryLimits({ clock: createClock() });
    expect(limits.restore('')).toBe(0);
    expect(limits.restore('\n{}\n[]\n["x"]\n["x",null]\n["x",[]]\n["x",[[]]]\n[1,[100,1000,64,5]]\nnull\n"')).toBe(0);
  });
});
