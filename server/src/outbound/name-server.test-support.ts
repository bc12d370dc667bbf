// A name server on this machine that says the same of every name, or nothing at all. For tests only.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface NameServer {
  /** With its port, as a resolver takes it. */
  address: string;
  /** What it says of every name, as bytes; of both kinds nothing unless said otherwise. */
  addresses: Record<'A' | 'AAAA', readonly (readonly number[])[]>;
  isSilent: boolean;
  /** The kinds of addresses that it was asked for. */
  asked: string[];
  stop(): Promise<void>;
}

const kinds: Readonly<Record<number, 'A' | 'AAAA'>> = { 1: 'A', 28: 'AAAA' };

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    addresses: { A: [], AAAA: [] },
    isSilent: false,
    asked: [],
    async stop() {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (query, { port, address }) => {
    // A header of 12 bytes, then the name, which ends with a zero, and its type and class (RFC 1035 section 4.1).
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const type = question.readUInt16BE(question.length - 4);
    const kind = kinds[type];
    server.asked.push(kind ?? String(type));
    if (server.isSilent) return;
    const found = kind === undefined ? [] : server.addresses[kind];
    const counts = [0, 1, 0, found.length, 0, 0, 0, 0];
    const records = found.map((bytes) => [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length, ...bytes]);
    const head = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, ...counts]);
    socket.send(Buffer.concat([head, question, Buffer.from(records.flat())]), port, address);
  });
  return server;
}
