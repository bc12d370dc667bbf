// How long what is changed may only be observed first. What then counts, and that it does by itself, is in rules.

import { isObserved, longestObservationMs } from '@keyward/rules/observed/observation';
import { invalid } from '../errors.ts';

/** Until when a change is only observed, as it is asked for; null ends an observation that has begun. */
export type WantedObservation = { until: number } | null;

/** Milliseconds since the epoch. */
export interface ObservedSpan {
  since: number;
  until: number;
}

/** Throws `invalid_request` for an end that has passed, or that is further away than 30 days. */
export function checkedObservation({ until }: { until: number }, now: number): ObservedSpan {
  if (isObserved(until, now)) return { since: now, until };
  const latest = new Date(now + longestObservationMs).toISOString();
  const text =
    until <= now
      ? 'This time has passed already. Leave out observe for what is to count at once.'
      : `What is observed counts after 30 days at the latest. Say a time up to ${latest}.`;
  throw invalid(['body', 'observe', 'until'], text);
}

/** The error of an observation of nothing. */
export function nothingToObserve(fields: string) {
  return invalid('observe', `Say with it what is to be observed: ${fields}.`);
}
