// HTTPS only, with the program as it is really run: its own certificate, a proxy's word, and plain HTTP refused.

import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { type Program, start } from './program.ts';
import { freePort, freshPlace, keyward, type Place } from './run.ts';

const email = 'ada@example.com';
const password = 'correct horse battery';

let place: Place;
let certificate: { cert: string; key: string };
beforeAll(async () => {
  place = freshPlace();
  certificate = selfSigned();
  writeFileSync(join(place.folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(place.folder, 'key.pem'), certificate.key);
  writeFileSync(
    join(place.folder, 'keyward.yaml'),
    'routes: [{ path: /guarded, upstream: "http://127.0.0.1:9" }, { path: /versio, dialect: versio, upstream: "http://127.0.0.1:9" }]',
  );
  const program = await start({ place });
  await program.stop();
  const init = ['init', '--organization', 'acme', '--email', email, '--password-stdin'];
  expect(await keyward(place, init, { input: password })).toMatchObject({ code: 0 });
});
afterAll(() => place?.remove());

const json = { 'content-type': 'application/json' };
const basic = `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;
const calls: [name: string, path: string, init: RequestInit][] = [
  ['login', '/v1/login', { method: 'POST', headers: json, body: JSON.stringify({ email, password }) }],
  [
    'debricked',
    '/api/login_check',
    { method: 'POST', body: new URLSearchParams({ _username: email, _password: password }) },
  ],
  ['parsers', '/v2/auth/token', { method: 'POST', headers: { authorization: basic } }],
  ['bluebricks', '/api/v1/auth/keys', { headers: { authorization: 'Bearer x' } }],
  [
    'rebelcore',
    '/api/v1/authorize',
    { method: 'POST', headers: json, body: JSON.stringify({ username: email, password }) },
  ],
  ['a guarded route', '/guarded', { headers: { authorization: 'Bearer x' } }],
  ['a guarded route of versio', '/versio?apiToken=x', {}],
  ['a path that is not there', '/nowhere', { headers: { authorization: 'Bearer x' } }],
];

describe('over plain HTTP, without --demo', () => {
  let server: Program;
  beforeAll(async () => {
    server = await start({ place });
  });
  afterAll(() => server?.stop());

  test.each(calls)('%s is refused with a 4xx, not redirected and not evaluated [S1]', async (_, path, init) => {
    const answer = await fetch(server.url + path, { ...init, redirect: 'manual' });
    const text = await answer.text();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.has('location')).toBe(false);
    expect(text).toContain('Use HTTPS');
    expect(text).not.toMatch(/token":|accessToken/);
    const wrong = await fetch(server.url + path, { method: init.method ?? 'GET', redirect: 'manual' });
    expect([wrong.status, await wrong.text()]).toEqual([answer.status, text]);
  });

  test('health is told, and nothing else', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(server.url + path)).status).toBe(200);
    expect((await fetch(`${server.url}/.well-known/jwks.json`)).status).toBe(400);
  });

  test('an unbelieved proxy changes nothing [S70]', async () => {
    const headers = { 'x-forwarded-proto': 'https', forwarded: 'proto=https' };
    expect((await fetch(`${server.url}/v1/self`, { headers })).status).toBe(400);
  });
});

describe('over plain HTTP from a trusted proxy', () => {
  let server: Program;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const args = ['--trusted-proxies', '127.0.0.1', '--url', 'https://auth.example.com', '--port', String(port)];
    server = await start({ place, args });
    expect(server.url).toBe('https://auth.example.com');
  });
  afterAll(() => server?.stop());

  test('a call is taken when the proxy says that it came over HTTPS, and only then [S1]', async () => {
    const [, path, init] = calls[0] ?? ['', '', {}];
    const through = async (proto: string | null) => {
      const headers = {
        ...json,
        ...(proto !== null && { 'x-forwarded-proto': proto, 'x-forwarded-for': '192.0.2.7' }),
      };
      return (await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers, redirect: 'manual' })).status;
    };
    expect(await through('https')).toBe(200);
    expect(await through('http')).toBe(400);
    expect(await through(null)).toBe(400);
  });
});

describe('over HTTPS', () => {
  let server: Program;
  beforeAll(async () => {
    server = await start({ place, args: ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'] });
  });
  afterAll(() => server?.stop());

  test('keyward login and whoami work, once the certificate is trusted', async () => {
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const login = ['login', '--url', server.url, '--email', email, '--password-stdin'];
    const distrusting = await keyward(place, login, { input: password });
    expect([distrusting.code, distrusting.errors]).toEqual([1, expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
    const environment = { NODE_EXTRA_CA_CERTS: join(place.folder, 'cert.pem') };
    expect(await keyward(place, login, { input: password, environment })).toMatchObject({ code: 0 });
    expect(await keyward(place, ['whoami'], { environment })).toMatchObject({ code: 0 });
  });

  test('every answer asks browsers to stay with HTTPS [S3]', async () => {
    const { status, headers } = await get(`${server.url}/healthz`, certificate.cert);
    expect([status, headers['strict-transport-security']]).toEqual([200, expect.stringContaining('max-age=31536000')]);
  });

  test('plain HTTP on the same port gets no answer but a refusal [S1]', async () => {
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('GET /v1/self HTTP/1.1\r\nHost: x\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
    expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/);
  });

  test('TLS 1.1 is not spoken [S4]', async () => {
    const old = get(`${server.url}/healthz`, certificate.cert, 'TLSv1.1');
    await expect(old).rejects.toThrow();
  });
});

function get(url: string, ca: string, maxVersion: 'TLSv1.1' | 'TLSv1.3' = 'TLSv1.3') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const options = { ca, agent: false, maxVersion, minVersion: 'TLSv1' } as const;
    const call = request(url, options, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    });
    call.on('error', reject);
    call.end();
  });
}
