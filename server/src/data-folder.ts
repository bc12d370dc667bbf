// The data folder: keyward.db, secrets.key and lock.db, readable by this user alone. It opens no database.

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { KeywardError } from './core/errors.ts';

export interface DataFolder {
  /** The database file. */
  database: string;
  /** The text of the sealing keys. */
  secrets: string;
}

/**
 * Opens the folder, making it and its sealing key on the first start. Throws KeywardError `conflict` if there is a
 * database but no sealing key: a new key could not open what the old one sealed.
 */
export function openDataFolder(folder: string, newSecrets: () => string): DataFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = join(folder, 'keyward.db');
  const file = join(folder, 'secrets.key');
  if (!existsSync(file)) {
    if (existsSync(database)) {
      throw new KeywardError(
        'conflict',
        `${file} is missing, and without it this server's signing keys cannot be opened. Put it back from a backup.`,
      );
    }
    createOnce(file, newSecrets());
  }
  return { database, secrets: readFileSync(file, 'utf8') };
}

/** Writes the file whole or not at all, and never over one that another process made meanwhile. */
function createOnce(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}
