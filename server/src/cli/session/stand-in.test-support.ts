// A stand-in that answers as Keyward's native API does for who signs in, and the command line beside it. The real server is
// signed in to by the end-to-end tests.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { run } from '../program.ts';

export const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2ln_nature-';
export const user = { id: '0b7c9c3e-1111-4222-8333-444455556666', email: 'ada@example.com', name: 'Ada' };
export const signedIn = { accessToken: token, tokenType: 'Bearer', expiresAt: '2030-01-01T00:00:00Z', user };
export const self = {
  ...user,
  type: 'user',
  externalId: null,
  organization: { id: 'o1', name: 'acme', externalId: null },
  permissions: [],
  expiresAt: null,
};
/** Signs in by a password that is piped in. */
export const login = ['login', '--email', 'ada@example.com', '--password-stdin'];

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

/** Nobody is signed in; whoever signs in is Ada. */
export async function startStandIn() {
  const home = mkdtempSync(join(tmpdir(), 'keyward-session-'));
  const seen: { request: IncomingMessage; body: string }[] = [];
  const standIn = {
    home,
    url: '',
    /** What it was asked, in order. */
    seen,
    asked: () => seen.map(({ request }) => `${request.method} ${request.url}`),
    answer: usual,
    credentials: join(home, '.keyward', 'credentials.yaml'),
    keyward: (args: readonly string[], { input = '', environment = {} } = {}) =>
      keyward(home, args, input, environment),
    async goAway() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    stop() {
      server.close();
      rmSync(home, { recursive: true });
    },
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ request, body });
    const { status, body: content, headers = {} } = standIn.answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(content === null ? '' : JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return standIn;
}

function usual(path: string): Answer {
  if (path === '/v1/session') return { status: 204, body: null };
  return { status: 200, body: path === '/v1/login' ? signedIn : self };
}

async function keyward(home: string, args: readonly string[], input: string, environment: NodeJS.ProcessEnv) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const terminal = {
    input: Readable.from([input]),
    output,
    errors,
    environment: { HOME: home, ...environment },
    folder: home,
  };
  const code = await run(args, terminal);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}
