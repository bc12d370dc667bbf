// What people's passwords must be: long, hard to guess, and none that everyone would try first. No rules of composition, no forced
// change (NIST SP 800-63B-4, section 3.1.1.2). Whether one is right is asked elsewhere.

import { invalid } from '../errors.ts';
import type { ChoosingPassword, PasswordWeakness } from './ports.ts';

/**
 * As `checkedShape`, and not guessed within a hundred million attempts by who tries what is likely first (S19). Throws
 * `invalid_request` naming `field`, with what is weak and what to do.
 */
export async function checkedPassword(
  ports: Pick<ChoosingPassword, 'strength'>,
  field: string,
  password: string,
  known: readonly string[] = [],
): Promise<string> {
  checkedShape(field, password, known);
  const { guesses, weakness } = await ports.strength(password.normalize('NFC'), [...known, 'keyward']);
  if (guesses < fewestGuesses) throw invalid(field, `This password is easy to guess: ${reasons[weakness]} ${advice}`);
  return password;
}

/**
 * 15 to 1,024 characters, in any alphabet, and not on the list of what is guessed first: runs, repetitions, well-known
 * ones, and names that an attacker knows anyway (`known`: the e-mail address, the organization). Answers it as it came.
 */
export function checkedShape(field: string, password: string, known: readonly string[] = []): string {
  const text = password.normalize('NFC');
  const length = [...text].length;
  if (length < 15) throw invalid(field, 'A password has at least 15 characters. A few words in a row do well.');
  if (length > 1024) throw invalid(field, 'A password has at most 1,024 characters.');
  if (isGuessedFirst(text.toLowerCase(), known)) {
    throw invalid(field, 'This password is among the first that anyone would try. A few words of your own do well.');
  }
  return password;
}

const fewestGuesses = 1e8;
const advice = 'Take four or more words that have nothing to do with one another.';
const reasons: Readonly<Record<PasswordWeakness, string>> = {
  repetition: 'it repeats itself.',
  known: 'it contains a name or an address that others know of you.',
  keyboard: 'its characters lie side by side on the keyboard.',
  sequence: 'it follows a well-known order.',
  date: 'it is made of a date or a year.',
  common: 'it is made of passwords that many people use.',
  words: 'it is made of too few common words.',
};

/** What long passwords are commonly made of, whole or one after the other. */
const common = [
  'password',
  'passwort',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'letmein',
  'welcome',
  'changeme',
  'default',
  'keyward',
  'administrator',
  'admin',
  'secret',
  'iloveyou',
  'monkey',
  'dragon',
  'login',
  'master',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwerty',
  'qwertz',
  'azerty',
  'correcthorsebatterystaple',
  'thequickbrownfoxjumpsoverthelazydog',
];
/** Without a name, an e-mail address is its parts too. */
const shortestPart = 3;

/** True if nothing is left of it but digits in order, repetitions and punctuation once everything known is taken out. */
function isGuessedFirst(text: string, known: readonly string[]): boolean {
  const names = known.flatMap((one) => [one.toLowerCase(), ...one.toLowerCase().split(/[^\p{L}\p{N}]+/u)]);
  const parts = [...names.filter((one) => one.length >= shortestPart), ...common];
  const longestFirst = parts.toSorted((one, other) => other.length - one.length);
  let rest = text.replace(/[\s\p{P}\p{S}]/gu, '');
  for (const part of longestFirst) rest = rest.replaceAll(part.replace(/[\s\p{P}\p{S}]/gu, '') || part, '');
  return isPredictable(rest);
}

/** Nothing, one piece over and over, or characters that follow one another. */
function isPredictable(text: string): boolean {
  const characters = [...text];
  if (characters.length <= 4) return true;
  const codes = characters.map((one) => one.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  if (steps.filter((step) => [0, 1, 9].includes(Math.abs(step))).length >= steps.length * 0.9) return true;
  const half = Math.floor(characters.length / 2);
  return Array.from({ length: Math.min(half, 6) }, (_, at) => at + 1).some((unit) =>
    characters.every((one, at) => one === characters[at % unit]),
  );
}
