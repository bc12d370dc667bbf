// What is read from other servers, over real TLS to servers that behave well and badly.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../http/self-signed.test-support.ts';
import { startNameServer } from './name-server.test-support.ts';
import { createOutbound, type OutboundOptions } from './outbound.ts';
import { createResolve } from './resolve.ts';

const certificate = selfSigned({ hosts: ['issuer.test'] });
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let port: number;

const listen = async (options: ServerOptions) => {
  const one = createServer(options, (request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(one, 'listening');
  return one;
};

beforeAll(async () => {
  server = await listen(certificate);
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const outboundWith = (options: Partial<OutboundOptions> = {}) =>
  createOutbound({ allowPrivate: ['127.0.0.1'], ca: certificate.cert, timeoutMs: 30_000, ...options });

const fetchJson = (path = '/', options: Partial<OutboundOptions> = {}) =>
  outboundWith(options).fetchJson(`https://127.0.0.1:${port}${path}`, 'anyone');

const json =
  (body: string, head: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'application/json', ...head }).end(body);

describe('a document of another server', () => {
  it('is read over https, whatever JSON type it has', async () => {
    for (const type of ['application/json', 'application/jwk-set+json', 'application/json; charset=utf-8']) {
      answer = json('{"keys":[]}', { 'content-type': type });
      expect(await fetchJson('/keys?a=b')).toEqual({ document: { keys: [] } });
    }
  });

  it('is asked for with the path and query as written, by GET, without credentials', async () => {
    let asked: IncomingMessage | undefined;
    answer = (request, response) => {
      asked = request;
      json('{}')(request, response);
    };
    await fetchJson('/a/b?c=d%20e');
    expect(asked).toMatchObject({ method: 'GET', url: '/a/b?c=d%20e' });
    expect(Object.keys(asked?.headers ?? {}).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it('is not read over plain http, with a user or a fragment, or from what is no address [S126]', async () => {
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://user@127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/#keys`,
      'file:///etc/passwd',
      'ftp://127.0.0.1/',
      '//127.0.0.1',
      'keys',
      '',
    ]) {
      expect(await outboundWith().fetchJson(url, 'anyone')).toEqual({ failure: 'not_https' });
    }
  });

  it('is not read where a redirect leads [S126]', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      let calls = 0;
      answer = (_, response) => {
        calls += 1;
        response.writeHead(status, { location: '/elsewhere', 'content-type': 'application/json' }).end('{}');
      };
      expect(await fetchJson()).toEqual({ failure: 'redirected' });
      expect(calls).toBe(1);
    }
  });

  it('is not read from another status, and nothing of that answer is told [S126]', async () => {
    for (const status of [201, 204, 206, 400, 404, 500]) {
      answer = (_, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end();
      expect(await fetchJson()).toEqual({ failure: 'refused' });
    }
  });

  it('is JSON, strictly and not compressed [S126]', async () => {
    for (const [body, head] of [
      ['{"a":1,"a":2}', {}],
      ['<html></html>', {}],
      ['', {}],
      ['{}', { 'content-type': 'text/html' }],
      ['{}', { 'content-type': 'application/jsonp' }],
      ['{}', { 'content-encoding': 'gzip' }],
    ] as const) {
      answer = json(body, head);
      expect(await fetchJson()).toEqual({ failure: 'not_json' });
    }
  });

  it('is no larger than 256 kB, whatever length is said [S126]', async () => {
    const fits = `"${'x'.repeat(262_142)}"`;
    answer = json(fits);
    expect(await fetchJson()).toEqual({ document: fits.slice(1, -1) });
    answer = json(`${fits} `);
    expect(await fetchJson()).toEqual({ failure: 'too_large' });
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pour = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    };
    expect(await fetchJson()).toEqual({ failure: 'too_large' });
  });

  it('comes whole within its time, a slow drip too [S126]', async () => {
    let dripping: NodeJS.Timeout | undefined;
    const ended = new Promise((tell) => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        dripping = setInterval(() => response.write(' '), 20);
        response.on('close', tell);
      };
    });
    expect(await fetchJson('/', { timeoutMs: 300 })).toEqual({ failure: 'too_slow' });
    await ended;
    clearInterval(dripping);
    answer = () => undefined;
    expect(await fetchJson('/', { timeoutMs: 300 })).toEqual({ failure: 'too_slow' });
  });

  it('is not waited for longer where its host name is resolved slowly [S126]', async () => {
    const outbound = outboundWith({ resolve: () => new Promise(() => undefined), timeoutMs: 50 });
    expect(await outbound.fetchJson('https://issuer.test/', 'anyone')).toEqual({ failure: 'too_slow' });
  });

  it('is not read from a server whose certificate is not trusted, or is for another host', async () => {
    answer = json('{}');
    expect(await fetchJson('/', { ca: null })).toEqual({ failure: 'unreachable' });
    const other = outboundWith({ resolve: async () => ['127.0.0.1'] });
    expect(await other.fetchJson(`https://other.test:${port}/`, 'anyone')).toEqual({ failure: 'unreachable' });
  });

  it('is one of a few at a time on behalf of one party, and of many in all, whatever becomes of the others', async () => {
    const waiting: ((addresses: string[]) => void)[] = [];
    const outbound = outboundWith({ resolve: () => new Promise((answer) => waiting.push(answer)) });
    const fetchFor = (party: string) => outbound.fetchJson('https://issuer.test/', party);
    const fourFor = (party: string) => Array.from({ length: 4 }, () => fetchFor(party));
    const under = fourFor('one');
    expect(await fetchFor('one')).toEqual({ failure: 'too_many' });
    for (let n = 0; n < 63; n += 1) under.push(...fourFor(`other ${n}`));
    expect(waiting).toHaveLength(256);
    expect(await fetchFor('one too many')).toEqual({ failure: 'too_many' });
    for (const answer of waiting) answer([]);
    expect(new Set((await Promise.all(under)).map((one) => one.failure))).toEqual(new Set(['not_resolved']));
    expect(fourFor('one')).toHaveLength(4);
    expect(waiting).toHaveLength(260);
    for (const answer of waiting) answer([]);
  });

  it('keeps the place of its party while its host name is being resolved, though nobody waits for it', async () => {
    const outbound = outboundWith({ resolve: () => new Promise(() => undefined), timeoutMs: 50 });
    const fetchFor = (party: string) => outbound.fetchJson('https://issuer.test/', party);
    const slow = await Promise.all(Array.from({ length: 4 }, () => fetchFor('one')));
    expect(slow).toEqual(Array(4).fill({ failure: 'too_slow' }));
    expect(await fetchFor('one')).toEqual({ failure: 'too_many' });
    expect(await fetchFor('two')).toEqual({ failure: 'too_slow' });
  });

  it('gives the place back at the end of its time where no name server answers', async () => {
    const silent = await startNameServer();
    silent.isSilent = true;
    const resolve = createResolve({ hosts: new Set() }, [silent.address]);
    const outbound = outboundWith({ resolve, timeoutMs: 50 });
    const fetched = () => outbound.fetchJson('https://issuer.test/', 'one');
    try {
      const slow = await Promise.all(Array.from({ length: 4 }, fetched));
      expect(slow).toEqual(Array(4).fill({ failure: 'too_slow' }));
      // Sooner than the name server would be given up.
      await expect.poll(async () => (await fetched()).failure, { timeout: 2500 }).toBe('too_slow');
    } finally {
      await silent.stop();
    }
  });
});

describe('a host name', () => {
  it('is resolved once for a call, which goes to the address that was looked at [S126]', async () => {
    answer = json('{}');
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let looks = 0;
    const outbound = outboundWith({ resolve: async () => answers[looks++] ?? [] });
    expect(await outbound.fetchJson(`https://issuer.test:${port}/`, 'anyone')).toEqual({ document: {} });
    expect(looks).toBe(1);
    expect(await outbound.fetchJson(`https://issuer.test:${port}/`, 'anyone')).toEqual({
      failure: 'address_not_allowed',
    });
    expect(await outbound.fetchJson(`https://issuer.test:${port}/`, 'anyone')).toEqual({ failure: 'not_resolved' });
  });

  it('is refused if one of its addresses is private, wherever that stands [S126]', async () => {
    for (const addresses of [
      ['127.0.0.1', '169.254.169.254'],
      ['10.0.0.1', '127.0.0.1'],
      ['127.0.0.1', 'fd00::1'],
      ['127.0.0.1', 'nonsense'],
    ]) {
      const outbound = outboundWith({ resolve: async () => addresses });
      expect(await outbound.fetchJson(`https://issuer.test:${port}/`, 'anyone')).toEqual({
        failure: 'address_not_allowed',
      });
    }
  });

  it('is allowed by the operator wherever it is', async () => {
    answer = json('{}');
    const outbound = outboundWith({ allowPrivate: ['Issuer.test'], resolve: async () => ['127.0.0.1'] });
    for (const host of ['issuer.test', 'ISSUER.test']) {
      expect(await outbound.fetchJson(`https://${host}:${port}/`, 'anyone')).toEqual({ document: {} });
    }
    expect(await outbound.fetchJson(`https://127.0.0.1:${port}/`, 'anyone')).toEqual({
      failure: 'address_not_allowed',
    });
  });
});
