// Node's parser answers all requests of one read before anyone else's turn, and what is broken behind a request takes its
// answer away. So it is given one request at a time: the next one when the last is answered and its answer is taken, and
// behind others that wait (fair-queue.ts). What waits is not parsed here: only where a request ends is looked for.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { requestEvents } from '../request-target.ts';
import { type Enqueue, fairQueue } from './fair-queue.ts';

/** Has Node serve a connection in its present state. `bytes` were read of it before. */
export type ServeByNode = (socket: Socket, bytes?: Buffer) => void;

/**
 * Takes the server's connections from Node's own listener, and gives back how Node is made to serve one. Call it when the
 * server has its listeners for requests.
 */
export function nodeConnections(server: Server, event: 'connection' | 'secureConnection'): ServeByNode {
  const [listener] = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
  if (listener === undefined) throw new Error('The server does not listen for connections.');
  server.off(event, listener);
  const enqueue = fairQueue();
  const open = new WeakMap<Socket, NodeConnection>();
  for (const event of requestEvents) {
    // A listener would keep Node from what it does without one.
    if (server.listenerCount(event) === 0) continue;
    server.prependListener(event, (request: IncomingMessage, response: ServerResponse) =>
      open.get(request.socket)?.begin(request, response),
    );
  }
  for (const end of ['upgrade', 'connect'] as const) {
    server.prependListener(end, (_request, socket) => open.get(socket as Socket)?.release());
  }
  return (socket, bytes) => {
    const before = socket.listeners('end');
    listener.call(server, socket);
    // Node's parser hears of bytes and of their end by these two.
    const [onData] = socket.listeners('data') as ((bytes: Buffer) => void)[];
    const onEnd = socket.listeners('end').find((one) => !before.includes(one)) as (() => void) | undefined;
    if (onData === undefined || onEnd === undefined) throw new Error('Node does not listen to its connection.');
    const connection = nodeConnection(socket, { onData, onEnd }, enqueue);
    open.set(socket, connection);
    if (bytes !== undefined) connection.receive(bytes);
  };
}

/** What the server tells a connection. */
interface NodeConnection {
  receive(bytes: Buffer): void;
  /** Node has read the head of a request. */
  begin(request: IncomingMessage, response: ServerResponse): void;
  /** From now on the socket is someone else's. */
  release(): void;
}

function nodeConnection(
  socket: Socket,
  { onData, onEnd }: { onData: (bytes: Buffer) => void; onEnd: () => void },
  enqueue: Enqueue,
): NodeConnection {
  /** The last one that was begun. */
  let request: IncomingMessage | null = null;
  let unanswered = 0;
  /** Bytes of its body that Node has not seen; NaN where they come in chunks. */
  let bodyLeft = 0;
  /** The last bytes that Node has seen of a head, or of chunks, whose end has not come. */
  let tail = nothing;
  /** What Node has not seen: further requests, or what is too much for one turn. The socket is paused then. */
  let waiting = nothing;
  let [isQueued, hasEnded, hasToldEnd, isReleased] = [false, false, false, false];

  const receive = (bytes: Buffer): void => {
    if (waiting.length > 0) hold(Buffer.concat([waiting, bytes]));
    else feed(bytes);
  };

  /** Gives Node at most one new request, in so many pieces as one turn has. */
  const feed = (bytes: Buffer): void => {
    let rest = bytes;
    let hasBegun = false;
    for (let pieces = 0; rest.length > 0; pieces += 1) {
      if (!isInBody() && (hasBegun || unanswered > 0 || socket.writableNeedDrain)) {
        hold(rest);
        return;
      }
      if (pieces === piecesPerTurn) {
        hold(rest);
        queue();
        return;
      }
      const last = request;
      const end = endOfNext(rest);
      onData(end === rest.length ? rest : rest.subarray(0, end));
      rest = rest.subarray(end);
      hasBegun ||= request !== last;
      if (isReleased) break;
      // Refused, or answered for the last time.
      if (!socket.writable) return;
    }
    if (rest.length > 0) socket.unshift(rest);
  };

  const hold = (bytes: Buffer): void => {
    waiting = bytes;
    socket.pause();
  };

  const isInBody = (): boolean => request !== null && !request.complete;

  /** How many of these bytes belong to the same head, or to the same body. */
  const endOfNext = (bytes: Buffer): number => {
    if (isInBody() && bodyLeft > 0) {
      const end = Math.min(bodyLeft, bytes.length);
      bodyLeft -= end;
      return end;
    }
    // Both a head and the last of the chunks end with an empty line.
    const end = endOfLines(tail, bytes);
    tail = end === -1 ? Buffer.concat([tail, bytes.subarray(-3)]).subarray(-3) : nothing;
    return end === -1 ? bytes.length : end;
  };

  const begin: NodeConnection['begin'] = (next, response) => {
    request = next;
    bodyLeft = Number(next.headers['content-length']);
    unanswered += 1;
    response.once('close', () => {
      unanswered -= 1;
      proceed();
    });
  };

  const proceed = (): void => {
    if (unanswered > 0 || isReleased) return;
    if (waiting.length === 0) {
      if (hasEnded) tellEnd();
    } else if (!socket.writableNeedDrain) {
      queue();
    }
  };

  const queue = (): void => {
    if (isQueued) return;
    isQueued = true;
    enqueue(takeTurn);
  };

  const takeTurn = (): void => {
    isQueued = false;
    const bytes = waiting;
    waiting = nothing;
    if (!socket.writable) return;
    feed(bytes);
    if (waiting.length > 0) return;
    if (hasEnded) finish();
    // Node reads on by itself once somebody takes more of the body.
    else if (!isInBody() || !isFull(request)) socket.resume();
  };

  /** Whoever says no more is answered what was asked, and no body is awaited. */
  const end = (): void => {
    hasEnded = true;
    if (request !== null && abortedOnEnd.has(request)) tellEnd();
    else finish();
  };

  /** Has Node hear of the end once it has seen all that came before. */
  const finish = (): void => {
    if (isInBody() && waiting.length === 0) tellEnd();
    else proceed();
  };

  const tellEnd = (): void => {
    if (hasToldEnd) return;
    hasToldEnd = true;
    onEnd();
  };

  /** Node reads on where it wants more of a body. */
  const pauseAgain = (): void => {
    if (waiting.length > 0) socket.pause();
  };

  const release = (): void => {
    isReleased = true;
    socket.off('data', receive).off('end', end).off('resume', pauseAgain).off('drain', proceed);
  };

  socket.off('data', onData).off('end', onEnd);
  socket.on('data', receive).on('end', end).on('resume', pauseAgain).on('drain', proceed);
  return { receive, begin, release };
}

const abortedOnEnd = new WeakSet<IncomingMessage>();

/** Has a request whose client says no more count as one that nobody waits for any longer, as proxies see it. */
export function abortOnEnd(request: IncomingMessage): void {
  abortedOnEnd.add(request);
}

/** True where so much of the body waits that Node has stopped reading. */
function isFull(request: IncomingMessage | null): boolean {
  return request !== null && request.readableLength >= request.readableHighWaterMark;
}

/** What is mostly empty lines comes in a piece for each of them. */
const piecesPerTurn = 64;

const nothing: Buffer = Buffer.alloc(0);

const emptyLine = '\r\n\r\n';

/** Where the first empty line ends of `bytes`, which follow `tail`; -1 if there is none. */
function endOfLines(tail: Buffer, bytes: Buffer): number {
  const boundary = tail.length === 0 ? -1 : Buffer.concat([tail, bytes.subarray(0, 3)]).indexOf(emptyLine, 0, 'latin1');
  if (boundary >= 0) return boundary + emptyLine.length - tail.length;
  const at = bytes.indexOf(emptyLine, 0, 'latin1');
  return at < 0 ? -1 : at + emptyLine.length;
}
