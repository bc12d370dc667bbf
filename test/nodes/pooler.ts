// Stands for pgbouncer in transaction mode, where its binary is not: a connection of PostgreSQL's protocol is lent to a
// client for one transaction and then to another. As pgbouncer it refuses settings at the start that it was not told to ignore.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Pooler {
  port: number;
  /** How many transactions changed their connection. */
  switches(): number;
  close(): void;
}

interface Backend {
  socket: Socket;
  client: Client | null;
  isReady: boolean;
}

interface Client {
  socket: Socket;
  waiting: Buffer[];
  backend: Backend | null;
  last: Backend | null;
}

/** Pools `size` connections to a database of a server that asks for no password. */
export async function startPooler(url: string, size: number, ignored: readonly string[]): Promise<Pooler> {
  const target = new URL(url);
  const parameters = ['user', target.username, 'database', target.pathname.slice(1), 'application_name', 'pooled'];
  const queue: Client[] = [];
  let switches = 0;
  const backends = await Promise.all(Array.from({ length: size }, open));

  async function open(): Promise<Backend> {
    const socket = connect(Number(target.port), target.hostname);
    const backend: Backend = { socket, client: null, isReady: false };
    socket.on('error', () => socket.destroy());
    const text = Buffer.from(`${parameters.join('\0')}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + text.length, 0);
    head.writeInt32BE(196_608, 4);
    socket.write(Buffer.concat([head, text]));
    const ready = new Promise<void>((resolve) => {
      messagesOf(socket, false, (message) => {
        if (backend.isReady) backend.client?.socket.write(message);
        if (message[0] !== 'Z'.charCodeAt(0)) return;
        if (!backend.isReady) {
          backend.isReady = true;
          resolve();
        } else if (message[5] === 'I'.charCodeAt(0)) {
          const { client } = backend;
          if (client !== null) client.backend = null;
          backend.client = null;
          serve();
        }
      });
    });
    await ready;
    return backend;
  }

  function serve(): void {
    // Another one than last time, wherever there is one.
    const free = backends.filter(({ client }) => client === null);
    const client = queue[0];
    const backend = free.find((one) => one !== client?.last) ?? free[0];
    if (client === undefined || backend === undefined) return;
    queue.shift();
    if (client.last !== null && client.last !== backend) switches += 1;
    client.backend = backend;
    client.last = backend;
    backend.client = client;
    for (const message of client.waiting.splice(0)) backend.socket.write(message);
    serve();
  }

  const server = createServer((socket) => {
    const client: Client = { socket, waiting: [], backend: null, last: null };
    socket.on('error', () => socket.destroy());
    messagesOf(socket, true, (message, isFirst) => {
      if (isFirst) {
        const names = message
          .subarray(8)
          .toString()
          .split('\0')
          .filter((_, at) => at % 2 === 0);
        const known = ['', 'user', 'database', 'application_name', 'client_encoding', ...ignored];
        const unknown = names.find((name) => !known.includes(name));
        if (unknown === undefined) socket.write(Buffer.from('5200000008000000005a0000000549', 'hex'));
        else socket.end(failure(`unsupported startup parameter: ${unknown}`));
      } else if (message[0] === 'X'.charCodeAt(0)) {
        socket.end();
      } else if (client.backend !== null) {
        client.backend.socket.write(message);
      } else {
        if (client.waiting.push(message) === 1) queue.push(client);
        serve();
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    switches: () => switches,
    close() {
      server.close();
      for (const { socket, client } of backends) {
        socket.destroy();
        client?.socket.destroy();
      }
    },
  };
}

function failure(text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${text}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

/** Splits what arrives into messages; a client's first has no letter in front of its length. */
function messagesOf(socket: Socket, hasStart: boolean, take: (message: Buffer, isFirst: boolean) => void): void {
  let left = Buffer.alloc(0);
  let isFirst = hasStart;
  socket.on('data', (bytes: Buffer) => {
    left = Buffer.concat([left, bytes]);
    for (;;) {
      const before = isFirst ? 0 : 1;
      if (left.length < before + 4) return;
      const length = before + left.readInt32BE(before);
      if (left.length < length) return;
      const message = left.subarray(0, length);
      left = left.subarray(length);
      const first = isFirst;
      isFirst = false;
      take(message, first);
    }
  });
}
