// Values as the files write them: durations, times, lists whose order says nothing. One form of each, so that what is the
// same compares as the same.

import { Type } from 'typebox';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof units;

/** Such as `30s`, `1h` or `90d`. */
export const Duration = Type.String({
  pattern: '^[1-9][0-9]{0,11}(ms|s|m|h|d)$',
  mend: 'write a number and a unit, such as 500ms, 30s, 5m, 1h or 90d',
  description: 'A number and a unit: ms, s, m, h or d.',
});

/** RFC 3339, or a day, which begins at midnight UTC. */
export const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}([Tt ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?([Zz]|[+-]\\d{2}:\\d{2}))?$',
  mend: 'write a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z',
  description: 'RFC 3339, or a day such as 2027-01-31, which begins at midnight UTC.',
});

/** `text` matches `Duration`. */
export function msOf(text: string): number {
  const [, amount = '0', unit = 'ms'] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  return Number(amount) * units[unit as Unit];
}

/** In the largest unit that it is a whole number of. */
export function durationOf(ms: number): string {
  const [unit, size] = Object.entries(units)
    .toReversed()
    .find(([, one]) => ms % one === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** In the one form of RFC 3339 that the API answers; as it stands where there is no such day. */
export function timeOf(text: string): string {
  const at = new Date(text.replace(/^(.{10}) /, '$1T'));
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** Each once, in one order. */
export function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
