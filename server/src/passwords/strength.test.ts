// What people's passwords are worth, asked of the estimator itself and of the policy that stands on it.

import { performance } from 'node:perf_hooks';
import { beforeAll, expect, it, test } from 'vitest';
import { KeywardError } from '../core/errors.ts';
import { checkedPassword } from '../core/identity/password-policy.ts';
import { generatePassword } from '../core/secret.ts';
import { createPasswordStrength } from './strength.ts';

const strength = createPasswordStrength();
const known = ['zoltan.brandywine@tealfish-funds.example', 'Zoltan Brandywine', 'tealfish-funds'];

// Loading it is what takes long.
beforeAll(() => strength('whatever it is', []), 60_000);

async function refusal(password: string): Promise<string | null> {
  try {
    await checkedPassword({ strength }, 'password', password, known);
    return null;
  } catch (error) {
    if (error instanceof KeywardError && error.code === 'invalid_request') return error.message;
    throw error;
  }
}

it.each([
  ['1q2w3e4r5t6y7u8i', 'many people use'],
  ['qwertyuiopasdfgh', 'many people use'],
  ['Summer2026Summer2026', 'repeats itself'],
  ['Summer2026!Summer2026!', 'repeats itself'],
  ['zaq12wsxcde34rfv', 'many people use'],
  ['1234qwerasdfzxcv', 'many people use'],
])('refuses %s, since it %s [S19]', async (password, reason) => {
  expect(await refusal(password)).toContain(reason);
  expect(await refusal(password)).toContain('Take four or more words');
});

it.each([
  'a few words in a row',
  'blue kettle on a mountain',
  'horse kettle pale mountain',
  'zażółć gęślą jaźń',
  '長い長いパスワードをここに入力する',
  'jvqzkxwpydrnbtm',
  'the owl of the third bridge sleeps until it rains, and nobody in the village has ever asked why',
  `${'pale owl '.repeat(3)}under the third bridge`,
])('takes a long passphrase: %s [S19]', async (password) => {
  expect(await refusal(password)).toBeNull();
});

test('names and addresses that others know count against a password [S19]', async () => {
  const password = 'tealfishzoltan plumb';
  const [secret, open] = [await strength(password, []), await strength(password, known)];
  expect(secret.guesses / open.guesses).toBeGreaterThan(100);
  expect(open.weakness).toBe('known');
});

test('takes what Keyward generates, as for the demo [S19]', async () => {
  for (let one = 0; one < 5; one += 1) expect(await refusal(generatePassword())).toBeNull();
});

test('takes no longer for 1,024 of the worst characters than for 64 [S19]', async () => {
  const worst = ['p@$$w0rd', '4@8({[<3€6&#!|105$7+2%', '1l!|i', '01/02/1999', 'qwerty1', '1'];
  const timed = async (length: number) => {
    const times: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const start = performance.now();
      for (const one of worst) await strength(one.repeat(1024).slice(0, length), known);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  await timed(64);
  const [short, long, longest] = [await timed(16), await timed(64), await timed(1024)];
  expect(longest / long).toBeLessThan(4);
  expect(long / short).toBeLessThan(40);
});

test('is not told where its words cannot be loaded, which ends nothing but the question, and is tried again', async () => {
  let tries = 0;
  const broken = createPasswordStrength(() => {
    tries += 1;
    return Promise.reject(new Error('Cannot find module'));
  });
  for (const tried of [1, 2]) {
    await expect(broken('three quiet herons at noon', [])).rejects.toMatchObject({ code: 'unavailable' });
    expect(tries).toBe(tried);
  }
});
