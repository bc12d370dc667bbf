// The calls that are sent through nginx and through the gateway to the same API: what clients send in earnest, and what
// proxies are known to treat differently. And the API that answers them.

import type { IncomingMessage, ServerResponse } from 'node:http';

/** One call as it is written, but for its Host, its credential and its end. */
export interface Request {
  name: string;
  method: string;
  target: string;
  lines: readonly string[];
  body: string;
  version: '1.1' | '1.0';
}

function request(method: string, target: string, ...lines: string[]): Request {
  return { name: [`${method} ${target}`, ...lines].join(' + '), method, target, lines, body: '', version: '1.1' };
}

function withBody(method: string, target: string, body: string, ...lines: string[]): Request {
  return { ...request(method, target, `Content-Length: ${body.length}`, ...lines), body };
}

function chunked(method: string, target: string, body: string): Request {
  const coded = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  return { ...request(method, target, 'Transfer-Encoding: chunked'), body: coded };
}

const statuses = [200, 201, 202, 204, 206, 301, 303, 304, 307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 501, 503];

export const requests: readonly Request[] = [
  request('GET', '/t/plain'),
  request('HEAD', '/t/plain'),
  request('DELETE', '/t/plain'),
  request('OPTIONS', '/t/plain'),
  request('GET', '/t/plain?a=1&b=%20&a=2&c=+&d'),
  request('GET', '/t/plain?'),
  request('GET', '/t/..foo/foo../...'),
  request('GET', '/t/%7Ea/%E2%98%83/a%20b'),
  request('GET', '/t/{a}|b^c'),
  request('GET', '/t/a,b:c@d!e$f&g'),
  request('GET', '/t/'),
  request('GET', '/s/a%2Fb'),
  request('GET', '/s/a;v=1/b'),
  request('GET', '/t//a'),
  request('GET', '/t/a/../b'),
  request('GET', '/t/a%2Fb'),
  withBody('POST', '/t/plain', '{"a":1}', 'Content-Type: application/json'),
  withBody('PUT', '/t/plain', 'a=1&b=2', 'Content-Type: application/x-www-form-urlencoded'),
  withBody('PATCH', '/t/plain', '\x00\x01\xff', 'Content-Type: application/octet-stream'),
  withBody('DELETE', '/t/plain', 'gone'),
  withBody('GET', '/t/plain', '{"query":1}', 'Content-Type: application/json'),
  withBody('POST', '/t/plain', 'x'.repeat(100_000)),
  request('POST', '/t/plain', 'Content-Length: 0'),
  chunked('POST', '/t/plain', 'in chunks'),
  request('GET', '/t/plain', 'Cookie: a=1; b=2', 'Accept-Encoding: gzip, br', 'Accept-Language: de, en;q=0.5'),
  request('GET', '/t/plain', 'X-Twice: 1', 'X-Twice: 2'),
  request('GET', '/t/plain', 'X-Empty:'),
  request('GET', '/t/plain', 'X-Latin: \xe9\xfc'),
  request('GET', '/t/plain', `X-Long: ${'y'.repeat(3000)}`),
  request('GET', '/t/plain', 'If-None-Match: "1"', 'Range: bytes=0-1', 'Referer: https://a.example/'),
  request('GET', '/t/plain', 'TE: trailers', 'Keep-Alive: timeout=5', 'Proxy-Authorization: x'),
  request('GET', '/t/plain', 'X-Forwarded-For: 192.0.2.1', 'X-Real-IP: 192.0.2.1', 'Forwarded: for=192.0.2.1'),
  request('GET', '/t/plain', 'X-Auth-Principal: forged'),
  request('GET', '/t/plain', 'X_Under: 1'),
  { ...request('GET', '/t/plain'), name: 'GET in HTTP/1.0', version: '1.0' },
  ...statuses.map((status) => request('GET', `/t/status/${status}`)),
  request('GET', '/t/cookies'),
  request('GET', '/t/chunked'),
  request('GET', '/t/empty'),
  request('GET', '/t/redirect'),
  request('GET', '/t/cached'),
  request('GET', '/t/hop'),
];

/** Answers by the path, and shows what it was sent in the body where there is one. */
export function answer(received: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(received.url ?? '/', 'http://a');
  const status = Number(/\/status\/(\d+)$/.exec(pathname)?.[1] ?? 200);
  response.setHeader('x-own', ['one', 'two']);
  if (pathname === '/t/cookies') response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; Secure']);
  if (pathname === '/t/redirect') response.setHeader('location', `http://${received.headers.host}/next`);
  if (pathname === '/t/cached') response.setHeader('cache-control', 'max-age=9').setHeader('etag', '"1"');
  if (pathname === '/t/hop') response.setHeader('connection', 'x-hop').setHeader('x-hop', '1');
  if (pathname === '/t/empty') response.writeHead(200, { 'content-length': '0' }).end();
  else if (pathname === '/t/chunked') answerInChunks(response);
  else response.writeHead(status, { 'content-type': 'text/plain', 'content-length': '4' }).end('body');
}

function answerInChunks(response: ServerResponse): void {
  response.write('one,');
  response.end('two');
}
