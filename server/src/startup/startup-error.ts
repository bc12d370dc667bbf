// The one error of a start that cannot work for a reason that the operator can mend. It is no bug and no answer to a
// client: it may name files, addresses and settings, and never a secret.

export class StartupError extends Error {
  override readonly name = 'StartupError';
  /** What to do now. */
  readonly hint: string;

  /** `message` says what is wrong and where: a setting with its value, or a file. */
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** The code of an error of the operating system or of a driver; empty if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
