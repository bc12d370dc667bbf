// How the text of a flag becomes what the API takes: lists, times, numbers, JSON. Each throws CommandError that names the flag.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { longestObservationMs } from '@keyward/rules/observed/observation';
import { misuse } from '../terminal/command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type Reading = (given: string, flag: string, terminal: Terminal) => unknown;

export const asText: Reading = (given) => given;

/** Separated by commas; empty for none. */
export const asList: Reading = (given) =>
  given
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

export const asNumber: Reading = (given, flag) => {
  if (/^-?\d{1,15}$/.test(given)) return Number(given);
  throw misuse(`${flag} is a whole number, not ${JSON.stringify(given)}.`);
};

/** `none` takes it away. */
export const orNone =
  (reading: Reading): Reading =>
  (given, flag, terminal) =>
    given === 'none' ? null : reading(given, flag, terminal);

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `90d`, `12h`, `30m`, `45s`, `2w`: milliseconds. */
export function durationMs(given: string, flag: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(given) ?? [];
  const each = unitMs[unit];
  if (count === undefined || each === undefined) {
    throw misuse(`${flag} is a time like 30m, 12h or 90d, not ${JSON.stringify(given)}.`);
  }
  return Number(count) * each;
}

/** From now on, as `90d`, or RFC 3339; `never` and `none` for no end. */
export const asEnd: Reading = (given, flag) => (given === 'never' || given === 'none' ? null : timeOf(given, flag, 1));

/** Before now, as `7d`, or RFC 3339. */
export const asSince: Reading = (given, flag) => timeOf(given, flag, -1);

/** For how long, as `14d`, or until when something is only observed. */
export const asObservation: Reading = (given, flag) => {
  const now = Date.now();
  const until = Date.parse(timeOf(given, flag, 1));
  // Of a clock that is a little ahead of the server's, the longest time would be too long.
  const isLongest = until - now <= longestObservationMs && until - now > longestObservationMs - clockSkewMs;
  return { until: new Date(isLongest ? now + longestObservationMs - clockSkewMs : until).toISOString() };
};

const clockSkewMs = 60_000;

/** The end of the year 9999: times have no more digits. */
const lastMoment = Date.UTC(9999, 11, 31);

function timeOf(given: string, flag: string, direction: 1 | -1): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(given);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(given);
  const span = /^\d+[smhdw]$/.test(given) ? Date.now() + direction * durationMs(given, flag) : Number.NaN;
  const at = isDay || isTime ? Date.parse(given) : span;
  if (at >= 0 && at <= lastMoment) return new Date(at).toISOString();
  throw misuse(
    `${flag} is no time: ${JSON.stringify(given)}.`,
    'Write it like 90d, 12h, 2030-01-31 or 2030-01-31T12:00:00Z.',
  );
}

export const asSeconds: Reading = (given, flag) => (given === '0' ? 0 : durationMs(given, flag) / 1000);
export const asMilliseconds: Reading = (given, flag) => durationMs(given, flag);

/** JSON itself, or `@file`. */
export const asJson: Reading = (given, flag, { folder }) => {
  const text = given.startsWith('@') ? readFileSync(resolve(folder, given.slice(1)), 'utf8') : given;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw misuse(`${flag} is no JSON.`, `Write it like ${flag} '{"team":"billing"}' or ${flag} @file.json`);
  }
};

/** `100/1h`, several with commas: calls in a window, as the limits of an API token. */
export const asLimits: Reading = (given, flag) =>
  (asList(given, flag, undefined as never) as string[]).map((one) => {
    const [, limit, window] = /^(\d{1,12})\/(\d+[smhdw]|[smhdw])$/.exec(one) ?? [];
    if (limit === undefined || window === undefined) {
      throw misuse(`${flag} is calls and a window, like 100/1m, not ${JSON.stringify(one)}.`);
    }
    return { limit: Number(limit), windowMs: durationMs(/^\d/.test(window) ? window : `1${window}`, flag) };
  });

/** The same the other way: `100/1h`. */
export function limitText({ limit, windowMs }: { limit: number; windowMs: number }): string {
  const [unit, each] = Object.entries(unitMs).findLast(([, ms]) => windowMs % ms === 0) ?? ['ms', 1];
  return `${limit}/${windowMs / each}${unit}`;
}

const whose = ['organization', 'contributor', 'api_token', 'address'];

/** `500/1h:organization`, several with commas: the limits of a plan; behind another colon the most that contributors multiply to. */
export const asPlanLimits: Reading = (given, flag, terminal) =>
  (asList(given, flag, terminal) as string[]).map((one) => {
    const [calls = '', per = 'organization', cap] = one.split(':');
    if (!whose.includes(per)) throw misuse(`${flag} counts per ${whose.join(', ')}, not per ${JSON.stringify(per)}.`);
    const [limit] = asLimits(calls, flag, terminal) as { limit: number; windowMs: number }[];
    return { ...limit, per, ...(cap !== undefined && { cap: asNumber(cap, flag, terminal) }) };
  });
