// Which time the usage page shows, as its address says, and the hours or days in it.

import type { Parameters } from '../../address.ts';

export type Group = 'hour' | 'day';

export interface Range {
  /** The name of the choice. */
  name: string;
  group: Group;
  /** Whether hours can be shown: more would be too many to tell apart. */
  mayChooseHours: boolean;
  /** RFC 3339. */
  from: string;
  until: string;
}

const hour = 3_600_000;
const day = 24 * hour;
const lengths: Record<string, number> = { '24h': day, '7d': 7 * day, '30d': 30 * day, '90d': 90 * day };
const longestByHours = 8 * day;
/** Counts are kept for so long. */
export const keptDays = 90;

export const rangeNames = [...Object.keys(lengths), 'custom'];

/** The range that the address asks for; the last 24 hours unless it says otherwise. `now` in milliseconds. */
export function rangeOf({ range = '', group, from, until }: Parameters, now: number): Range {
  const name = rangeNames.includes(range) ? range : '24h';
  const ends = name === 'custom' ? endOf(until, now) : now;
  const starts = name === 'custom' ? startOf(from, ends) : now - (lengths[name] ?? day);
  const mayChooseHours = ends - starts <= longestByHours;
  const usual: Group = ends - starts <= 2 * day ? 'hour' : 'day';
  const wanted: Group = group === 'hour' || group === 'day' ? group : usual;
  return {
    name,
    group: mayChooseHours ? wanted : 'day',
    mayChooseHours,
    from: new Date(starts).toISOString(),
    until: new Date(ends).toISOString(),
  };
}

/** Every hour or day of the range, also those without a call; RFC 3339, as the server names them. */
export function timesOf({ group, from, until }: Pick<Range, 'group' | 'from' | 'until'>): string[] {
  const step = group === 'hour' ? hour : day;
  const first = Math.floor(Date.parse(from) / step) * step;
  const count = Math.max(0, Math.ceil((Date.parse(until) - first) / step));
  return Array.from({ length: count }, (_, index) => new Date(first + index * step).toISOString());
}

/** `YYYY-MM-DD` in the viewer's zone; the day that follows it begins where it ends. */
export function dateOf(at: string): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function endOf(text: string | undefined, now: number): number {
  const start = text === undefined ? Number.NaN : new Date(`${text}T00:00`).getTime();
  return Number.isNaN(start) ? now : Math.min(now, new Date(`${text}T00:00`).setHours(24));
}

function startOf(text: string | undefined, end: number): number {
  const start = text === undefined ? Number.NaN : new Date(`${text}T00:00`).getTime();
  return Number.isNaN(start) || start >= end ? end - 7 * day : start;
}
