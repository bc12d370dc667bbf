// The load: connections that each send the next request as soon as the last one is answered. It speaks just enough
// HTTP/1.1 to count whole answers and to see their status, over plain sockets: that is cheaper than any server measured
// here, so the server is what is busy. It measures nothing but how long each answer took.

import { connect, type Socket } from 'node:net';

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** The `Authorization` of the request with this number, if they differ. */
  authorization?: (number: number) => string;
  /** The body of the request with this number; numbers are never given twice in a process. */
  body?: (number: number) => string;
}

export interface Load {
  url: string;
  request: Request;
  /** What every answer must be, or one of these; anything else ends the run. */
  status: number | readonly number[];
  requests: number;
  connections: number;
}

/** What came back. */
export interface Answers {
  /** How many had which status. */
  statuses: ReadonlyMap<number, number>;
  /** Milliseconds from each request to its answer, in no particular order. */
  latenciesMs: Float64Array;
}

/** Resolves when all requests are answered. Rejects with the answer that was not expected. */
export async function drive({ requests, connections, ...load }: Load): Promise<Answers> {
  const statuses = new Map<number, number>();
  const latenciesMs = new Float64Array(requests);
  let [started, answered] = [0, 0];
  const converse = (connection: LoadConnection) =>
    new Promise<void>((resolve, reject) => {
      const next = () => {
        if (started === requests) return resolve();
        started += 1;
        const sentAt = performance.now();
        connection.ask((status) => {
          latenciesMs[answered] = performance.now() - sentAt;
          answered += 1;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          next();
        }, reject);
      };
      next();
    });
  const loadConnections = await Promise.all(
    Array.from({ length: Math.min(connections, requests) }, () => openLoadConnection(load)),
  );
  try {
    await Promise.all(loadConnections.map(converse));
  } finally {
    for (const connection of loadConnections) connection.end();
  }
  return { statuses, latenciesMs };
}

/** One connection, on which one request is under way at a time. */
export interface LoadConnection {
  /** Calls one of the two: with the status of the whole answer, or with what went wrong. */
  ask(done: (status: number) => void, fail: (error: Error) => void): void;
  end(): void;
}

export async function openLoadConnection({
  url,
  request,
  status,
}: Pick<Load, 'url' | 'request' | 'status'>): Promise<LoadConnection> {
  const { hostname, port, host } = new URL(url);
  const write = writer(request, host);
  const socket = await open(hostname, Number(port));
  let waiting = { done: (_status: number) => {}, fail: (_error: Error) => {} };
  const fail = (error: Error) => waiting.fail(error);
  const expected = new Set([status].flat());
  socket.on(
    'data',
    answers(expected, (found) => waiting.done(found), fail),
  );
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed a connection that was in use.')));
  return {
    ask(done, failed) {
      waiting = { done, fail: failed };
      socket.write(write());
    },
    end() {
      waiting = { done: () => {}, fail: () => {} };
      socket.destroy();
    },
  };
}

let numbers = 0;

function writer({ method, path, headers = {}, authorization, body }: Request, host: string): () => string {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('')}`;
  return () => {
    numbers += 1;
    const credential = authorization === undefined ? '' : `authorization: ${authorization(numbers)}\r\n`;
    if (body === undefined) return `${head}${credential}\r\n`;
    const text = body(numbers);
    return `${head}${credential}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Takes chunks as they come; calls `done` for each whole answer. */
function answers(
  expected: ReadonlySet<number>,
  done: (status: number) => void,
  fail: (error: Error) => void,
): (chunk: Buffer) => void {
  let text = '';
  return (chunk) => {
    text += chunk.toString('latin1');
    for (;;) {
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
      const end = endOf(text, head);
      if (!expected.has(status) || end === undefined) return fail(new Error(`Not expected:\n${text}`));
      if (text.length < end) return;
      text = text.slice(end);
      done(status);
    }
  };
}

/** Where an answer ends whose head ends at `head`; infinity until its last chunk is there, undefined if it does not say. */
function endOf(text: string, head: number): number | undefined {
  const fields = text.slice(0, head);
  const length = /\r\ncontent-length: (\d+)/i.exec(fields)?.[1];
  if (length !== undefined) return head + 4 + Number(length);
  if (!/\r\ntransfer-encoding: chunked/i.test(fields)) return undefined;
  // No body that is measured holds this itself: they are JSON on one line.
  const last = text.indexOf('\r\n0\r\n\r\n', head + 2);
  return last < 0 ? Number.POSITIVE_INFINITY : last + 7;
}
