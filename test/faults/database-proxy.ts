// Stands between Keyward and its database, and can stop passing anything on, without a word, as a network does that
// drops packets.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** From now on nothing arrives on either side; connections stay open, new ones are taken and left alone. */
  silence(): void;
  /** Passes on again what is sent from now on; what was cut in between is cut off. */
  heal(): void;
  close(): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((client) => {
    const upstream = silent ? undefined : connect({ ...target, noDelay: true });
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      if (from === undefined) continue;
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        if (!silent) to?.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        if (!silent && to?.writable) to.write(chunk);
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      silent = true;
    },
    heal: () => {
      silent = false;
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
