// The fast path is a short cut and nothing else: what it answers, the router would have answered, and what a request rule
// could object to is never answered by it. The router is asked by `inject`, which knows no fast path.

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Budget } from '../../core/checking/limit.ts';
import { KeywardError } from '../../core/errors.ts';
import { native } from '../../dialects/native.ts';
import { coreByRote, plainDialect, principal, type Running, sendOne, sendRaw, start } from '../app.test-support.ts';

const budget: Budget = {
  plan: 'free',
  limit: 500,
  windowMs: 3_600_000,
  admitted: true,
  remaining: 499,
  resetMs: 1_500,
  retryAfterMs: 0,
};
const rote = coreByRote();
const verdictOf: typeof rote.verify = (credential, call) => {
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
  return credential === 'slow' ? rote.verify('good', call) : rote.verify(credential, call);
};
const core = coreByRote({
  verify: verdictOf,
  verdictFor: (_caller, credential, call) => verdictOf(credential, call),
});
const route = { methods: ['GET'], permissions: ['read:items'], dialect: null } as const;
const guarded = [
  { ...route, path: '/items/:id' },
  { ...route, path: '/closed', permissions: ['not:held'], dialect: 'parsers' },
  { ...route, path: '/open', credential: 'none' },
] as const;

let running: Running;
/** How often the router was asked by way of the listener. */
let routed = 0;
/** How many requests Node has read. */
let readByNode = 0;

beforeAll(async () => {
  const parsers = plainDialect('parsers', ['/v2/auth']);
  const versio = plainDialect('versio', ['/versio'], { apiTokenScheme: true });
  running = await start({ dialects: [native, parsers, versio], guarded, core, trustedProxies: ['127.0.0.1'] });
  running.app.server.on('request', () => {
    readByNode += 1;
  });
  const { routing } = running.app;
  running.app.routing = (request, response) => {
    routed += 1;
    routing(request, response);
  };
  // The router makes its validator when it is first asked for a verdict.
  await fetch(`${running.url}/v1/verify`, {
    method: 'POST',
    headers: { ...bearer('good'), ...json },
    body: '{"credential":""}',
  });
});
afterAll(() => running.close());
beforeEach(() => {
  routed = 0;
  readByNode = 0;
});

const json = { 'content-type': 'application/json' };
const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

interface Sent {
  method?: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  target: string;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * Through the listener, on a connection of its own. `alone`: the connection stays open and nothing follows; `followed`:
 * another request comes with it, so that Node reads it; `last`: the connection is to close after it.
 */
async function onFastPath({ method = 'GET', target, headers = {}, body }: Sent, way: Way = 'alone') {
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
function sendInPieces(port: number, text: string, sizes: readonly number[], answers: number): Promise<string> {
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

function isFastMethod({ method = 'GET' }: Sent): boolean {
  return method !== 'OPTIONS';
}

/** By the router alone. */
async function onRouter({ method = 'GET', target, headers = {}, body }: Sent) {
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

const forward = (uri: string, more: Record<string, string> = {}): Sent => ({
  target: '/forward-auth',
  headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri, ...more },
});
const verify = (credential: string, body: unknown, more: Record<string, string> = {}): Sent => ({
  method: 'POST',
  target: '/v1/verify',
  headers: { ...bearer(credential), ...json, ...more },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const plain: [string, Sent][] = [
  ...['good', 'slow', 'weak', 'nonsense', 'spent', 'down', 'bug'].map(
    (one) => [`a check of "${one}"`, { target: '/v1/check', headers: bearer(one) }] as [string, Sent],
  ),
  ['a check without a credential', { target: '/v1/check' }],
  ['a check by HEAD', { target: '/v1/check', headers: bearer('good'), method: 'HEAD' }],
  ['a refused check by HEAD', { target: '/v1/check', headers: bearer('nonsense'), method: 'HEAD' }],
  ['a check by Basic', { target: '/v1/check', headers: { authorization: 'Basic eDp5' } }],
  [
    'a check with a query',
    { target: '/v1/check?permissions=read%3Aitems,not:held&match=any&cost=2', headers: bearer('good') },
  ],
  ['a check of what is not held', { target: '/v1/check?permissions=not:held', headers: bearer('good') }],
  ['a check over HTTPS', { target: '/v1/check', headers: { ...bearer('good'), 'x-forwarded-proto': 'https' } }],
  ...['good', 'slow', 'weak', 'nonsense', 'spent', 'down', 'bug'].map(
    (one) => [`forward-auth for "${one}"`, forward('/items/1', bearer(one))] as [string, Sent],
  ),
  ['forward-auth for a call with two credentials', forward('/items/1?apiToken=x', bearer('good'))],
  ['forward-auth for a call with a bad escape', forward('/items/1?apiToken=%zz')],
  ['forward-auth for a call in Parsers’ words', forward('/closed', bearer('good'))],
  ['forward-auth for an open path', forward('/open')],
  ['forward-auth for a path that is not guarded', forward('/other', bearer('good'))],
  ['forward-auth for a path not in its plain form', forward('/items/%2e%2e', bearer('good'))],
  ['forward-auth that is not told the call', { target: '/forward-auth', headers: bearer('good') }],
  ['forward-auth by HEAD', { ...forward('/items/1', bearer('nonsense')), method: 'HEAD' }],
  ['forward-auth by OPTIONS', { ...forward('/items/1', bearer('good')), method: 'OPTIONS' }],
  ...['good', 'slow', 'nonsense', 'weak'].map(
    (one) => [`a verdict asked for by "${one}"`, verify(one, { credential: 'good' })] as [string, Sent],
  ),
  ...['weak', 'spent', 'down', 'bug', ''].map(
    (one) => [`a verdict on "${one}"`, verify('good', { credential: one, cost: 0 })] as [string, Sent],
  ),
  ['a verdict with a field too many', verify('good', { credential: 'good', other: 1 })],
  ['a verdict on nothing', verify('good', {})],
  ['a verdict on a list', verify('good', [])],
  ['a verdict on what is not JSON', verify('good', '{"credential":')],
  ['a verdict on a name given twice', verify('good', '{"credential":"good","credential":"good"}')],
  ['a verdict on a name beyond ASCII', verify('good', { credential: 'Łódź ☃' })],
];

describe('the fast path', () => {
  it.each(plain)('answers %s without the router, and as the router does', async (_, sent) => {
    const answer = await onFastPath(sent);
    expect(readByNode).toBe(isFastMethod(sent) ? 0 : 1);
    expect(await onFastPath(sent, 'followed')).toEqual(answer);
    expect(await onFastPath(sent, 'last')).toEqual(answer);
    expect(routed).toBe(0);
    expect(answer).toEqual(await onRouter(sent));
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (answer.status === 401) expect(answer.headers).toHaveProperty('www-authenticate');
  });

  const good = { target: '/v1/check', headers: bearer('good') };
  const others: [string, Sent | string][] = [
    ['two Authorization lines', 'Authorization: Bearer good\r\nAuthorization: Bearer good'],
    ['two X-Forwarded-For lines', 'Authorization: Bearer good\r\nX-Forwarded-For: 1.2.3.4\r\nx-forwarded-for: 1.2.3.4'],
    ['any header twice', 'Authorization: Bearer good\r\nAccept: a\r\nAccept: b'],
    ['the name __proto__', 'Authorization: Bearer good\r\n__proto__: x'],
    ['a body in chunks', 'Authorization: Bearer good\r\nTransfer-Encoding: chunked'],
    ['a credential in the query', { ...good, target: '/v1/check?access_token=x' }],
    ['an apiToken in the query', { target: '/v1/check?apiToken=good' }],
    ['an unknown parameter', { ...good, target: '/v1/check?other=1' }],
    ['a parameter given twice', { ...good, target: '/v1/check?cost=1&cost=1' }],
    ['a cost that is none', { ...good, target: '/v1/check?cost=-1' }],
    ['a permission with a quotation mark', { ...good, target: '/v1/check?permissions=not:held,a%22b' }],
    ['a permission beyond ASCII', { ...good, target: '/v1/check?permissions=not:held,%E2%98%83' }],
    ['a long query', { ...good, target: `/v1/check?permissions=${'x'.repeat(2000)}` }],
    ['another spelling of the path', { ...good, target: '/v1/%63heck' }],
    ['a verdict asked for with a cookie', verify('good', { credential: 'good' }, { cookie: 'a=b' })],
    ['a verdict in another coding', verify('good', { credential: 'good' }, { 'content-encoding': 'gzip' })],
    [
      'a verdict in another charset',
      verify('good', { credential: 'good' }, { 'content-type': 'application/json; charset=utf-16' }),
    ],
    ['a verdict in another type', verify('good', { credential: 'good' }, { 'content-type': 'text/plain' })],
    ['a verdict without a body', { ...verify('good', {}), body: '' }],
    ['a verdict on more than 64 kB', verify('good', { credential: 'x'.repeat(66_000) })],
    ['a verdict with a query', { ...verify('good', { credential: 'good' }), target: '/v1/verify?a=b' }],
  ];

  it.each(others)('leaves %s to the router [S5, S6, S62, S64]', async (_, sent) => {
    if (typeof sent === 'string') {
      const end = sent.endsWith('chunked') ? '0\r\n\r\n' : '';
      await sendRaw(running.port, `GET /v1/check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${sent}\r\n\r\n${end}`);
    } else {
      expect(await onFastPath(sent, 'last')).toEqual(await onRouter(sent));
      expect(await onFastPath(sent)).toEqual(await onRouter(sent));
      routed -= 1;
    }
    expect(routed).toBe(1);
  });

  it('agrees with the router about any request', async () => {
    const value = fc.constantFrom(
      'good',
      'weak',
      'nonsense',
      '',
      ' ',
      'good ',
      'a,b',
      '%zz',
      'read:items',
      '1',
      'all',
      '"',
    );
    const query = fc.array(
      fc.tuple(fc.constantFrom('permissions', 'match', 'cost', 'apiToken', 'token', 'x', ''), value),
      {
        maxLength: 3,
      },
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'authorization',
        'cookie',
        'x-forwarded-proto',
        'x-forwarded-for',
        'x-forwarded-uri',
        'x-original-uri',
        'x-forwarded-method',
        'x-original-method',
        'user-agent',
        'content-type',
        'content-encoding',
        'forwarded',
      ),
      fc.constantFrom(
        'Bearer good',
        'bearer  good',
        'Bearer good x',
        'Bearer',
        'apiToken good',
        'Basic eDp5',
        'https',
        'http',
        '192.0.2.1, 10.0.0.1',
        'unknown',
        '/items/1',
        '/closed?x=1',
        'GET',
        'POST',
        'application/json',
        'identity',
        'a=b',
      ),
      { maxKeys: 5 },
    );
    const target = fc.constantFrom('/v1/check', '/forward-auth', '/v1/verify');
    const body = fc.option(fc.constantFrom('{}', '{"credential":"good"}', '{"credential":1}', 'x', '[]'), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST'),
        target,
        query,
        headers,
        body,
        async (method, path, pairs, told, text) => {
          const asked = pairs
            .map(([name, one]) => `${name}=${one.replaceAll(' ', '+').replaceAll('"', '%22')}`)
            .join('&');
          const sent: Sent = {
            method: method as 'GET' | 'POST',
            target: asked === '' ? path : `${path}?${asked}`,
            headers: told,
            ...(text !== undefined && { body: text }),
          };
          const answer = await onFastPath(sent);
          expect(answer).toEqual(await onRouter(sent));
          expect(await onFastPath(sent, 'followed')).toEqual(answer);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves a fragment, and lines too many, to the router [S64, S75]', async () => {
    const many = Array.from({ length: 1500 }, (_, at) => `x-${at}: 12345`).join('\r\n');
    const ask = (target: string, lines: string) =>
      sendRaw(running.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n\r\n`);
    expect(await ask('/v1/check?cost=1#a', 'Authorization: Bearer good')).toMatch(/^HTTP\/1\.1 400 /);
    expect(routed).toBe(1);
    expect(await ask('/v1/check', `Authorization: Bearer good\r\n${many}`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('answers what cannot be put into a header as the bug that it is [S72]', async () => {
    const answer = await onFastPath({ target: '/v1/check', headers: bearer('odd') });
    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text).detail).toBe('Internal error. Its id in the log is id.');
  });

  it('reads a body that comes in pieces', async () => {
    const body = '{"credential":"good"}';
    const head = `POST /v1/verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const pieces = [head, body.slice(0, 5), body.slice(5)];
    const { connect } = await import('node:net');
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(running.port, '127.0.0.1');
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('close', () => resolve(text));
      for (const [at, piece] of pieces.entries()) setTimeout(() => socket.write(piece), at * 30);
    });
    expect(answer).toContain('"allowed":true');
    expect(routed).toBe(0);
  });

  it('answers what comes in one go in its order, and keeps the connection', async () => {
    const ask = (credential: string, end: string) =>
      `GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\n${end}\r\n`;
    const answer = await sendRaw(
      running.port,
      ask('slow', '') + ask('nonsense', '') + ask('good', 'Connection: close\r\n'),
    );
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '401', '200']);
  });

  it('answers everything in its order, however what comes is cut into pieces', async () => {
    const asks = [
      ['good', '200', '/v1/check'],
      ['nonsense', '401', '/v1/check'],
      ['slow', '200', '/v1/check'],
      ['good', '403', '/v1/check?permissions=not:held'],
      ['good', '200', '/healthz'],
    ] as const;
    const whole = Array.from(
      { length: 100 },
      (_, at) => asks[(at * 7) % 11] ?? asks[at % asks.length],
    ) as (typeof asks)[number][];
    const text = whole.map(
      ([credential, , target]) => `GET ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\n\r\n`,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
        const answer = await sendInPieces(running.port, text.join(''), sizes, whole.length);
        expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(
          whole.map(([, status]) => status),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('tells the log the same as the router, under the caller’s own id, and nothing of the credential', async () => {
    const from = running.logged.length;
    const sent = { target: '/v1/check?cost=1', headers: { ...bearer('good'), 'x-request-id': 'mine-1' } };
    await onFastPath(sent);
    await onRouter(sent);
    const lines = running.logged.slice(from).map((line) => JSON.parse(line));
    const [one, other] = lines
      .filter(({ reqId }) => reqId === 'mine-1')
      .map(({ time: _, ms, ...rest }) => ({ ...rest, hasTime: typeof ms === 'number' }));
    expect(one).toEqual(other);
    expect(one).toMatchObject({ reqId: 'mine-1', method: 'GET', route: '/v1/check', status: 200, msg: 'answered' });
  });

  it('logs a bug under the id that it answers [S84]', async () => {
    const from = running.logged.length;
    const answer = await fetch(`${running.url}/v1/check`, { headers: bearer('bug') });
    const [, id = '-'] = /log is ([0-9a-f]{16})/.exec(await answer.text()) ?? [];
    const lines = () => running.logged.slice(from).map((line) => JSON.parse(line));
    await expect.poll(() => lines().filter(({ msg }) => msg === 'answered')).toHaveLength(1);
    const bug = lines().find((line) => line.id === id);
    expect(JSON.stringify(bug)).toContain('a bug');
    // Both lines name the same request, though the caller gave it no id.
    expect(lines().find(({ msg }) => msg === 'answered').reqId).toBe(bug.reqId);
  });

  it('ends its connections once the server stops, and answers what it has begun', async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waiting = coreByRote({
      verify: async (credential, call) => {
        begun.resolve();
        await held.promise;
        return verdictOf(credential, call);
      },
    });
    const stopping = await start({ dialects: [native], core: waiting });
    const request = 'GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n';
    const answered = sendRaw(stopping.port, request, 10_000);
    await begun.promise;
    const closed = stopping.close();
    await expect.poll(() => stopping.app.server.listening).toBe(false);
    held.resolve();
    expect(await answered).toMatch(/^HTTP\/1\.1 200 OK.*\r\nconnection: close\r\n/is);
    await closed;
  });
});

describe('a server that is not to be asked in clear', () => {
  it('answers nothing on the fast path, and says so as ever [S1]', async () => {
    const strict = await start({ dialects: [native], core, allowPlainLoopback: false });
    const answer = await fetch(`${strict.url}/v1/check`, { headers: bearer('good') });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ title: 'HTTPS only' });
    await strict.close();
  });
});
