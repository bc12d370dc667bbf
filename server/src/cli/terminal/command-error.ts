// The one error that a command throws on purpose: a short sentence, what to do about it, and the exit code.

/** What a program ends with that Ctrl-C ended: 128 and the number of the signal. */
export const interrupted = 130;

type ExitCode = 1 | 2 | typeof interrupted;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What to do now, or null where there is nothing to advise. */
  readonly hint: string | null;
  /** 1: it did not work. 2: it was asked in a way that cannot work. 130: Ctrl-C. */
  readonly exitCode: ExitCode;
  /** What the server said (RFC 9457), where the error is its answer. */
  readonly problem: unknown;

  constructor(message: string, hint: string | null = null, exitCode: ExitCode = 1, cause?: unknown, problem?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
    this.exitCode = exitCode;
    this.problem = problem;
  }
}

/** The same for a command that was asked in a way that cannot work. */
export function misuse(message: string, hint: string | null = null): CommandError {
  return new CommandError(message, hint, 2);
}
