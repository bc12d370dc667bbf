// Random requests, however they are cut: the fast path and the router agree.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sendRaw } from '../app.test-support.ts';
import { onFastPath, onRouter, running, type Sent, sendInPieces, startsForFile } from './endpoints.test-support.ts';

startsForFile();

describe('any request', () => {
  it('is answered as the router answers it', async () => {
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
        'application/x-www-form-urlencoded',
        'identity',
        'a=b',
      ),
      { maxKeys: 5 },
    );
    const target = fc.constantFrom('/v1/check', '/forward-auth', '/v1/verify', '/oauth/introspect');
    const body = fc.option(
      fc.constantFrom('{}', '{"credential":"good"}', '{"credential":1}', 'x', '[]', 'token=good', 'token='),
      {
        nil: undefined,
      },
    );
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

  it('is answered in its order where several come in one go', async () => {
    const ask = (credential: string, end: string) =>
      `GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\n${end}\r\n`;
    const answer = await sendRaw(
      running.port,
      ask('slow', '') + ask('nonsense', '') + ask('good', 'Connection: close\r\n'),
    );
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '401', '200']);
  });

  it('is answered in its order, however what comes is cut into pieces', async () => {
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
});
