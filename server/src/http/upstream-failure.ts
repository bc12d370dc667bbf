// What is said of a guarded API that did not answer, wherever that shows: while it is called, or while its answer is sent.

import { KeywardError } from '../core/errors.ts';

/**
 * What a client is told of an upstream that did not answer; the cause is for the log. Unless no connection was made, the
 * upstream may have done what was asked.
 */
export function noAnswer(cause: unknown): KeywardError {
  const isOutcomeUnknown = !isNotReached(cause);
  return new KeywardError('unavailable', 'The service behind this path did not answer.', { cause, isOutcomeUnknown });
}

/** True where not a byte can have arrived: the address was not found, or nobody took the connection. */
function isNotReached(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isNotReached);
  if (!(cause instanceof Error)) return false;
  const { code, syscall } = cause as NodeJS.ErrnoException;
  return code === 'UND_ERR_CONNECT_TIMEOUT' || syscall === 'connect' || syscall === 'getaddrinfo';
}
