// A small API as its owner would write it: it trusts whoever reaches it, because only Keyward can.
// It checks no credential; Keyward has done so before a call arrives, and says who it is in X-Auth-* headers.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

type Handler = (request: IncomingMessage, path: string) => unknown;

const pages: [method: string, path: RegExp, handler: Handler][] = [
  ['GET', /^\/public\/status$/, () => ({ status: 'ok' })],
  [
    'GET',
    /^\/api\/1\.0\/open\/files\/supported-formats$/,
    // As Debricked answers it: its command-line client compiles these patterns and looks for files with them.
    () => [
      format('package\\.json', 'https://docs.npmjs.com', ['package-lock\\.json', 'yarn\\.lock']),
      format('go\\.mod', 'https://go.dev/ref/mod', ['go\\.sum']),
      format('pom\\.xml', 'https://maven.apache.org', []),
    ],
  ],
  ['GET', /^\/v2\/funds$/, () => ({ funds: [{ id: 'F-100', name: 'Northern Growth', currency: 'EUR' }] })],
  ['GET', /^\/v2\/demo\/funds$/, () => ({ funds: [{ id: 'D-1', name: 'Demo Fund', currency: 'EUR' }] })],
  ['GET', /^\/api-versio\.db\/1\.0\/[^/]+$/, (_, path) => ({ environment: path.split('/').at(-1), objects: [] })],
  [
    'POST',
    /^\/api\/v1\/infer$/,
    (request) => ({ correlation_id: 'api:demo', result: `Hello ${caller(request)}.`, spec_count: 0 }),
  ],
];

function format(regex: string, documentationUrl: string, lockFileRegexes: string[]) {
  return { regex, documentationUrl, lockFileRegexes };
}

/** Starts the API on a free loopback port. Answers its address and how to stop it. */
export async function startSmallApi(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: addressOf(server), close: () => stop(server) };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const page = pages.find(([method, pattern]) => method === request.method && pattern.test(path));
  request.resume();
  response.writeHead(page ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(page ? page[2](request, path) : { error: 'not found' }));
}

function caller(request: IncomingMessage): string {
  return String(request.headers['x-auth-name'] ?? '') || 'stranger';
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The API is not listening.');
  return `http://127.0.0.1:${address.port}`;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((closed) => server.close(() => closed()));
}
