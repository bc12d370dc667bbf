// What one look at a server found: whether it is right, and if not what would mend it. It looks at nothing itself.

import { ConfigError } from '../../config/config.ts';
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

/** A problem for whatever opening something threw: its message, and its hint, which may be its later sentences. */
export function failureOf(check: string, error: unknown): Finding {
  const { message = String(error), hint } = error as Partial<StartupError>;
  if (hint) return { check, status: 'problem', text: message, mend: hint };
  const [text = '', ...mend] = message.split(/(?<=\.) (?=[A-Z])/);
  return { check, status: 'problem', text, mend: mend.length === 0 ? null : mend.join(' ') };
}

/** One problem for each setting that cannot be used. */
export function wrongSettings(error: unknown): Finding[] {
  if (!(error instanceof ConfigError)) return [failureOf('settings', error)];
  const mend = 'Mend it, then ask again; keyward serve --help lists the settings.';
  return error.problems.map((text) => findingsOf('settings').problem(text, mend));
}
