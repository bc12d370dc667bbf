// What an operator reads of sign-ins that fail: who, from where, and never more than a bounded number of lines.

import { expect, test } from 'vitest';
import type { Bounded } from '../bounded-lines.ts';
import { createSignInLimiter } from './sign-in-limiter.ts';
import { type FailedSignIn, watchedSignIns } from './sign-in-watch.ts';

function watched(perMinute: number) {
  let now = 0;
  const told: Bounded<FailedSignIn>[] = [];
  const limiter = watchedSignIns(
    createSignInLimiter(() => now, perMinute),
    () => now,
    (failure) => told.push(failure),
  );
  const attempt = (name: string | null, isRight: boolean, address = '192.0.2.1') =>
    limiter
      .attempt(
        name,
        address,
        async () => isRight,
        (right) => !right,
      )
      .catch(() => undefined);
  return {
    told,
    attempt,
    later: (ms: number) => {
      now += ms;
    },
  };
}

test('a failure is told with address and e-mail, a success is not, and a refusal is called one [S125]', async () => {
  const { told, attempt } = watched(1);
  await attempt('ada@example.com', true);
  await attempt('eve@example.com', false);
  await attempt('eve@example.com', false);
  expect(told).toEqual([
    { address: '192.0.2.1', email: 'eve@example.com', outcome: 'failed' },
    { address: '192.0.2.1', email: 'eve@example.com', outcome: 'refused' },
  ]);
});

test('what is typed for a name and is no e-mail address is not told, as it may be a password [S124]', async () => {
  const { told, attempt } = watched(10);
  await attempt('correct horse battery', false);
  await attempt(null, false);
  expect(told).toEqual(Array(2).fill({ address: '192.0.2.1', outcome: 'failed' }));
});

test('a flood leaves a bounded number of lines, and the next one says how many are missing [S125]', async () => {
  const { told, attempt, later } = watched(1_000_000);
  for (let guess = 0; guess < 1000; guess += 1) await attempt('ada@example.com', false);
  expect(told).toHaveLength(20);
  later(10_000);
  await attempt('ada@example.com', false);
  expect(told.at(-1)).toMatchObject({ untold: 980 });
});
