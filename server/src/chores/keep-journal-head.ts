// Keeps the journal's head outside the database, a moment behind it: it is written after the commits that it tells of, and
// once for all that came in a while. How it is kept is not known here.

import type { JournalEntry } from '../core/journal/entry.ts';
import type { JournalHead } from '../core/recovery/records.ts';

/** How far it may lag, beside the time that writing takes. */
export const headLagMs = 200;

export interface HeadKeeper {
  /** Entries that are committed. */
  saw(entries: readonly JournalEntry[]): void;
  /** The journal is another: where it ends is read anew. */
  rewind(): void;
  /** Resolves when what was seen so far is written, or cannot be. */
  flush(): Promise<void>;
}

export interface HeadKeeperOptions {
  head: JournalHead;
  /** Where the journal ends now. */
  read(): Promise<JournalHead>;
  write(head: JournalHead): Promise<void>;
  /** Told of each time that it could not be written; it is tried again with the next entry. */
  failed(error: unknown): void;
}

export function keepJournalHead({ head, read, write, failed }: HeadKeeperOptions): HeadKeeper {
  let wanted = head;
  let written: JournalHead | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const writeWanted = async (): Promise<void> => {
    const next = wanted;
    if (next === written) return;
    try {
      await write(next);
      written = next;
    } catch (error) {
      failed(error);
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(writeWanted);
    return writing;
  };
  const later = (): void => {
    timer ??= setTimeout(flush, headLagMs).unref();
  };

  later();
  return {
    saw(entries) {
      const last = entries.at(-1);
      if (last === undefined || last.seq <= wanted.seq) return;
      wanted = { epoch: wanted.epoch, seq: last.seq, hash: last.hash };
      later();
    },
    rewind() {
      read().then((another) => {
        wanted = another;
        later();
      }, failed);
    },
    flush,
  };
}
