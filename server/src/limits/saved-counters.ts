// Keeps the counters of one node over a restart: appended every second, written anew when they stop. What was spent in
// the last second before a kill may be spent again. It counts nothing.

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { MemoryLimits } from './memory.ts';

export interface SavedCounters {
  /** Appends what changed since it last succeeded. To be called every second. */
  append(): Promise<void>;
  /** Writes everything anew. To be called at a normal stop, and now and then so that the file stays small. */
  rewrite(): void;
}

/** Lines appended before the file is written anew. */
const mostAppended = 600;

/** Gives the counters back what the file holds, before their first use. A file that cannot be read counts as empty. */
export function savedCounters(
  limits: Pick<MemoryLimits, 'snapshot' | 'changes' | 'restore'>,
  file: string,
): SavedCounters {
  if (existsSync(file)) limits.restore(readFileSync(file, 'utf8'));
  let appended = 0;
  /** True if the last line may lack its end, because it could not be written. */
  let isTorn = false;

  function rewrite(): void {
    const draft = `${file}.new`;
    writeFileSync(draft, limits.snapshot(), { mode: 0o600 });
    renameSync(draft, file);
    appended = 0;
    isTorn = false;
  }

  rewrite();
  return {
    async append() {
      const lines = limits.changes((text) => {
        const whole = isTorn ? `\n${text}` : text;
        isTorn = true;
        appendFileSync(file, whole, { mode: 0o600 });
        isTorn = false;
      });
      if (lines === '') return;
      appended += 1;
      if (appended >= mostAppended) rewrite();
    },
    rewrite,
  };
}
