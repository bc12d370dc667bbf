// A clock on the wall that is set, and the time that is told in spite of it.

import { expect, test } from 'vitest';
import { createMonotonicClock } from './monotonic-clock.ts';

const hour = 3_600_000;

test('goes on when the clock on the wall is set back, and follows it when it is set ahead [S106]', () => {
  let [now, set] = [500, 0];
  const clock = createMonotonicClock(now, () => 1_000_000_000 + now + set);
  const begun = clock(now);
  for (const [passed, by, told] of [
    [1000, 0, 1000],
    [1000, -hour, 2000],
    [1000, hour, 3000 + hour],
    [1000, -hour, 4000],
    [hour, 0, 4000 + hour],
  ] as const) {
    now += passed;
    set = by;
    expect(clock(now)).toBe(begun + told);
  }
});

test('looks at the wall once in a millisecond, however often it is asked', () => {
  let [now, set, looks] = [500, 0, 0];
  const clock = createMonotonicClock(now, () => {
    looks += 1;
    return 1_000_000_000 + now + set;
  });
  const begun = clock(now);
  for (let n = 1; n <= 1000; n += 1) {
    now += 0.01;
    set = hour;
    const ahead = clock(now) - begun - n / 100;
    expect(Math.abs(ahead) < 0.001 || Math.abs(ahead - hour) < 0.001).toBe(true);
    if (n >= 101) expect(ahead).toBeGreaterThan(1000);
  }
  expect(looks).toBeLessThanOrEqual(12);
});
