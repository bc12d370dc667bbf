// `keyward restore`: a backup takes the place of the database, or the database that is there, copied back by hand, is decided about.
// The old files are kept; nothing is replaced before all that is new stands on the disk.

import { randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { systemIn } from '../../core/caller/caller.ts';
import { entryOf } from '../../core/journal/entry.ts';
import { headOf } from '../../core/recovery/head.ts';
import type { JournalHead, RestoreReport } from '../../core/recovery/records.ts';
import { type RestoreRequest, restore } from '../../core/recovery/restore.ts';
import { readJournalHead } from '../../startup/journal-head-file.ts';
import { syncFolder } from '../../startup/journal-segments.ts';
import { makePrivateFolder } from '../../startup/private-folder.ts';
import { readRestoring, writeRestoring } from '../../startup/restoring-file.ts';
import { StartupError } from '../../startup/startup-error.ts';
import { foldLog } from '../../storage/backup.ts';
import { openStore, type StoreLocation } from '../../storage/open.ts';
import { changeAtOnce } from '../../storage/restoration.ts';
import { lockFolder } from '../../storage/sqlite.ts';
import { inWords } from '../database.ts';
import { demandWhole, headFileOf, keepFirst } from '../journal-head.ts';
import { checkBackup, type Progress } from './backup.ts';
import { continues, entriesBehind, type KeptJournal, openKeptJournal } from './later-journal.ts';

type Place = Pick<Config, 'data' | 'database' | 'journalHead'>;

export interface RestoreOptions {
  /** A folder of `journal ship`, or a database file; null for what is at hand; false for none. */
  journal: string | null | false;
  progress: Progress;
}

export interface Restored extends RestoreReport {
  /** Where the later journal came from; null if there was none. */
  journal: string | null;
  /** What the old database is called now; null if there was none. */
  kept: string | null;
}

/**
 * The backup takes the place of the database of this data folder. Throws StartupError, and then nothing has changed. Asked again after
 * it was killed, it goes on where it was.
 */
export async function restoreFile(config: Place, from: string, options: RestoreOptions): Promise<Restored> {
  if (config.database !== null) {
    throw new StartupError(
      'This server keeps its data in PostgreSQL: restore it with pg_restore.',
      'Then decide about it: keyward restore --in-place',
    );
  }
  const { data } = config;
  makePrivateFolder(data);
  const unlock = lockFolder(data);
  const draft = join(data, 'restoring');
  try {
    const backup = resolve(from);
    const old = join(data, 'keyward.db');
    const { mtimeMs, size } = statSync(backup, { throwIfNoEntry: false }) ?? {};
    const asked = JSON.stringify([backup, mtimeMs, size, options.journal]);
    const done = await finished(config, { sqlite: { file: old } }, asked);
    if (done !== null) return done;
    const { found } = await checkBackup(backup, (part) => options.progress('checking', part));
    rmSync(draft, { recursive: true, force: true });
    makePrivateFolder(draft);
    const file = join(draft, 'keyward.db');
    copyFileSync(backup, file);
    // Whoever may read the backup need not be let read the database.
    chmodSync(file, 0o600);
    const known = knownHead(config);
    const at = atHand(old, options.journal);
    const journal = await usable(at, found.journal);
    const aside = keptName(old);
    const kept = existsSync(old) ? aside : null;
    const place = { sqlite: { file } };
    const { report, head } = await inWords(
      place,
      decide(place, {
        ...{ known, journal, progress: options.progress, lookedFor: at },
        announce: (made) => announce(config, asked, { ...made, kept }),
      }),
    ).finally(() => journal?.close());
    replace(old, file, aside);
    await keepHead(config, head);
    return { ...report, kept };
  } finally {
    rmSync(draft, { recursive: true, force: true });
    unlock();
  }
}

/** The database that is there, however it came, is decided about as a backup is. */
export async function restoreInPlace(config: Place, options: RestoreOptions): Promise<Restored> {
  const place: StoreLocation =
    config.database === null
      ? { sqlite: { file: join(config.data, 'keyward.db') } }
      : { postgres: { url: config.database } };
  if ('sqlite' in place && !existsSync(place.sqlite.file)) {
    throw new StartupError(`There is no database in ${config.data}.`, 'Name the folder of the server with --data.');
  }
  const asked = JSON.stringify(['in place', options.journal]);
  const done = await finished(config, place, asked);
  if (done !== null) return done;
  const lookedFor = options.journal === null ? false : options.journal;
  const journal = lookedFor === false ? null : await openKeptJournal(lookedFor);
  try {
    const known = knownHead(config);
    const announced = (made: Restored) => announce(config, asked, made);
    const decision = { known, journal, progress: options.progress, lookedFor, announce: announced };
    const { report, head } = await inWords(place, decide(place, decision));
    await keepHead(config, head);
    return report;
  } finally {
    await journal?.close();
  }
}

/** Takes the database that is there for the right one: nothing is suspended, and what was revoked since may work again. */
export async function acceptAsItIs(config: Place): Promise<JournalHead> {
  const place: StoreLocation =
    config.database === null
      ? { sqlite: { file: join(config.data, 'keyward.db') } }
      : { postgres: { url: config.database } };
  const at = Date.now();
  const { head } = await inWords(
    place,
    changeAtOnce(
      place,
      async ({ restoring, journal }, reads) => {
        demandWhole(await reads.serverState.read());
        const epoch = randomUUID();
        await restoring.endAllAccess();
        await restoring.forgetOthers();
        await restoring.beginEpoch(epoch, at);
        journal(entryOf(systemIn(), at, 'server.restored', { type: 'server', id: epoch }, { accepted: true }));
        return { head: null as JournalHead | null };
      },
      async (done, reads) => {
        done.head = await headOf(reads.journal, await reads.serverState.read());
      },
    ),
  );
  if (head === null) throw new Error('The journal has no end.');
  await keepHead(config, head);
  return head;
}

interface Decision {
  known: JournalHead | null;
  journal: KeptJournal | null;
  progress: Progress;
  lookedFor: string | false;
  /** Told of what is about to be committed. */
  announce(made: Restored): void;
}

async function decide(
  place: StoreLocation,
  { known, journal, progress, lookedFor, announce: announced }: Decision,
): Promise<{ report: Restored; head: JournalHead }> {
  const epoch = randomUUID();
  return changeAtOnce(
    place,
    async (changes, reads) => {
      demandWhole(await reads.serverState.read());
      const [newest] = await reads.journal.latest(null, 1);
      const backup = { seq: newest?.seq ?? 0, at: newest?.at ?? null };
      const end = await headOf(reads.journal, { epoch });
      const later = await laterOf(journal, end, known, lookedFor, (part) => progress('replaying', part));
      const made = await restore(changes, { at: Math.max(Date.now(), backup.at ?? 0), epoch, backup, later });
      const report = { ...made, journal: journal?.name ?? null, kept: null };
      announced(report);
      return { report, head: end };
    },
    async (done, reads) => {
      done.head = await headOf(reads.journal, { epoch });
    },
  );
}

async function laterOf(
  journal: KeptJournal | null,
  backup: JournalHead,
  known: JournalHead | null,
  lookedFor: string | false,
  progress: (part: number) => void,
): Promise<RestoreRequest['later']> {
  if (journal === null) {
    return { because: lookedFor === false ? 'no later journal was given' : `${lookedFor} could not be read` };
  }
  if (!(await continues(journal, backup))) {
    return {
      because: `the journal in ${journal.name} does not go on from where this database ends, entry ${backup.seq}`,
    };
  }
  const end = await journal.head();
  return {
    entries: counted(entriesBehind(journal, backup), backup.seq, end, progress),
    lacking: await lackOf(journal, end, known),
  };
}

/** What is known to have been written and is not in the journal that was kept; null if nothing is. */
async function lackOf(journal: KeptJournal, end: number, known: JournalHead | null): Promise<string | null> {
  if (known === null) return null;
  if (known.seq > end) {
    return `the journal in ${journal.name} ends with entry ${end}, and ${known.seq} were written: what the rest ended is not known`;
  }
  const isSame = await continues(journal, known);
  return isSame ? null : `entry ${known.seq} of the journal in ${journal.name} is not the one that was written last`;
}

async function* counted<T extends readonly { seq: number }[]>(
  batches: AsyncGenerator<T, void>,
  from: number,
  to: number,
  progress: (part: number) => void,
): AsyncGenerator<T, void> {
  for await (const batch of batches) {
    yield batch;
    progress(((batch.at(-1)?.seq ?? from) - from) / Math.max(1, to - from));
  }
}

/** The old database, unless another journal is named. */
function atHand(old: string, journal: RestoreOptions['journal']): string | false {
  if (journal !== null) return journal;
  return existsSync(old) ? old : false;
}

/** Null where it was only at hand and is of no use. */
async function usable(path: string | false, backup: { seq: number; hash: string }): Promise<KeptJournal | null> {
  if (path === false) return null;
  try {
    const journal = await openKeptJournal(path);
    await continues(journal, backup);
    return journal;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    return null;
  }
}

/** A head that cannot be read says nothing; the decision that follows is the safe one. */
function knownHead(config: Place): JournalHead | null {
  const file = headFileOf(config);
  if (file === null) return null;
  try {
    return readJournalHead(file);
  } catch {
    return { epoch: '', seq: Number.MAX_SAFE_INTEGER, hash: '' };
  }
}

/** Before the change, so that whoever finds its epoch in the database knows that it was made. */
function announce(config: Place, asked: string, report: Restored): void {
  const file = headFileOf(config);
  if (file === null) return;
  makePrivateFolder(dirname(file));
  writeRestoring(file, { epoch: report.epoch, asked, report });
}

/**
 * Brings a restore to its end that was killed behind its change. Answers its report if the same is asked for once more and no server has
 * been started since, else null.
 */
async function finished(config: Place, place: StoreLocation, asked: string): Promise<Restored | null> {
  const file = headFileOf(config);
  const restoring = file === null ? null : readRestoring(file);
  if (restoring === null) return null;
  const head = await headIn(place);
  if (head?.epoch !== restoring.epoch) return null;
  await keepHead(config, head);
  return restoring.asked === asked ? (restoring.report as Restored) : null;
}

/** Null where nothing can be read. */
async function headIn(place: StoreLocation): Promise<JournalHead | null> {
  try {
    const { journal, serverState, close } = await openStore({ ...place, readOnly: true });
    try {
      return await headOf(journal, await serverState.read());
    } finally {
      await close();
    }
  } catch {
    return null;
  }
}

async function keepHead(config: Place, head: JournalHead): Promise<void> {
  const file = headFileOf(config);
  if (file !== null) await keepFirst(file, head);
}

function keptName(old: string): string {
  return `${old}.before-${new Date().toISOString().replace(/[:.]/g, '-')}-${randomUUID().slice(0, 8)}`;
}

/** Puts the new file in the place of the old one, which keeps another name with its log. */
function replace(old: string, fresh: string, kept: string): void {
  const isThere = existsSync(old);
  if (isThere) foldLog(old);
  // The log first: beside the new file it would be taken for that one's.
  for (const end of ['-wal', '-shm']) if (existsSync(old + end)) renameSync(old + end, kept + end);
  if (isThere) linkSync(old, kept);
  renameSync(fresh, old);
  syncFolder(dirname(old));
}
