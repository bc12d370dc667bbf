// Guessing at passwords over several nodes, which share their failures and nothing else.

import { createLedger, grantTogether, type Ledger } from '@keyward/rules/ledger';
import { expect, test } from 'vitest';
import { KeywardError } from '../errors.ts';
import { type SharedFailures, sharedSignIns } from './shared-sign-ins.ts';
import { createSignInLimiter } from './sign-in-limiter.ts';

/** Nodes over ledgers in memory, with one clock. */
function nodes(count: number, perMinute = 10) {
  let now = 1000;
  let isDown = false;
  let evaluated = 0;
  const waits: number[] = [];
  const ledgers = new Map<string, Ledger>();
  const failures: SharedFailures = {
    grantAll: async (questions) => {
      if (isDown) throw new KeywardError('unavailable', 'The database cannot be used right now.');
      const asked = questions.map(({ key, rule, request }) => {
        const ledger = ledgers.get(key) ?? createLedger(rule);
        ledgers.set(key, ledger);
        return { ledger, rule, request };
      });
      return grantTogether(asked, now);
    },
  };
  const limiters = Array.from({ length: count }, (_, at) =>
    sharedSignIns({
      local: createSignInLimiter(() => now, perMinute),
      failures,
      node: `node-${at}`,
      perMinute,
      kind: 'password',
    }),
  );
  const attempt = async (at: number, name: string, address: string, right = false): Promise<boolean> => {
    const run = async () => {
      evaluated += 1;
      return right;
    };
    try {
      return (await limiters[at % count]?.attempt(name, address, run, (outcome) => !outcome)) ?? false;
    } catch (error) {
      if (!(error instanceof KeywardError) || error.code !== 'too_many_requests') throw error;
      waits.push(error.detail.retryAfterMs ?? Number.NaN);
      return false;
    }
  };
  const code = async (at: number, name: string, address: string): Promise<boolean> => {
    const run = async () => {
      evaluated += 1;
      return false;
    };
    return (await limiters[at % count]?.attemptCode(name, address, run).catch(() => false)) ?? false;
  };
  return {
    attempt,
    code,
    pass: (ms: number) => {
      now += ms;
    },
    takeAway: () => {
      isDown = true;
    },
    evaluated: () => evaluated,
    waits,
    keys: () => [...ledgers.keys()],
  };
}

test('100 guesses at once over four nodes are evaluated no more often than on one [S24]', async () => {
  const { attempt, evaluated } = nodes(4);
  await Promise.all(Array.from({ length: 100 }, (_, at) => attempt(at, 'bob', '192.0.2.1')));
  expect(evaluated()).toBe(10);
});

test('one address that tries many names over all nodes is slowed as on one', async () => {
  const { attempt, evaluated } = nodes(4);
  for (let at = 0; at < 200; at += 1) await attempt(at, `user-${at}`, '192.0.2.1');
  expect(evaluated()).toBe(60);
});

test('codes of a second factor have one budget on all nodes', async () => {
  const { code, evaluated } = nodes(3);
  for (let at = 0; at < 300; at += 1) await code(at, 'bob', `192.0.2.${at % 250}`);
  expect(evaluated()).toBe(100);
});

test('guesses from many addresses leave each of them one in a minute, and whoever is known comes in [S25]', async () => {
  const { attempt, evaluated, pass } = nodes(2);
  expect(await attempt(0, 'bob', '198.51.100.7', true)).toBe(true);
  for (let host = 0; host < 12; host += 1) {
    for (let guess = 0; guess < 10; guess += 1) await attempt(guess, 'bob', `192.0.2.${host}`);
  }
  const before = evaluated();
  expect(before).toBeLessThanOrEqual(1 + 100 + 12);
  expect(await attempt(0, 'bob', '198.51.100.7', true)).toBe(true);
  expect(await attempt(1, 'bob', '203.0.113.1', true)).toBe(true);
  expect(await attempt(1, 'bob', '192.0.2.3', true)).toBe(false);
  pass(61_000);
  expect(await attempt(1, 'bob', '192.0.2.3', true)).toBe(true);
});

test('right passwords cost nothing, however many, and a wait is a minute at most', async () => {
  const { attempt, evaluated, waits } = nodes(2);
  for (let at = 0; at < 50; at += 1) expect(await attempt(at, 'ann', '192.0.2.9', true)).toBe(true);
  for (let at = 0; at < 50; at += 1) await attempt(at, 'eve', '192.0.2.8');
  expect(evaluated()).toBe(60);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
});

test('nobody signs in while failures cannot be counted', async () => {
  const { attempt, evaluated, takeAway } = nodes(2);
  takeAway();
  await expect(attempt(0, 'ann', '192.0.2.9', true)).rejects.toMatchObject({ code: 'unavailable' });
  expect(evaluated()).toBe(0);
});

test('no name and no address stands among what is shared', async () => {
  const { attempt, code, keys } = nodes(1);
  await attempt(0, 'bob@acme.example', '192.0.2.1');
  await code(0, 'bob@acme.example', '192.0.2.1');
  expect(keys()).toHaveLength(4);
  expect(keys().join(' ')).not.toMatch(/bob|acme|192/);
});
