// A connection begins on the fast path and may go on with Node at any point: whoever is at the other end cannot tell.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from '../../../../test/machine-time.ts';
import { native } from '../../dialects/native.ts';
import { type Running, sendOne, start, stubCore } from '../app.test-support.ts';
import { selfSigned } from '../self-signed.test-support.ts';

const stub = stubCore();
/** Answers at once, but for `slow`, which waits until it is let go. */
let letGo: (() => void)[] = [];
const core = stubCore({
  verify: async (credential, call) => {
    if (credential !== 'slow') return stub.verify(credential, call);
    await new Promise<void>((resolve) => letGo.push(resolve));
    return stub.verify('good', call);
  },
});

let running: Running;
/** How many requests Node has read. */
let readByNode = 0;

/** Where time stands still, so that a slow machine's connections are not taken for silent ones. */
async function counting(options: Parameters<typeof start>[0] = {}): Promise<Running> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const one = await start({ dialects: [native], core, ...options });
  one.app.server.on('request', () => {
    readByNode += 1;
  });
  return one;
}

beforeAll(async () => {
  running = await counting();
});
afterAll(() => running.close());
beforeEach(() => {
  readByNode = 0;
  letGo = [];
});

const check = (credential: string, more = '') =>
  `GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\n${more}\r\n`;
const health = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';

/** A client that hears what is said to it. */
interface Client {
  socket: Socket;
  heard(): string;
  statuses(): string[];
  /** The server has ended it. */
  hasEnded(): boolean;
  /** Says something, and waits for this many answers in all. */
  say(text: string, answers: number): Promise<void>;
}

function clientOn(socket: Socket): Client {
  let heard = '';
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('data', (piece) => {
    heard += piece.toString('latin1');
  });
  socket.on('close', () => {
    isClosed = true;
  });
  const statuses = () => [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);
  const say = async (text: string, answers: number) => {
    socket.write(text, 'latin1');
    await expect.poll(() => statuses().length).toBe(answers);
  };
  const one = { socket, heard: () => heard, statuses, hasEnded: () => isClosed || socket.readableEnded, say };
  clients.push(one);
  return one;
}

const clients: Client[] = [];

function client(port = running.port): Client {
  return clientOn(connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }));
}

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy();
});

describe('a connection', () => {
  it('answers one plain request after the other without Node’s reader', async () => {
    const one = client();
    await one.say(check('good'), 1);
    await one.say(check('nonsense'), 2);
    await one.say(check('good'), 3);
    expect(one.statuses()).toEqual(['200', '401', '200']);
    expect(one.heard()).toMatch(/\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n/);
    expect(readByNode).toBe(0);
  });

  it('goes on with Node from the first request for any other endpoint, and is still answered ahead of the router', async () => {
    const one = client();
    await one.say(check('good'), 1);
    await one.say(health, 2);
    await one.say(check('nonsense'), 3);
    await one.say(health, 4);
    expect(one.statuses()).toEqual(['200', '200', '401', '200']);
    expect(readByNode).toBe(3);
  });

  it('goes on with Node where a request comes in pieces', async () => {
    const one = client();
    await one.say(check('good'), 1);
    one.socket.write(check('nonsense').slice(0, 30));
    await pause(30);
    expect(one.statuses()).toHaveLength(1);
    await one.say(check('nonsense').slice(30), 2);
    await one.say(check('good'), 3);
    expect(one.statuses()).toEqual(['200', '401', '200']);
    expect(readByNode).toBe(2);
  });

  it('goes on with Node where several come at once, and answers them in their order', async () => {
    const one = client();
    await one.say(check('good'), 1);
    await one.say(check('nonsense') + check('good') + health, 4);
    expect(one.statuses()).toEqual(['200', '401', '200', '200']);
  });

  it('answers in its order what comes before the last answer is out', async () => {
    const one = client();
    one.socket.write(check('slow'));
    await expect.poll(() => letGo.length).toBe(1);
    one.socket.write(check('nonsense'));
    await pause(20);
    one.socket.write(check('good') + health.slice(0, 10));
    await pause(20);
    expect(one.statuses()).toEqual([]);
    letGo[0]?.();
    await expect.poll(() => one.statuses()).toEqual(['200', '401', '200']);
    await one.say(health.slice(10), 4);
    expect(one.statuses()).toEqual(['200', '401', '200', '200']);
  });

  it('ends after the answer that the client asked to be the last', async () => {
    const one = client();
    await one.say(check('good'), 1);
    await one.say(check('good', 'Connection: close\r\n'), 2);
    await expect.poll(() => one.hasEnded()).toBe(true);
    expect(one.heard()).toMatch(/connection: close/i);
  });

  it('answers a client that says no more after its request, and ends', async () => {
    for (const credential of ['good', 'slow']) {
      const one = client();
      one.socket.end(check(credential));
      if (credential === 'slow') {
        await expect.poll(() => letGo.length).toBe(1);
        await pause(20);
        letGo[0]?.();
      }
      await expect.poll(() => one.hasEnded()).toBe(true);
      expect(one.statuses()).toEqual(['200']);
    }
    expect(readByNode).toBe(0);
  });

  it('refuses what is no request in Node’s place, after plain ones too [S63]', async () => {
    const one = client();
    await one.say(check('good'), 1);
    await one.say('GET /v1/check HTTP/1.1\nHost: a\n\n', 2);
    expect(one.statuses()).toEqual(['200', '400']);
    await expect.poll(() => one.hasEnded()).toBe(true);
  });

  it('survives a client that leaves while its answer is awaited', async () => {
    const one = client();
    one.socket.write(check('slow'));
    await expect.poll(() => letGo.length).toBe(1);
    one.socket.resetAndDestroy();
    await pause(20);
    letGo[0]?.();
    expect(await sendOne(running.port, check('good'))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('reads no further from a client that does not take its answers [S98]', async () => {
    const one = clientOn(connect({ port: running.port, host: '127.0.0.1', noDelay: true }));
    one.socket.pause();
    // Large ones, so that not many of them fill what the system holds between the two, which is more where it is slow.
    const many = check('nonsense', `X-Filler: ${'x'.repeat(4_000)}\r\n`);
    let sent = 0;
    for (; sent < 100_000 && one.socket.writableLength < 1_000_000; sent += 1) {
      one.socket.write(many);
      if (sent % 10 === 0) await pause(0);
    }
    expect(one.socket.writableLength).toBeGreaterThanOrEqual(1_000_000);
    one.socket.resume();
    await expect.poll(() => one.statuses().length, { interval: 500, timeout: 240_000 }).toBe(sent);
    expect(new Set(one.statuses())).toEqual(new Set(['401']));
  });
});

describe('over TLS', () => {
  it('it is the same, and says that it stays so', async () => {
    const { cert, key } = selfSigned();
    const secure = await counting({ tls: { cert, key } });
    const one = clientOn(connectTls({ port: secure.port, host: '127.0.0.1', ca: cert }));
    await one.say(check('good'), 1);
    expect(readByNode).toBe(0);
    expect(one.heard()).toContain('strict-transport-security: max-age=');
    await one.say(health, 2);
    await one.say(check('nonsense'), 3);
    expect(one.statuses()).toEqual(['200', '200', '401']);
    expect(readByNode).toBe(2);
    one.socket.destroy();
    await secure.close();
  });
});

describe('idle connections', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('end after their time, and not while an answer is awaited [S98]', async () => {
    const hurried = await counting();
    const [idle, busy] = [client(hurried.port), client(hurried.port)];
    await idle.say(check('good'), 1);
    busy.socket.write(check('slow'));
    await expect.poll(() => letGo.length).toBe(1);
    vi.advanceTimersByTime(72_000);
    await pause(50);
    expect([idle.hasEnded(), busy.hasEnded()]).toEqual([false, false]);
    vi.advanceTimersByTime(2_000);
    await expect.poll(() => idle.hasEnded()).toBe(true);
    letGo[0]?.();
    await expect.poll(() => busy.statuses()).toEqual(['200']);
    // Its time begins with the answer.
    vi.advanceTimersByTime(72_000);
    await busy.say(check('good'), 2);
    await hurried.close();
  });

  it('end when the server stops, though their handshake ends only then', async () => {
    const stopping = await counting({ tls: selfSigned() });
    let pieces = 0;
    const relay = createServer((near) => {
      const far = connect({ port: stopping.port, host: '127.0.0.1' });
      far.pipe(near);
      let held: Buffer[] | null = [];
      // The hello goes through; what the client says after it waits.
      near.on('data', (piece: Buffer) => {
        pieces += 1;
        if (pieces === 1 || held === null) far.write(piece);
        else held.push(piece);
      });
      letGo.push(() => {
        for (const piece of held ?? []) far.write(piece);
        held = null;
      });
      for (const socket of [near, far]) socket.on('error', () => undefined);
      far.on('close', () => near.destroy());
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const { port } = relay.address() as AddressInfo;
    clientOn(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
    await expect.poll(() => pieces).toBe(2);
    const closed = stopping.close();
    await pause(50);
    await within(5_000, () => {
      letGo[0]?.();
      return closed;
    });
    relay.close();
  });

  it('end at once when the server stops', async () => {
    const stopping = await counting();
    const [silent, answered] = [client(stopping.port), client(stopping.port)];
    await answered.say(check('good'), 1);
    await within(2_000, () => stopping.close());
    await expect.poll(() => silent.hasEnded() && answered.hasEnded()).toBe(true);
  });
});
