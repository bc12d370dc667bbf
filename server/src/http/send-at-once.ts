// An answer sent as one text. Node puts a head together line by line and looks twice at each, which costs as much as the
// whole verdict; here it is one text and one look, for the plain answers of the doors. Everything else is Node's to send:
// an answer that must wait its turn, is its connection's last, or is none that this file is sure of.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { timeouts } from './listener.ts';

/** An answer but for its status. */
export interface Plain {
  /** Whole lines, of our own making. */
  lines: string;
  headers: Readonly<Record<string, string>>;
  /** Empty for none; its length is in one of the two. */
  text: string;
}

/** Sends the answer, or does nothing and says false: then Node must send it. */
export function sendAtOnce(request: IncomingMessage, response: ServerResponse, status: number, plain: Plain): boolean {
  const { socket } = response;
  // Without a socket another answer is under way on it, which this one must follow.
  if (socket === null || !socket.writable || !response.shouldKeepAlive || request.httpVersion !== '1.1') return false;
  if (request.method === 'HEAD' || status < 200 || status === 204 || status === 304) return false;
  const { headers, text } = plain;
  let whole = status === 200 ? okLine : statusLine(status);
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!isPrintable(value)) return false;
    whole += `${name}: ${value}\r\n`;
  }
  whole += plain.lines + standingLines() + text;
  response.statusCode = status;
  socket.write(whole, text === '' || isAscii(text) ? 'latin1' : 'utf8');
  // What Node does when an answer of its own has been sent, it does at this word; not before it has read the request.
  if (request.readableEnded) finish(response);
  else process.nextTick(finish, response);
  return true;
}

function finish(response: ServerResponse): void {
  response.emit('finish');
}

/** True for what a header may hold, and less than Node allows: what we say in headers is ASCII. */
function isPrintable(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
}

const okLine = statusLine(200);

/** The lines that Node adds to every answer after which the connection stays open, and the empty one at the end. */
function standingLines(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== standing.second) {
    standing.second = second;
    standing.lines = `Date: ${new Date(second * 1000).toUTCString()}\r\n${openLines}\r\n`;
  }
  return standing.lines;
}

const standing = { second: 0, lines: '' };
const openLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${timeouts.keepAlive / 1000}\r\n`;
