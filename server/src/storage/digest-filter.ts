// Knows which digests no API token has: filled from the database in the background, a little at a time, and told by the
// journal of what comes after. Until it knows them all, and while it looks up new ones, it knows of no absence.
//
// The journal names a new token by its id and never shows a part of its secret, so the digest is looked up by that id:
// one way for tokens made here, on another node, by an older version, and for digests that a token gets later.

import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { tokensNamedBy } from '../core/credentials/named-tokens.ts';
import type { DigestReads } from '../core/credentials/ports.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import { createDigestIndex } from './digest-index.ts';

export interface DigestFilter {
  /** True if no token has this digest, as far as the entries go that `apply` was told of. */
  lacks(digest: string): boolean;
  /** To be called with every entry from before `fill` on. One that is told twice does no harm. */
  apply(entries: readonly JournalEntry[]): void;
  /** Reads all digests; resolves when done or closed. A database that fails is asked again. Call it once. */
  fill(): Promise<void>;
  /** Asks the database nothing more; resolves when the question in progress is answered. */
  close(): Promise<void>;
  readonly size: number;
  readonly bytes: number;
}

/** A filter that can begin anew, for when the journal became another. */
export interface RenewableDigestFilter extends Pick<DigestFilter, 'lacks' | 'apply' | 'fill' | 'close'> {
  /** Forgets everything and fills anew. */
  startOver(): void;
}

export interface DigestFilterOptions {
  /** How many are read at once: few enough that nobody notices the pause (SQLite answers on this thread). */
  batch?: number;
  /** How long to wait after a failure. */
  retryMs?: number;
}

const tokensAtOnce = 500;

export function digestFilter(reads: DigestReads, options: DigestFilterOptions = {}): DigestFilter {
  const { batch = 500, retryMs = 1000 } = options;
  const index = createDigestIndex();
  /** Tokens whose digests are still to be looked up. */
  const named = new Set<string>();
  let learning: Promise<void> | null = null;
  let filling: Promise<void> | null = null;
  let isFilled = false;
  const closing = new AbortController();
  const { signal } = closing;

  /** Asks until it is answered; null once closed. */
  const ask = async (read: () => Promise<string[]>): Promise<string[] | null> => {
    while (!signal.aborted) {
      try {
        return await read();
      } catch {
        await pause(retryMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
    return null;
  };

  const learn = async (): Promise<void> => {
    while (named.size > 0 && !signal.aborted) {
      const ids = [...named].slice(0, tokensAtOnce);
      for (const id of ids) named.delete(id);
      for (const digest of (await ask(() => reads.of(ids))) ?? []) index.add(digest);
    }
    learning = null;
  };

  const fill = async (): Promise<void> => {
    for (let after = ''; ; await turn()) {
      const page = await ask(() => reads.page(after, batch));
      if (page === null) return;
      for (const digest of page) index.add(digest);
      const last = page.at(-1);
      if (page.length < batch || last === undefined) break;
      after = last;
    }
    isFilled = true;
  };

  return {
    lacks: (digest) => isFilled && learning === null && !index.mayHold(digest),
    apply: (entries) => {
      for (const entry of entries) for (const id of tokensNamedBy(entry)) named.add(id);
      if (named.size > 0) learning ??= learn();
    },
    fill: () => {
      filling ??= fill();
      return filling;
    },
    close: async () => {
      closing.abort();
      await Promise.all([learning, filling]);
    },
    get size() {
      return index.size;
    },
    get bytes() {
      return index.bytes;
    },
  };
}

export function renewableDigestFilter(reads: DigestReads): RenewableDigestFilter {
  let current = digestFilter(reads);
  return {
    lacks: (digest) => current.lacks(digest),
    apply: (entries) => current.apply(entries),
    fill: () => current.fill(),
    close: () => current.close(),
    startOver() {
      void current.close();
      current = digestFilter(reads);
      void current.fill();
    },
  };
}
