// How connections end when the server stops: calls under way are answered, and nothing that is idle holds up the end.

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Lets `app.close()` end promptly: answers close their connection, and those that never said a word are dropped. What
 * answers beside the router asks the result whether it is time.
 */
export function endConnectionsOnClose(app: FastifyInstance): () => boolean {
  const open = new Set<Socket>();
  let isClosing = false;
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    // Browsers and HTTP clients connect ahead of need; Node would wait for the request that never comes.
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
  // A connection kept open after its last answer would hold up the end by its whole idle time.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done(null, payload);
  });
  return () => isClosing;
}
