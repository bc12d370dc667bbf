// Tries what must succeed until it does. What is tried, and what waits for it, is not known here.

import { setTimeout as pause } from 'node:timers/promises';

const firstPauseMs = 100;
const longestPauseMs = 1000;

/** Resolves when `attempt` has succeeded; tells `failed` of each failure. Rejects once `until` aborts, with its reason. */
export async function retry(
  attempt: () => Promise<void>,
  until: AbortSignal,
  failed: (error: unknown) => void,
): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      failed(error);
    }
    await pause(pauseMs, undefined, { signal: until, ref: false }).catch(() => {});
    until.throwIfAborted();
  }
}
