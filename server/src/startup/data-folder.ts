// The data folder: keyward.db, secrets.key and lock.db, readable by this user alone. It opens no database.

import { closeSync, existsSync, linkSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { draftOfPrivateFile } from './private-file.ts';
import { makePrivateFolder } from './private-folder.ts';
import { StartupError } from './startup-error.ts';

export interface DataFolder {
  /** The database file. */
  database: string;
  /** The file of the sealing keys. */
  secretsFile: string;
  /** The text of the sealing keys. */
  secrets: string;
}

const instead = 'Another folder can be named with --data (KEYWARD_DATA, data in keyward.yaml).';

/**
 * Opens the folder, making it and, unless they are given, its sealing keys on the first start. Throws StartupError if that cannot be done, if
 * what should be the database is something else, or if there is a database but no sealing key: a new key could not open
 * what the old one sealed.
 */
export function openDataFolder(folder: string, given: string | null, newSecrets: () => string): DataFolder {
  const database = join(folder, 'keyward.db');
  const secretsFile = join(folder, 'secrets.key');
  try {
    makePrivateFolder(folder);
    // Found out here, where it can be said of the folder, and not at the first change.
    demandWritable(folder);
  } catch (error) {
    throw fileFailure(error, `The data folder ${folder}`, instead);
  }
  const isNew = !isDatabase(database);
  if (given !== null) return { database, secretsFile, secrets: given };
  if (!existsSync(secretsFile)) {
    if (!isNew) throw missingKey(secretsFile, database);
    try {
      createOnce(secretsFile, newSecrets());
    } catch (error) {
      throw fileFailure(error, `The data folder ${folder}`, instead);
    }
  }
  try {
    return { database, secretsFile, secrets: readFileSync(secretsFile, 'utf8') };
  } catch (error) {
    throw fileFailure(error, `The file of the sealing keys ${secretsFile}`, instead);
  }
}

/** What in the folder other accounts may read or change, and the mend; nothing where accounts are told apart differently. */
export function exposedIn(folder: string): { text: string; mend: string }[] {
  if (process.platform === 'win32' || !existsSync(folder)) return [];
  return [folder, ...filesIn(folder)].flatMap((path) => {
    const { mode } = statSync(path);
    if ((mode & 0o077) === 0) return [];
    const right = path === folder ? '700' : '600';
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    return [
      {
        text: `${path} is open to other accounts of this machine (mode ${shown}).`,
        mend: `Close it: chmod ${right} ${path}`,
      },
    ];
  });
}

/** Those of its files that are to be private, as far as they are there. */
export function filesIn(folder: string): string[] {
  return ['keyward.db', 'secrets.key', 'limits.log', 'journal.head', 'demo.json']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
}

/** False for none and for an empty file, which SQLite makes a database of. Throws StartupError for what is none. */
export function isDatabase(file: string): boolean {
  let start: Buffer;
  try {
    start = firstBytes(file, magic.length);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw fileFailure(error, `The database ${file}`, instead);
  }
  if (start.length === 0) return false;
  if (start.equals(magic)) return true;
  throw new StartupError(
    `${file} is damaged, or no database: it does not begin as a SQLite file does.`,
    `Restore it from a backup, together with its secrets.key. ${instead}`,
  );
}

const magic = Buffer.from('SQLite format 3\0', 'latin1');

function firstBytes(file: string, count: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(handle, bytes, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}

function missingKey(file: string, database: string): StartupError {
  return new StartupError(
    `${file} is missing, and without it the signing keys in ${database} cannot be opened.`,
    'Put it back from a backup, or give its content in KEYWARD_SECRETS.',
  );
}

function demandWritable(folder: string): void {
  const probe = join(folder, `.probe-${process.pid}`);
  closeSync(openSync(probe, 'w', 0o600));
  rmSync(probe);
}

/** Writes the file whole or not at all, and never over one that another process made meanwhile. */
function createOnce(file: string, text: string): void {
  const draft = draftOfPrivateFile(file, text);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}
