// A clock that never goes back, whatever the machine's does.

import { expect, test } from 'vitest';
import { mostAheadMs, steadyClock } from './steady-clock.ts';

function world(known = 0) {
  let wall = 1_000_000_000_000;
  let elapsed = 0;
  const clock = steadyClock(
    known,
    () => wall,
    () => elapsed,
  );
  return {
    clock,
    pass: (ms: number) => {
      wall += ms;
      elapsed += ms;
    },
    set: (ms: number) => {
      wall += ms;
    },
  };
}

const hour = 3_600_000;

test("is the machine's clock while that goes forward, at whatever pace", () => {
  const { clock, pass, set } = world();
  const start = clock();
  pass(1234);
  expect(clock() - start).toBe(1234);
  set(hour);
  expect(clock() - start).toBe(hour + 1234);
});

test('goes on where a clock is set back, and is at one with it again in twice the time [S106]', () => {
  const { clock, pass, set } = world();
  const start = clock();
  set(-hour);
  let before = clock();
  expect(before).toBe(start);
  for (let minute = 0; minute < 121; minute += 1) {
    pass(60_000);
    expect(clock()).toBeGreaterThan(before);
    before = clock();
  }
  expect(before - start).toBe(61 * 60_000);
  // Asked often, it goes no slower.
  set(-hour);
  const again = clock();
  for (let ms = 0; ms < 1000; ms += 1) {
    pass(1);
    clock();
  }
  expect(clock() - again).toBe(500);
});

test('goes on from the latest time that was known before the start, within a day [S106]', () => {
  const now = 1_000_000_000_000;
  expect(world(now + hour).clock()).toBe(now + hour);
  expect(world(now + mostAheadMs).clock()).toBe(now + mostAheadMs);
  expect(world(now + mostAheadMs + 1).clock()).toBe(now);
  expect(world(now - hour).clock()).toBe(now);
});
