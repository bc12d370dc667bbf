// A pseudo-terminal with a command on it: what stands on it, what is typed, how wide it is, and in what state the command leaves it.

import { spawn } from '@lydell/node-pty';
import { expect, onTestFinished } from 'vitest';
import type { Place } from '../end-to-end/run.ts';

/** What Ctrl-C types. */
export const ctrlC = '\u0003';
/** Every colour and every movement of the cursor begins so. */
export const sequence = '\u001b[';

export interface Screen {
  /** All that was written so far. */
  output(): string;
  type(text: string): void;
  resize(columns: number): void;
  /** Resolves once this was written; fails where the command ends before. */
  until(pattern: RegExp): Promise<void>;
  ended: Promise<{ code: number; output: string }>;
}

interface Options {
  columns?: number;
  environment?: NodeJS.ProcessEnv;
}

/** Runs shell lines on a terminal of their own. */
export function openScreen(place: Place, script: string, { columns = 100, environment = {} }: Options = {}): Screen {
  const env = { ...place.environment, TERM: 'xterm-256color', ...environment };
  const terminal = spawn('bash', ['--noprofile', '--norc', '-c', script], {
    cols: columns,
    rows: 40,
    cwd: place.folder,
    env: env as Record<string, string>,
  });
  let output = '';
  let isOver = false;
  terminal.onData((data) => {
    output += data;
  });
  onTestFinished(() => {
    if (!isOver) terminal.kill('SIGKILL');
  });
  const ended = new Promise<{ code: number; output: string }>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      isOver = true;
      resolve({ code: exitCode, output });
    });
  });
  return {
    output: () => output,
    type: (text) => terminal.write(text),
    resize: (width) => terminal.resize(width, 40),
    async until(pattern) {
      await expect
        .poll(() => pattern.test(output) || (isOver ? 'It has ended.' : false), { timeout: 60_000, interval: 20 })
        .not.toBe(false);
      if (!pattern.test(output)) throw new Error(`It ended without ${pattern}:\n${output}`);
    },
    ended,
  };
}

/** Types each answer once its question stands there. */
export async function onScreen(
  place: Place,
  script: string,
  typed: readonly (readonly [RegExp, string])[] = [],
  options: Options = {},
): Promise<{ code: number; output: string }> {
  const screen = openScreen(place, script, options);
  for (const [question, answer] of typed) {
    await screen.until(question);
    screen.type(answer);
  }
  return screen.ended;
}

/** A script that says after the command how it ended and how it left the terminal. The shell outlives Ctrl-C. */
export const leaving = (command: string) => `trap : INT; ${command}; echo "code=$?"; stty -a`;

/** Fails unless the terminal shows what is typed again, line by line, and its cursor. */
export function expectUsable(output: string): void {
  const state = output.slice(output.lastIndexOf('code='));
  expect(state).toMatch(/(^|\s)icanon\b/);
  expect(state).toMatch(/(^|\s)echo\b/);
  expect(output.lastIndexOf(`${sequence}?25l`)).toBeLessThanOrEqual(output.lastIndexOf(`${sequence}?25h`));
}
