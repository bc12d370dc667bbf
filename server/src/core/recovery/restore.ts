// A restore: an older database takes the place of a newer one, and no access comes back to life that had ended meanwhile. Where the
// journal of the time between is there it is replayed; otherwise all that the backup holds stands suspended. Sessions and access
// tokens end in either case, as making one is in no journal.

import { systemIn } from '../caller/caller.ts';
import { entryOf, type JournalEntry } from '../journal/entry.ts';
import type { RestoringChanges } from './ports.ts';
import type { RestoreReport } from './records.ts';
import { newOutcome, replay } from './replay.ts';

export interface RestoreRequest {
  at: number;
  /** Of the new epoch. */
  epoch: string;
  /** The last entry of the backup. */
  backup: RestoreReport['backup'];
  /** What comes behind that, checked against its hash; or why there is nothing to go by. */
  later: { entries: AsyncIterable<readonly JournalEntry[]>; lacking: string | null } | { because: string };
}

/** Everything in one transaction. Throws what reading the later journal throws, and then nothing has happened. */
export async function restore(changes: RestoringChanges, request: RestoreRequest): Promise<RestoreReport> {
  const { at, epoch, backup, later } = request;
  const { restoring } = changes;
  await restoring.endAllAccess();
  await restoring.forgetOthers();
  const outcome = newOutcome();
  let last: JournalEntry | undefined;
  if ('entries' in later) {
    for await (const entries of later.entries) {
      for (const entry of entries) await replay(changes, entry, at, outcome);
      await restoring.append(entries);
      last = entries.at(-1) ?? last;
    }
  }
  const suspendedBecause = 'because' in later ? later.because : (later.lacking ?? outcome.suspendsAll);
  if (suspendedBecause !== null) await restoring.suspendAll(at);
  await restoring.beginEpoch(epoch, at);
  const replayed = last === undefined ? null : { from: backup.seq + 1, to: last.seq, at: last.at };
  const { notReplayed, needNewSecret } = outcome;
  const detail = { backup: backup.seq, replayedTo: replayed?.to ?? null, suspendedBecause, notReplayed, needNewSecret };
  changes.journal(entryOf(systemIn(), at, 'server.restored', { type: 'server', id: epoch }, detail));
  const suspended = await changes.suspensions.count();
  return { epoch, backup, replayed, suspendedBecause, notReplayed, needNewSecret, suspended };
}
