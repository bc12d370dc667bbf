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
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import about from '../../../package.json' with { type: 'json' };
import type { Config } from '../../config/config.ts';
import { verifyChain } from '../../core/journal/chain.ts';
import { fileFailure } from '../../startup/file-failure.ts';
import { syncFolder } from '../../startup/journal-segments.ts';
import { draftOfPrivateFile } from '../../startup/private-file.ts';
import { StartupError } from '../../startup/startup-error.ts';
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
  for (const path of [file, manifestOf(file)]) {
    if (existsSync(path))
      throw new StartupError(`${path} is there already.`, 'Name another file: a backup is never overwritten.');
  }
  // A draft that a killed backup left is of no use to anybody.
  const draft = `${file}.part`;
  try {
    rmSync(draft, { force: true });
    await copySqlite(source, draft, (part) => progress('copying', part));
    const manifest = await describe(draft, (part) => progress('checking', part));
    sync(draft);
    renameSync(draftOfPrivateFile(manifestOf(file), `${JSON.stringify(manifest, null, 2)}\n`), manifestOf(file));
    renameSync(draft, file);
    syncFolder(dirname(file));
    return { ...manifest, file };
  } catch (error) {
    for (const path of [draft, manifestOf(file)]) rmSync(path, { force: true });
    if (error instanceof StartupError || !(error instanceof Error) || !('syscall' in error)) throw error;
    throw fileFailure(error, `The backup ${file}`, 'Name another file with --to.');
  }
}

/** The manifest of a whole database file. Throws StartupError for one that is damaged. */
export async function describe(file: string, progress: (part: number) => void): Promise<BackupManifest> {
  const damage = wrapped(file, () => damageOf(file));
  if (damage !== null) throw damaged(file, damage);
  progress(0.3);
  const copy = await openCopy(file);
  try {
    const chain = await verifyChain(copy.journal);
    if (!chain.intact) throw damaged(file, `the journal's chain is broken: ${chain.problem}`);
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
  if (manifest !== null && (await digestOf(file)) !== manifest.sha256) {
    throw damaged(file, 'its checksum is not that of its manifest');
  }
  const found = await describe(file, progress);
  if (found.schema === null) throw damaged(file, 'it holds no tables of Keyward');
  return { manifest, found };
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

function damaged(file: string, why: string): StartupError {
  return new StartupError(`${file} is damaged: ${why}.`, 'Take another backup.');
}

function wrapped<T>(file: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw damaged(file, error instanceof Error ? error.message : 'it cannot be read');
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
