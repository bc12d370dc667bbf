// A whole request in its simplest form, read from the bytes of one read of the socket. It takes less than HTTP allows on
// purpose: what is not of this form is not refused, it is left to Node. What is of this form, Node reads the same way; a
// test holds the two against each other.

import type { IncomingHttpHeaders } from 'node:http';
import { isHost } from '../request-rules.ts';

/** A GET, HEAD or POST of HTTP/1.1: no header twice, at most a Content-Length to say where it ends, and nothing behind that. */
export interface ParsedRequest {
  method: string;
  /** A path and perhaps a query, in printable ASCII without spaces. */
  url: string;
  /** By names in lower case, as Node has them. */
  headers: IncomingHttpHeaders;
  /** A view of the bytes. */
  body: Buffer;
}

/** Undefined for anything but one whole request, be it a part of one or more than one. */
export type ParseRequest = (bytes: Buffer) => ParsedRequest | undefined;

/**
 * Parses one read of a connection after the other. Most lines say the same as in the request before, and are only
 * compared then.
 */
export function requestParser(): ParseRequest {
  /** Of the last request, in its order; no name twice. */
  const lines: Line[] = [];
  let prefix = noPrefix;

  return (bytes) => {
    if (bytes.length > maxRequestBytes) return undefined;
    const text = bytes.toString('latin1');
    const isKnown = prefix !== noPrefix && matchesAt(prefix.text, text, 0);
    const begun = isKnown ? prefix : parseRequestLine(bytes, text);
    prefix = isKnown ? prefix : noPrefix;
    if (begun === undefined) return undefined;
    const headers = { ...begun.headers };
    let at = begun.text.length;
    for (let count = begun.lines; !isLineEnd(text, at); count += 1) {
      const known = lines[count];
      if (known !== undefined && known.whole !== '' && matchesAt(known.whole, text, at)) {
        headers[known.name] = known.value;
        at += known.whole.length;
        continue;
      }
      const line = known !== undefined && matchesAt(known.begin, text, at) ? known : newLine(bytes, text, at);
      const from = at + line.begin.length;
      const end = endOf(inValue, bytes, from);
      const value = trimmed(bytes, from, end);
      if (line.begin === '' || !isLineEnd(text, end) || isForNode(line.name, value)) return undefined;
      if (line !== known) {
        // A name that objects have of their own counts as one that was there before.
        if (headers[line.name] !== undefined) return undefined;
        lines.length = count;
        lines.push(line);
        if (isCacheable(line.name, value)) [line.whole, line.value] = [copy(text.slice(at, end + 2)), value];
      } else {
        line.whole = '';
      }
      headers[line.name] = value;
      at = end + 2;
    }
    const length = bytes.length - at - 2;
    const isFramed = (headers['content-length'] ?? '0') === String(length);
    if (!isFramed || headers.host === undefined) return undefined;
    if (!isKnown) prefix = longestPrefix(begun, lines);
    const { method, url } = begun;
    return { method, url, headers, body: length === 0 ? noBody : bytes.subarray(at + 2) };
  };
}

/** Undefined if it is none. */
function parseRequestLine(bytes: Buffer, text: string): RequestPrefix | undefined {
  const method = methods.find((one) => text.startsWith(one) && text.startsWith(' /', one.length));
  if (method === undefined) return undefined;
  const end = endOf(inTarget, bytes, method.length + 1);
  if (!matchesAt(version, text, end)) return undefined;
  const line = copy(text.slice(0, end + version.length));
  return { text: line, lines: 0, method, url: copy(text.slice(method.length + 1, end)), headers: {} };
}

/** Up to the first line that changes. */
function longestPrefix(first: RequestPrefix, lines: readonly Line[]): RequestPrefix {
  const prefix = { ...first, headers: { ...first.headers } };
  for (const { name, whole, value } of lines) {
    if (whole === '') break;
    prefix.text += whole;
    prefix.lines += 1;
    prefix.headers[name] = value;
  }
  return prefix;
}

/** What a request begins with: its first line, and this many of its headers. */
interface RequestPrefix {
  text: string;
  lines: number;
  method: string;
  url: string;
  headers: Record<string, string>;
}

const noPrefix: RequestPrefix = { text: '', lines: 0, method: '', url: '', headers: {} };

/** A header line of the request before. */
interface Line {
  name: string;
  /** The name as it is spelled, and the colon. */
  begin: string;
  /** All of it; empty where it changes from one request to the next. */
  whole: string;
  value: string;
}

/** Bytes. What is longer seldom arrives in one piece. */
const maxRequestBytes = 8 * 1024;

const noBody: Buffer = Buffer.alloc(0);

const methods = ['GET', 'HEAD', 'POST'];

const version = ' HTTP/1.1\r\n';

/** `begin` is empty if there is no name. */
function newLine(bytes: Buffer, text: string, at: number): Line {
  const colon = endOf(inName, bytes, at);
  const begin = colon > at && text[colon] === ':' ? copy(text.slice(at, colon + 1)) : '';
  return { name: begin.slice(0, -1).toLowerCase(), begin, whole: '', value: '' };
}

/** What says how a message is framed, or what becomes of its connection; and a Host that is to be refused. */
function isForNode(name: string, value: string): boolean {
  switch (name) {
    case 'connection':
      return value.toLowerCase() !== 'keep-alive';
    case 'host':
      return !isHost(value);
    case 'content-encoding':
    case 'expect':
    case 'proxy-connection':
    case 'te':
    case 'trailer':
    case 'transfer-encoding':
    case 'upgrade':
      return true;
    default:
      return false;
  }
}

/** What is remembered while the connection lives: nothing that may hold a credential, be it for us or for someone else. */
function isCacheable(name: string, value: string): boolean {
  return cacheableHeaders.has(name) && !value.includes('?');
}

const cacheableHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'content-type',
  'host',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-uri',
  'x-original-method',
  'x-original-uri',
  'x-real-ip',
]);

/** Without the blanks around it. */
function trimmed(bytes: Buffer, from: number, to: number): string {
  let [first, end] = [from, to];
  while (first < end && isBlank(bytes[first])) first += 1;
  while (end > first && isBlank(bytes[end - 1])) end -= 1;
  return bytes.toString('latin1', first, end);
}

function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a;
}

/** As `text.startsWith(part, at)`, which compares letter by letter. */
function matchesAt(part: string, text: string, at: number): boolean {
  return text.slice(at, at + part.length) === part;
}

function isBlank(code: number | undefined): boolean {
  return code === 0x20 || code === 0x09;
}

/** A text of its own: whoever keeps a part of another keeps all of that, and with it the credential. */
function copy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Where the run of such characters ends that begins at `from`. */
function endOf(run: Uint8Array, bytes: Buffer, from: number): number {
  let at = from;
  while (run[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** A table of the characters that match: 1 for each. */
function characters(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(pattern.test(String.fromCharCode(code))));
}

const inTarget = characters(/[\x21-\x7e]/);
const inName = characters(/[\w!#$%&'*+.^`|~-]/);
const inValue = characters(/[\t\x20-\x7e]/);
