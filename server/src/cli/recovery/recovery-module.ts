// What these commands need of the assembled server, loaded when one of them runs.

import type { BackupManifest, Progress as Steps } from '../../assemble/recovery/backup.ts';
import { type Progress, progressOf } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type { Restored } from '../../assemble/recovery/restore.ts';
export type { BackupManifest };

export async function loadRecoveryModule() {
  const [backup, restore, move, ship] = await Promise.all([
    import('../../assemble/recovery/backup.ts'),
    import('../../assemble/recovery/restore.ts'),
    import('../../assemble/recovery/move.ts'),
    import('../../assemble/recovery/ship.ts'),
  ]);
  return { ...backup, ...restore, ...move, ...ship };
}

/** A line for each step, one after the other. */
export function stepsOf(terminal: Terminal, json: boolean | undefined): { progress: Steps; end(): void } {
  let shown: { step: string; line: Progress } | null = null;
  return {
    progress(step, part) {
      if (shown?.step !== step) {
        shown?.line.end();
        shown = { step, line: progressOf(terminal, json, { what: words[step], unit: '%', total: 100 }) };
      }
      shown.line.at(Math.round(part * 100));
    },
    end: () => shown?.line.end(),
  };
}

/** Ends the work at its next step once the signal says so: whatever it has begun is undone by then. */
export function stoppable(progress: Steps, signal: AbortSignal): Steps {
  return (step, part) => {
    signal.throwIfAborted();
    progress(step, part);
  };
}

const words: Readonly<Record<Parameters<Steps>[0], string>> = {
  copying: 'Copying',
  checking: 'Checking',
  replaying: 'Replaying',
};
