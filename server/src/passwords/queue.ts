// Work that is slow on purpose, a bounded part of it at a time: what comes beyond that is refused at once and computes nothing.

import { KeywardError } from '../core/errors.ts';

const retryAfterMs = 1000;

/** Runs at most `concurrency` works at once, first come first served; with `maxWaiting` waiting it refuses at once. */
export function createQueue(
  concurrency: number,
  maxWaiting: number,
  refusal: string,
): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < concurrency) running += 1;
    else if (waiting.length < maxWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new KeywardError('unavailable', refusal, { retryAfterMs });
    try {
      return await work();
    } finally {
      // The place is handed over, not freed, so that no newcomer slips in before the one that waited.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
