// Raw bytes on real sockets: what is not a plain request is refused before anything is looked up.

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../../../../test/machine-time.ts';
import { type Running, sendRaw, start, statusOf } from '../app.test-support.ts';

let running: Running;
beforeAll(async () => {
  running = await start();
});
afterAll(() => running.close());

/** Sends a request of these lines and tells what came back, and that the credential in it was not evaluated. */
async function refusal(...lines: string[]): Promise<number> {
  const before = running.core.asked.length;
  const answer = await sendRaw(running.port, `${lines.join('\r\n')}\r\n\r\n`);
  expect(running.core.asked).toHaveLength(before);
  expect(answer).not.toContain('canary');
  return statusOf(answer);
}

const bearer = 'Authorization: Bearer good';
const echo = ['POST /v1/echo HTTP/1.1', 'Host: a', 'Content-Type: application/json'];

describe('a header that may be sent once', () => {
  it.each([
    ['Host', ['Host: a', 'Host: b', bearer]],
    ['Authorization', ['Host: a', bearer, 'authorization: Bearer canary']],
    ['Content-Type', ['Host: a', bearer, 'Content-Type: application/json', 'Content-Type: text/plain']],
    ['X-Forwarded-For', ['Host: a', bearer, 'X-Forwarded-For: 1.1.1.1', 'x-forwarded-for: 2.2.2.2']],
    ['X-Forwarded-Anything', ['Host: a', bearer, 'X-Forwarded-Uri: /a', 'X-Forwarded-Uri: /b']],
    ['Forwarded', ['Host: a', bearer, 'Forwarded: for=1.1.1.1', 'Forwarded: for=2.2.2.2']],
  ])('%s, is refused when it comes twice [S62]', async (_name, headers) => {
    expect(await refusal('GET /v1/self HTTP/1.1', 'Connection: close', ...headers)).toBe(400);
  });

  it('refuses two Authorization lines, so that there is one credential [S6]', async () => {
    expect(await refusal('GET /v1/self HTTP/1.1', 'Host: a', 'Connection: close', bearer, bearer)).toBe(400);
  });

  it('refuses a request without Host [S62]', async () => {
    expect(await refusal('GET /v1/self HTTP/1.1', bearer)).toBe(400);
  });
});

describe('framing on which two readers could disagree', () => {
  const smuggled = 'GET /v1/self HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n';
  it.each([
    ['CL.TE', [...echo, 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '0', '', smuggled].join('\r\n')],
    ['TE.CL', [...echo, 'Transfer-Encoding: chunked', 'Content-Length: 3', '', '0', '', smuggled].join('\r\n')],
    ['two Content-Lengths', [...echo, 'Content-Length: 2', 'Content-Length: 0', '', '{}'].join('\r\n')],
    ['a list of Content-Lengths', [...echo, 'Content-Length: 2, 2', '', '{}'].join('\r\n')],
    ['a signed Content-Length', [...echo, 'Content-Length: +2', '', '{}'].join('\r\n')],
    ['an unknown transfer coding', [...echo, 'Transfer-Encoding: xchunked', '', '0', '', ''].join('\r\n')],
    ['a space before the colon', [...echo, 'Transfer-Encoding : chunked', '', '0', '', ''].join('\r\n')],
    ['a folded header', 'GET /v1/self HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\nAuthorization: Bearer good\r\n\r\n'],
    ['bare LF', 'GET /v1/self HTTP/1.1\nHost: a\nAuthorization: Bearer good\n\n'],
    ['bare CR', 'GET /v1/self HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\nAuthorization: Bearer good\r\n\r\n'],
    ['NUL in a header', 'GET /v1/self HTTP/1.1\r\nHost: a\r\nX: 1\x002\r\nAuthorization: Bearer good\r\n\r\n'],
    ['a bad chunk size', [...echo, 'Transfer-Encoding: chunked', '', 'zz', '{}', '0', '', ''].join('\r\n')],
    [
      'a huge chunk extension',
      [...echo, 'Transfer-Encoding: chunked', '', `2;${'x'.repeat(20_000)}`, '{}', '0', '', ''].join('\r\n'),
    ],
  ])('%s: refused, nothing after it evaluated, and closed [S63]', async (_what, bytes) => {
    const before = running.core.asked.length;
    const answer = await sendRaw(running.port, bytes);
    expect([0, 400, 413]).toContain(statusOf(answer));
    expect(answer).not.toMatch(/HTTP\/1\.1 2/);
    if (answer !== '') expect(answer.toLowerCase()).toContain('connection: close');
    expect(running.core.asked).toHaveLength(before);
  });

  it('never reads a credential from a trailer [S63]', async () => {
    const chunked = [...echo, 'Transfer-Encoding: chunked', 'Trailer: Authorization', 'Connection: close'];
    const bytes = [...chunked, '', '2', '{}', '0', 'Authorization: Bearer canary', '', ''].join('\r\n');
    const answer = await sendRaw(running.port, bytes);
    expect(statusOf(answer)).toBe(200);
    expect(answer).not.toContain('canary');
  });

  it('answers with problem+json even where no request was understood [S84]', async () => {
    const answer = await sendRaw(running.port, 'nonsense\r\n\r\n');
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
    });
  });
});

describe('an expectation that nobody knows', () => {
  const lines = ['POST /v1/echo HTTP/1.1', 'Host: a', bearer, 'Expect: a-miracle', 'Content-Length: 2', '', '{}'];

  it('is 417 in the words of every other refusal, and the last answer, since a body may come or not', async () => {
    const before = running.core.asked.length;
    const answer = await sendRaw(running.port, lines.join('\r\n'));
    expect(statusOf(answer)).toBe(417);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toMatch(/\r\ncache-control: no-store\r\n/i);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
      type: 'about:blank',
      title: 'Expectation Failed',
      status: 417,
    });
    expect(running.core.asked).toHaveLength(before);
  });
});

describe('the request target', () => {
  it.each([
    'http:///v1/self',
    'http://a//v1/self',
    'http://u@a/v1/self',
    'ftp://a/v1/self',
    '*',
    'v1/self',
    '//v1/self',
    '/v1//self',
    '/v1/./self',
    '/v1/x/../self',
    '/v1/self/..',
    '/v1/self/.',
    '/v1/%2e%2e/v1/self',
    '/v1/%2E/self',
    '/v1%2fself',
    '/v1%5Cself',
    '/v1\\self',
    '/v1/self;a=b',
    '/v1/self%3ba',
    '/v1/self#x',
    '/v1/self?a#b',
    '/v1/self%00',
    '/v1/self%0d%0a',
    '/v1/self%1b',
    '/v1/self%7f',
    '/v1/self%',
    '/v1/self%zz',
    '/v1/%c0%afself',
    '/v1/%e0%80%af',
    '/v1/%ed%a0%80',
    '/v1/%ff',
    '/v1/s\x7felf',
    '/v1/s\xe9lf',
  ])('%s is refused, not normalised [S64]', async (target) => {
    const before = running.core.asked.length;
    const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n${bearer}\r\nConnection: close\r\n\r\n`, 'latin1');
    expect(statusOf(await sendRaw(running.port, bytes))).toBe(400);
    expect(running.core.asked).toHaveLength(before);
  });

  it.each(['http://a/v1/query', 'HTTP://a:8080/v1/query', 'https://a/v1/query?a=b'])(
    'may be absolute: %s',
    async (target) => {
      expect(await refusal(`GET ${target} HTTP/1.1`, 'Host: b', 'Connection: close')).toBe(200);
    },
  );

  it.each([
    ['100-continue', 200],
    ['a-miracle', 417],
  ])('may be absolute though the request expects %s', async (expected, status) => {
    const lines = ['Host: b', `Expect: ${expected}`, 'Connection: close'];
    const answer = await sendRaw(running.port, ['GET http://a/v1/query HTTP/1.1', ...lines, '\r\n'].join('\r\n'));
    expect(statusOf(answer.replace('HTTP/1.1 100 Continue\r\n\r\n', ''))).toBe(status);
  });

  it.each(['a,b', 'a, b', 'u@a', '[::1'])(
    'names one host though there is no Host: %s is refused [S62]',
    async (host) => {
      expect(await refusal(`GET http://${host}/v1/self HTTP/1.0`, bearer)).toBe(400);
    },
  );

  it('is the host of a request without Host', async () => {
    expect(await refusal('GET http://a/v1/query HTTP/1.0')).toBe(200);
  });

  it.each(['a, b', 'a,b', 'u@a', 'a/b', 'a:b', 'a b', '[::1'])('is of one host: %s is refused [S62]', async (host) => {
    expect(await refusal('GET /v1/self HTTP/1.1', `Host: ${host}`, bearer, 'Connection: close')).toBe(400);
    expect(await refusal('GET /v1/check HTTP/1.1', `Host: ${host}`, bearer, 'Connection: close')).toBe(400);
  });

  it.each(['a', 'a.b:80', '[::1]:80', '127.0.0.1', 'a_b', ''])('may be of the host %s', async (host) => {
    expect(await refusal('GET /v1/query HTTP/1.1', `Host: ${host}`, 'Connection: close')).toBe(200);
  });

  it('may be 8 kB long and no longer, and the headers 16 kB [S75]', async () => {
    const long = (length: number) => `/v1/query?a=${'x'.repeat(length - '/v1/query?a='.length)}`;
    expect(await refusal(`GET ${long(8192)} HTTP/1.1`, 'Host: a', 'Connection: close')).toBe(200);
    expect(await refusal(`GET ${long(8193)} HTTP/1.1`, 'Host: a', 'Connection: close')).toBe(414);
    expect(await refusal('GET /v1/query HTTP/1.1', 'Host: a', `X: ${'x'.repeat(16_384)}`)).toBe(431);
    const lines = Array.from({ length: 2000 }, (_, index) => `X${index}: ${index}`);
    expect(await refusal('GET /v1/query HTTP/1.1', 'Host: a', ...lines)).toBe(431);
  });

  it('counts headers by size alone, so that none is dropped unseen [S62]', async () => {
    const lines = (count: number) => Array.from({ length: count }, () => 'X:');
    const ask = (count: number) => refusal('GET /v1/self HTTP/1.1', 'Host: a', bearer, ...lines(count), bearer);
    expect(await ask(500)).toBe(400);
    expect(await ask(2000)).toBe(400);
    expect(await ask(5000)).toBe(431);
  });
});

describe('methods that no endpoint has', () => {
  it.each([
    ['TRACE', 405],
    ['OPTIONS', 405],
    ['PROPFIND', 405],
    ['QUERY', 405],
    ['get', 400],
    ['FOO', 400],
  ])('%s is %i [S65]', async (method, status) => {
    expect(await refusal(`${method} /v1/self HTTP/1.1`, 'Host: a', bearer, 'Connection: close')).toBe(status);
  });

  it('CONNECT is 405 and the connection ends [S65]', async () => {
    expect(await refusal('CONNECT a:443 HTTP/1.1', 'Host: a:443', bearer)).toBe(405);
  });
});

describe('slow clients', () => {
  it.each([
    ['say nothing', ''],
    ['never finish their headers', 'GET /v1/self HTTP/1.1\r\nHost: a\r\nX: '],
    ['never finish their body', `${echo.join('\r\n')}\r\nContent-Length: 10\r\n\r\n{`],
  ])('that %s are closed within the bound, while others are answered [S63]', async (_what, bytes) => {
    const hurried = await start();
    hurried.app.server.headersTimeout = 200;
    hurried.app.server.requestTimeout = 200;
    const slow = sendRaw(hurried.port, bytes, 60_000);
    await within(2_500, async () => {
      expect((await fetch(`${hurried.url}/v1/query`)).status).toBe(200);
      expect([0, 408]).toContain(statusOf(await slow));
    });
    await hurried.close();
  });

  it('and clients that leave in the middle of a body make no error of ours [S84]', async () => {
    running.logged.length = 0;
    const socket = connect(running.port, '127.0.0.1');
    socket.write(`${echo.join('\r\n')}\r\nContent-Length: 10\r\n\r\n{`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(`${running.url}/v1/query`)).status).toBe(200);
    expect(running.logged.filter((line) => line.includes('"error"'))).toEqual([]);
  });
});
