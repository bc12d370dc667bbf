// WebSockets through a guarded route, with a real client and a real upstream: checked like any call, then passed both ways.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inspection } from '../../core/checking/verify.ts';
import { principal, type Running, sendRaw, start, statusOf, stubCore } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

let upstream: Server;
let running: Running;
let verdict: Inspection = { allowed: true, principal };
let received: IncomingMessage[] = [];
const far = new Set<Socket>();

beforeAll(async () => {
  upstream = createServer((request, response) => {
    received.push(request);
    response.writeHead(426, { 'x-own': '1', 'content-length': '7' }).end('no, you');
  });
  upstream.on('upgrade', (request, socket: Socket, head) => {
    received.push(request);
    far.add(socket.on('error', () => undefined).on('close', () => far.delete(socket)));
    socket.on('end', () => socket.end());
    if (request.url?.includes('refuse')) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      return;
    }
    const accept = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    );
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade, X-Hop\r\nX-Hop: 1\r\nUpgrade: websocket\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
    );
    if (head.length > 0) socket.write(echo(head));
    socket.on('data', (frame: Buffer) => {
      socket.write(echo(frame));
      if (((frame[0] ?? 0) & 0xf) === 8) socket.end();
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const base = { methods: ['GET'], permissions: ['read:items'], dialect: null, upstream: here } as const;
  const guarded: GuardedRoute[] = [
    { ...base, path: '/live/:id' },
    { ...base, path: '/open/*', permissions: [], credential: 'none' },
    { ...base, path: '/gone', upstream: 'http://127.0.0.1:1' },
  ];
  const stub = stubCore();
  const inspect = async () => verdict;
  running = await start({ guarded, core: { ...stubCore({ verify: stub.verify }), inspect } });
});

/** A server of its own, whose only route is guarded and leads to `far`. */
function startBefore(far: Server): Promise<Running> {
  const url = `http://127.0.0.1:${(far.address() as AddressInfo).port}`;
  return start({ guarded: [{ path: '/live', methods: ['GET'], permissions: [], dialect: null, upstream: url }] });
}
beforeEach(() => {
  received = [];
  verdict = { allowed: true, principal };
});
afterAll(async () => {
  await running.close();
  upstream.close();
});

/** Sends the frame back unmasked; frames of these tests are short and come whole. */
function echo(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 0x7f;
  const mask = frame.subarray(2, 6);
  const text = frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([frame[0] ?? 0, length]), text]);
}

const handshake = (path: string, ...lines: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: a',
    'Upgrade: websocket',
    'Connection: Upgrade, X-Auth-Principal',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...lines,
    '\r\n',
  ].join('\r\n');
const good = 'Authorization: Bearer good';

describe('a WebSocket', () => {
  it('opens after the verdict and carries messages both ways', async () => {
    const url = `${running.url.replace('http', 'ws')}/live/1?a=1`;
    // The standard constructor takes no headers, Node's does.
    const socket = new WebSocket(url, { headers: { authorization: 'Bearer good' } } as unknown as string[]);
    const heard: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.onerror = () => reject(new Error('It did not open.'));
      socket.onopen = () => socket.send('one');
      socket.onmessage = ({ data }) => {
        heard.push(data);
        if (heard.length === 2) resolve();
        else socket.send('two');
      };
    });
    expect(heard).toEqual(['one', 'two']);
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.close();
    await closed;
    await vi.waitFor(() => expect(far.size).toBe(0));
  });

  it('tells the upstream who is calling, whatever the client says, and nothing of the credential [S66][S68]', async () => {
    const answer = await sendRaw(
      running.port,
      handshake(
        '/live/1?apiToken=x',
        good,
        'X_Auth_Principal: forged',
        'X-Forwarded-For: forged',
        'X-Request-Id: id-1',
      ),
    );
    expect(statusOf(answer)).toBe(101);
    expect(answer).toMatch(/\r\nx-request-id: id-1\r\n/);
    expect(answer).toMatch(/\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/);
    expect(answer).not.toMatch(/x-hop/i);
    const { url, headers, rawHeaders } = received[0] ?? {};
    expect(url).toBe('/live/1?apiToken=x');
    expect(headers).toMatchObject({ 'x-auth-principal': 'tok_1', upgrade: 'websocket', 'x-request-id': 'id-1' });
    expect(rawHeaders?.join('\n')).not.toMatch(/forged|good|^host\na$/im);
  });

  it('on an open path is nobody', async () => {
    expect(statusOf(await sendRaw(running.port, handshake('/open/x')))).toBe(101);
    expect(received[0]?.headers).toMatchObject({ 'x-auth-principal': '', 'x-auth-permissions': '' });
  });

  it('ends within seconds once its credential is no longer accepted', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    try {
      const socket = connect(running.port, '127.0.0.1', () => socket.write(handshake('/live/1', good)));
      await new Promise((resolve) => socket.once('data', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await vi.advanceTimersByTimeAsync(6_000);
      expect(socket.destroyed).toBe(false);
      verdict = { allowed: false, reason: 'revoked' };
      await vi.advanceTimersByTimeAsync(6_000);
      socket.on('error', () => undefined);
      await closed;
      await vi.waitFor(() => expect(far.size).toBe(0));
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends with the server', async () => {
    const own = await startBefore(upstream);
    const socket = connect(own.port, '127.0.0.1', () => socket.write(handshake('/live', good)));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await own.close();
    await closed;
  });

  it('does not open any more once the server has begun to stop, and does not hold it up', async () => {
    const slow = createServer();
    const asked = new Promise<Socket>((resolve) => slow.on('upgrade', (_request, socket: Socket) => resolve(socket)));
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const own = await startBefore(slow);
    // It stays open for as long as the server lets it.
    const client = connect(own.port, '127.0.0.1', () => client.write(handshake('/live', good)));
    const answer = new Promise<Buffer>((resolve) => client.once('data', resolve));
    const socket = await asked;
    const gone = new Promise((resolve) => socket.on('error', () => undefined).once('end', resolve));
    const closed = own.close();
    await vi.waitFor(() => expect(own.app.server.listening).toBe(false));
    socket.resume().write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(statusOf(`${await answer}`)).toBe(503);
    await Promise.all([closed, gone]);
    socket.destroy();
    slow.close();
  });
});

describe('a handshake', () => {
  it.each([
    ['/live/1', [], 401],
    ['/live/1', ['Authorization: Bearer weak'], 403],
    ['/live/1', [good, 'Authorization: Bearer other'], 400],
    ['/live//1', [good], 400],
    ['/nowhere', [good], 404],
    ['/v1/self', [good], 200],
  ])(
    'of %s with %j is answered %i like any call, upgrades nothing and ends the connection',
    async (path, lines, status) => {
      const answer = await sendRaw(
        running.port,
        `${handshake(path, ...lines)}GET /live/1 HTTP/1.1\r\nHost: a\r\n${good}\r\n\r\n`,
      );
      expect(answer.match(/HTTP\/1\.1 (\d{3})/g)).toEqual([`HTTP/1.1 ${status}`]);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
      expect(received).toEqual([]);
    },
  );

  it('that the upstream refuses opens no tunnel [S63]', async () => {
    const answer = await sendRaw(
      running.port,
      `${handshake('/live/refuse', good)}GET /admin HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 (\d{3})/g)).toEqual(['HTTP/1.1 403']);
    expect(answer).toMatch(/\r\n\r\nno$/);
    expect(received.map(({ url }) => url)).toEqual(['/live/refuse']);
  });

  it('whose upstream is gone is 503', async () => {
    expect(statusOf(await sendRaw(running.port, handshake('/gone', good)))).toBe(503);
  });

  it.each([
    ['Upgrade: h2c', 'GET'],
    ['Upgrade: websocket2', 'GET'],
    ['Upgrade: websocket', 'POST'],
    ['Upgrade: websocket\r\nContent-Length: 3', 'GET'],
    ['Upgrade: websocket\r\nTransfer-Encoding: chunked', 'GET'],
  ])('is not what says %s with %s: no tunnel [S63]', async (lines, method) => {
    const answer = await sendRaw(
      running.port,
      `${method} /live/1 HTTP/1.1\r\nHost: a\r\n${good}\r\n${lines}\r\nConnection: Upgrade\r\n\r\n0\r\n\r\n`,
    );
    expect(statusOf(answer)).not.toBe(101);
    expect(received.every(({ headers }) => headers.upgrade === undefined)).toBe(true);
  });
});
