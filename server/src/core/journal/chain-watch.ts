// How the journal's chain stands while the server runs: walked from the first entry, a few at a time, then followed, and
// walked anew each day. It begins anew with the process; `keyward journal verify` walks all of it at once.

import { type Caller, demand } from '../caller/caller.ts';
import type { Clock } from '../clock.ts';
import { chainHash, genesisHash } from './chain.ts';
import type { JournalEntry } from './entry.ts';
import type { JournalReads, Reading } from './ports.ts';

export interface ChainState {
  /** Null until all of it was walked once. */
  intact: boolean | null;
  /** Up to this entry it was walked. */
  checkedTo: number;
  /** When that was; null before anything was. */
  checkedAt: number | null;
  problem?: string;
}

export interface ChainWatch {
  state(): ChainState;
  /** Walks on by at most `entries`; true if there was nothing left to walk. Rejects if the journal cannot be read. */
  step(entries: number): Promise<boolean>;
}

/** So often what was found intact is looked at again. */
export const walkAgainMs = 24 * 3_600_000;

export function createChainWatch(journal: Pick<JournalReads, 'after'>, clock: Clock): ChainWatch {
  let state: ChainState = { intact: null, checkedTo: 0, checkedAt: null };
  /** Where this walk stands, which may be far behind what the walk before has reached. */
  let seq = 0;
  let hash = genesisHash;
  let hashBefore = genesisHash;
  let beganAt = clock();
  /** The last entry that any walk has come to. */
  let farthest = { seq: 0, hash: genesisHash };

  const follows = (entry: JournalEntry): boolean => chainHash(hashBefore, entry) === hash;

  const broken = (at: number, problem: string): boolean => {
    state = { intact: false, checkedTo: at - 1, checkedAt: clock(), problem };
    return true;
  };

  return {
    state: () => state,
    async step(entries) {
      if (state.intact === false) return true;
      // The last one that was walked is read again: if it is gone or another, what follows proves nothing.
      const again = seq > 0 ? 1 : 0;
      const found = await journal.after(seq - again, entries + again);
      const rest = found.slice(again);
      if (seq > 0) {
        const [last] = found;
        if (last?.seq !== seq) return broken(seq, `Entry ${seq} is missing: the end was cut off.`);
        if (last.hash !== hash || !follows(last)) return broken(seq, `Entry ${seq} was altered.`);
      }
      for (const entry of rest) {
        if (entry.seq !== seq + 1) return broken(seq + 1, `Entry ${seq + 1} is missing.`);
        hashBefore = hash;
        hash = chainHash(hash, entry);
        if (hash !== entry.hash) return broken(entry.seq, `Entry ${entry.seq} was altered.`);
        seq = entry.seq;
        // Written anew from somewhere on, so that each fits the one before it, but not what was here.
        if (seq === farthest.seq && hash !== farthest.hash) return broken(seq, `Entry ${seq} was altered.`);
      }
      const isDone = rest.length < entries;
      if (isDone && seq < farthest.seq)
        return broken(farthest.seq, `Entry ${farthest.seq} is missing: the end was cut off.`);
      if (seq > farthest.seq) farthest = { seq, hash };
      state = {
        intact: isDone ? true : state.intact,
        checkedTo: farthest.seq,
        checkedAt: clock(),
      };
      if (isDone && clock() - beganAt >= walkAgainMs) {
        [seq, hash, beganAt] = [0, genesisHash, clock()];
      }
      return isDone;
    },
  };
}

/** How the chain stands, and where the journal does. Needs `read:journal`. */
export async function readChain(
  ports: Reading<'journal'> & { chain: Pick<ChainWatch, 'state'> },
  caller: Caller,
): Promise<ChainState & { head: number }> {
  demand(caller, 'read:journal');
  return { ...ports.chain.state(), head: await ports.store.journal.head() };
}
