// Connections on which nothing has come yet but simple requests to fast-path endpoints. Node's parser makes of each request
// a stream and of each answer another, which costs more than a verdict; here a request is read from the bytes that came and
// its answer written, and that is all. The first thing that is anything else, or comes in pieces, or before the last answer
// is out, goes to Node with all that follows on that connection: there Node's own rules, limits and timeouts hold.

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { timeouts } from '../listener/listener.ts';
import type { ServeByNode } from '../listener/node-connection.ts';
import { requestParser } from './parser.ts';
import type { RawRequest } from './request.ts';
import { serializeResponse } from './response.ts';

/** Answers the request now or later and says true, or does nothing at all and says false. */
export type AnswerFast = (request: RawRequest) => boolean;

/** Has every connection of the app's server begin here; those that are left go to `serveByNode`. */
export function listenFast(
  app: FastifyInstance,
  event: 'connection' | 'secureConnection',
  answer: AnswerFast,
  serveByNode: ServeByNode,
): void {
  const open = new Set<FastConnection>();
  let isClosing = false;
  app.server.prependListener(event, (socket: Socket) => {
    // Such as one whose handshake was under way when the server stopped.
    if (isClosing) {
      socket.destroy();
      return;
    }
    const connection = fastConnection(socket, answer, (isLeft, bytes) => {
      open.delete(connection);
      if (isLeft) serveByNode(socket, bytes);
    });
    open.add(connection);
  });
  // Timers of the sockets' own would be set anew with all that comes and goes.
  const sweep = setInterval(() => {
    for (const connection of open) connection.tick();
  }, sweepMs);
  sweep.unref();
  app.addHook('preClose', (done) => {
    isClosing = true;
    clearInterval(sweep);
    for (const connection of open) connection.endIfIdle();
    done();
  });
}

const sweepMs = 250;
/**
 * Sweeps after which an idle connection ends (a second later than the client was told, who may be about to use it), and
 * one on which nothing has come yet is left to Node.
 */
const longestIdle = (timeouts.keepAlive + 1000) / sweepMs;
const longestNew = timeouts.firstWord / sweepMs;

/** What the server asks of an open connection. */
interface FastConnection {
  /** Has been idle for one sweep more. */
  tick(): void;
  endIfIdle(): void;
}

/** `leave` is called once: with true if the connection, in its present state, is left to Node, with what was read last. */
function fastConnection(
  socket: Socket,
  answerFast: AnswerFast,
  leave: (isLeft: boolean, bytes?: Buffer) => void,
): FastConnection {
  const read = requestParser();
  let [isNew, isBusy, isHead, hasEnded] = [true, false, false, false];
  /** Sweeps since anything came or went. */
  let idle = 0;
  /** What came while an answer was awaited. */
  let early: Buffer[] = [];

  const receive = (bytes: Buffer): void => {
    if (isBusy) {
      early.push(bytes);
      socket.pause();
      return;
    }
    // Whoever does not take his answers is Node's to hold up.
    const request = socket.writableNeedDrain ? undefined : read(bytes);
    if (request === undefined) {
      leaveToNode(bytes);
      return;
    }
    const { method, url, headers, body } = request;
    isNew = false;
    idle = 0;
    isBusy = true;
    isHead = method === 'HEAD';
    if (answerFast({ method, url, headers, socket, readBody: (done) => done(body), send })) return;
    isBusy = false;
    leaveToNode(bytes);
  };

  const send: RawRequest['send'] = (answer, sent) => {
    const isLast = answer.isLast || hasEnded;
    const whole = serializeResponse(isLast ? { ...answer, isLast } : answer, isHead);
    if (socket.writable) socket.write(whole, 'latin1');
    if (isLast) socket.destroySoon();
    isBusy = false;
    idle = 0;
    sent?.();
    if (early.length > 0 && !isLast) receiveEarly();
  };

  const receiveEarly = (): void => {
    const bytes = Buffer.concat(early);
    early = [];
    socket.resume();
    receive(bytes);
  };

  /** He says no more, as some do who wait for one answer. */
  const end = (): void => {
    hasEnded = true;
    if (!isBusy) socket.end();
  };

  const close = (): void => leave(false);

  const leaveToNode = (bytes?: Buffer): void => {
    socket.off('data', receive).off('end', end).off('error', ignore).off('close', close);
    leave(true, bytes);
  };

  socket.on('data', receive).on('end', end).on('error', ignore).on('close', close);
  return {
    tick() {
      idle += 1;
      if (isNew && idle >= longestNew) leaveToNode();
      else if (idle > longestIdle && !isBusy) socket.destroy();
    },
    endIfIdle() {
      if (!isBusy) socket.destroy();
    },
  };
}

/** A connection that breaks closes, and that is all there is to it. */
function ignore(): void {}
