// HTTPS only: by certificate, by a trusted proxy's word, or on the demo's own machine.

import { request } from 'node:https';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, sendRaw, start, statusOf } from './app.test-support.ts';
import { selfSigned } from './self-signed.test-support.ts';

const good = { authorization: 'Bearer good' };

describe('plain HTTP', () => {
  let running: Running;
  beforeAll(async () => {
    running = await start({ allowPlainLoopback: false, trustedProxies: ['127.0.0.0/8'] });
  });
  afterAll(() => running.close());

  it.each(['/v1/self', '/v1/nothing', '/.well-known/jwks.json', '/', '/v1/self?apiToken=x'])(
    'is refused on %s, neither evaluated nor redirected [S1]',
    async (path) => {
      const answer = await fetch(`${running.url}${path}`, { headers: good, redirect: 'manual' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'insecure_transport' });
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.headers.get('strict-transport-security')).toBeNull();
      expect(running.core.asked).toEqual([]);
    },
  );

  it('is refused before the body is read [S1]', async () => {
    const head = 'POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
    expect(statusOf(await sendRaw(running.port, head))).toBe(400);
  });

  it('may ask whether the server is alive', async () => {
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
  });

  it('is not plain when a trusted proxy says https, and then HSTS is sent [S1]', async () => {
    const answer = await fetch(`${running.url}/v1/self`, { headers: { ...good, 'x-forwarded-proto': 'https' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    const forwarded = await fetch(`${running.url}/v1/self`, {
      headers: { ...good, forwarded: 'for=1.1.1.1;proto=http' },
    });
    expect(forwarded.status).toBe(400);
  });

  it('is not made secure by the word of anyone who is not trusted [S1]', async () => {
    const other = await start({ allowPlainLoopback: false });
    const headers = { ...good, 'x-forwarded-proto': 'https', forwarded: 'proto=https' };
    expect((await fetch(`${other.url}/v1/self`, { headers })).status).toBe(400);
    await other.close();
  });
});

it('allows plain HTTP from this machine in the demo, and from no other address [S1]', async () => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal);
  const demo = await start({ allowPlainLoopback: true });
  expect((await fetch(`${demo.url}/v1/self`, { headers: good })).status).toBe(200);
  await demo.close();
  if (own === undefined) return;
  const open = await start({ allowPlainLoopback: true }, own.address);
  expect((await fetch(`${open.url}/v1/self`, { headers: good })).status).toBe(400);
  await open.close();
});

describe('HTTPS', () => {
  const tls = selfSigned();
  let running: Running;
  beforeAll(async () => {
    running = await start({ allowPlainLoopback: false, tls });
  });
  afterAll(() => running.close());

  const get = (path: string, headers = {}) =>
    new Promise<{ status: number | undefined; hsts: string | undefined }>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: running.port, path, headers, ca: tls.cert, agent: false };
      request(options, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, hsts: answer.headers['strict-transport-security'] });
      })
        .on('error', reject)
        .end();
    });

  it('is served with the given certificate, and every answer carries HSTS [S1]', async () => {
    const hsts = 'max-age=31536000; includeSubDomains';
    expect(await get('/v1/self', good)).toEqual({ status: 200, hsts });
    expect(await get('/v1/self')).toEqual({ status: 401, hsts });
    expect(await get('/v1/a//b')).toEqual({ status: 400, hsts });
    expect(await get('/nothing')).toEqual({ status: 404, hsts });
    expect(await get('/healthz')).toEqual({ status: 200, hsts });
  });

  it('is HSTS even for what is no request [S1]', async () => {
    const socket = connect({ port: running.port, host: '127.0.0.1', ca: tls.cert }, () =>
      socket.write('nonsense\r\n\r\n'),
    );
    let answer = '';
    for await (const piece of socket) answer += piece;
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('Strict-Transport-Security: max-age=31536000');
  });

  it('processes no plain call on its port [S1]', async () => {
    const before = running.core.asked.length;
    const answer = await sendRaw(
      running.port,
      'GET /v1/self HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n',
    );
    expect([0, 400]).toContain(statusOf(answer));
    expect(running.core.asked).toHaveLength(before);
  });

  it('speaks nothing older than TLS 1.2', async () => {
    const options = {
      port: running.port,
      host: '127.0.0.1',
      ca: tls.cert,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
    } as const;
    await expect(
      new Promise((resolve, reject) => {
        connect({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve('connected')).on('error', reject);
      }),
    ).rejects.toThrow();
  });
});
