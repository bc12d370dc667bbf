// A folder of its own for what a test writes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function newFolder() {
  const path = mkdtempSync(join(tmpdir(), 'keyward-nodes-'));
  return {
    path,
    /** Answers the file's path. */
    write(name: string, text: string): string {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
