// The fast path and the router side by side, for the tests that compare them: the router is asked by `inject`, which knows
// no fast path. For tests only.

import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { KeywardError } from '../../core/errors.ts';
import { native } from '../../dialects/native.ts';
import { oauth2 } from '../../dialects/oauth2.ts';
import {
  budget,
  principal,
  type Running,
  sendOne,
  sendRaw,
  start,
  stubCore,
  stubDialect,
} from '../app.test-support.ts';

const stub = stubCore();
export const verdictOf: typeof stub.verify = (credential, call) => {
  if (credential === 'spent') {
    return { allowed: false, reason: 'rate_limited', principal, budget: { ...budget, retryAfterMs: 9_000 } };
  }
  if (credential === 'down') throw new KeywardError('unavailable', 'The database does not answer.');
  if (credential === 'bug') throw new Error('a bug');
  if (credential === 'odd') return { allowed: true, principal: { ...principal, id: '☃' }, budget: null };
  if (credential === 'good' && call?.permissions?.includes('not:held')) {
    return { allowed: false, reason: 'missing_permission', required: ['not:held'], principal };
  }
  if (credential === 'good') return { allowed: true, principal, budget };
  return credential === 'slow' ? stub.verify('good', call) : stub.verify(credential, call);
};
export const core = stubCore({
  verify: verdictOf,
  verdictFor: (_caller, credential, call) => verdictOf(credential, call),
  introspectRefreshToken: () => null,
  introspect: async (_caller, text) => {
    const verdict = await verdictOf(text);
    if (!verdict.allowed) return null;
    const { principal } = verdict;
    return { principal, clientId: 'client', actor: null, audience: null, jti: null, key: null };
  },
});
const route = { methods: ['GET'], permissions: ['read:items'], dialect: null } as const;
const guarded = [
  { ...route, path: '/items/:id' },
  { ...route, path: '/closed', permissions: ['not:held'], dialect: 'parsers' },
  { ...route, path: '/open', credential: 'none' },
] as const;

export let running: Running;
/** How often the router was asked by way of the listener, and how many requests Node has read, since the test began. */
export const counts = { routed: 0, readByNode: 0 };

/** Starts what is asked before the tests of a file, which calls this once, and ends it after them. */
export function startsForFile(): void {
  beforeAll(async () => {
    const parsers = stubDialect('parsers', ['/v2/auth']);
    const versio = stubDialect('versio', ['/versio'], { apiTokenScheme: true });
    running = await start({
      dialects: [native, oauth2, parsers, versio],
      guarded,
      core,
      trustedProxies: ['127.0.0.1'],
    });
    running.app.server.on('request', () => {
      counts.readByNode += 1;
    });
    const { routing } = running.app;
    running.app.routing = (request, response) => {
      counts.routed += 1;
      routing(request, response);
    };
    // The router makes its validators when it is first asked.
    await fetch(`${running.url}/v1/verify`, {
      method: 'POST',
      headers: { ...bearer('good'), ...json },
      body: '{"credential":""}',
    });
    const sent = introspect('good', 'token=x');
    await fetch(`${running.url}${sent.target}`, { method: 'POST', headers: sent.headers ?? {}, body: 'token=x' });
  });
  afterAll(() => running.close());
  beforeEach(() => {
    counts.routed = 0;
    counts.readByNode = 0;
  });
}

export const json = { 'content-type': 'application/json' };
export const form = { 'content-type': 'application/x-www-form-urlencoded' };
export const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

export interface Sent {
  method?: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  target: string;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * Through the listener, on a connection of its own. `alone`: the connection stays open and nothing follows; `followed`:
 * another request comes with it, so that Node reads it; `last`: the connection is to close after it.
 */
export async function onFastPath({ method = 'GET', target, headers = {}, body }: Sent, way: Way = 'alone') {
  const sent = { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) };
  const connection = way === 'last' ? 'close' : 'keep-alive';
  const lines = Object.entries({ host: 'a', connection, ...sent }).map(([name, value]) => `${name}: ${value}`);
  const request = `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
  // Behind what is kept open comes one that is the last, so that the answers' end is known.
  const last = 'GET /v1/check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const bytes =
    way === 'alone'
      ? await sendOne(running.port, request, method === 'HEAD')
      : await sendRaw(running.port, way === 'last' ? request : request + last);
  const answers = Buffer.from(bytes, 'latin1').toString();
  const behind = answers.indexOf('HTTP/1.1 ', 1);
  const [head = '', text = ''] = (behind < 0 ? answers : answers.slice(0, behind)).split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const pairs = fields.map((field) => [
    field.slice(0, field.indexOf(':')).toLowerCase(),
    field.slice(field.indexOf(':') + 2),
  ]);
  return shown(Number(line.split(' ')[1]), Object.fromEntries(pairs), text);
}

type Way = 'alone' | 'followed' | 'last';

/** Each piece in a packet of its own, the sizes over and over; ends with the answer that was awaited. */
export function sendInPieces(port: number, text: string, sizes: readonly number[], answers: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer = '';
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
      if (answer.split('HTTP/1.1 ').length > answers) socket.end();
    });
    const send = (at: number, turn: number) => {
      if (at >= text.length) return;
      const end = at + (sizes[turn % sizes.length] ?? 1);
      socket.write(text.slice(at, end), () => setImmediate(send, end, turn + 1));
    };
    send(0, 0);
  });
}

export function isFastMethod({ method = 'GET' }: Sent): boolean {
  return method !== 'OPTIONS';
}

/** By the router alone. */
export async function onRouter({ method = 'GET', target, headers = {}, body }: Sent) {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const answer = await running.app.inject({
    method,
    url: target,
    headers: { host: 'a', connection: 'close', ...headers, ...length },
    ...(body !== undefined && { payload: body }),
  });
  return shown(answer.statusCode, answer.headers, answer.body);
}

/** Without what belongs to the connection, and without the ids of bugs. */
function shown(status: number, headers: Record<string, unknown>, text: string) {
  const { date: _, connection: __, 'keep-alive': ___, 'transfer-encoding': ____, ...kept } = headers;
  return {
    status,
    headers: { ...kept, 'content-length': String(kept['content-length'] ?? '') },
    text: text.replace(/[0-9a-f]{16}/, 'id'),
  };
}

export const forward = (uri: string, more: Record<string, string> = {}): Sent => ({
  target: '/forward-auth',
  headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri, ...more },
});
export const verify = (credential: string, body: unknown, more: Record<string, string> = {}): Sent => ({
  method: 'POST',
  target: '/v1/verify',
  headers: { ...bearer(credential), ...json, ...more },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
export const introspect = (credential: string, body: string, more: Record<string, string> = {}): Sent => ({
  method: 'POST',
  target: '/oauth/introspect',
  headers: { ...bearer(credential), ...form, ...more },
  body,
});
