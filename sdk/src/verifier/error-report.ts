// What keeps a verifier from deciding calls, told to whoever runs the program: otherwise all that shows of a wrong token or
// an untrusted certificate are calls answered 503. The same words are told once a minute.

import { KeywardError } from '../errors.ts';

export interface ErrorReport {
  /** Tells of a KeywardError; of anything else, and of `closed`, nothing. */
  tell(error: unknown): void;
}

const againMs = 60_000;
const mostRemembered = 100;

/** `clock` is monotonic, in milliseconds. */
export function createErrorReport(onError: (error: KeywardError) => void, clock: () => number): ErrorReport {
  const toldAt = new Map<string, number>();
  return {
    tell(error) {
      if (!(error instanceof KeywardError) || error.code === 'closed') return;
      const now = clock();
      if (now - (toldAt.get(error.message) ?? Number.NEGATIVE_INFINITY) < againMs) return;
      if (toldAt.size >= mostRemembered) toldAt.clear();
      toldAt.set(error.message, now);
      try {
        onError(error);
      } catch {
        // What the program does with it is its own affair: following goes on.
      }
    },
  };
}

/** Where nobody listens: a warning of the process, so that it is never silent. */
export function warn({ message, code }: KeywardError): void {
  process.emitWarning(message, { type: 'KeywardWarning', code });
}
