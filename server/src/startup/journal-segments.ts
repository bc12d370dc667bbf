// The journal in a second place: a folder for each epoch, and in it files of a thousand entries or so, each there whole or
// not at all. What is in them is checked by whoever reads them.

import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { draftOfPrivateFile } from './private-file.ts';
import { makePrivateFolder } from './private-folder.ts';

export interface Segment {
  path: string;
  /** The number of its first entry. */
  first: number;
}

const named = /^journal-(\d{16})\.jsonl$/;

/** In the order of their entries; none where there is no folder. */
export function segmentsIn(folder: string): Segment[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const first = named.exec(name)?.[1];
      return first === undefined ? [] : [{ path: join(folder, name), first: Number(first) }];
    })
    .sort((one, other) => one.first - other.first);
}

/** The folder of an epoch: in the order of their names they are in that of their beginnings. */
export function epochFolder(
  folder: string,
  { epoch, restoredAt }: { epoch: string; restoredAt: number | null },
): string {
  return join(folder, `${String(restoredAt ?? 0).padStart(16, '0')}-${epoch}`);
}

/** The folders of epochs below this one, the newest first. Throws as reading a folder does. */
export function epochsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((one) => one.isDirectory() && /^\d{16}-/.test(one.name))
    .map(({ name }) => join(folder, name))
    .filter((path) => segmentsIn(path).length > 0)
    .sort()
    .reverse();
}

export function readSegment({ path }: Segment): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** Replaces the file of the segment, or makes it, safe on the disk with its name. */
export function writeSegment(folder: string, first: number, lines: readonly string[]): void {
  makePrivateFolder(folder);
  const path = join(folder, `journal-${String(first).padStart(16, '0')}.jsonl`);
  const draft = draftOfPrivateFile(path, `${lines.join('\n')}\n`);
  renameSync(draft, path);
  syncFolder(folder);
}

/** So that a name in it survives a power cut. */
export function syncFolder(folder: string): void {
  // Windows has no such thing.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
