// A file that a new secret is written to. It is made before the secret is, so that no secret is lost to a path that cannot be
// written, and it takes the place of no other file.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { misuse } from './command-error.ts';
import type { Terminal } from './terminal.ts';

export interface SecretFile {
  path: string;
  keep(secret: string): void;
  /** Takes the empty file away where no secret came of it. */
  discard(): void;
}

/** Readable by this user alone. Throws CommandError where there is a file already. */
export function createSecretFile({ folder }: Terminal, name: string): SecretFile {
  const path = resolve(folder, name);
  let handle: number | null = open(path);
  const close = () => {
    if (handle !== null) closeSync(handle);
    handle = null;
  };
  return {
    path,
    keep(secret) {
      if (handle !== null) writeSync(handle, `${secret}\n`);
      close();
    },
    discard() {
      if (handle === null) return;
      close();
      rmSync(path, { force: true });
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw misuse(`${path} is there already.`, 'Name a file that is not: a secret takes the place of nothing.');
  }
}
