// Requests that may take longer than those of our own endpoints: what is passed on to a guarded API has times of its own,
// between two pieces instead of in all. Whoever passes it on keeps them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const withoutDeadline = new WeakSet<Socket>();

/**
 * Lifts the times of a request until its answer is out. Its socket may be silent for `silentMs`, and a little longer: so
 * that whoever has times of its own is asked first.
 */
export function liftTimes(request: IncomingMessage, response: ServerResponse, silentMs: number): void {
  const { socket } = request;
  withoutDeadline.add(socket);
  // Node sets its own again with the end of the answer.
  socket.setTimeout(silentMs + graceMs);
  response.once('close', () => withoutDeadline.delete(socket));
}

/** True while the times of the request on this socket are lifted. */
export function hasNoDeadline(socket: Socket): boolean {
  return withoutDeadline.has(socket);
}

const graceMs = 5_000;
