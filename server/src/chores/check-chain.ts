// Walks the journal's chain in the background, so slowly that nobody notices.

import { setImmediate as turn } from 'node:timers/promises';
import type { ChainWatch } from '../core/journal/chain-watch.ts';

/** How often it walks on. */
export const chainStepMs = 1000;
/** Entries that are read at once: less than a millisecond or two (SQLite reads, and hashing is done, on this thread). */
const entriesPerStep = 100;
const stepsPerRun = 20;

export async function checkChain(watch: ChainWatch): Promise<void> {
  for (let step = 0; step < stepsPerRun; step += 1) {
    if (await watch.step(entriesPerStep)) return;
    await turn();
  }
}
