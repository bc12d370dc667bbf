// Conditions on the claims of outside tokens: exact texts, or patterns in which `*` stands for any characters. Nothing is
// normalised or folded, and what is no text meets no condition.

import { invalid } from '../errors.ts';
import type { Conditions } from './records.ts';

/** What every token is held against in any case, so that a condition on it would narrow nothing. */
const registered = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

const mostConditions = 10;
const longestName = 128;
const longestPattern = 512;

/** The name of the first condition that these claims do not meet, or null if they meet all. */
export function unmetCondition(conditions: Conditions, claims: Readonly<Record<string, unknown>>): string | null {
  for (const [name, pattern] of Object.entries(conditions)) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (typeof value !== 'string' || !matches(pattern, value)) return name;
  }
  return null;
}

/** Whether all of `value` is what `pattern` says; in time that grows with their lengths and not with the number of `*`. */
export function matches(pattern: string, value: string): boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return value === pattern;
  const end = value.length - last.length;
  if (end < first.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of middle) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Throws KeywardError `invalid_request` unless the conditions narrow what an issuer signs for everybody. */
export function checkConditions(conditions: Conditions): void {
  const entries = Object.entries(conditions);
  if (entries.length > mostConditions) throw invalid('conditions', `At most ${mostConditions} conditions are taken.`);
  for (const [name, pattern] of entries) {
    const at = ['body', 'conditions', name];
    if (!isPlain(name, longestName))
      throw invalid('conditions', 'The name of a claim has 1 to 128 visible characters.');
    if (registered.has(name)) {
      throw invalid(at, `${name} is checked in any case. Name a claim that tells whose token it is, such as sub.`);
    }
    if (!isPlain(pattern, longestPattern)) {
      throw invalid(at, 'A condition is a text of 1 to 512 characters, none of them invisible.');
    }
  }
  if (entries.every(([, pattern]) => /^\**$/.test(pattern))) {
    throw invalid(
      'conditions',
      'Name a claim and what it must be, such as sub: an issuer may sign tokens for others too, whom nothing else would keep out.',
    );
  }
}

function isPlain(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest && text.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}
