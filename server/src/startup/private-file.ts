// Files that this account alone can read, and that are there whole or not at all: each is a draft first, which whoever
// wrote it puts in its place.

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Replaces the file, or makes it. Throws as open, write and rename do. */
export function replacePrivateFile(path: string, text: string): void {
  renameSync(draftOfPrivateFile(path, text), path);
}

/** Writes the text to a file of a new name beside `path`, safe on the disk, and gives back that name. */
export function draftOfPrivateFile(path: string, text: string): string {
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}
