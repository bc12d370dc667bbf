// How far long work has come: one line on the screen that is written over, and nothing in a pipe or with --json.

import type { Writable } from 'node:stream';
import { cut } from './style.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** So much is done, of the total where one is known. */
  at(done: number): void;
  /** Takes the line away. */
  end(): void;
}

const everyMs = 100;
const barWidth = 24;

/** `what` is being done; `total` of `unit`s, or null where nobody knows. `now` is milliseconds that only go on. */
export function progressOf(
  { errors }: Terminal,
  json: boolean | undefined,
  { what, unit, total }: { what: string; unit: string; total: number | null },
  now: () => number = () => performance.now(),
): Progress {
  if (errors.isTTY !== true || json === true) return { at: () => undefined, end: () => undefined };
  const began = now();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    at(done) {
      const at = now();
      if (at - shownAt < everyMs && done !== total) return;
      shownAt = at;
      const text = line(what, unit, done, total, (at - began) / 1000);
      errors.write(`\r${cut(text, (errors.columns ?? 80) - 1)}\u001b[K`);
      shown.add(errors);
    },
    end: () => clearProgress({ errors }),
  };
}

/** Screens with such a line on them. */
const shown = new WeakSet<Writable>();

/** Takes away what progress is on the screen, so that something else can be said there. */
export function clearProgress({ errors }: Pick<Terminal, 'errors'>): void {
  if (shown.delete(errors)) errors.write('\r\u001b[K');
}

function line(what: string, unit: string, done: number, total: number | null, seconds: number): string {
  const speed = seconds > 0.5 ? `, ${Math.round(done / seconds).toLocaleString('en')} a second` : '';
  const count = done.toLocaleString('en');
  if (total === null || total === 0) return `${what}  ${count} ${unit}${speed}`;
  const part = Math.min(1, done / total);
  const filled = Math.round(part * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return `${what}  ${bar} ${Math.floor(part * 100)} %  ${count} of ${total.toLocaleString('en')} ${unit}${speed}`;
}
