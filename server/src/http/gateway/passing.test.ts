// What becomes of a call between the verdict and the end of its answer: bodies, times, sizes, clients that go, upstreams
// that answer early. Sockets are real on both sides.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/checking/verify.ts';
import { native, type Running, sendRaw, start, statusOf, stubCore } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let upstream: Server;
let running: Running;
let handle: Handler = () => undefined;
/** How the core's own verdict is come by; and how many were given. */
let verify = (verdict: () => Promise<Verdict>): Promise<Verdict> => verdict();
let given = 0;
const clients: Socket[] = [];

beforeAll(async () => {
  upstream = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const base = { methods: ['GET', 'POST', 'DELETE'], permissions: [], dialect: null, upstream: at } as const;
  const guarded: GuardedRoute[] = [
    { ...base, path: '/x/*' },
    { ...base, path: '/small', limits: { bodyBytes: 10 } },
    { ...base, path: '/hurried', limits: { uploadMs: 300, answerMs: 300, idleMs: 300 } },
    { ...base, path: '/open', credential: 'none' },
  ];
  const stub = stubCore();
  const core = stubCore({
    verify: async (credential, call) => {
      const verdict = await verify(async () => stub.verify(credential, call));
      given += 1;
      return verdict;
    },
  });
  running = await start({ dialects: [native], guarded, core });
});
afterAll(async () => {
  upstream.closeAllConnections();
  await running.close();
  upstream.close();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** A client that writes bytes when it is told to. */
function dial() {
  const socket = connect(running.port, '127.0.0.1');
  let heard = '';
  socket
    .on('error', () => undefined)
    .on('data', (piece) => {
      heard += piece.toString('latin1');
    });
  clients.push(socket);
  return { socket, heard: () => heard, hasEnded: () => socket.readableEnded || socket.destroyed };
}

const head = (method: string, path: string, ...lines: string[]) =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: a', 'Authorization: Bearer good', ...lines].join('\r\n')}\r\n\r\n`;
const echo: Handler = async (request, response) => {
  let body = '';
  try {
    for await (const piece of request) body += piece;
    response.end(`got ${body}`);
  } catch {
    // The call was given up.
  }
};

describe('a body', () => {
  it.each(['GET', 'DELETE', 'POST'])('of %s goes on, with a length or in chunks', async (method) => {
    handle = echo;
    for (const [line, body] of [
      ['Content-Length: 3', 'abc'],
      ['Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n'],
    ] as const) {
      const answer = await sendRaw(running.port, `${head(method, '/x/y', line, 'Connection: close')}${body}`);
      expect([statusOf(answer), answer]).toEqual([200, expect.stringContaining('got abc')]);
    }
  });

  it('of mostly empty lines goes on whole, though its upstream begins to take it late', async () => {
    const lines = '\r\n'.repeat(500_000);
    const begin = Promise.withResolvers<void>();
    handle = async (request, response) => {
      await begin.promise;
      let bytes = 0;
      for await (const piece of request) bytes += piece.length;
      response.end(`got ${bytes}`);
    };
    const arrived = once(upstream, 'request');
    const client = dial();
    const chunk = `${lines.length.toString(16)}\r\n${lines}\r\n0\r\n\r\n`;
    client.socket.write(head('POST', '/x/y', 'Transfer-Encoding: chunked', 'Connection: close') + chunk);
    await arrived;
    setImmediate(begin.resolve);
    await expect.poll(client.heard, { timeout: 30_000 }).toContain(`got ${lines.length}`);
  });

  it('larger than its route takes is 413, announced or not, and the route says what it takes', async () => {
    handle = echo;
    for (const [line, body] of [
      ['Content-Length: 11', 'x'.repeat(11)],
      ['Transfer-Encoding: chunked', `b\r\n${'x'.repeat(11)}\r\n0\r\n\r\n`],
    ] as const) {
      const answer = await sendRaw(running.port, `${head('POST', '/small', line, 'Connection: close')}${body}`);
      expect([statusOf(answer), answer]).toEqual([413, expect.stringContaining('10 bytes')]);
    }
    const fits = await sendRaw(
      running.port,
      `${head('POST', '/small', 'Content-Length: 10', 'Connection: close')}${'x'.repeat(10)}`,
    );
    expect(statusOf(fits)).toBe(200);
  });

  it('that stops half way is 408 after the time between two pieces', async () => {
    handle = echo;
    const stalled = dial();
    stalled.socket.write(`${head('POST', '/hurried', 'Content-Length: 9')}abc`);
    await expect.poll(stalled.heard).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(stalled.hasEnded).toBe(true);
  });

  it('may take longer than a request of our own endpoints may [S98]', async () => {
    handle = echo;
    running.app.server.requestTimeout = 300;
    const [guarded, own] = [dial(), dial()];
    guarded.socket.write(`${head('POST', '/x/y', 'Content-Length: 6', 'Connection: close')}abc`);
    own.socket.write(`${head('POST', '/v1/echo', 'Content-Type: application/json', 'Content-Length: 6')}{`);
    await expect.poll(own.heard).toMatch(/^HTTP\/1\.1 408 /);
    guarded.socket.write('def');
    await expect.poll(guarded.heard).toContain('got abcdef');
    running.app.server.requestTimeout = 14_000;
  });

  it('is not asked for before the verdict: a refusal is the only answer [S63]', async () => {
    handle = echo;
    const lines = ['Content-Length: 3', 'Expect: 100-continue'];
    const refused = await sendRaw(running.port, head('POST', '/x/y', ...lines).replace('Bearer good', 'Bearer bad'));
    expect(refused.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401']);
    expect(refused).toMatch(/\r\nconnection: close\r\n/i);
    const allowed = dial();
    allowed.socket.write(head('POST', '/x/y', ...lines, 'Connection: close'));
    await expect.poll(allowed.heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    allowed.socket.write('abc');
    await expect.poll(allowed.heard).toContain('got abc');
    const own = dial();
    own.socket.write(
      `POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    );
    await expect.poll(own.heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    own.socket.write('{}');
    await expect.poll(own.heard).toContain('HTTP/1.1 200');
  });
});

describe('an answer', () => {
  it('that comes before the whole body reaches the client, whether the upstream then reads on or closes', async () => {
    for (const closes of [false, true]) {
      handle = (_request, response) => {
        if (closes) response.setHeader('connection', 'close');
        response.writeHead(413, { 'content-type': 'text/plain' }).end('too much for me');
      };
      const client = dial();
      client.socket.write(`${head('POST', '/x/y', 'Content-Length: 1000000')}${'x'.repeat(100_000)}`);
      await expect.poll(client.heard).toContain('too much for me');
      expect(client.heard()).toMatch(/^HTTP\/1\.1 413 /);
    }
  });

  it('leaves the connection to the next request, though the body came after it', async () => {
    handle = (request, response) => {
      if (request.method === 'POST') response.writeHead(409).end('no');
      else response.end('next');
    };
    const client = dial();
    client.socket.write(`${head('POST', '/x/y', 'Content-Length: 200000')}${'x'.repeat(1000)}`);
    await expect.poll(client.heard).toContain('HTTP/1.1 409');
    client.socket.write(`${'x'.repeat(199_000)}${head('GET', '/x/y')}`);
    await expect.poll(client.heard).toContain('next');
  });

  it('is passed on piece by piece, as each comes', async () => {
    let finish = () => undefined as unknown;
    handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      finish = () => response.end('data: 2\n\n');
    };
    const client = dial();
    client.socket.write(head('GET', '/x/events'));
    await expect.poll(client.heard).toContain('data: 1');
    finish();
    await expect.poll(client.heard).toContain('data: 2');
  });

  it('that does not begin in time is 503, and one that falls silent ends the connection', async () => {
    handle = () => undefined;
    const answer = await sendRaw(running.port, head('GET', '/hurried', 'Connection: close'), 20_000);
    expect(statusOf(answer)).toBe(503);
    handle = (_request, response) => response.writeHead(200).write('half');
    const client = dial();
    client.socket.write(head('GET', '/hurried'));
    await expect.poll(client.heard).toContain('half');
    await expect.poll(client.hasEnded).toBe(true);
  });
});

it('lets a stream be quiet for longer than a connection of our own endpoints may be idle', async () => {
  let speak = () => undefined as unknown;
  handle = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    speak = () => response.end('data: 2\n\n');
  };
  running.app.server.timeout = 300;
  const [quiet, idle] = [dial(), dial()];
  quiet.socket.write(head('GET', '/x/events'));
  await expect.poll(quiet.heard).toContain('data: 1');
  await expect.poll(idle.hasEnded).toBe(true);
  speak();
  await expect.poll(quiet.heard).toContain('data: 2');
  running.app.server.timeout = 30_000;
});

it('tells the upstream at once that its client has gone, before the answer and during it', async () => {
  for (const begins of [false, true]) {
    const gone = Promise.withResolvers<void>();
    handle = (request, response) => {
      if (begins) response.write('half');
      request.socket.once('close', () => gone.resolve());
    };
    const arrived = once(upstream, 'request');
    const client = dial();
    client.socket.write(head('GET', '/x/y'));
    await arrived;
    if (begins) await expect.poll(client.heard).toContain('half');
    client.socket.destroy();
    await gone.promise;
  }
});

it('asks no upstream for a client that has gone, and logs no upstream as failing because of one', async () => {
  running.logged.length = 0;
  let asked = 0;
  handle = () => {
    asked += 1;
  };
  const early = dial();
  given = 0;
  verify = async (verdict) => {
    const closed = Promise.withResolvers<void>();
    (await arrival.promise).once('close', () => setImmediate(closed.resolve));
    early.socket.destroy();
    await closed.promise;
    return verdict();
  };
  const arrival = Promise.withResolvers<Socket>();
  running.app.server.once('request', (request: IncomingMessage) => arrival.resolve(request.socket));
  early.socket.write(head('GET', '/x/early'));
  await expect.poll(() => given).toBe(1);
  verify = (verdict) => verdict();

  for (const line of [[], ['Content-Length: 5']]) {
    const gone = Promise.withResolvers<void>();
    handle = (request) => void request.socket.once('close', () => gone.resolve());
    const arrived = once(upstream, 'request');
    const late = dial();
    late.socket.write(`${head('POST', '/x/late', ...line)}${line.length > 0 ? 'ab' : ''}`);
    await arrived;
    late.socket.destroy();
    await gone.promise;
  }
  expect((await fetch(`${running.url}/v1/query`)).status).toBe(200);
  expect(asked).toBe(0);
  expect(running.logged.filter((text) => text.includes('"warn"') || text.includes('"error"'))).toEqual([]);
});

it('keeps no other call waiting, however many streams are open', async () => {
  handle = (request, response) => {
    if (request.url === '/x/events') response.writeHead(200).write('data: 1\n\n');
    else response.end('at once');
  };
  const streams = Array.from({ length: 200 }, () => dial());
  for (const { socket } of streams) socket.write(head('GET', '/x/events'));
  await expect.poll(() => streams.every(({ heard }) => heard().includes('data: 1'))).toBe(true);
  const answer = await fetch(`${running.url}/x/y`, { headers: { authorization: 'Bearer good' } });
  expect(await answer.text()).toBe('at once');
});
