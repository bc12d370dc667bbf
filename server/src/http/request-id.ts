// What a request is called in the log and in what is passed on: the caller's own id, or one of ours.

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A correlation id of the caller's own, if it can do no harm in a header or a log; else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.~-]{1,128}$/.test(id) ? id : randomUUID();
}

/**
 * Says in the answer what a refused call can be found by. The same for every refusal, whatever its reason, so that whoever
 * is refused learns nothing from it.
 */
export const refusalHeader = 'keyward-refusal';
