// The port of HTTPS, asked in clear: what tells nothing is answered, everything else is refused in words.

import { request as overHttps } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { native } from '../../dialects/native.ts';
import { type Running, sendRaw, start, stubCore } from '../app.test-support.ts';
import { selfSigned } from '../self-signed.test-support.ts';

const { cert, key } = selfSigned();
let running: Running;
beforeAll(async () => {
  running = await start({
    dialects: [native],
    core: stubCore(),
    tls: { cert, key },
    allowPlainLoopback: false,
    trustedProxies: ['127.0.0.1'],
  });
});
afterAll(() => running.close());

const ask = (target: string, ...lines: string[]) =>
  sendRaw(running.port, [`GET ${target} HTTP/1.1`, 'Host: a', ...lines, '\r\n'].join('\r\n'), 10_000);

describe('plain HTTP on the port of HTTPS', () => {
  it('is answered where a route tells nothing, and the connection ends', async () => {
    const began = performance.now();
    const answer = await ask('/healthz');
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).not.toMatch(/strict-transport-security/i);
  });

  it.each([
    ['a credential', ['Authorization: Bearer good']],
    ['nobody', []],
    ['a trusted proxy that says it was HTTPS', ['Authorization: Bearer good', 'X-Forwarded-Proto: https']],
  ])('is refused in words from %s, and nothing is looked up [S1]', async (_who, lines) => {
    const before = running.core.asked.length;
    const answer = await ask('/v1/check', ...lines);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('Use HTTPS');
    expect(running.core.asked).toHaveLength(before);
  });

  it('is refused where it is no HTTP at all [S63]', async () => {
    expect(await sendRaw(running.port, 'nonsense\r\n\r\n', 10_000)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('takes nothing from who comes by HTTPS, in however small pieces', async () => {
    const relayed = await new Promise<number | undefined>((resolve, reject) => {
      const options = { port: running.port, host: '127.0.0.1', path: '/v1/check', ca: cert, agent: false } as const;
      const headers = { authorization: 'Bearer good' };
      overHttps({ ...options, headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(relayed).toBe(200);
  });

  it('does not hold up the end of the server', async () => {
    const stopping = await start({ tls: { cert, key } });
    const silent = connect(stopping.port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await stopping.close();
    silent.destroy();
  });
});

describe('HTTPS that asks nothing after its handshake', () => {
  it.each([
    ['stays silent', (): void => undefined],
    ['says that it says no more', (client) => client.end()],
    ['is gone', (client) => client.destroy()],
  ] as [string, (client: TLSSocket) => void][])(
    'does not hold up the end of the server where it %s',
    async (_what, next) => {
      const stopping = await start({ tls: { cert, key } });
      const client = connectTls({ port: stopping.port, host: '127.0.0.1', ca: cert }).on('error', () => undefined);
      await new Promise((resolve) => client.once('secureConnect', resolve));
      next(client);
      const began = performance.now();
      await stopping.close();
      expect(performance.now() - began).toBeLessThan(5_000);
      client.destroy();
    },
  );
});
