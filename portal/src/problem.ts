// What went wrong with a request, as one kind of error: the server's own words (application/problem+json), or that the
// server could not be reached, or that the person changed their mind in a dialog. It shows nothing.

import type { Problem } from '@keyward/sdk/wire';

/** `unreachable`: no answer came. `dismissed`: a dialog that the request needed was closed; nothing need be said. */
export type ProblemCode = (string & {}) | 'unreachable' | 'dismissed';

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** The last part of the problem's type, such as `conflict`. */
  readonly code: ProblemCode;
  /** 0 where no answer came. */
  readonly status: number;
  readonly problem: Partial<Problem>;
  /** Milliseconds, where the server said when to try again. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ProblemCode,
    status: number,
    detail: string,
    problem: Partial<Problem> = {},
    retryAfterMs?: number,
  ) {
    super(detail);
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs ?? null;
  }

  /** What is wrong with single fields of the body, by their path: `name`, `addresses/0`. */
  fields(): Record<string, string> {
    const errors = this.problem.errors ?? [];
    return Object.fromEntries(
      errors.filter(({ at }) => at.startsWith('/body/')).map(({ at, message }) => [at.slice('/body/'.length), message]),
    );
  }
}

/** The problem in any error; what is no ApiProblem is a fault of the portal's own and says so. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem('portal_fault', 0, error instanceof Error ? error.message : String(error));
}

/** Reads the problem in an answer that is none of 2xx. */
export async function problemIn(response: Response): Promise<ApiProblem> {
  const body = await response.json().catch(() => null);
  const problem: Partial<Problem> = typeof body === 'object' && body !== null ? body : {};
  const code = problem.type?.split(/[/#]/).at(-1) ?? 'internal';
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const detail = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  return new ApiProblem(code, response.status, detail, problem, Number.isFinite(seconds) ? seconds * 1000 : undefined);
}
