// Where messages of webhooks go and where never, over real sockets and TLS.

import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../http/self-signed.test-support.ts';
import { createWebhookSender, type WebhookSenderOptions } from './webhook-sender.ts';

const certificate = selfSigned({ hosts: ['hooks.test'] });
const message = { headers: { 'webhook-id': 'msg_1' }, body: '{"type":"x"}' };
const never = new AbortController().signal;

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let connections = 0;
let server: Server;
let plain: Server;
let port: number;
let plainPort: number;

beforeAll(async () => {
  const handle = (request: IncomingMessage, response: ServerResponse) => answer(request, response);
  server = createServer(certificate, handle);
  plain = createPlain(handle);
  for (const one of [server, plain]) {
    one.listen(0, '127.0.0.1');
    one.on('connection', () => {
      connections += 1;
    });
    await once(one, 'listening');
  }
  [port, plainPort] = [server, plain].map((one) => (one.address() as AddressInfo).port) as [number, number];
});
beforeEach(() => {
  connections = 0;
  answer = (_, response) => void response.writeHead(204).end();
});
afterAll(async () => {
  for (const one of [server, plain] as { closeAllConnections?(): void; close(): void }[]) {
    one.closeAllConnections?.();
    one.close();
  }
});

const senderWith = (options: Partial<WebhookSenderOptions> = {}) =>
  createWebhookSender({ allowPrivate: ['127.0.0.1'], ca: certificate.cert, allowPlainLoopback: false, ...options });
const send = (url: string, options: Partial<WebhookSenderOptions> = {}) =>
  senderWith(options).send({ ...message, url }, never);
/** A host's addresses, one list after the other. */
const resolving = (...lists: string[][]) => {
  const asked: string[] = [];
  return { asked, resolve: async (host: string) => lists[Math.min(asked.push(host), lists.length) - 1] ?? [] };
};

/** Addresses of this machine, of the network it stands in and of clouds' metadata, in the spellings that URLs take. */
const privateHosts = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '0.0.0.0', '127.0.0.1.', '%31%32%37.0.0.1'],
  ...[
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '192.0.0.192',
    '224.0.0.1',
  ],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[fe80::1]', '[fd00:ec2::254]', '[64:ff9b::7f00:1]'],
  ...['[2002:7f00:1::]', '[::127.0.0.1]'],
];

describe('a message of a webhook', () => {
  it('is posted to the address that was looked at, with the certificate checked for the host', async () => {
    let seen: { method?: string; url?: string; headers: IncomingMessage['headers']; body: string } | undefined;
    answer = async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      const { method = '', url = '', headers } = request;
      seen = { method, url, headers, body };
      response.writeHead(200).end('thanks');
    };
    const { resolve, asked } = resolving(['127.0.0.1']);
    const sent = await send(`https://hooks.test:${port}/a?b=c`, { resolve });
    expect(sent).toMatchObject({ status: 200, failure: null });
    expect(asked).toEqual(['hooks.test']);
    expect(seen).toMatchObject({ method: 'POST', url: '/a?b=c', body: message.body });
    expect(seen?.headers).toMatchObject({ host: `hooks.test:${port}`, 'webhook-id': 'msg_1' });
    expect(Object.keys(seen?.headers ?? {})).not.toContain('authorization');
    // Of another host, and by a CA that nobody trusts.
    expect(await send(`https://other.test:${port}/`, resolving(['127.0.0.1']))).toMatchObject({
      failure: 'unreachable',
    });
    expect(await send(`https://127.0.0.1:${port}/`, { ca: null })).toMatchObject({ failure: 'unreachable' });
  });

  it('reaches no private address, in whatever spelling, with or without a demo [S126]', async () => {
    for (const host of privateHosts) {
      for (const allowPlainLoopback of [false, true]) {
        const strict = { allowPrivate: [], allowPlainLoopback };
        const url = `https://${host}:${port}/`;
        expect(senderWith(strict).refuses(url), host).toBe('address_not_allowed');
        expect(await send(url, strict), host).toMatchObject({ status: null, failure: 'address_not_allowed' });
      }
    }
    expect(connections).toBe(0);
  });

  it('reaches none that a name leads to, among others or at a later time [S126]', async () => {
    const strict = { allowPrivate: [] };
    const url = `https://hooks.test:${port}/`;
    for (const list of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1'], ['::ffff:10.0.0.1'], ['169.254.169.254']]) {
      expect(await send(url, { ...strict, ...resolving(list) })).toMatchObject({ failure: 'address_not_allowed' });
    }
    // Allowed at first, and elsewhere when it is tried again.
    const rebound = resolving(['127.0.0.1'], ['127.0.0.2']);
    const sender = senderWith({ resolve: rebound.resolve });
    expect(await sender.send({ ...message, url }, never)).toMatchObject({ status: 204 });
    expect(await sender.send({ ...message, url }, never)).toMatchObject({ failure: 'address_not_allowed' });
    expect(rebound.asked).toHaveLength(2);
    expect(connections).toBe(1);
    expect(await send(url, resolving([]))).toMatchObject({ failure: 'not_resolved' });
  });

  it('is sent in clear to this machine alone, and only in a demo [S126]', async () => {
    const url = `http://127.0.0.1:${plainPort}/`;
    expect(senderWith().refuses(url)).toBe('not_https');
    expect(await send(url)).toMatchObject({ failure: 'not_https' });
    const demo = { allowPlainLoopback: true, allowPrivate: ['10.0.0.1'] };
    expect(senderWith(demo).refuses(url)).toBe(null);
    expect(await send(url, demo)).toMatchObject({ status: 204 });
    expect(await send(`http://localhost:${plainPort}/`, demo)).toMatchObject({ status: 204 });
    for (const host of ['10.0.0.1', 'hooks.test', '127.0.0.2', '[fe80::1]', '169.254.169.254']) {
      expect(await send(`http://${host}/`, { ...demo, ...resolving(['127.0.0.1']) }), host).toMatchObject({
        failure: 'not_https',
      });
    }
  });

  it('goes nowhere for any text that is no address of the public Internet [S126]', async () => {
    const strict = senderWith({ allowPrivate: [], ...resolving(['127.0.0.1']) });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.webUrl(), fc.webUrl({ validSchemes: ['https', 'file', 'ftp'] })),
        async (url) => {
          expect((await strict.send({ ...message, url }, never)).status).toBe(null);
        },
      ),
    );
    expect(connections).toBe(0);
  });

  it('follows no redirect [S126]', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      answer = (_, response) => void response.writeHead(status, { location: `https://127.0.0.1:${port}/x` }).end();
      expect(await send(`https://127.0.0.1:${port}/`)).toMatchObject({ status, failure: 'redirected' });
    }
    expect(connections).toBe(5);
  });

  it('has so much time, whether nothing is answered, or a little now and then [S126]', async () => {
    const drip = (response: ServerResponse) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    };
    for (const slow of [() => {}, drip]) {
      answer = (_, response) => slow(response);
      const began = performance.now();
      const sent = await send(`https://127.0.0.1:${port}/`, { timeoutMs: 300 });
      expect(sent).toMatchObject({ status: null, failure: 'too_slow' });
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    const stopping = new AbortController();
    answer = () => stopping.abort();
    const broken = await senderWith().send({ ...message, url: `https://127.0.0.1:${port}/` }, stopping.signal);
    expect(broken).toMatchObject({ status: null, failure: 'unreachable' });
  });

  it('is told nothing of what an address answers that only the operator may allow [S126]', async () => {
    answer = (_, response) => void response.writeHead(403).end('the secrets of the house');
    const resolve = async () => ['127.0.0.1'];
    expect(await send(`https://hooks.test:${port}/`, { resolve })).toMatchObject({ status: 403, body: '' });
    const allowPrivate = ['hooks.test'];
    expect(await send(`https://hooks.test:${port}/`, { resolve, allowPrivate })).toMatchObject({ body: '' });
  });

  it('is answered with a kilobyte at most, in text that every database takes and that moves no cursor [S126]', async () => {
    let closed = false;
    answer = (_, response) => {
      response.writeHead(500);
      response.on('close', () => {
        closed = true;
      });
      const more = () => {
        while (!response.destroyed && response.write(`\0\u001b[2J\u009b2J${'é'.repeat(4000)}`));
        response.once('drain', more);
      };
      more();
    };
    const sent = await send(`http://127.0.0.1:${plainPort}/`, { allowPlainLoopback: true });
    expect(sent).toMatchObject({ status: 500, failure: null });
    expect(Buffer.byteLength(sent.body)).toBeLessThanOrEqual(1035);
    expect(sent.body.startsWith('\ufffd\ufffd[2J')).toBe(true);
    expect(sent.body).not.toMatch(/\p{Cc}/u);
    await expect.poll(() => closed, { timeout: 30_000 }).toBe(true);
  });

  it('is told how long to wait by a receiver that is too busy, in seconds or as a date, and by no other', async () => {
    const later = new Date(Date.now() + 90_000).toUTCString();
    for (const [status, header, low, high] of [
      [503, '120', 120_000, 120_000],
      [429, later, 60_000, 91_000],
      [503, '999999999', 86_400_000, 86_400_000],
    ] as const) {
      answer = (_, response) => void response.writeHead(status, { 'retry-after': header }).end();
      const { retryAfterMs = 0 } = await send(`https://127.0.0.1:${port}/`);
      expect(retryAfterMs).toBeGreaterThanOrEqual(low);
      expect(retryAfterMs).toBeLessThanOrEqual(high);
    }
    for (const [status, header] of [
      [500, '120'],
      [200, '120'],
      [503, 'soon'],
      [503, '-5'],
      [429, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ] as const) {
      answer = (_, response) => void response.writeHead(status, { 'retry-after': header }).end();
      expect(await send(`https://127.0.0.1:${port}/`)).not.toHaveProperty('retryAfterMs');
    }
  });
});
