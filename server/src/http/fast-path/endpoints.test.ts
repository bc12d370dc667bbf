// The fast path is a short cut and nothing else: what it answers, the router would have answered, and what a request rule
// could object to is never answered by it.

import { describe, expect, it } from 'vitest';
import { sendRaw } from '../app.test-support.ts';
import {
  bearer,
  counts,
  form,
  forward,
  introspect,
  isFastMethod,
  json,
  onFastPath,
  onRouter,
  running,
  type Sent,
  startsForFile,
  verify,
} from './endpoints.test-support.ts';

startsForFile();

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
  ...['good', 'slow', 'nonsense', 'weak'].map(
    (one) => [`an introspection asked for by "${one}"`, introspect(one, 'token=good')] as [string, Sent],
  ),
  ...['nonsense', 'down', 'bug', '', 'odd'].map(
    (one) => [`an introspection of "${one}"`, introspect('good', `token=${one}&token_type_hint=x`)] as [string, Sent],
  ),
  ['an introspection of nothing', introspect('good', 'a=b')],
  ['an introspection by two', introspect('good', 'token=good&client_id=a&client_secret=b')],
  ['an introspection of two', introspect('good', 'token=good&token=good')],
  ['an introspection with a bad escape', introspect('good', 'token=%zz')],
  [
    'an introspection in a charset',
    introspect('good', 'token=good', { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
  ],
  ['a verdict on a name beyond ASCII', verify('good', { credential: 'Łódź ☃' })],
];

describe('the fast path', () => {
  it.each(plain)('answers %s without the router, and as the router does', async (_, sent) => {
    const answer = await onFastPath(sent);
    expect(counts.readByNode).toBe(isFastMethod(sent) ? 0 : 1);
    expect(await onFastPath(sent, 'followed')).toEqual(answer);
    expect(await onFastPath(sent, 'last')).toEqual(answer);
    expect(counts.routed).toBe(0);
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
    ['an introspection by a client', introspect('good', 'token=good', { authorization: 'Basic eDp5' })],
    ['an introspection by nobody', { ...introspect('good', 'token=good'), headers: form }],
    ['an introspection in JSON', introspect('good', '{"token":"good"}', json)],
    ['a verdict in a form', verify('good', 'credential=good', form)],
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
      counts.routed -= 1;
    }
    expect(counts.routed).toBe(1);
  });

  it('leaves a fragment, and lines too many, to the router [S64, S75]', async () => {
    const many = Array.from({ length: 1500 }, (_, at) => `x-${at}: 12345`).join('\r\n');
    const ask = (target: string, lines: string) =>
      sendRaw(running.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n\r\n`);
    expect(await ask('/v1/check?cost=1#a', 'Authorization: Bearer good')).toMatch(/^HTTP\/1\.1 400 /);
    expect(counts.routed).toBe(1);
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
    expect(counts.routed).toBe(0);
  });
});
