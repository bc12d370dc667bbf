// What is said of rows that were not taken: the first few on the screen, all of them in a file. Neither ever holds a secret.

import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { plain, type Terminal } from '../terminal/terminal.ts';
import type { Rejected } from './send-batches.ts';

export interface Rejects {
  tell(rejected: readonly Rejected[]): void;
  close(): void;
}

const mostShown = 20;

/** `file`: JSON lines, made anew; undefined for none. */
export function openRejects({ errors, folder }: Terminal, json: boolean, file: string | undefined): Rejects {
  const handle = file === undefined ? null : openSync(resolve(folder, file), 'w', 0o600);
  let shown = 0;
  return {
    tell(rejected) {
      if (handle !== null) writeSync(handle, rejected.map((one) => `${JSON.stringify(one)}\n`).join(''));
      if (json) return;
      for (const { line, detail } of rejected) {
        shown += 1;
        if (shown <= mostShown) errors.write(`${clear(errors)}line ${line}: ${plain(detail)}\n`);
        if (shown === mostShown + 1) {
          errors.write(`${clear(errors)}There are more${handle === null ? '; --rejects <file> keeps all' : ''}.\n`);
        }
      }
    },
    close() {
      if (handle !== null) closeSync(handle);
    },
  };
}

/** The progress line is written over. */
const clear = ({ isTTY }: { isTTY?: boolean }) => (isTTY === true ? '\r\u001b[K' : '');
