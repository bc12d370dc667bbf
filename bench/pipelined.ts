// A load that does not wait: connections that send many requests in one go, again and again, and take what is answered.
// What becomes of their requests is not measured; a connection that the server ends is opened anew.

import { connect, type Socket } from 'node:net';

export interface Flood {
  url: string;
  connections: number;
  /** Of all connections together. */
  bytesPerSecond: number;
}

/** Bytes that one connection sends in one go. */
const burstBytes = 64 * 1024;

/** Starts at once; gives back what ends it. A connection whose last burst has not left is left out. */
export function flood({ url, connections, bytesPerSecond }: Flood): () => void {
  const { hostname, port, host } = new URL(url);
  const request = `GET /v1/check HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer nobody\r\n\r\n`;
  const burst = Buffer.from(request.repeat(Math.ceil(burstBytes / request.length)));
  const sockets: (Socket | undefined)[] = [];
  let next = 0;
  const send = () => {
    const place = next++ % connections;
    const socket = sockets[place] ?? open(hostname, Number(port), () => delete sockets[place]);
    sockets[place] = socket;
    if (socket.writableLength === 0) socket.write(burst);
  };
  for (let place = 0; place < connections; place += 1) send();
  const timer = setInterval(send, (burst.length * 1000) / bytesPerSecond);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket?.destroy();
  };
}

function open(host: string, port: number, closed: () => void): Socket {
  const socket = connect({ host, port, noDelay: true });
  return socket
    .on('error', () => undefined)
    .on('close', closed)
    .resume();
}
