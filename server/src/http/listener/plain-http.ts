// Plain HTTP on the port of HTTPS: it is told apart by its first byte and answered by the same routes, which refuse it in
// plain words (require-https.ts), so that nobody is left with a connection that just breaks. It never gets further.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import process from 'node:process';
import type { FastifyInstance } from 'fastify';
import { takeExpectations } from './expect-continue.ts';
import { refuseBrokenRequest, serverOptions, timeouts } from './listener.ts';
import { nodeConnections } from './node-connection.ts';

// A static import of node:http loads the whole HTTP client of Node, undici, which costs a tenth of a start.
const { createServer } = process.getBuiltinModule('node:http');

/** What a TLS record of a handshake begins with (RFC 8446 section 5.1). */
const handshakeByte = 22;

/** Has the app's HTTPS server answer plain HTTP too. Call it before anyone else listens for its connections. */
export function answerPlainHttp(app: FastifyInstance): void {
  const { server } = app;
  const [beginTls] = server.listeners('connection') as ((socket: Socket) => void)[];
  if (beginTls === undefined) throw new Error('The server does not listen for connections.');
  server.off('connection', beginTls);
  // Node says that a connection closes after its last request, and leaves it open for seconds; this closes it.
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    response.shouldKeepAlive = false;
    app.routing(request, response);
  };
  const plain = createServer(serverOptions, answer);
  plain.on('clientError', (error, socket) => refuseBrokenRequest(error, socket as Socket, false));
  takeExpectations(plain, answer);
  plain.maxRequestsPerSocket = 1;
  const servePlain = nodeConnections(plain, 'connection');

  server.on('secureConnection', (socket: Socket) => {
    socket.allowHalfOpen = true;
  });
  server.on('connection', (socket: Socket) => {
    const giveUp = setTimeout(() => socket.destroy(), timeouts.request);
    socket.once('close', () => clearTimeout(giveUp));
    socket.on('error', ignore);
    socket.once('data', (bytes: Buffer) => {
      if (bytes[0] !== handshakeByte) {
        servePlain(socket, bytes);
        return;
      }
      clearTimeout(giveUp);
      socket.off('error', ignore).pause();
      socket.unshift(bytes);
      // The TLS socket takes this over. Left half open by a client that goes during its handshake, it would never close.
      socket.allowHalfOpen = false;
      beginTls.call(server, socket);
    });
  });
}

/** A connection that breaks closes, and that is all there is to it. */
function ignore(): void {}
