// `Expect`: a client that asks before it sends its body is told to go on only when somebody is about to read that body. A
// refusal is a final answer in its place, and what else a client expects is refused (RFC 9110 section 10.1.1).

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { refuseExpectation } from './listener.ts';

const waiting = new WeakSet<IncomingMessage>();

/** Has the server leave `100 Continue` to whoever reads the body, and answer what else is expected with 417. */
export function takeExpectations(
  server: Server,
  route: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  server.on('checkContinue', (request, response) => {
    waiting.add(request);
    route(request, response);
  });
  server.on('checkExpectation', (_request, response) => refuseExpectation(response));
}

/** True while the client waits to be told whether to send its body. */
export function awaitsContinue(request: IncomingMessage): boolean {
  return waiting.has(request);
}

/** Tells a client that waits to send its body; does nothing for any other. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (waiting.delete(request)) response.writeContinue();
}
