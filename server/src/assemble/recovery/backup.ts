// A backup of the SQLite file beside a running server or without one: copied, looked at, and only then put in its place, with a
// manifest that says what it is. PostgreSQL has tools of its own.

import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import about from '../../../package.json' with { type: 'json' };
import type { Config } from '../../config/config.ts';
import { verifyChain } from '../../core/journal/chain.ts';
import { databaseFailure } from '../../startup/database-failure.ts';
import { fileFailure } from '../../startup/file-failure.ts';
import { syncFolder } from '../../startup/journal-segments.ts';
import { codeOf, StartupError } from '../../startup/startup-error.ts';
import { copySqlite, damageOf, openCopy } from '../../storage/backup.ts';

/** What a backup says of itself, beside it in `<file>.manifest.json`. */
export interface BackupManifest {
  format: 'keyward-backup/1';
  /** Of the program that made it. */
  version: string;
  /** The newest migration of its tables. */
  schema: string | null;
  createdAt: string;
  journal: { seq: number; hash: string };
  bytes: number;
  /** Lower-case hex, of the file. */
  sha256: string;
}

/** Told of parts from 0 to 1 of each step. */
export type Progress = (step: 'copying' | 'checking' | 'replaying', part: number) => void;

export function manifestOf(file: string): string {
  return `${file}.manifest.json`;
}

/** Throws StartupError where there is nothing to copy or the file is there already, and leaves nothing where it fails. */
export async function backUp(
  config: Pick<Config, 'data' | 'database'>,
  to: string,
  progress: Progress,
): Promise<BackupManifest & { file: string }> {
  const source = demandSqlite(config);
  const file = resolve(to);
  demandFree(file);
  const [draft, manifest] = [draftOf(file), manifestOf(file)];
  // What a killed backup left is of no use to anybody. The draft goes last: it says whose the manifest is.
  const left = [draftOf(manifest), manifest, draft];
  try {
    for (const path of left) rmSync(path, { force: true });
    await copySqlite(source, draft, (part) => progress('copying', part));
    const made = await describe(draft, (part) => progress('checking', part), {
      name: `The database ${source}`,
      hint: 'Look at its disk, and restore an earlier backup: keyward restore <file>. What is damaged would be so in each backup.',
    });
    sync(draft);
    writeFileSync(draftOf(manifest), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draftOf(manifest), manifest);
    renameSync(draft, file);
    syncFolder(dirname(file));
    return { ...made, file };
  } catch (error) {
    for (const path of left) rmSync(path, { force: true });
    throw backupFailure(error, source, file);
  }
}

function draftOf(file: string): string {
  return `${file}.part`;
}

/** A manifest without a backup is that of one that was moved elsewhere, unless a killed backup has left it. */
function demandFree(file: string): void {
  const manifest = manifestOf(file);
  const isLeft = existsSync(draftOf(file));
  const taken = [file, ...(isLeft ? [] : [manifest])].find((path) => existsSync(path));
  if (taken === undefined) return;
  throw new StartupError(`${taken} is there already.`, 'Name another file: a backup is never overwritten.');
}

/** What SQLite says of a disk is said of the backup: the database is only read. */
function backupFailure(error: unknown, source: string, file: string): unknown {
  if (error instanceof StartupError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  const [, ofDisk] = diskCodes.find(([pattern]) => pattern.test(code)) ?? [];
  const instead = 'Then run it again, or name another file with --to.';
  if (ofDisk !== undefined)
    return fileFailure(Object.assign(new Error(code), { code: ofDisk }), `The backup ${file}`, instead);
  if ('syscall' in error) return fileFailure(error, `The backup ${file}`, instead);
  return code.startsWith('SQLITE_') ? databaseFailure(error, { sqlite: { file: source } }) : error;
}

const diskCodes: readonly (readonly [code: RegExp, ofDisk: string])[] = [
  [/^SQLITE_FULL/, 'ENOSPC'],
  [/^SQLITE_IOERR/, 'EIO'],
];

/** What is said where a file is damaged. */
interface Named {
  name: string;
  hint: string;
}

/** The manifest of a whole database file. Throws StartupError for one that is damaged. */
async function describe(file: string, progress: (part: number) => void, named: Named): Promise<BackupManifest> {
  const damage = damageIn(file, named);
  if (damage !== null) throw damaged(named, damage);
  progress(0.3);
  const copy = await openCopy(file);
  try {
    const chain = await verifyChain(copy.journal);
    if (!chain.intact) throw damaged(named, `the journal's chain is broken: ${chain.problem}`);
    progress(0.7);
    return {
      format: 'keyward-backup/1',
      version: about.version,
      schema: copy.schema,
      createdAt: new Date().toISOString(),
      journal: { seq: chain.entries, hash: chain.head },
      bytes: statSync(file).size,
      sha256: await digestOf(file),
    };
  } finally {
    await copy.close();
  }
}

/**
 * Looks at a backup before it is used: its checksum, as far as it has a manifest, its pages and its chain. Throws StartupError,
 * and says where it stands in the journal.
 */
export async function checkBackup(
  file: string,
  progress: (part: number) => void,
): Promise<{ manifest: BackupManifest | null; found: BackupManifest }> {
  if (!existsSync(file)) throw new StartupError(`${file} does not exist.`, 'Name the file of the backup.');
  const manifest = readManifest(file);
  const named = { name: file, hint: 'Take another backup. Nothing has changed.' };
  if (manifest !== null && (await digestOf(file)) !== manifest.sha256) {
    throw damaged(named, 'its checksum is not that of its manifest');
  }
  const described = await describe(file, progress, named);
  if (described.schema === null) throw damaged(named, 'it holds no tables of Keyward');
  return { manifest, found: described };
}

function readManifest(file: string): BackupManifest | null {
  if (!existsSync(manifestOf(file))) return null;
  try {
    const manifest = JSON.parse(readFileSync(manifestOf(file), 'utf8')) as BackupManifest;
    if (manifest.format === 'keyward-backup/1' && typeof manifest.sha256 === 'string') return manifest;
  } catch {
    // As one of another form.
  }
  throw new StartupError(
    `${manifestOf(file)} is no manifest of a backup that this version knows.`,
    'Put the right one beside the backup; without one the checksum is not compared.',
  );
}

export function demandSqlite({ data, database }: Pick<Config, 'data' | 'database'>): string {
  if (database !== null) {
    throw new StartupError(
      'This server keeps its data in PostgreSQL, which is backed up with its own tools.',
      'docs/backups.md says how: pg_dump, and after pg_restore "keyward restore --in-place".',
    );
  }
  const file = join(data, 'keyward.db');
  if (existsSync(file)) return file;
  throw new StartupError(`There is no database in ${data}.`, 'Name the folder of the server with --data.');
}

function damaged({ name, hint }: Named, why: string): StartupError {
  return new StartupError(`${name} is damaged: ${why}.`, hint);
}

function damageIn(file: string, named: Named): string | null {
  try {
    return damageOf(file);
  } catch (error) {
    throw damaged(named, error instanceof Error ? error.message : 'it cannot be read');
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
