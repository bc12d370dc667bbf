// Times on this wire are RFC 3339 texts; core counts milliseconds since the epoch.

import { invalid } from '../../core/errors.ts';

export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms);
}

/** The time that a body's field says; the schema has checked its form. Throws `invalid_request` where there is none. */
export function fromTime(field: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid(field, 'This is not a time such as 2030-01-31T12:00:00Z.');
  return ms;
}

/** The same for a query parameter. */
export function timeInQuery(parameter: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid(['query', parameter], 'This is not a time such as 2030-01-31T12:00:00Z.');
  return ms;
}
