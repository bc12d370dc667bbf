// The head of the journal outside the database: held against the database before a server is built on it, and kept while it runs.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HeadKeeper, keepJournalHead } from '../chores/keep-journal-head.ts';
import type { Config } from '../config/config.ts';
import { boundedLines } from '../core/bounded-lines.ts';
import type { Clock } from '../core/clock.ts';
import { compareHead, headOf } from '../core/recovery/head.ts';
import type { JournalHead, ServerState } from '../core/recovery/records.ts';
import type { Logger } from '../http/log.ts';
import { fileFailure } from '../startup/file-failure.ts';
import { readJournalHead, writeJournalHead } from '../startup/journal-head-file.ts';
import { readRestoring, removeRestoring } from '../startup/restoring-file.ts';
import { StartupError } from '../startup/startup-error.ts';
import type { OpenStore } from '../storage/open.ts';

type Place = Pick<Config, 'data' | 'database' | 'journalHead'>;

/** Where it is kept; null for nowhere. */
export function headFileOf({ data, database, journalHead }: Place): string | null {
  return journalHead ?? (database === null ? join(data, 'journal.head') : null);
}

/**
 * Throws StartupError for a database that a move has emptied of its duty or has not filled yet, and for one that is not the one
 * that was served last. Answers which journal it has.
 */
export async function demandServable(
  config: Place,
  store: Pick<OpenStore, 'journal' | 'serverState'>,
): Promise<ServerState> {
  const state = await store.serverState.read();
  demandNoMove(state);
  const file = headFileOf(config);
  const known = file === null ? null : readJournalHead(file);
  const verdict = await compareHead(store.journal, state, known);
  if (verdict === 'fits' || known === null || file === null) return state;
  // A restore that was killed before it wrote the head of what it made.
  if (known.epoch !== state.epoch && readRestoring(file)?.epoch === state.epoch) return state;
  const head = await store.journal.head();
  const what =
    verdict === 'behind'
      ? `it ends with entry ${head} of the journal, and ${known.seq} were written`
      : `entry ${known.seq} of its journal is not the one that was written`;
  throw new StartupError(
    `This database is not the one that was served last, but an older copy or another: ${what} (${file}). It is not served, since what was ` +
      'revoked in the meantime would work again.',
    'Either put the newer database back, or decide about this one: keyward restore --in-place, with --journal <folder> where ' +
      '"keyward journal ship" has kept the later journal. docs/backups.md says what each does.',
  );
}

/** Keeps the head of a server's journal; null where it is kept nowhere. Throws StartupError where it cannot be. */
export async function openHeadKeeper(
  config: Place,
  store: Pick<OpenStore, 'journal'>,
  state: ServerState,
  monotonic: Clock,
  logger: Pick<Logger, 'error'>,
): Promise<HeadKeeper | null> {
  const file = headFileOf(config);
  if (file === null) return null;
  const tell = boundedLines(monotonic, (error: unknown) =>
    logger.error({ err: error, file }, "the journal's head could not be written: an older database might go unnoticed"),
  );
  const head = await headOf(store.journal, state);
  await keepFirst(file, head);
  removeRestoring(file);
  return keepJournalHead({
    head,
    read: () => headOf(store.journal, state),
    write: (head) => writeJournalHead(file, head),
    failed: tell,
  });
}

/** A head that cannot be written is found out here, and not by the older database that nobody notices. */
export async function keepFirst(file: string, head: JournalHead): Promise<void> {
  try {
    await writeJournalHead(file, head);
  } catch (error) {
    const instead = 'Mend that, or name another file with journalHead (KEYWARD_JOURNAL_HEAD).';
    const isMissing = !existsSync(dirname(file));
    const what = isMissing ? "The folder of the journal's head" : "The journal's head";
    throw fileFailure(error, `${what} ${file} (setting journalHead)`, instead);
  }
}

/** Throws StartupError for a database that is half of another. */
export function demandWhole({ movingSince }: ServerState): void {
  if (movingSince === null) return;
  throw new StartupError(
    'A move into this database was not finished: it holds a part of what it should.',
    'Run the same keyward move again: it begins anew. The database that it moves from is as it was.',
  );
}

function demandNoMove(state: ServerState): void {
  const { movedAt } = state;
  if (movedAt !== null) {
    throw new StartupError(
      `This database was moved elsewhere on ${new Date(movedAt).toISOString()}, and what changed since is there.`,
      'Serve that one; to come back, move it back with keyward move. If it is lost, decide about this one: keyward restore --in-place',
    );
  }
  demandWhole(state);
}
