// What is read without Node is what Node would have read: any request that is taken here is put to Node's own reader too.

import { createServer, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverOptions } from '../listener/listener.ts';
import { type ParsedRequest, requestParser } from './parser.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function read(text: string): ParsedRequest | undefined {
  return requestParser()(bytesOf(text));
}

/** All requests that Node reads of these bytes, and whether the connection would stay open after the last one. */
async function readByNode(text: string) {
  const requests: Record<string, unknown>[] = [];
  const server = createServer(serverOptions);
  server.on('request', (request: IncomingMessage, response) => {
    const { method, url, headers } = request;
    const pieces: Buffer[] = [];
    const note = () => {
      const body = Buffer.concat(pieces).toString('latin1');
      requests.push({ method, url, headers, body, stays: response.shouldKeepAlive });
      response.end();
    };
    request.on('error', () => requests.push({ method, url, headers, isCutOff: true }));
    request.on('data', (piece: Buffer) => pieces.push(piece));
    // One without a body tells nobody of its end (listener.ts).
    if (request.readableEnded) note();
    else request.on('end', note);
  });
  const [ours, theirs] = duplexPair();
  server.emit('connection', theirs);
  ours.resume();
  ours.write(text, 'latin1');
  // All of it happens in this process: after some turns there is nothing left to do.
  for (let turn = 0; turn < 8; turn += 1) await setImmediate();
  theirs.destroy();
  return requests;
}

const shown = ({ method, url, headers, body }: ParsedRequest) => ({
  method,
  url,
  headers: { ...headers },
  body: body.toString('latin1'),
});

const get = 'GET /v1/check HTTP/1.1\r\n';
const host = 'Host: a\r\n';
const post = 'POST /v1/verify HTTP/1.1\r\nHost: a\r\n';

describe('a plain request', () => {
  it.each([
    ['a GET', `${get}${host}\r\n`],
    ['a HEAD', `HEAD /forward-auth HTTP/1.1\r\n${host}\r\n`],
    ['a GET with a query', `GET /v1/check?permissions=a:b HTTP/1.1\r\n${host}\r\n`],
    ['blanks around a value', `${get}${host}Authorization: \t Bearer x \t\r\n\r\n`],
    ['a value that is empty', `${get}${host}X-Empty:\r\n\r\n`],
    ['a connection that stays open', `${get}${host}Connection: Keep-Alive\r\n\r\n`],
    ['a POST with a body', `${post}Content-Length: 2\r\n\r\n{}`],
    ['a body beyond ASCII', `${post}Content-Length: 2\r\n\r\n\xc3\xa9`],
    ['a body that looks like a request', `${post}Content-Length: ${get.length}\r\n\r\n${get}`],
  ])('is read as Node reads it: %s', async (_, text) => {
    const request = read(text);
    expect(request).toBeDefined();
    if (request !== undefined) expect(await readByNode(text)).toEqual([{ ...shown(request), stays: true }]);
  });

  it.each([
    ['nothing', ''],
    ['a part of the first line', 'GET /v1/che'],
    ['a part of the headers', `${get}Host`],
    ['all but the last byte', `${get}${host}\r`],
    ['two requests', `${get}${host}\r\n${get}${host}\r\n`],
    ['a request and a byte', `${get}${host}\r\nG`],
    ['a part of a body', `${post}Content-Length: 3\r\n\r\n{}`],
    ['more than the body', `${post}Content-Length: 1\r\n\r\n{}`],
    ['a body without a length', `${post}\r\n{}`],
    ['a length that is spelled otherwise', `${post}Content-Length: 02\r\n\r\n{}`],
    ['a signed length', `${post}Content-Length: +2\r\n\r\n{}`],
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a list of lengths', `${post}Content-Length: 2, 2\r\n\r\n{}`],
    ['chunks', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `${post}Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header twice', `${get}${host}Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n`],
    ['two hosts', `${get}${host}${host}\r\n`],
    ['no host', `${get}\r\n`],
    ['a folded line', `${get}${host}X: 1\r\n 2\r\n\r\n`],
    ['a blank before the colon', `${get}${host}X : 1\r\n\r\n`],
    ['a blank before the name', `${get}${host} X: 1\r\n\r\n`],
    ['no name', `${get}${host}: 1\r\n\r\n`],
    ['no colon', `${get}${host}X\r\n\r\n`],
    ['bare LF', `${get.replace('\r', '')}${host}\n`],
    ['bare LF between headers', `${get}Host: a\nX: 1\r\n\r\n`],
    ['bare CR in a value', `${get}${host}X: 1\r2\r\n\r\n`],
    ['NUL in a value', `${get}${host}X: 1\x002\r\n\r\n`],
    ['DEL in a value', `${get}${host}X: 1\x7f2\r\n\r\n`],
    ['a value beyond ASCII', `${get}${host}X: \xe9\r\n\r\n`],
    ['a name beyond ASCII', `${get}${host}\xe9: x\r\n\r\n`],
    ['a blank line first', `\r\n${get}${host}\r\n`],
    ['HTTP/1.0', `GET / HTTP/1.0\r\n${host}\r\n`],
    ['HTTP/1.10', `GET / HTTP/1.10\r\n${host}\r\n`],
    ['lower-case http', `GET / http/1.1\r\n${host}\r\n`],
    ['two blanks', `GET  / HTTP/1.1\r\n${host}\r\n`],
    ['a blank in the target', `GET /a b HTTP/1.1\r\n${host}\r\n`],
    ['a target beyond ASCII', `GET /\xe9 HTTP/1.1\r\n${host}\r\n`],
    ['a whole URL', `GET http://a/ HTTP/1.1\r\n${host}\r\n`],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${host}\r\n`],
    ['a method in lower case', `get / HTTP/1.1\r\n${host}\r\n`],
    ['a Host that is a list', `${get}Host: a, b\r\n\r\n`],
    ['a Host with a user', `${get}Host: u@a\r\n\r\n`],
    ['a Host with a path', `${get}Host: a/b\r\n\r\n`],
    ['a connection that is to close', `${get}${host}Connection: close\r\n\r\n`],
    ['hop-by-hop headers', `${get}${host}Connection: keep-alive, x-forwarded-for\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n`],
    ['an upgrade', `${get}${host}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['an upgrade that nobody announced', `${get}${host}Upgrade: h2c\r\n\r\n`],
    ['what wants a 100 first', `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`],
    ['trailers', `${get}${host}Trailer: x\r\n\r\n`],
    ['__proto__', `${get}${host}__proto__: x\r\n\r\n`],
    ['constructor', `${get}${host}constructor: x\r\n\r\n`],
    ['more than fits', `${get}${host}X: ${'x'.repeat(8192)}\r\n\r\n`],
    ['TLS', '\x16\x03\x01\x02\x00'],
  ])('is not %s [S62, S63, S64]', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is nothing that Node would read otherwise, whatever comes', async () => {
    const often = <T>(most: fc.Arbitrary<T>, ...others: T[]) =>
      fc.oneof({ arbitrary: most, weight: 12 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
    const odd = fc.constantFrom(...['\r\n', '\n', '\r', '\0', '\t', ' ', ':', 'é', '\x7f', '"', ',', 'HTTP/1.1', '']);
    const name = often(
      fc.constantFrom('Authorization', 'X-Forwarded-For', 'User-Agent', 'Keep-Alive', 'Cookie', "!#$%&'*+-.^_`|~09"),
      ...['Host', 'authorization', 'Content-Length', 'Connection', 'Transfer-Encoding', 'Upgrade', 'Expect', 'X y'],
    );
    const value = often(
      fc.constantFrom('a', 'Bearer kw_x', 'keep-alive', '2', ' a\t', ''),
      ...['0', 'close', 'chunked', 'websocket', 'a\r\n b', 'é', '\0'],
    );
    const line = fc.tuple(
      name,
      often(fc.constantFrom(': ', ':', ':\t'), ' : ', ''),
      value,
      often(fc.constant('\r\n'), '\n', ''),
    );
    const request = fc
      .tuple(
        often(fc.constantFrom('GET', 'POST', 'HEAD'), 'PUT', 'get'),
        often(fc.constantFrom('/', '/v1/check?a=b', '/%00'), 'http://a/', '*', '/a b'),
        often(fc.constant('HTTP/1.1'), 'HTTP/1.0', 'HTTP/2.0'),
        fc.uniqueArray(line, { maxLength: 4, selector: ([one]) => one }),
        often(fc.constantFrom('', 'Content-Length: 2\r\n'), 'Content-Length: 02\r\n', 'Transfer-Encoding: chunked\r\n'),
        often(fc.constantFrom('', '{}'), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', '0\r\n\r\n'),
        fc.option(fc.tuple(odd, fc.nat(200)), { nil: undefined, freq: 1 }),
      )
      .map(([method, target, version, lines, framing, body, change]) => {
        const whole = `${method} ${target} ${version}\r\nHost: a\r\n${lines.flat().join('')}${framing}\r\n${body}`;
        if (change === undefined) return whole;
        const at = change[1] % whole.length;
        return whole.slice(0, at) + change[0] + whole.slice(at + 1);
      });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(request, async (text) => {
        const seen = read(text);
        if (seen === undefined) return;
        taken += 1;
        expect(await readByNode(text)).toEqual([{ ...shown(seen), stays: true }]);
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});

describe('one request after the other', () => {
  const line = fc.tuple(
    fc.constantFrom('host', 'Host', 'authorization', 'x-a', 'X-A', 'x-forwarded-for', 'content-length', 'connection'),
    fc.constantFrom('a', 'b', '0', 'Bearer x', 'keep-alive', 'close', 'x: y'),
  );
  const one = fc.tuple(fc.constantFrom('/a', '/a?b', '/aa'), fc.array(line, { maxLength: 5 }));

  it('is read as if it were the first, however much of it was said before', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 2, maxLength: 4 }),
        fc.array(fc.nat(3), { maxLength: 12 }),
        (all, order) => {
          const texts = all.map(
            ([target, lines]) =>
              `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
          );
          const readNext = requestParser();
          for (const at of order) {
            const text = texts[at % texts.length] ?? '';
            const seen = readNext(bytesOf(text));
            expect(seen).toEqual(read(text));
            if (seen !== undefined) taken += 1;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(1000);
  });

  it('has headers of its own, which nobody else sees change', () => {
    const readNext = requestParser();
    const text = `${get}${host}X-A: 1\r\n\r\n`;
    const first = readNext(bytesOf(text));
    if (first !== undefined) first.headers['x-a'] = 'changed';
    expect(readNext(bytesOf(text))?.headers).toEqual({ host: 'a', 'x-a': '1' });
    expect(readNext(bytesOf(text))?.headers).toEqual({ host: 'a', 'x-a': '1' });
  });
});
