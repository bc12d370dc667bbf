// Counts the calls that something observed would have refused, and writes that down in batches: a check never waits for it.
// What was seen since the last flush is lost with the process if that is killed; a normal stop flushes.

import type { ObservationRecorder, ObservedRefusal } from '../core/checking/observed/recorder.ts';
import type { CountedRefusal } from '../core/checking/ports.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../core/ports.ts';

export interface ObservedRefusals extends ObservationRecorder {
  /** Writes all that was seen before this call. What cannot be written is kept for the next time, and then it rejects. */
  flush(): Promise<void>;
}

/** Beyond it calls go uncounted: of some 300 bytes each. */
const mostWaiting = 20_000;
/** Few enough that nobody notices the pause: SQLite writes on this thread. */
const perWrite = 50;

export function observedRefusals(store: Pick<Store, 'write'>, clock: Clock): ObservedRefusals {
  let waiting = new Map<string, CountedRefusal>();
  let flushing: Promise<void> = Promise.resolve();

  const add = (key: string, more: CountedRefusal): void => {
    const known = waiting.get(key);
    if (known === undefined) {
      if (waiting.size < mostWaiting) waiting.set(key, more);
      return;
    }
    const last = known.lastAt > more.lastAt ? known : more;
    waiting.set(key, { ...last, calls: known.calls + more.calls });
  };

  const write = async (): Promise<void> => {
    const taken = [...waiting].sort(([one], [other]) => (one < other ? -1 : 1));
    waiting = new Map();
    for (let at = 0; at < taken.length; at += perWrite) {
      const some = taken.slice(at, at + perWrite);
      try {
        await store.write(({ observations }) => observations.count(some.map(([, refusal]) => refusal)));
      } catch (error) {
        for (const [key, refusal] of taken.slice(at)) add(key, refusal);
        throw error;
      }
    }
  };

  return {
    saw: ({ call, ...refusal }, calls = 1) =>
      add(keyOf(refusal), { ...refusal, calls, lastAt: clock(), lastCall: call }),
    flush: () => {
      flushing = flushing.catch(() => {}).then(write);
      return flushing;
    },
  };
}

/** As the table has it: two nodes that write in this order never wait for one another. */
function keyOf({ subject, bound, until, organizationId, source, reason }: ObservedRefusal): string {
  return JSON.stringify([subject.type, subject.id, bound, until, organizationId, source.id, reason]);
}
