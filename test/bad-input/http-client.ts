// An HTTP/1.1 client that sends exactly the bytes it is told, over connections that it keeps. It checks nothing, follows
// nothing and decodes nothing, so that what no well-behaved client would send can be sent.

import { connect, type Socket } from 'node:net';

export interface Call {
  method: string;
  target: string;
  /** In order, repetitions kept; each text is one byte per character. Host and Content-Length are added if absent. */
  headers: readonly (readonly [name: string, value: string])[];
  body?: Buffer;
}

export interface Reply {
  status: number;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  body: string;
}

export interface Connection {
  /** One at a time. Rejects if the connection ends twice before an answer, or none comes within two minutes. */
  send(call: Call): Promise<Reply>;
  close(): void;
}

const patienceMs = 120_000;

export function openConnection(url: string): Connection {
  const { hostname, port, host } = new URL(url);
  let socket: Socket | undefined;
  const open = () => {
    // What goes wrong after an answer, as when the other end hangs up on an unread body, is of no interest.
    return connect({ host: hostname, port: Number(port), noDelay: true }).on('error', () => {});
  };
  return {
    async send(call) {
      const bytes = bytesOf(call, host);
      for (let attempt = 1; ; attempt += 1) {
        const isReused = socket !== undefined && !socket.destroyed;
        const used: Socket = socket !== undefined && isReused ? socket : open();
        socket = used;
        const reply = await exchange(used, bytes, call.method === 'HEAD').catch((error: unknown) => {
          used.destroy();
          // The other end may close a connection that it had kept, just when it is used again.
          if (isReused && attempt === 1) return undefined;
          throw new Error(`${call.method} ${call.target.slice(0, 200)} was not answered.`, { cause: error });
        });
        if (reply !== undefined) {
          if (reply.headers.get('connection') === 'close') used.destroy();
          return reply;
        }
      }
    },
    close: () => socket?.destroy(),
  };
}

/** The bytes of a call as they are sent. */
export function bytesOf({ method, target, headers, body }: Call, host = 'localhost'): Buffer {
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (!named.has('host')) lines.unshift(`Host: ${host}`);
  if (body !== undefined && !named.has('content-length') && !named.has('transfer-encoding')) {
    lines.push(`Content-Length: ${body.length}`);
  }
  const head = Buffer.from(`${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, body]);
}

function exchange(socket: Socket, bytes: Buffer, isHead: boolean): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received = '';
    const timer = setTimeout(() => settle(() => reject(new Error('Nothing came back in time.'))), patienceMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      act();
    };
    const onData = (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const reply = replyIn(received, isHead);
      if (reply !== undefined) settle(() => resolve(reply));
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new Error(`The connection ended. Received: ${received.slice(0, 300)}`)));
    socket.on('data', onData).on('error', onError).on('close', onClose);
    socket.write(bytes);
  });
}

/** The answer at the start of `text` (latin1), or undefined while it is incomplete. */
function replyIn(text: string, isHead: boolean): Reply | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = isHead || status === 204 ? '' : bodyIn(text.slice(end + 4), headers);
  return body === undefined ? undefined : { status, headers, body: Buffer.from(body, 'latin1').toString('utf8') };
}

function bodyIn(rest: string, headers: ReadonlyMap<string, string>): string | undefined {
  // It has no end; its first event is enough.
  if (headers.get('content-type') === 'text/event-stream') return rest.includes('\n\n') ? rest : undefined;
  if (headers.get('transfer-encoding') === 'chunked') return chunksIn(rest);
  const length = Number(headers.get('content-length') ?? 0);
  return rest.length < length ? undefined : rest.slice(0, length);
}

function chunksIn(text: string): string | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (text.length < line + 2 + size + 2) return undefined;
    if (size === 0) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
