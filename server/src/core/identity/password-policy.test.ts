// What people's passwords must be.

import { describe, expect, it, test } from 'vitest';
import { KeywardError } from '../errors.ts';
import { checkedPassword, checkedShape } from './password-policy.ts';

const known = ['ann.smith@acme-funds.example', 'acme-funds'];

function isTaken(password: string): boolean {
  try {
    return checkedShape('password', password, known) === password;
  } catch (error) {
    if (error instanceof KeywardError && error.detail.faults?.[0]?.at[1] === 'password') return false;
    throw error;
  }
}

describe('a password', () => {
  it.each([
    'a few words in a row',
    'fifteen letters',
    'kettle-mountain-7',
    'zażółć gęślą jaźń',
    '長い長いパスワードをここに入力する',
    'jvqzkxwpydrnbtm',
    '4839201756382910',
    `${'pale owl '.repeat(3)}under the third bridge`,
    'x7Kq'.repeat(1) + 'mountain kettle blue'.repeat(12),
  ])('is taken as it is, without rules of composition: %s [S19]', (password) => {
    expect(isTaken(password)).toBe(true);
  });

  it('has 15 to 1,024 characters, counted as people see them, of which none is cut off [S19]', () => {
    const words = 'blue kettle on a mountain, ';
    expect(isTaken('fourteen chars')).toBe(false);
    expect(isTaken(words.repeat(40).slice(0, 1024))).toBe(true);
    expect(isTaken(words.repeat(40).slice(0, 1025))).toBe(false);
    // An accent is one character, however it was typed: normalised once.
    expect(isTaken(`${'e\u0301'}l\u00e8ve au lyc\u00e9`.normalize('NFD'))).toBe(false);
    expect(isTaken('\u{1f511}key of mine!!'.padEnd(16, 'z'))).toBe(true);
  });

  it.each([
    'passwordpassword',
    'Password Password!',
    'P@ssw0rd-P@ssw0rd',
    'qwertyuiopasdfghjkl',
    '123456789012345',
    '098765432109876',
    'aaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    'abcdefghijklmnopq',
    'correct horse battery staple',
    'administrator123',
    'keyward-keyward-1',
    'welcome to keyward'.replace(' to ', ''),
    'acme-funds-acme-funds',
    'ann.smith@acme-funds.example',
    'AnnSmithAnnSmith1',
    'letmeinletmein1234',
  ])('is refused where everyone would try it first: %s [S19]', (password) => {
    expect(isTaken(password)).toBe(false);
  });
});

test('a password that is guessed within a hundred million attempts is refused, with what is weak and what to do [S19]', async () => {
  const asked: unknown[] = [];
  const strengthOf = (guesses: number) => ({
    strength: async (...question: unknown[]) => {
      asked.push(question);
      return { guesses, weakness: 'keyboard' as const };
    },
  });
  await expect(checkedPassword(strengthOf(1e8 - 1), 'next', 'a few words in a row', ['Ann'])).rejects.toMatchObject({
    code: 'invalid_request',
    message: /side by side on the keyboard.*Take four or more words/,
    detail: { faults: [{ at: ['body', 'next'] }] },
  });
  expect(await checkedPassword(strengthOf(1e8), 'next', 'a few words in a row', ['Ann'])).toBe('a few words in a row');
  const question = ['a few words in a row', ['Ann', 'keyward']];
  expect(asked).toEqual([question, question]);
});
