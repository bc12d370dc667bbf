// WebSockets behind a guarded route: the handshake is a call like any other and goes through every request rule and the verdict;
// what follows it is passed both ways unread. Nothing is upgraded but a WebSocket, and only once the upstream has agreed.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import process from 'node:process';
import { type Duplex, pipeline } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KeywardError } from '../../core/errors.ts';
import { noAnswer } from '../error-mapping.ts';
import { isHandshake, refuseUpgrade } from '../listener/listener.ts';
import type { PassLimits } from './pass-limits.ts';
import { answeredHeaders } from './response-headers.ts';

// An import of this module would load all that it exports, an HTTP client and a WebSocket among it (Node's own, 30 ms).
const { request: overHttp, ServerResponse } = process.getBuiltinModule('node:http');

/** Milliseconds between two verdicts on an open WebSocket. */
const verdictMs = 5_000;

interface Upgrade {
  socket: Socket;
  head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** Sends upgrade requests through the app like all others; what is answered without an upgrade ends the connection. */
export function acceptUpgrades(app: FastifyInstance, isTls: boolean): void {
  app.server.on('upgrade', (raw, duplex: Duplex, head) => {
    const socket = duplex as Socket;
    socket.on('error', () => socket.destroy());
    if (!isHandshake(raw)) return refuseUpgrade(socket, isTls);
    upgrades.set(raw, { socket, head });
    const response = new ServerResponse(raw);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    // What came behind it is read by nobody, and would hide that the client has gone.
    response.once('finish', () => socket.resume().end());
    app.routing(raw, response);
  });
}

/** True while a request waits for its upgrade. */
export function asksForUpgrade(request: FastifyRequest): boolean {
  return upgrades.has(request.raw);
}

/** An open WebSocket's end; `isAllowed` is asked every few seconds, and a no, or no answer, ends it. */
export interface Tunnel {
  /** The upstream's own address. */
  upstream: URL;
  /** What is asked of it: path and query. */
  path: string;
  limits: Pick<PassLimits, 'answerMs' | 'idleMs'>;
  headers: IncomingHttpHeaders;
  isAllowed: () => Promise<boolean>;
  open: Set<Socket>;
  /** True once all that are open were ended, and no further one may be added. */
  isClosing: () => boolean;
}

/**
 * Passes the handshake on. Resolves with true once the WebSocket is open or its client has gone, with false once the
 * upstream's refusal is on its way. Rejects with KeywardError `unavailable`.
 */
export function passUpgrade(request: FastifyRequest, reply: FastifyReply, tunnel: Tunnel): Promise<boolean> {
  const { socket, head } = upgrades.get(request.raw) as Upgrade;
  const { 'content-length': _, ...rest } = tunnel.headers;
  const headers = { ...rest, connection: 'Upgrade', upgrade: 'websocket' };
  const hostname = tunnel.upstream.hostname.replace(/^\[|\]$/g, '');
  const call = (tunnel.upstream.protocol === 'https:' ? overHttps : overHttp)(tunnel.upstream, {
    path: tunnel.path,
    headers,
    agent: false,
    // Else Node takes it from the Host of the call. An address is no name (RFC 6066 section 3).
    servername: isIP(hostname) === 0 ? hostname : '',
  });
  const limit = setTimeout(() => call.destroy(new Error('The handshake took too long.')), tunnel.limits.answerMs);
  const giveUp = () => call.destroy();
  socket.once('close', giveUp);
  return new Promise<boolean>((resolve, reject) => {
    call.once('upgrade', (answer, far, farHead) => {
      if (tunnel.isClosing()) {
        far.destroy();
        reject(new KeywardError('unavailable', 'The server is stopping.'));
        return;
      }
      reply.hijack();
      reply.raw.detachSocket(socket);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headLines(answer, reply, tunnel.upstream)}\r\n`);
      join(socket, far, head, farHead, tunnel);
      resolve(true);
    });
    call.once('response', (answer) => {
      reply
        .code(answer.statusCode ?? 502)
        .headers(answeredHeaders(answer.headers, tunnel.upstream))
        .header('connection', 'close');
      reply.send(answer);
      resolve(false);
    });
    call.once('error', (cause) => {
      if (!socket.destroyed) return reject(noAnswer(cause, tunnel.upstream.origin));
      // Nobody is there to be answered, and no upstream has failed.
      reply.hijack();
      resolve(true);
    });
    if (socket.destroyed) giveUp();
    call.end();
  }).finally(() => {
    clearTimeout(limit);
    socket.off('close', giveUp);
  });
}

function join(near: Socket, far: Socket, head: Buffer, farHead: Buffer, { isAllowed, open, limits }: Tunnel): void {
  open.add(near);
  const watch = setInterval(() => {
    isAllowed().then(
      (allowed) => allowed || near.destroy(),
      () => near.destroy(),
    );
  }, verdictMs);
  const end = () => {
    clearInterval(watch);
    open.delete(near);
    near.destroySoon();
    far.destroySoon();
  };
  for (const socket of [near, far]) socket.setTimeout(limits.idleMs, () => socket.destroy()).setNoDelay(true);
  if (head.length > 0) far.write(head);
  if (farHead.length > 0) near.write(farHead);
  // A WebSocket is closed both ways at once: where one way has ended, nobody reads the other (RFC 6455 section 7.1.1).
  pipeline(near, far, end);
  pipeline(far, near, end);
}

/** The head of the upstream's answer, with what this hop says of itself and what the reply already holds. */
function headLines(answer: IncomingMessage, reply: FastifyReply, upstream: URL): string {
  const headers = {
    ...reply.getHeaders(),
    ...answeredHeaders(answer.headers, upstream),
    connection: 'Upgrade',
    upgrade: 'websocket',
    'x-request-id': reply.request.id,
  };
  return Object.entries(headers)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`))
    .join('');
}
