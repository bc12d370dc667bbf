// Ctrl-C during a command: what is under way is told to stop, and the command ends with 130. A second one does not wait.

import process from 'node:process';
import { CommandError, interrupted } from './command-error.ts';

export interface Interrupt {
  /** Aborted by Ctrl-C, or by a signal that ends programs. */
  signal: AbortSignal;
  /** Listens no longer. */
  end(): void;
}

/** `hint`: how things are when it was stopped, and how to go on. */
export function onInterrupt(hint: string | null = null): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort(new CommandError('Stopped.', hint, interrupted));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
