// When a call is made again after a server has said "later" (RFC 9110 section 10.2.3): only where that cannot do a thing
// twice. A connection that failed is never tried again here: nobody knows how far the call had come.

import { sleep } from './waiting.ts';

export interface RetryOptions {
  /** How often a call is tried in all. */
  tries: number;
  /** A longer `Retry-After` is not waited for. */
  longestWaitMs: number;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** What may be done again with a call. */
export interface Repeatable {
  /** False if its body can be read only once. */
  canResend: boolean;
  /** True if doing it twice is as doing it once. */
  isIdempotent: boolean;
}

/** `send`, once more after each answer that asks for it, as far as that is allowed. Rejects as `send`, and with the signal's reason. */
export async function withRetries(
  send: () => Promise<Response>,
  call: Repeatable,
  { tries, longestWaitMs, clock }: RetryOptions,
  signal: AbortSignal,
): Promise<Response> {
  for (let tried = 1; ; tried += 1) {
    const response = await send();
    if (tried >= tries || !mayRepeat(response.status, call)) return response;
    const waitMs = retryAfterMsOf(response, clock());
    if (waitMs === null || waitMs > longestWaitMs) return response;
    await response.body?.cancel();
    await sleep(waitMs, signal);
  }
}

/** GET, HEAD, OPTIONS, TRACE, PUT and DELETE (RFC 9110 section 9.2.2), and what carries a key that makes it so. */
export function isIdempotent(method: string, headers: Headers): boolean {
  return idempotentMethods.has(method.toUpperCase()) || headers.has('idempotency-key');
}

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** A 429 refuses a call before anything is done; behind a 503 the call may have been done, and only its answer lost. */
function mayRepeat(status: number, { canResend, isIdempotent }: Repeatable): boolean {
  return canResend && (status === 429 || (status === 503 && isIdempotent));
}

/** How long an answer says to wait, in milliseconds; null if it does not say. */
function retryAfterMsOf(response: Response, now: number): number | null {
  const text = response.headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
