// A terminal in which blocks of a page are run one after the other, as a reader would paste them: what one block sets,
// the next one has. Servers have a terminal of their own.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, Ran } from './run.ts';

export interface Shell {
  /** Runs a block; a command in it that fails makes it the last one. */
  run(block: string): Promise<Ran>;
  close(): void;
}

export interface Served {
  /** The address in the line that says where it listens. */
  url: string;
  /** Ends it, and what it started. */
  stop(): Promise<void>;
}

/** Opens a shell in which the first error of a block ends it, as `set -euo pipefail` does. */
export function openShell(place: Place): Shell {
  const child = spawn('bash', ['--noprofile', '--norc'], { cwd: place.folder, env: place.environment });
  const texts = { output: '', errors: '' };
  let heard = () => {};
  for (const [key, stream] of [
    ['output', child.stdout],
    ['errors', child.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      texts[key] += text;
      heard();
    });
  }
  child.once('close', () => heard());
  child.stdin.on('error', () => {});
  child.stdin.write('set -euo pipefail\n');
  return {
    run(block) {
      texts.output = '';
      texts.errors = '';
      const file = join(place.folder, '.block.sh');
      writeFileSync(file, block);
      const end = '[the block has ended]';
      child.stdin.write(`. ${file} </dev/null\necho '${end}'; echo '${end}' >&2\n`);
      return new Promise((resolve) => {
        heard = () => {
          const isOver = texts.output.includes(end) && texts.errors.includes(end);
          if (!isOver && child.exitCode === null && child.signalCode === null) return;
          heard = () => {};
          resolve({ code: isOver ? 0 : child.exitCode, ...texts });
        };
        heard();
      });
    },
    close: () => child.kill('SIGKILL'),
  };
}

/** Runs a block whose last command is a server, until a line says where it listens. */
export function serve(place: Place, block: string): Promise<Served> {
  const args = ['--noprofile', '--norc', '-euc', block];
  const child = spawn('bash', args, { cwd: place.folder, env: place.environment, detached: true });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    const isRunning = child.exitCode === null && child.signalCode === null;
    if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  let text = '';
  return new Promise((resolve, reject) => {
    const give = () => reject(new Error(`This did not start:\n${block}\n${text}`));
    const limit = setTimeout(give, 120_000);
    child.once('close', give);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const [, url] = / listens on (\S+)$/m.exec(text) ?? [];
        if (url === undefined) return;
        clearTimeout(limit);
        resolve({ url, stop });
      });
    }
  });
}
