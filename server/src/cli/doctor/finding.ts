// What one look at a server found: whether it is right, and if not what would mend it. It looks at nothing itself.

import type { StartupError } from '../../startup/startup-error.ts';

/** `skipped`: it could not be looked at, and the text says why. */
export type Status = 'ok' | 'warning' | 'problem' | 'skipped';

export interface Finding {
  /** What was looked at, in a word or two. */
  check: string;
  status: Status;
  text: string;
  /** What to do, where something is to be done. */
  mend: string | null;
}

/** Findings of one check. */
export function findingsOf(check: string) {
  const one =
    (status: Status) =>
    (text: string, mend: string | null = null): Finding => ({
      check,
      status,
      text,
      mend,
    });
  return { ok: one('ok'), warning: one('warning'), problem: one('problem'), skipped: one('skipped') };
}

/** A problem for whatever opening something threw: its message, and its hint where it has one. */
export function failureOf(check: string, error: unknown): Finding {
  const { message, hint = null } = error as Partial<StartupError> & { hint?: string | null };
  return { check, status: 'problem', text: message ?? String(error), mend: hint };
}
