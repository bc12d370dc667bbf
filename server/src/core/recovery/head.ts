// The journal head that is kept outside the database, held against what the database says. A head may lag behind: it is
// written after the commit. It never leads, so a database that lacks it is another one, or an older copy of this one.

import { genesisHash } from '../journal/chain.ts';
import type { JournalReads } from '../journal/ports.ts';
import type { JournalHead, ServerState } from './records.ts';

/** How a database stands to a head; `behind`: it ends before that; `other`: it has something else at that place. */
export type HeadVerdict = 'fits' | 'behind' | 'other';

/** Where the database's journal ends. */
export async function headOf(
  journal: Pick<JournalReads, 'latest'>,
  { epoch }: Pick<ServerState, 'epoch'>,
): Promise<JournalHead> {
  const [newest] = await journal.latest(null, 1);
  return { epoch, seq: newest?.seq ?? 0, hash: newest?.hash ?? genesisHash };
}

/** `known`: the head that was kept; null where none was, which fits. */
export async function compareHead(
  journal: Pick<JournalReads, 'after' | 'head'>,
  { epoch }: Pick<ServerState, 'epoch'>,
  known: JournalHead | null,
): Promise<HeadVerdict> {
  if (known === null) return 'fits';
  if (known.epoch !== epoch) return 'other';
  if ((await journal.head()) < known.seq) return 'behind';
  return (await hashAt(journal, known.seq)) === known.hash ? 'fits' : 'other';
}

/** The hash of an entry; null if there is none of this number. */
export async function hashAt(journal: Pick<JournalReads, 'after'>, seq: number): Promise<string | null> {
  if (seq === 0) return genesisHash;
  const [entry] = await journal.after(seq - 1, 1);
  return entry?.seq === seq ? entry.hash : null;
}
