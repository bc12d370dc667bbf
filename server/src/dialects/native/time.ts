// Times on this wire are RFC 3339 texts; core counts milliseconds since the epoch.

import type { ObservedSpan, WantedObservation } from '../../core/caller/observation.ts';
import { invalid } from '../../core/errors.ts';

export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms);
}

/** The time that a body's field says; the schema has checked its form. Throws `invalid_request` where there is none. */
export function fromTime(at: string | readonly (string | number)[], text: string): number {
  return parsed(at, text);
}

/** Until when a change is only observed, as a body says it. */
export function observeIn(observe: { until: string } | null | undefined): { observe?: WantedObservation } {
  if (observe === undefined) return {};
  return { observe: observe && { until: parsed(['body', 'observe', 'until'], observe.until) } };
}

export function spanToWire({ since, until }: ObservedSpan): { since: string; until: string } {
  return { since: toTime(since), until: toTime(until) };
}

/** The same for a query parameter. */
export function timeInQuery(parameter: string, text: string): number {
  return parsed(['query', parameter], text);
}

/** RFC 3339 alone: `Date.parse` takes a date for its first moment, and other texts by guessing. */
function parsed(at: string | readonly (string | number)[], text: string): number {
  const ms = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw invalid(at, 'Use a time such as 2030-01-31T12:00:00Z; a date alone does not say when its day ends.');
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
