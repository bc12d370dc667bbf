// Upstreams behind TLS: whose certificate is asked for, whatever the client calls the host.

import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { native, type Running, sendRaw, start, statusOf } from '../app.test-support.ts';
import { selfSigned } from '../self-signed.test-support.ts';

let upstream: Server;
let running: Running;
let connections = 0;
const hosts: (string | undefined)[] = [];
const usualCertificates = getCACertificates('default');

beforeAll(async () => {
  const { cert, key } = selfSigned();
  setDefaultCACertificates([...usualCertificates, cert]);
  upstream = createServer({ cert, key }, (request, response) => {
    hosts.push(request.headers.host);
    response.end('here');
  });
  upstream.on('secureConnection', () => {
    connections += 1;
  });
  upstream.on('upgrade', (request, socket: Socket) => {
    hosts.push(request.headers.host);
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const route = { path: '/kept', methods: ['GET'], permissions: [], dialect: null, upstream: url, keepHost: true };
  running = await start({ dialects: [native], guarded: [route] });
});
afterAll(async () => {
  await running.close();
  upstream.closeAllConnections();
  upstream.close();
  setDefaultCACertificates(usualCertificates);
});

const ask = (host: string, ...lines: string[]) => {
  const head = ['GET /kept HTTP/1.1', `Host: ${host}`, 'Authorization: Bearer good', ...lines];
  return sendRaw(running.port, `${head.join('\r\n')}\r\n\r\n`);
};

it('is asked for its own certificate where a route keeps the client’s Host, on one connection for all of them', async () => {
  hosts.length = 0;
  connections = 0;
  const named = ['api.example.com', 'odd.example', '127.0.0.2', 'api.example.com'];
  for (const host of named) expect(statusOf(await ask(host, 'Connection: close'))).toBe(200);
  expect(hosts).toEqual(named);
  expect(connections).toBe(1);
});

it('is asked for its own certificate by a WebSocket too', async () => {
  hosts.length = 0;
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];
  expect(statusOf(await ask('api.example.com', ...lines))).toBe(101);
  expect(hosts).toEqual(['api.example.com']);
});
