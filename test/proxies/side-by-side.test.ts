// The same calls through nginx and through the gateway, to the same API: what differs is in the table of docs/guarding.md,
// and nothing else does. Where nginx is not installed the tests are skipped, and say so.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { native, type Running, start } from '../../server/src/http/app.test-support.ts';
import { readPage, sectionOf, tableIn } from '../end-to-end/docs-page.ts';
import { freePort, whyNot } from '../end-to-end/run.ts';
import { answer, type Request, requests } from './requests.ts';

process.env.PATH += ':/usr/sbin:/sbin';

/** What came of one call: what the API was sent, if anything, and what the client was answered. */
interface Outcome {
  api: { line: string; headers: Map<string, string>; names: string; body: string } | null;
  client: { status: string; headers: Map<string, string>; body: string };
}

/** One thing that is not the same, as `api header x-auth-name` or `client status`. */
interface Difference {
  what: string;
  nginx: string | undefined;
  keyward: string | undefined;
  request: Request;
}

/** Why it differs, in the words of the table; each belongs to one row. */
const explanations: readonly (readonly [row: string, explains: (one: Difference) => boolean])[] = [
  ['a path that is not in its plain form', ({ request: { target } }) => /\/\/|\.\.\/b|^\/t\/a%2F/.test(target)],
  ['who is calling, and from where', ({ what }) => /^api header x-(auth|forwarded)-/.test(what)],
  ['what clients say of their address', ({ what }) => /^api header (x-real-ip|forwarded)$/.test(what)],
  ['the credential', ({ what }) => what === 'api header authorization'],
  ['a correlation id', ({ what }) => what.endsWith(' header x-request-id')],
  ['the spelling of header names', ({ what }) => what === 'api names'],
  ['a header that is sent twice', ({ what }) => what === 'api header x-twice'],
  ['a header with an underscore', ({ what }) => what === 'api header x_under'],
  ['what is for one hop', ({ what }) => /^(api|client) header (te|keep-alive|proxy-authorization|x-hop)$/.test(what)],
  [
    'security headers',
    ({ what }) => /^client header (cache-control|x-content-type-options|referrer-policy)$/.test(what),
  ],
  ['a 401 without a challenge', ({ what }) => what === 'client header www-authenticate'],
  ['a redirect to the inner address', ({ what }) => what === 'client header location'],
  ['how a body is framed', ({ what }) => /^(api|client) header (content-length|transfer-encoding)$/.test(what)],
];

const framing = new Set(['date', 'server', 'connection', 'host', 'keep-alive']);
let api: Server;
let gateway: Running;
let last: Outcome['api'] = null;

beforeAll(async () => {
  api = createServer(async (received, response) => {
    let body = '';
    received.setEncoding('latin1');
    for await (const piece of received) body += piece;
    const headers = headersOf(received.rawHeaders.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text)));
    const names = received.rawHeaders.filter((_, at) => at % 2 === 0);
    last = { line: `${received.method} ${received.url}`, headers, names: caseOf(names), body };
    answer(received, response);
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  const base = { permissions: [], dialect: null, upstream: `http://127.0.0.1:${(api.address() as AddressInfo).port}` };
  const all = { ...base, methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] };
  gateway = await start({
    dialects: [native],
    guarded: [
      { ...all, path: '/t/*' },
      { ...all, path: '/s/*', encodedSlashes: true, semicolons: true },
    ],
  });
});
afterAll(async () => {
  await gateway.close();
  api.close();
});

const reason = await whyNot('nginx', ['-v']);
describe.skipIf(reason)(`the gateway beside nginx${reason === null ? '' : `: ${reason}`}`, () => {
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  beforeAll(async () => {
    nginx = await startNginx((api.address() as AddressInfo).port);
  });
  afterAll(() => nginx?.stop());

  test(`passes ${requests.length} calls on alike, but for what docs/guarding.md says`, {
    timeout: 120_000,
  }, async () => {
    expect(requests.length).toBeGreaterThanOrEqual(60);
    const unexplained: string[] = [];
    const met = new Set<string>();
    for (const request of requests) {
      const [there, here] = [await outcomeOf(nginx.port, request), await outcomeOf(gateway.port, request)];
      for (const difference of differencesOf(there, here, request)) {
        const rows = explanations.filter(([, explains]) => explains(difference));
        for (const [row] of rows.slice(0, 1)) met.add(row);
        const { what, nginx: one, keyward: other } = difference;
        if (rows.length === 0) unexplained.push(`${request.name}: ${what}: nginx ${one}, Keyward ${other}`);
      }
    }
    expect(unexplained, gateway.logged.filter((line) => line.includes('error')).join('')).toEqual([]);
    const told = tableIn(sectionOf(readPage('docs/guarding.md'), '## Beside nginx')).map(([row]) => row);
    expect([...met].sort()).toEqual(told.sort());
  });
});

async function startNginx(upstream: number) {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-beside-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder}/${one};`);
  const pass = `proxy_pass http://127.0.0.1:${upstream}; proxy_http_version 1.1; proxy_set_header Connection "";`;
  const server = `server { listen 127.0.0.1:${port}; location / { ${pass} } }`;
  const main = `worker_processes 1; pid ${folder}/pid; error_log stderr crit; daemon off; events {}
http { access_log off; merge_slashes off; client_body_buffer_size 1m; ${paths.join(' ')} ${server} }`;
  writeFileSync(join(folder, 'nginx.conf'), main);
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await vi.waitUntil(() => answers(port), { timeout: 60_000 });
  return {
    port,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function outcomeOf(port: number, { method, target, lines, body, version }: Request): Promise<Outcome> {
  last = null;
  const fixed = ['Host: a.example', 'Authorization: Bearer good', 'User-Agent: test', 'Connection: close'];
  const head = [`${method} ${target} HTTP/${version}`, ...fixed, ...lines].join('\r\n');
  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n${body}`, 'latin1'));
    let heard = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      heard += piece;
    });
    socket.on('error', () => undefined).on('close', () => resolve(heard));
  });
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...rest] = text.slice(0, end).split('\r\n');
  const pairs = rest.flatMap((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const headers = headersOf(pairs);
  const whole = text.slice(end + 4);
  const plain = headers.get('transfer-encoding') === 'chunked' ? unchunked(whole) : whole;
  return { api: last, client: { status: status.split(' ')[1] ?? '', headers, body: plain } };
}

function differencesOf(nginx: Outcome, keyward: Outcome, request: Request): Difference[] {
  const found: Difference[] = [];
  const hold = (what: string, one: string | undefined, other: string | undefined) => {
    if (one !== other) found.push({ what, nginx: one, keyward: other, request });
  };
  const holdHeaders = (side: string, one: Map<string, string>, other: Map<string, string>) => {
    for (const name of new Set([...one.keys(), ...other.keys()])) {
      if (!framing.has(name)) hold(`${side} header ${name}`, one.get(name), other.get(name));
    }
  };
  hold('client status', nginx.client.status, keyward.client.status);
  holdHeaders('client', nginx.client.headers, keyward.client.headers);
  hold('client body', nginx.client.body, keyward.client.body);
  hold('api', String(nginx.api !== null), String(keyward.api !== null));
  if (nginx.api === null || keyward.api === null) return found;
  hold('api line', nginx.api.line, keyward.api.line);
  hold('api names', nginx.api.names, keyward.api.names);
  hold('api body', nginx.api.body, keyward.api.body);
  holdHeaders('api', nginx.api.headers, keyward.api.headers);
  return found;
}

/** Names and values in turn; several values of a name are joined by a bar, so that one line is told from two. */
function headersOf(pairs: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) {
    const [name = '', value = ''] = pairs.slice(at, at + 2);
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known} | ${value}`);
  }
  return headers;
}

function caseOf(names: readonly string[]): string {
  return names.some((name) => name !== name.toLowerCase()) ? 'as sent' : 'lower case';
}

function unchunked(text: string): string {
  let rest = text;
  let body = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (!(size > 0)) return body;
    body += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}
