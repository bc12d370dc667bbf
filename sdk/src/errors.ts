// What this package throws. A refused credential is not among it: that is a verdict.

import type { Problem } from './wire/problem.ts';

export type KeywardErrorCode =
  /** Keyward refuses the credential that this program was given. */
  | 'credential_refused'
  /** The credential lacks a permission that this needs; the message names it. */
  | 'forbidden'
  /** Keyward cannot be reached, does not answer in time, or cannot answer now. Nothing was decided. */
  | 'unavailable'
  /**
   * Keyward cannot be reached as things are set up: the certificate is not trusted, or TLS is not spoken there. Or what it
   * was asked about does not exist, such as a plan that a guard names: the message names it.
   */
  | 'misconfigured'
  /** Something answered that does not speak as Keyward does. */
  | 'unexpected_answer'
  /** The request would have carried the credential to an origin that it is not for. */
  | 'foreign_origin'
  /** The client or verifier was closed. */
  | 'closed';

export interface KeywardErrorDetail {
  /** The status of the answer, if there was one. */
  status?: number;
  /** What Keyward said, if it said it as a problem (RFC 9457). */
  problem?: Problem;
  cause?: unknown;
}

/** A call that could not be made, or a check that could not be decided. `message` holds no secret. */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';
  readonly code: KeywardErrorCode;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;

  constructor(code: KeywardErrorCode, message: string, detail: KeywardErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.status = detail.status;
    this.problem = detail.problem;
  }
}

/**
 * The error for an answer of Keyward's that is no success; reads its body. `what` says what was asked for, as in
 * `exchange the credential`. A 5xx or 429 is `unavailable`: trying again may help.
 */
export async function errorFrom(response: Response, what: string): Promise<KeywardError> {
  const { status } = response;
  const problem = await problemIn(response);
  const said = problem === undefined ? '' : ` ${problem.detail}`;
  const detail = { status, ...(problem !== undefined && { problem }) };
  return new KeywardError(codeOf(status, problem), `Keyward answered ${status} when asked to ${what}.${said}`, detail);
}

function codeOf(status: number, problem: Problem | undefined): KeywardErrorCode {
  if (status === 404 && problem?.type?.endsWith('/not_found')) return 'misconfigured';
  if (status === 401) return 'credential_refused';
  if (status === 403) return 'forbidden';
  return status === 429 || status >= 500 ? 'unavailable' : 'unexpected_answer';
}

async function problemIn(response: Response): Promise<Problem | undefined> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  try {
    if (isProblem) return (await response.json()) as Problem;
    await response.body?.cancel();
  } catch {
    // Half an answer is as good as none: the status is known.
  }
  return undefined;
}
