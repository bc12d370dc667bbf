// A connection that many calls go over, also before the earlier ones are answered, and that can be broken at any moment.
// Answers are handed out in the order of the calls, as HTTP has it: whatever else came would be seen as it is.

import { connect } from 'node:net';

export interface Answer {
  status: number;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  body: string;
}

export interface Pipeline {
  /** Sends bytes that are one whole call. Rejects if the connection ends before the answer. */
  send(bytes: string): Promise<Answer>;
  /** Sends bytes of which nobody awaits an answer, nor of any after them. */
  leave(bytes: string): void;
  /** Ends the connection at once, whatever is under way. */
  break(): void;
  readonly isOpen: boolean;
}

/** The bytes of a call. A body is sent with its length. */
export function callOf(method: string, target: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}${length}\r\n${body}`;
}

export function openPipeline(url: string): Pipeline {
  const { hostname, port } = new URL(url);
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received = '';
  let isLeft = false;
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The connection ended before the answer.'));
  });
  socket.on('data', (chunk: string) => {
    received += chunk;
    for (let found = answerIn(received); found !== null; found = answerIn(received)) {
      received = received.slice(found.length);
      const first = waiting.shift();
      if (first === undefined && !isLeft) throw new Error(`Nobody asked for this: ${found.answer.body}`);
      first?.resolve(found.answer);
    }
  });
  return {
    send(bytes) {
      if (socket.destroyed) return Promise.reject(new Error('The connection has ended.'));
      socket.write(bytes, 'latin1');
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    leave(bytes) {
      isLeft = true;
      socket.write(bytes, 'latin1');
    },
    break: () => void socket.destroy(),
    get isOpen() {
      return !socket.destroyed;
    },
  };
}

function answerIn(text: string): { answer: Answer; length: number } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const bodyLength = headers.get('content-length');
  const status = Number(first.split(' ')[1]);
  if (bodyLength === undefined && status !== 204)
    throw new Error(`An answer without its length: ${text.slice(0, 500)}`);
  const length = end + 4 + Number(bodyLength ?? 0);
  if (text.length < length) return null;
  return { answer: { status, headers, body: text.slice(end + 4, length) }, length };
}
