// The file with the journal's head, which is kept outside the database: whole or not at all, and safe on the disk. What it
// says of a database is for core to judge.

import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { JournalHead } from '../core/recovery/records.ts';
import { fileFailure } from './file-failure.ts';
import { StartupError } from './startup-error.ts';

/** Null where none was written yet. Throws StartupError for what is no head. */
export function readJournalHead(file: string): JournalHead | null {
  if (!existsSync(file)) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileFailure(error, `The journal's head ${file}`, 'The setting journalHead names another file.');
  }
  const head = parsed(text);
  if (head !== null) return head;
  throw new StartupError(
    `${file} does not say where the journal ends: it is damaged.`,
    'Restore a backup (keyward restore), or decide about the database that is there: keyward restore --in-place',
  );
}

/** Replaces it. Never to be called while another call for the same file is under way. */
export async function writeJournalHead(file: string, { epoch, seq, hash }: JournalHead): Promise<void> {
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ epoch, seq, hash })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

function parsed(text: string): JournalHead | null {
  try {
    const { epoch, seq, hash } = JSON.parse(text) as JournalHead;
    const isHead = typeof epoch === 'string' && Number.isSafeInteger(seq) && seq >= 0 && /^[0-9a-f]{64}$/.test(hash);
    return isHead ? { epoch, seq, hash } : null;
  } catch {
    return null;
  }
}
