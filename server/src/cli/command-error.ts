// The one error that a command throws on purpose: a short sentence, what to do about it, and the exit code.

export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What to do now, or null where there is nothing to advise. */
  readonly hint: string | null;
  /** 1: it did not work. 2: it was asked in a way that cannot work. */
  readonly exitCode: 1 | 2;

  constructor(message: string, hint: string | null = null, exitCode: 1 | 2 = 1, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** The same for a command that was asked in a way that cannot work. */
export function misuse(message: string, hint: string | null = null): CommandError {
  return new CommandError(message, hint, 2);
}
