// An answer sent as one text. Node puts a head together line by line and looks twice at each, which costs as much as the
// whole verdict; here it is one text and one look, for the plain answers of the doors. Everything else is Node's to send:
// an answer that must wait its turn, is its connection's last, or is none that this file is sure of.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';

/** An answer with all its headers; names are ours and in lower case. */
export interface Plain {
  status: number;
  /** Names and values in turn. */
  head: readonly string[];
  /** Empty for none; its length is in the head. */
  text: string;
}

/** Sends the answer, or does nothing and says false: then Node must send it. */
export function sendAtOnce(request: IncomingMessage, response: ServerResponse, { status, head, text }: Plain): boolean {
  const { socket } = response;
  // Without a socket another answer is under way on it, which this one must follow.
  if (socket === null || !socket.writable || !response.shouldKeepAlive || request.httpVersion !== '1.1') return false;
  if (request.method === 'HEAD' || status < 200 || status === 204 || status === 304) return false;
  const lines = linesOf(head);
  if (lines === null) return false;
  response.statusCode = status;
  socket.write(`${statusLine(status)}${lines}${standingLines(response)}${text}`, 'utf8');
  // What Node does when an answer of its own has been sent, it does at this word.
  process.nextTick(finish, response);
  return true;
}

function finish(response: ServerResponse): void {
  response.emit('finish');
}

/** Null if a value cannot be sent in a header: Node then says so. */
function linesOf(head: readonly string[]): string | null {
  let lines = '';
  for (let at = 0; at + 1 < head.length; at += 2) {
    const value = head[at + 1] ?? '';
    if (notPrintable.test(value)) return null;
    lines += `${head[at]}: ${value}\r\n`;
  }
  return lines;
}

/** Less than Node allows: what we say in headers is ASCII. */
const notPrintable = /[^\x20-\x7e]/;

function statusLine(status: number): string {
  return status === 200 ? okLine : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
}

const okLine = 'HTTP/1.1 200 OK\r\n';

/** The lines that Node adds to every answer after which the connection stays open, and the empty one at the end. */
function standingLines(response: ServerResponse): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== standing.second) {
    const timeout = Math.floor((Reflect.get(response, '_keepAliveTimeout') as number) / 1000);
    standing.second = second;
    standing.lines = `Date: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${timeout}\r\n\r\n`;
  }
  return standing.lines;
}

const standing = { second: 0, lines: '' };
