// Connections that send more than one request at a time: each is answered, in its order, and nobody else waits for them.

import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { native } from '../../dialects/native.ts';
import { native as plainNative, type Running, sendRaw, start, stubCore } from '../app.test-support.ts';
import { selfSigned } from '../self-signed.test-support.ts';
import { nodeConnections } from './node-connection.ts';

const check = (credential: string, more = '') =>
  `GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\n${more}\r\n`;
const echo = (body: string, more = '') =>
  `POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const chunked = `POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n"a\r\n1\r\n"\r\n0\r\n\r\n`;
const statusesIn = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);
const ways = [
  ['on the fast path', true],
  ['by Node alone', false],
] as const;

const open: { close(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(options: Parameters<typeof start>[0]): Promise<Running> {
  const running = await start(options);
  open.push(running);
  return running;
}

/** Everything that is answered until the server ends the connection. */
function converse(socket: Socket, pieces: readonly string[], isHalfClosed = false): Promise<string> {
  sockets.push(socket);
  return new Promise((resolve) => {
    let heard = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
    });
    socket.on('end', () => socket.destroy()).on('close', () => resolve(heard));
    const send = (at: number) => {
      const piece = pieces[at];
      if (piece !== undefined) socket.write(piece, 'latin1', () => setTimeout(send, 5, at + 1));
      else if (isHalfClosed) socket.end();
    };
    send(0);
  });
}

describe.each(ways)('a connection that sends much at a time, %s', (_way, fastPath) => {
  const over = (running: Running) => connect({ port: running.port, host: '127.0.0.1', allowHalfOpen: true });

  it('is answered what was begun before what is broken behind it is refused [S63]', async () => {
    const running = await serve({ dialects: [plainNative], fastPath });
    const whole = [echo('"a"'), check('good'), chunked, 'nonsense\r\n\r\n'];
    for (const pieces of [[whole.join('')], whole, [whole.slice(0, 2).join(''), whole.slice(2).join('')]]) {
      const heard = await converse(over(running), pieces);
      expect(statusesIn(heard)).toEqual(['200', '404', '200', '400']);
    }
  });

  it('is answered its last request, whatever follows it', async () => {
    const running = await serve({ dialects: [native], fastPath });
    const last = check('good', 'Connection: close\r\n');
    for (const after of ['nonsense\r\n\r\n', 'x', check('good'), 'POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n']) {
      expect(statusesIn(await converse(over(running), [last + after]))).toEqual(['200']);
    }
  });

  it('is answered in its order, wherever what it sends is cut', async () => {
    const running = await serve({ dialects: [plainNative], fastPath });
    const all = [
      echo('"\\r\\n\\r\\n"'),
      chunked,
      '\r\n',
      echo(''),
      chunked,
      'GET /v1/query HTTP/1.1\r\nHost: a\r\n\r\n',
    ];
    const text = `${all.join('')}GET /v1/query HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const cuts = (size: number) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    const answers = await Promise.all([1, 2, 3, 7, 60, 130].map((size) => converse(over(running), cuts(size))));
    for (const heard of answers) expect(statusesIn(heard)).toEqual(Array(6).fill('200'));
  });

  it('is answered though it says no more [S63]', async () => {
    const running = await serve({ dialects: [plainNative], fastPath });
    const expecting = echo('"a"', 'Expect: 100-continue\r\n');
    const posts = [echo('"a"'), echo('"b"') + chunked, echo('"a"') + check('good'), expecting, expecting + chunked];
    for (const text of posts) {
      const heard = await converse(over(running), [text], true);
      const answers = statusesIn(heard).filter((status) => status !== '100');
      expect(answers).toHaveLength(text.split(' HTTP/1.1').length - 1);
    }
    expect(statusesIn(await converse(over(running), [echo('"a"').slice(0, -1)], true))).toEqual(['400']);
  });

  it('is answered over TLS too, though it says no more', async () => {
    const { cert, key } = selfSigned();
    const running = await serve({ dialects: [plainNative], fastPath, tls: { cert, key } });
    const socket = connectTls({ port: running.port, host: '127.0.0.1', ca: cert });
    socket.allowHalfOpen = true;
    expect(statusesIn(await converse(socket, [echo('"a"') + echo('"b"')], true))).toEqual(['200', '200']);
  });

  it.each([
    ['100-continue', '200'],
    ['a-miracle', '417'],
  ])('has one turn for each request, though all expect %s [S96]', async (expected, status) => {
    const running = await serve({ dialects: [plainNative], fastPath });
    let begun = 0;
    let [most, last] = [0, 0];
    const count = () => {
      begun += 1;
    };
    for (const event of ['checkContinue', 'checkExpectation']) running.app.server.prependListener(event, count);
    const looks = setInterval(() => {
      most = Math.max(most, begun - last);
      last = begun;
    });
    const request = `GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: ${expected}\r\n\r\n`;
    const socket = connect({ port: running.port, host: '127.0.0.1' });
    let heard = '';
    sockets.push(socket.on('error', () => undefined).on('data', (piece) => (heard += piece.toString('latin1'))));
    socket.write(request.repeat(300));
    await expect.poll(() => statusesIn(heard)).toContain(status);
    await expect.poll(() => begun === 300 || socket.closed, { timeout: 20_000 }).toBe(true);
    clearInterval(looks);
    expect(begun).toBeGreaterThan(0);
    expect(most).toBeLessThan(100);
  });

  it('is answered in its order, though a body and what is before a request are mostly empty lines', async () => {
    const running = await serve({ dialects: [plainNative], fastPath });
    const lines = '\r\n'.repeat(20_000);
    const head = 'POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    const sized = `${head}Content-Length: ${lines.length + 1}\r\n\r\n${lines}1`;
    const inChunks = `${head}Transfer-Encoding: chunked\r\n\r\n${lines.length.toString(16)}\r\n${lines}\r\n1\r\n1\r\n0\r\n\r\n`;
    const all = [sized, inChunks, lines, inChunks, echo('"a"')].join('');
    for (const isHalfClosed of [false, true]) {
      const last = isHalfClosed ? echo('"b"') : echo('"b"', 'Connection: close\r\n');
      const heard = await converse(over(running), [all + last], isHalfClosed);
      expect(statusesIn(heard)).toEqual(Array(5).fill('200'));
    }
    expect(statusesIn(await converse(over(running), [inChunks], true))).toEqual(['200']);
    expect(statusesIn(await converse(over(running), [inChunks.slice(0, -9)], true))).toEqual(['400']);
  });

  it.each([10, 50])('lets nobody else wait for what %i of them have piled up [G11, S96]', async (connections) => {
    const running = await serve({ dialects: [native], core: stubCore(), fastPath });
    let answered = 0;
    running.app.server.on('request', () => {
      answered += 1;
    });
    const burst = check('nonsense').repeat(1000);
    for (let at = 0; at < connections; at += 1) {
      const socket = connect({ port: running.port, host: '127.0.0.1' });
      sockets.push(socket.on('error', () => undefined).resume());
      socket.write(burst);
    }
    await expect.poll(() => answered).toBeGreaterThan(connections);
    for (let call = 0; call < 5; call += 1) {
      const before = answered;
      const request = check('good', 'Connection: close\r\n');
      expect(await sendRaw(running.port, request, 10_000)).toMatch(/^HTTP\/1\.1 200 /);
      // One read of a single connection brings nine hundred of them.
      expect(answered - before).toBeLessThan(900);
    }
    expect(answered).toBeLessThan((connections * 1000) / 2);
  });

  it('is not read while much of it waits [S96]', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const stub = stubCore();
    const core = stubCore({ verify: async (one, call) => held.then(() => stub.verify(one, call)) });
    const running = await serve({ dialects: [native], core, fastPath });
    const read: Socket[] = [];
    running.app.server.on('connection', (socket: Socket) => read.push(socket));
    const socket = connect({ port: running.port, host: '127.0.0.1' });
    sockets.push(socket.on('error', () => undefined));
    const text = check('good').repeat(100_000);
    socket.write(text);
    let bytes = -1;
    await expect
      .poll(() => {
        const before = bytes;
        bytes = read[0]?.bytesRead ?? 0;
        return bytes > 0 && bytes === before && socket.writableLength > 0;
      })
      .toBe(true);
    expect(bytes).toBeLessThan(512 * 1024);
    letGo();
  });
});

describe('what is mostly empty lines', () => {
  const text = Buffer.from('\r\n'.repeat(32 * 1024));

  it.each([
    ['before a request', false],
    ['within chunks', true],
  ])('%s is parsed in many turns, and whole [S96]', async (_where, isInBody) => {
    let [calls, last, most, bytes, ends] = [0, 0, 0, 0, 0];
    const server = new EventEmitter() as Server;
    server.on('connection', (socket: Socket) => {
      socket.on('data', (piece: Buffer) => {
        calls += 1;
        bytes += piece.length;
      });
      socket.on('end', () => {
        ends += 1;
      });
    });
    const serve = nodeConnections(server, 'connection');
    const socket = new Duplex({ allowHalfOpen: true, read: () => undefined }) as Socket;
    const request = { socket, complete: false, headers: { 'transfer-encoding': 'chunked' } };
    if (isInBody) server.on('request', () => undefined);
    serve(socket);
    if (isInBody)
      server.emit('request', { ...request, readableLength: 0, readableHighWaterMark: 1 }, new EventEmitter());
    socket.push(text);
    socket.push(null);
    await new Promise<void>((resolve) => {
      const look = () => {
        most = Math.max(most, calls - last);
        last = calls;
        if (ends > 0) resolve();
        else setImmediate(look);
      };
      setImmediate(look);
    });
    expect([bytes, ends]).toEqual([text.length, 1]);
    expect(most).toBeLessThan(1000);
  });
});
