// An answer as the text that goes out. Node puts a head together line by line and looks twice at each, which costs as much
// as the whole verdict; here it is one text and one look.

import process from 'node:process';
import { timeouts } from '../listener/listener.ts';

// A static import would load undici too.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** An answer with all of its head but what belongs to the connection. */
export interface RawResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Whole lines beside them, of our own making. */
  lines: string;
  /** Empty for none; its length is in one of the two. */
  text: string;
  /** True if its connection ends with it. */
  isLast: boolean;
}

/** What goes out on a connection of HTTP/1.1; the body stays out if HEAD was asked. Throws a TypeError for a header that cannot be sent (S72). */
export function serializeResponse(
  { status, headers, lines, text, isLast }: RawResponse,
  isHead: boolean,
): string | Buffer {
  let head = (status === 200 ? okLine : statusLine(status)) + headerLines(headers) + lines;
  head += isLast ? `${dateLine()}connection: close\r\n\r\n` : connectionLines();
  if (isHead) return head;
  return isAscii(text) ? head + text : Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(text)]);
}

/** One line for each, with its end. Throws a TypeError for a header that cannot be sent (S72). */
export function headerLines(headers: RawResponse['headers']): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!isSendable(value)) throw new TypeError(`The header ${name} cannot be sent.`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** What Node sends in a header too: no control characters and nothing beyond Latin-1. */
function isSendable(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

function isAscii(text: string): boolean {
  return text === '' || Buffer.byteLength(text) === text.length;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
}

const okLine = statusLine(200);

/** The lines that Node adds to every answer after which the connection stays open, and the empty one at the end. */
function connectionLines(): string {
  if (keptLines === '') {
    keptLines = `${dateLine()}Connection: keep-alive\r\nKeep-Alive: timeout=${timeouts.keepAlive / 1000}\r\n\r\n`;
    const untilNextSecond = 1000 - (Date.now() % 1000);
    setTimeout(forgetConnectionLines, untilNextSecond).unref();
  }
  return keptLines;
}

function forgetConnectionLines(): void {
  keptLines = '';
}

function dateLine(): string {
  return `Date: ${new Date().toUTCString()}\r\n`;
}

/** Made anew with every second in which it is needed. */
let keptLines = '';
