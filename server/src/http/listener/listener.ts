// The limits of the socket and the answers to what is not a request at all. What is a request goes to app.ts.

import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import type { ServerOptions as TlsServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { headerLimit } from '../request-rules.ts';
import { hsts } from '../require-https.ts';
import { hasNoDeadline } from './slow-request.ts';

/** A certificate chain and its key, in PEM. */
export interface Tls {
  cert: string | Buffer;
  key: string | Buffer;
}

/**
 * Milliseconds. A connection on which nothing has come after `firstWord` is Node's, whose times begin then. The whole
 * request must be there 14 s after that, so that a slow sender is gone within 15.
 */
export const timeouts = {
  firstWord: 500,
  headers: 10_000,
  request: 14_000,
  idleSocket: 30_000,
  keepAlive: 72_000,
  check: 500,
} as const;

/** Node's own defaults, tightened (S62, S63, S75). */
export const serverOptions: ServerOptions = {
  maxHeaderSize: headerLimit,
  headersTimeout: timeouts.headers,
  requestTimeout: timeouts.request,
  connectionsCheckingInterval: timeouts.check,
  insecureHTTPParser: false,
  requireHostHeader: true,
  // Saves a seventh of a small request. One without a body is over at once then, and its stream tells nobody of an end:
  // whoever reads bodies asks `bodyOf`, and whoever waits for a client to go asks the answer. Node from 24.12.
  optimizeEmptyRequests: true,
  // Node before 24.9 does not ask: there every upgrade goes to web-socket.ts.
  shouldUpgradeCallback: isHandshake,
};

/** What new connections are encrypted with. */
export function secureContext({ cert, key }: Tls): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2' };
}

export function tlsServerOptions(tls: Tls): TlsServerOptions {
  // As over plain TCP: whoever says no more is still answered.
  return {
    ...serverOptions,
    ...secureContext(tls),
    handshakeTimeout: timeouts.headers,
    allowHalfOpen: true,
  };
}

const parserAnswers: Readonly<Record<string, readonly [status: number, title: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Content Too Large'],
};

/** Answers what Node's parser refused, if no other answer is on its way on that socket, and closes it. */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket, isTls: boolean): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && hasNoDeadline(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegunToAnswer(socket)) {
    socket.destroy();
    return;
  }
  const [status, title] = parserAnswers[error.code ?? ''] ?? [400, 'Bad Request'];
  endWith(socket, status, title, isTls);
}

/** Answers a request whose body did not go on in time with 408, if no other answer is on its way, and closes. */
export function refuseSlowRequest(socket: Socket): void {
  if (!socket.writable || hasBegunToAnswer(socket)) socket.destroy();
  else endWith(socket, 408, 'Request Timeout', isEncrypted(socket));
}

/** True for the handshake of a WebSocket (RFC 6455 section 4.1), which has no body. */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  const isBare = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  return method === 'GET' && isBare && headers.upgrade?.toLowerCase() === 'websocket';
}

/** CONNECT is no request of any dialect: this is not a proxy (RFC 9110 section 9.3.6). */
export function refuseConnect(socket: Duplex, isTls: boolean): void {
  endWith(socket, 405, 'Method Not Allowed', isTls, ['Allow: GET, POST']);
}

/** Nothing is upgraded but a WebSocket. */
export function refuseUpgrade(socket: Duplex, isTls: boolean): void {
  endWith(socket, 400, 'Bad Request', isTls);
}

/** Whether the client sends its body all the same is not known, so this is the connection's last answer. */
export function refuseExpectation(response: ServerResponse): void {
  const { lines, body } = problem(417, 'Expectation Failed', isEncrypted(response.socket));
  response.writeHead(417, 'Expectation Failed', lines.flat()).end(body);
}

/** A dialect cannot speak here, since it is not known what was asked: RFC 9457 in its shortest form. */
function endWith(socket: Duplex, status: number, title: string, isTls: boolean, more: readonly string[] = []): void {
  const { lines, body } = problem(status, title, isTls);
  const head = [`HTTP/1.1 ${status} ${title}`, ...more, ...lines.map((line) => line.join(': '))];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** The header lines and the body of a connection's last answer. */
function problem(status: number, title: string, isTls: boolean): { lines: [string, string][]; body: string } {
  const body = JSON.stringify({ type: 'about:blank', title, status });
  const lines: [string, string][] = [
    ['Content-Type', 'application/problem+json'],
    ['Content-Length', `${Buffer.byteLength(body)}`],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ...(isTls ? [['Strict-Transport-Security', hsts] as [string, string]] : []),
    ['Connection', 'close'],
  ];
  return { lines, body };
}

function isEncrypted(socket: Socket | null): boolean {
  return socket !== null && Reflect.get(socket, 'encrypted') === true;
}

/** Node keeps the answer under way at the socket; writing between its lines would corrupt it. */
function hasBegunToAnswer(socket: Socket): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'headersSent') === true;
}
