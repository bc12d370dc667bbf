// What stands behind a proxy in these tests: a real Keyward that believes the proxy, with real credentials, and an API
// that writes down all it is sent. Connections to Keyward are counted on the way.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../server/src/assemble.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { addOrganization, register } from '../assembled-server.ts';
import { blocksIn, readPage } from '../end-to-end/docs-page.ts';
import { importKeys } from './imported-keys.ts';

/** A request as it reached the API: header names and values in turn, as they were spelled. */
export interface Received {
  method: string;
  url: string;
  rawHeaders: readonly string[];
}

export interface Backend {
  keyward: { port: number; url: string; connections(): number };
  api: { port: number; take(): Received[] };
  /** Holds `read:orders` and no more. */
  token: string;
  /** What the API must be told of the token's holder, by header. */
  identity: Record<string, string>;
  /** Holds 200 permissions, more than are named in a header. */
  wideToken: string;
  /** Holds nothing. */
  weakToken: string;
  /** Of an organization with 50 calls a minute. */
  spendingToken: string;
  stop(): Promise<void>;
}

/** The settings of docs/forward-auth.md, and more routes. With the API as their upstream they serve the gateway too. */
function settingsFor(upstream: string): string {
  const written = blocksIn(readPage('docs/forward-auth.md')).find(({ note }) => note === 'keyward.yaml')?.text ?? '';
  const more = `
  - path: /admin/*
    methods: [GET, POST]
    permissions: ['manage:everything']
  - path: /dear
    cost: 30
`;
  const all = `${written.trimEnd()}${more}`.replace(
    /^ {4}credential: none$/m,
    '$&\n    methods: [GET, POST]\n    cost: 0',
  );
  return all.replace(/^ {2}- path: .*$/gm, `$&\n    upstream: '${upstream}'`);
}

export async function startBackend(): Promise<Backend> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-proxies-'));
  const api = await startApi();
  writeFileSync(join(folder, 'keyward.yaml'), settingsFor(`http://127.0.0.1:${api.port}`));
  const environment = { KEYWARD_PORT: '0', KEYWARD_DATA: folder };
  const config = loadConfig({}, environment, folder);
  const server = await assemble(config, { demo: false, logger: createLogger('fatal') });
  const { core } = server;
  const ownerOf = (name: string, planId: string) => addOrganization(server, { name, planId, contributors: 10_000 });
  const acme = await ownerOf('acme', 'enterprise');
  const small = await ownerOf('small', 'per-minute');
  await register(server, 'read:orders');
  await core.updateOrganization(systemIn(), acme.organization.id, { externalId: 'cus_7 \u2603' });
  const holding = { name: 'shop \u2603', permissions: ['read:orders'], externalId: 'till/7' };
  const { token, secret } = await core.createApiToken(acme.owner, holding);
  const weak = await core.createApiToken(acme.owner, { name: 'weak', permissions: [] });
  const many = Array.from({ length: 199 }, (_, index) => `read:${'x'.repeat(17)}${index + 100}`);
  await register(server, ...many);
  const wide = await core.createApiToken(acme.owner, { name: 'wide', permissions: [...many, 'read:orders'] });
  await importKeys(server, acme.owner);
  const spending = await core.createApiToken(small.owner, { name: 'spending', permissions: [] });
  const url = await server.listen();
  const relay = await startRelay(Number(new URL(url).port));
  return {
    keyward: { port: relay.port, url, connections: relay.connections },
    api,
    token: secret,
    identity: {
      'x-auth-principal': token.id,
      'x-auth-type': 'api_token',
      'x-auth-name': encodeURIComponent(holding.name),
      'x-auth-external-id': 'till%2F7',
      'x-auth-organization': acme.organization.id,
      'x-auth-organization-external-id': encodeURIComponent('cus_7 \u2603'),
      'x-auth-permissions': 'read:orders',
      'x-auth-permissions-omitted': '0',
    },
    weakToken: weak.secret,
    wideToken: wide.secret,
    spendingToken: spending.secret,
    async stop() {
      relay.close();
      await server.close();
      api.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server that is no good, in the way that `mode` says at the moment. */
export async function startFake(): Promise<{ port: number; mode: FakeMode; close(): void }> {
  const fake = { port: 0, mode: 'hang' as FakeMode, close() {} };
  const { port, close } = await listen((socket) => {
    socket.once('data', () => {
      if (fake.mode === 'hang') return;
      if (fake.mode === 'close') socket.destroy();
      else socket.end(fakeAnswers[fake.mode]);
    });
  });
  return Object.assign(fake, { port, close });
}

const headOnly = 'Content-Length: 0\r\nConnection: close\r\n\r\n';
const fakeAnswers = {
  'status 500': `HTTP/1.1 500 Internal Server Error\r\n${headOnly}`,
  'status 503': `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n${headOnly}`,
  'status 404': `HTTP/1.1 404 Not Found\r\n${headOnly}`,
  'status 302': `HTTP/1.1 302 Found\r\nLocation: /public/x\r\n${headOnly}`,
  'status 100 and no more': 'HTTP/1.1 100 Continue\r\n\r\n',
  'half an answer': 'HTTP/1.1 200 OK\r\nX-Auth-Prin',
  'no HTTP': 'SSH-2.0-OpenSSH_9.9\r\n',
};
export type FakeMode = 'hang' | 'close' | keyof typeof fakeAnswers;
export const fakeModes = ['close', ...Object.keys(fakeAnswers), 'hang'] as readonly FakeMode[];

async function startApi() {
  let received: Received[] = [];
  const note = ({ method = '', url = '', rawHeaders }: IncomingMessage) => received.push({ method, url, rawHeaders });
  const server = createServer((request, response) => {
    note(request);
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{"reached":true}'));
  });
  server.on('upgrade', (request, socket) => {
    note(request);
    const accept = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    );
    const head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`;
    socket.on('error', () => undefined);
    socket.write(head);
    socket.on('data', (bytes: Buffer) => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = received;
      received = [];
      return taken;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startRelay(port: number) {
  let connections = 0;
  const relay = await listen((socket) => {
    connections += 1;
    const far = connect(port, '127.0.0.1');
    far.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => far.destroy());
    socket.pipe(far).pipe(socket);
  });
  return { ...relay, connections: () => connections };
}

async function listen(accept: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
