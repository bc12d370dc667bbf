// The counter against a log of every call ever made, which is asked anew each time and takes no shortcuts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Counter,
  count,
  createCounter,
  effectiveLimit,
  fromSaved,
  idleInMs,
  isIdle,
  type LimitRule,
  look,
  spend,
  toSaved,
  withRule,
} from './limit.ts';

/** All admitted calls; `within` is what the window that ends with `now`, and holds it, has admitted. */
function bruteForceLog() {
  let calls: { time: number; cost: number }[] = [];
  return {
    add: (time: number, cost: number) => calls.push({ time, cost }),
    within: (now: number, windowMs: number) =>
      calls.reduce((sum, { time, cost }) => (now - time < windowMs ? sum + cost : sum), 0),
    forget: (before: number) => {
      calls = calls.filter(({ time }) => time > before);
    },
  };
}

const limits = fc.oneof(fc.constantFrom(1, 2, 50, 63, 64, 65, 66, 100, 5000), fc.integer({ min: 1, max: 300 }));
const windows = fc.oneof(fc.constantFrom(1, 7, 64, 65, 1000, 60_000, 3_600_000), fc.integer({ min: 1, max: 5000 }));
const rules: fc.Arbitrary<LimitRule> = fc.record({ limit: limits, windowMs: windows });
/** Starts at 0, after some days, and at a time of the epoch; binary fractions, so that the log's sums are exact. */
const starts = fc
  .tuple(fc.constantFrom(0, 4e8, 1.79e12), fc.integer({ min: 0, max: 1023 }))
  .map(([t, f]) => t + f / 16);
/** Gaps in windows: none (many calls at once), less than a sub-window, some of them, the edges, idle for long. */
const gaps = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.double({ min: 0, max: 1 / 32, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 66 }).map((parts) => parts / 64) },
  { weight: 2, arbitrary: fc.double({ min: 63 / 64, max: 65 / 64, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(63 / 64, 1, 65 / 64, 1.5, 40) },
);
const shares = fc.oneof(fc.constantFrom(0, 0.1, 1), fc.double({ min: 0, max: 1.1, noNaN: true }));
const steps = fc.array(fc.record({ gap: gaps, share: shares }), { minLength: 1, maxLength: 120, size: 'max' });

const toGrid = (ms: number) => Math.round(ms * 16) / 16;
const costOf = (share: number, limit: number) => Math.max(1, Math.round(share * limit));

describe('a counter', () => {
  it('never admits more than the limit in any half-open window, wherever it starts [S94]', () => {
    let refused = 0;
    fc.assert(
      fc.property(rules, starts, steps, fc.boolean(), (rule, start, plan, onGrid) => {
        const counter = createCounter(rule);
        const log = bruteForceLog();
        let now = start;
        for (const { gap, share } of plan) {
          now += onGrid ? toGrid(gap * rule.windowMs) : gap * rule.windowMs;
          const cost = costOf(share, rule.limit);
          if (spend(counter, now, cost).admitted) log.add(now, cost);
          else refused += 1;
          expect(log.within(now, rule.windowMs)).toBeLessThanOrEqual(rule.limit);
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  it('with a limit of at most 64 admits exactly what a log of every call would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), windows, starts, steps, (limit, windowMs, start, plan) => {
        const counter = createCounter({ limit, windowMs });
        const log = bruteForceLog();
        let now = start;
        for (const { gap, share } of plan) {
          now += toGrid(gap * windowMs);
          const cost = costOf(share, limit);
          const fits = log.within(now, windowMs) + cost <= limit;
          expect(spend(counter, now, cost).admitted).toBe(fits);
          if (fits) log.add(now, cost);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('admits as much as the window and its oldest sub-window leave room for, so that it refuses early by 1/64 at most', () => {
    fc.assert(
      fc.property(rules, starts, steps, (rule, start, plan) => {
        const counter = createCounter(rule);
        const log = bruteForceLog();
        let now = start;
        for (const { gap, share } of plan) {
          now += toGrid(gap * rule.windowMs);
          const cost = costOf(share, rule.limit);
          const { admitted } = spend(counter, now, cost);
          if (!admitted) expect(log.within(now, (rule.windowMs * 65) / 64) + cost).toBeGreaterThan(rule.limit);
          if (admitted) log.add(now, cost);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('never refuses an even load of 98 %, at whatever cost divides the limit', () => {
    const even = fc.record({
      calls: fc.integer({ min: 1, max: 400 }),
      cost: fc.constantFrom(1, 1, 2, 7, 50),
      windowMs: windows,
      start: fc.double({ min: 0, max: 1.79e12, noNaN: true }),
      share: fc.constantFrom(0.5, 0.9, 0.98),
    });
    fc.assert(
      fc.property(even, ({ calls, cost, windowMs, start, share }) => {
        // A clock that ticks in binary fractions; calls at least the gap of 98 % apart.
        const counter = createCounter({ limit: calls * cost, windowMs: windowMs * 1000 });
        const gap = Math.ceil(((windowMs * 1000) / (calls * share)) * 1024) / 1024;
        for (let call = 0; call < calls * 3; call += 1) {
          const { admitted } = spend(counter, Math.round(start) + gap * call, cost);
          if (!admitted) throw new Error(`Call ${call} was refused.`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('admits exactly the limit of many calls at the same time, however long time stands still or seems to go back [S93]', () => {
    fc.assert(
      fc.property(rules, starts, fc.array(fc.double({ min: -1e6, max: 0 }), { maxLength: 20 }), (rule, now, steps) => {
        const counter = createCounter(rule);
        let admitted = 0;
        for (let call = 0; call < rule.limit + 50; call += 1) {
          const time = now + (steps[call % 20] ?? 0);
          if (spend(counter, call === 0 ? now : time, 1).admitted) admitted += 1;
        }
        expect(admitted).toBe(rule.limit);
      }),
      { numRuns: 300 },
    );
  });

  it('names the earliest wait after which a refused call would be admitted, and never promises it before the reset, nor after the window', () => {
    let waited = 0;
    fc.assert(
      fc.property(rules, starts, steps, (rule, start, plan) => {
        const counter = createCounter(rule);
        let now = start;
        for (const { gap, share } of plan) {
          now += toGrid(gap * rule.windowMs);
          const cost = costOf(share, rule.limit);
          const { admitted, retryAfterMs, resetMs } = spend(counter, now, cost);
          if (admitted) {
            expect(retryAfterMs).toBe(0);
            continue;
          }
          waited += 1;
          expect(retryAfterMs).toBeGreaterThanOrEqual(resetMs);
          expect(retryAfterMs).toBeLessThanOrEqual(rule.windowMs);
          if (cost > rule.limit) {
            expect(retryAfterMs).toBe(rule.windowMs);
            continue;
          }
          const later = (wait: number) => look(structuredClone(counter), now + wait, cost).admitted;
          // On the exact grid of 1/64 sub-windows there is no rounding to hide behind.
          expect(later(Math.ceil(retryAfterMs * 64) / 64)).toBe(true);
          expect(later(retryAfterMs - 1 / 32)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
    expect(waited).toBeGreaterThan(1000);
  });

  it('gives nothing back before the reset, and something at it', () => {
    fc.assert(
      fc.property(rules, starts, steps, (rule, start, plan) => {
        const counter = createCounter(rule);
        let now = start;
        for (const { gap, share } of plan) {
          now += toGrid(gap * rule.windowMs);
          const { remaining, resetMs } = spend(counter, now, costOf(share, rule.limit));
          expect(resetMs).toBeGreaterThan(0);
          expect(resetMs).toBeLessThanOrEqual(rule.windowMs);
          const later = (wait: number) => look(structuredClone(counter), now + wait, 0).remaining;
          expect(later(Math.max(0, resetMs - 1 / 32))).toBeLessThanOrEqual(remaining);
          if (remaining < rule.limit) expect(later(Math.ceil(resetMs * 64) / 64)).toBeGreaterThan(remaining);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds the bound of each rule while rules change under it, as far back as the shortest window remembers', () => {
    const changing = fc.array(fc.record({ gap: gaps, share: shares, rule: fc.option(rules, { freq: 6 }) }), {
      size: 'max',
      minLength: 10,
      maxLength: 120,
    });
    fc.assert(
      fc.property(rules, starts, changing, (first, start, plan) => {
        let counter = createCounter(first);
        let rule = first;
        const log = bruteForceLog();
        let now = start;
        for (const { gap, share, rule: next } of plan) {
          now += toGrid(gap * rule.windowMs);
          if (next !== null) {
            log.forget(now - rule.windowMs);
            rule = next;
            counter = withRule(counter, rule);
          }
          const cost = costOf(share, rule.limit);
          if (!spend(counter, now, cost).admitted) continue;
          log.add(now, cost);
          expect(log.within(now, rule.windowMs)).toBeLessThanOrEqual(rule.limit);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is neither emptied nor filled by a change of its limit', () => {
    const counter = createCounter({ limit: 100, windowMs: 1000 });
    for (let call = 0; call < 80; call += 1) spend(counter, 5, 1);
    const narrowed = withRule(counter, { limit: 70, windowMs: 1000 });
    expect(spend(narrowed, 6, 1)).toMatchObject({ admitted: false, remaining: 0 });
    expect(spend(withRule(narrowed, { limit: 90, windowMs: 1000 }), 7, 1)).toMatchObject({ remaining: 9 });
    const logged = withRule(narrowed, { limit: 10, windowMs: 1000 });
    expect(spend(logged, 8, 1)).toMatchObject({ admitted: false, remaining: 0 });
    expect(spend(logged, 1100, 1)).toMatchObject({ admitted: true, remaining: 9 });
  });

  it('with a limit of at most 64 goes on after being saved as if nothing had been', () => {
    const exact = fc.record({ limit: fc.integer({ min: 1, max: 64 }), windowMs: windows });
    fc.assert(
      fc.property(exact, starts, steps, (rule, start, plan) => {
        const kept = createCounter(rule);
        let restored = createCounter(rule);
        let now = start;
        for (const { gap, share } of plan) {
          now += toGrid(gap * rule.windowMs);
          const cost = costOf(share, rule.limit);
          expect(spend(restored, now, cost)).toEqual(spend(kept, now, cost));
          restored = copy(restored, now);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('with a larger limit remembers after being saved all that it counted, each sub-window to its end at most', () => {
    fc.assert(
      fc.property(rules, starts, steps, gaps, (rule, start, plan, gap) => {
        const counter = createCounter(rule);
        let now = start;
        for (const step of plan) {
          now += toGrid(step.gap * rule.windowMs);
          spend(counter, now, costOf(step.share, rule.limit));
        }
        const later = now + toGrid(gap * rule.windowMs);
        const restored = look(copy(counter, now), later, 0);
        const sooner = look(structuredClone(counter), later, 0);
        expect(restored.remaining).toBeLessThanOrEqual(sooner.remaining);
        expect(restored.resetMs).toBeLessThanOrEqual(rule.windowMs);
        const subWindow = rule.windowMs / 64;
        const kept = look(structuredClone(counter), Math.max(now, later - subWindow), 0);
        expect(restored.remaining).toBeGreaterThanOrEqual(Math.min(kept.remaining, sooner.remaining));
      }),
      { numRuns: 500 },
    );
  });

  it('forgets nothing when the clock reads less after a restart than when it was saved [S94]', () => {
    fc.assert(
      fc.property(rules, steps, fc.double({ min: 1, max: 1e9, noNaN: true }), (rule, plan, back) => {
        const log = bruteForceLog();
        let counter = createCounter(rule);
        let now = 2e9;
        let read = now;
        for (const [index, { gap, share }] of plan.entries()) {
          const wait = gap * rule.windowMs;
          now += wait;
          read += wait;
          if (index === plan.length >> 1) {
            read -= back;
            counter = copy(counter, read);
          }
          const cost = costOf(share, rule.limit);
          if (!spend(counter, read, cost).admitted) continue;
          log.add(now, cost);
          expect(log.within(now, rule.windowMs - 1e-3)).toBeLessThanOrEqual(rule.limit);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    null,
    7,
    '[]',
    {},
    [],
    [1],
    [0, 1000, 64, 5],
    [100, 1000, 64],
    [100, 1000, 64, 5, 0],
    [100, 1000, 64, 5, 0, 0],
    [100, 1000, 64, 5, 0, -1],
    [100, 1000, 64, 5, 99, 1],
    [100, 1000, 64, Number.NaN],
    [100, 1000, 64, 5, 0, '1'],
  ])('is not made of %j', (saved) => {
    expect(fromSaved(saved, 5)).toBeNull();
  });

  it('counts what was spent in the past at its own time', () => {
    fc.assert(
      fc.property(rules, starts, steps, fc.array(fc.nat(), { maxLength: 200 }), (rule, start, plan, order) => {
        const [inOrder, shuffled] = [createCounter(rule), createCounter(rule)];
        let now = start;
        const spends = plan.map(({ gap, share }) => {
          now += toGrid(gap * rule.windowMs);
          return { time: now, amount: costOf(share, rule.limit) };
        });
        for (const { time, amount } of spends) count(inOrder, time, amount);
        const mixed = spends.toSorted((a, b) => (order[spends.indexOf(a)] ?? 0) - (order[spends.indexOf(b)] ?? 0));
        for (const { time, amount } of mixed) count(shuffled, time, amount);
        expect(look(shuffled, now, 1)).toEqual(look(inOrder, now, 1));
      }),
      { numRuns: 500 },
    );
  });

  it('looks without spending', () => {
    const counter = createCounter({ limit: 3, windowMs: 1000 });
    for (let call = 0; call < 10; call += 1)
      expect(look(counter, 1, 3)).toMatchObject({ admitted: true, remaining: 3 });
    expect(spend(counter, 1, 3)).toMatchObject({ admitted: true, remaining: 0, resetMs: 1000, retryAfterMs: 0 });
    expect(look(counter, 2, 1)).toMatchObject({ admitted: false, remaining: 0, resetMs: 999, retryAfterMs: 999 });
  });

  it('is idle once nothing counts any more, and says how long that takes', () => {
    for (const limit of [50, 500]) {
      const counter = createCounter({ limit, windowMs: 1000 });
      expect(isIdle(counter, 10)).toBe(true);
      spend(counter, 10, 1);
      const wait = idleInMs(counter, 20);
      expect(isIdle(counter, 20 + wait - 0.01)).toBe(false);
      expect(isIdle(counter, 20 + wait)).toBe(true);
      expect(idleInMs(counter, 5000)).toBe(0);
    }
  });

  it('takes a cost of 0 for a look, and refuses costs and rules that are no whole numbers', () => {
    const counter = createCounter({ limit: 1, windowMs: 1000 });
    expect(spend(counter, 1, 0)).toMatchObject({ admitted: true, remaining: 1 });
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => spend(counter, 1, cost)).toThrow(RangeError);
    }
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      expect(() => createCounter({ limit, windowMs: 1000 })).toThrow(RangeError);
      expect(() => createCounter({ limit: 10, windowMs: limit })).toThrow(RangeError);
    }
  });
});

describe('the limit of a plan', () => {
  it('is multiplied by the contributors up to the cap, and only where the plan counts them', () => {
    const free = { limit: 500, per: 'contributor', cap: 5000 } as const;
    expect([0, 1, 3, 10, 400].map((contributors) => effectiveLimit(free, contributors))).toEqual([
      500, 500, 1500, 5000, 5000,
    ]);
    expect(effectiveLimit({ ...free, cap: null }, 400)).toBe(200_000);
    expect(effectiveLimit({ limit: 50, per: 'organization', cap: 10 }, 400)).toBe(50);
    expect(effectiveLimit({ limit: 100, per: 'address', cap: null }, 400)).toBe(100);
  });
});

function copy(counter: Counter, now = counter.at): Counter {
  const restored = fromSaved(JSON.parse(JSON.stringify(toSaved(counter))), now);
  if (restored === null) throw new Error('A counter that was saved cannot be restored.');
  return restored;
}
