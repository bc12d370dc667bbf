// The load: connections that each send the next request as soon as the last one is answered. It speaks just enough
// HTTP/1.1 to count whole answers and to see their status, over plain sockets: that is cheaper than any server measured
// here, so the server is what is busy. It measures nothing.

import { connect, type Socket } from 'node:net';

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** The body of the request with this number; numbers are never given twice in a process. */
  body?: (number: number) => string;
}

export interface Load {
  url: string;
  request: Request;
  /** What every answer must be; anything else ends the run. */
  status: number;
  requests: number;
  connections: number;
}

/** Resolves when all requests are answered. Rejects with the answer that was not expected. */
export async function drive({ url, request, status, requests, connections }: Load): Promise<void> {
  const { hostname, port } = new URL(url);
  const write = writer(request, `${hostname}:${port}`);
  const sockets = await Promise.all(
    Array.from({ length: Math.min(connections, requests) }, () => open(hostname, Number(port))),
  );
  let started = 0;
  const converse = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      const ask = () => {
        if (started === requests) return resolve();
        started += 1;
        socket.write(write());
      };
      socket.on('data', answers(status, ask, reject));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('The server closed a connection that was in use.')));
      ask();
    });
  try {
    await Promise.all(sockets.map(converse));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

let numbers = 0;

function writer({ method, path, headers = {}, body }: Request, host: string): () => string {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('')}`;
  if (body === undefined) return () => `${head}\r\n`;
  return () => {
    numbers += 1;
    const text = body(numbers);
    return `${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Takes chunks as they come; calls `done` for each whole answer. */
function answers(status: number, done: () => void, fail: (error: Error) => void): (chunk: Buffer) => void {
  const expected = `HTTP/1.1 ${status} `;
  let text = '';
  return (chunk) => {
    text += chunk.toString('latin1');
    for (;;) {
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1];
      if (!text.startsWith(expected) || length === undefined) return fail(new Error(`Not expected:\n${text}`));
      const end = head + 4 + Number(length);
      if (text.length < end) return;
      text = text.slice(end);
      done();
    }
  };
}
