// A request that may be answered on the fast path, whoever has read it: Node, or connection.ts.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { areHeadersTooLarge, isHost } from '../request-rules.ts';
import type { RawResponse } from './response.ts';

/** What the fast path sees of a request, and how it is answered: once. */
export interface RawRequest {
  readonly method: string;
  /** As it came: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { remoteAddress?: string | undefined; encrypted?: unknown };
  /** Calls `done` once with the whole body; never, if the client goes before that. */
  readBody(done: (bytes: Buffer) => void): void;
  /** Throws a TypeError for a header that cannot be sent, and has sent nothing then. `sent` is called when it is out. */
  send(answer: RawResponse, sent?: () => void): void;
}

/** A request that Node has read; undefined if a request rule might object to its lines. */
export function requestFromNode(raw: IncomingMessage, response: ServerResponse): RawRequest | undefined {
  const { url = '', method = '', headers, rawHeaders, socket } = raw;
  let names = 0;
  for (const _ in headers) names += 1;
  if (names * 2 !== rawHeaders.length || areHeadersTooLarge(rawHeaders)) return undefined;
  if (!isHost(headers.host ?? '')) return undefined;
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return undefined;
  return {
    method,
    url,
    headers,
    socket,
    readBody: (done) => readBody(raw, done),
    send: (answer, sent) => send(response, answer, sent),
  };
}

function readBody(raw: IncomingMessage, done: (bytes: Buffer) => void): void {
  const pieces: Buffer[] = [];
  raw.on('data', (piece: Buffer) => pieces.push(piece));
  raw.on('end', () => done(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)));
}

function send(
  response: ServerResponse,
  { status, headers, lines, text, isLast }: RawResponse,
  sent?: () => void,
): void {
  const head = Object.entries(headers).flat();
  for (const line of lines.split('\r\n').slice(0, -1)) {
    const colon = line.indexOf(': ');
    head.push(line.slice(0, colon), line.slice(colon + 2));
  }
  if (isLast) head.push('connection', 'close');
  response.writeHead(status, head);
  if (sent !== undefined) response.once('finish', sent);
  response.end(text);
}
