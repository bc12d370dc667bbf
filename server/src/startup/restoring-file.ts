// What a restore writes down beside the journal's head before it changes a database: which epoch it is about to begin. By that a
// restore that was killed between the change and the new head is known to have happened. What it means is decided elsewhere.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { replacePrivateFile } from './private-file.ts';

export interface Restoring {
  /** Random, so that no database has it unless this restore has made it so. */
  epoch: string;
  /** What was asked for, to tell whether the same is asked for again. */
  asked: string;
  /** What the command answers. */
  report: unknown;
}

/** Null where none is under way, or what is there cannot be read. */
export function readRestoring(headFile: string): Restoring | null {
  const file = fileOf(headFile);
  if (!existsSync(file)) return null;
  try {
    const { epoch, asked, report } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Restoring>;
    return typeof epoch === 'string' && typeof asked === 'string' ? { epoch, asked, report } : null;
  } catch {
    return null;
  }
}

/** Safe on the disk before anything else is. Throws as writing a file does. */
export function writeRestoring(headFile: string, restoring: Restoring): void {
  replacePrivateFile(fileOf(headFile), `${JSON.stringify(restoring)}\n`);
}

/** To be called once a server has the new head: until then the same restore, asked for again, was done. */
export function removeRestoring(headFile: string): void {
  rmSync(fileOf(headFile), { force: true });
}

function fileOf(headFile: string): string {
  return `${headFile}.restoring`;
}
