// Guessing at passwords: how much of it is let through, and whom it keeps out.

import { expect, test } from 'vitest';
import type { KeywardError } from '../errors.ts';
import { createSignInLimiter } from './sign-in-limiter.ts';

function world(perMinute = 10) {
  let now = 0;
  let evaluated = 0;
  const waits: number[] = [];
  const signInLimiter = createSignInLimiter(() => now, perMinute);
  const attempt = async (name: string, address: string, right = false): Promise<boolean> => {
    try {
      return await signInLimiter.attempt(
        name,
        address,
        async () => {
          evaluated += 1;
          await Promise.resolve();
          return right;
        },
        (outcome) => !outcome,
      );
    } catch (error) {
      waits.push((error as KeywardError).detail.retryAfterMs ?? Number.NaN);
      return false;
    }
  };
  return {
    attempt,
    pass: (ms: number) => {
      now += ms;
    },
    evaluated: () => evaluated,
    /** How long those who were not let try were told to wait. */
    waits: () => waits,
  };
}

test('100 guesses at once are evaluated no more often than the limit [S24]', async () => {
  const { attempt, evaluated } = world();
  await Promise.all(Array.from({ length: 100 }, () => attempt('bob', '192.0.2.1')));
  expect(evaluated()).toBe(10);
});

test('a wait lets the next attempt through: nobody is locked out for ever [S25]', async () => {
  const { attempt, pass } = world();
  for (let guess = 0; guess < 20; guess += 1) await attempt('bob', '192.0.2.1');
  expect(await attempt('bob', '192.0.2.1', true)).toBe(false);
  pass(61_000);
  expect(await attempt('bob', '192.0.2.1', true)).toBe(true);
});

test('guesses from many addresses leave each of them one in a minute, and keep the right password out nowhere [S25]', async () => {
  const { attempt, evaluated, waits, pass } = world();
  expect(await attempt('bob', '198.51.100.7', true)).toBe(true);
  for (let host = 0; host < 30; host += 1) {
    for (let guess = 0; guess < 10; guess += 1) await attempt('bob', `192.0.2.${host}`);
  }
  expect(evaluated()).toBe(1 + 100 + 20);
  for (let guess = 0; guess < 5; guess += 1) expect(await attempt('bob', '198.51.100.7')).toBe(false);
  expect(await attempt('bob', '198.51.100.7', true)).toBe(true);
  expect(await attempt('bob', '203.0.113.1', true)).toBe(true);
  expect(await attempt('bob', '192.0.2.29', true)).toBe(false);
  pass(60_000);
  expect(await attempt('bob', '192.0.2.29', true)).toBe(true);
  expect(Math.max(...waits())).toBeLessThanOrEqual(60_000);
});

test('the addresses of one IPv6 network guess as one [S23] [S24]', async () => {
  const { attempt, evaluated } = world();
  for (let host = 0; host < 30; host += 1) await attempt('bob', `2001:db8:0:7::${host.toString(16)}`);
  expect(evaluated()).toBe(10);
  expect(await attempt('bob', '2001:db8:0:8::1', true)).toBe(true);
});

test('one address that tries many names is slowed, and others are not', async () => {
  const { attempt, evaluated } = world();
  for (let name = 0; name < 200; name += 1) await attempt(`user-${name}`, '192.0.2.1');
  expect(evaluated()).toBe(60);
  expect(await attempt('alice', '198.51.100.7', true)).toBe(true);
});

test('right passwords are never counted', async () => {
  const { attempt } = world();
  for (let time = 0; time < 200; time += 1) expect(await attempt('bob', '192.0.2.1', true)).toBe(true);
});
