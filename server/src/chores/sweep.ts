// Removes the records of access tokens that have ended. Seen ones are forgotten from memory at once by whoever saw
// them; rows go only after a grace, so that a clock that jumps ahead purges nothing that is still good (S106).

import type { Clock, Store } from '../core/ports.ts';

/** How long after its end a record stays. */
export const graceMs = 24 * 3_600_000;
const batch = 1000;

/** Deletes all records past the grace, a batch per transaction; answers how many. */
export async function sweep(store: Pick<Store, 'write'>, clock: Clock): Promise<number> {
  const before = clock() - graceMs;
  let removed = 0;
  for (;;) {
    const gone = await store.write((changes) => changes.issuedTokens.deleteExpired(before, batch));
    removed += gone;
    if (gone < batch) return removed;
  }
}
