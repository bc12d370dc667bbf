// What the numbers of a limit may be, of a plan's and of a token's own alike.

import { invalid } from './errors.ts';

/** The most of one plan, or of one token. */
export const mostLimits = 4;

const longestWindowMs = 31 * 24 * 3_600_000;
const mostCalls = 1_000_000_000;

/** The two numbers. Throws `invalid_request` at the field that is wrong; `at` is where the limit stands. */
export function checkedCalls(
  at: readonly (string | number)[],
  { limit, windowMs }: { limit: number; windowMs: number },
): { limit: number; windowMs: number } {
  return {
    limit: checkedCount([...at, 'limit'], limit),
    windowMs: checkedInteger([...at, 'windowMs'], windowMs, 1000, longestWindowMs),
  };
}

/** A number of calls. */
export function checkedCount(at: readonly (string | number)[], value: number): number {
  return checkedInteger(at, value, 1, mostCalls);
}

function checkedInteger(at: readonly (string | number)[], value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalid(at, `Use a whole number from ${least} to ${most}.`);
}
