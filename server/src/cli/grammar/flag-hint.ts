// The API says which member of a request is wrong; here it is told which flag that was. It words no error itself.

import { CommandError } from '../terminal/command-error.ts';
import type { Option } from './noun.ts';

/** The same error, with the flags that its problems are about, where its words do not name them. */
export function withFlags(error: unknown, fields: readonly (Pick<Option, 'flag'> & { to: string })[]): unknown {
  if (!(error instanceof CommandError)) return error;
  const { errors } = (error.problem ?? {}) as { errors?: unknown };
  if (!Array.isArray(errors)) return error;
  const members = new Set(errors.map(({ at }: { at?: unknown }) => String(at).split('/')[2]));
  const flags = fields.filter(({ to }) => members.has(to)).map(({ flag }) => flag.replace(/^-\w, /, '').split(' ')[0]);
  if (flags.length === 0) return error;
  const about = `It is about ${flags.join(', ')}.`;
  const hint = error.hint === null ? about : `${error.hint}\n${about}`;
  return new CommandError(error.message, hint, error.exitCode, error, error.problem);
}
