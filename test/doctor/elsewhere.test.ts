// What an operator reads of `keyward doctor` about a server that runs: at its address, with its certificate, through its API
// and its proxies. Servers, sockets and headers are real; only what a proxy would add is written by the test.

import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../server/src/cli/client/client.ts';
import { lookAtAddress } from '../../server/src/cli/doctor/address.ts';
import { lookThroughApi } from '../../server/src/cli/doctor/api.ts';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { aheadOf, offsetIn } from '../../server/src/cli/doctor/network-time.ts';
import { run } from '../../server/src/cli/program.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
let secret = '';
beforeAll(async () => {
  server = await startServer();
  secret = (await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] })).secret;
});
afterAll(() => server?.stop());

const day = 86_400_000;

async function all(looks: AsyncGenerator<Finding>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of looks) findings.push(finding);
  return findings;
}

describe('with a credential alone', () => {
  test('looks at readiness, clock, verifiers, chain and plans, and needs no file of the server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const environment = { KEYWARD_URL: server.url, KEYWARD_TOKEN: secret, KEYWARD_CREDENTIALS: join(folder, 'none') };
    const args = ['doctor', '--json'];
    const code = await run(args, { input: Readable.from([]), output, errors, environment, folder });
    rmSync(folder, { recursive: true });
    const { healthy, findings } = JSON.parse(String(output.read())) as { healthy: boolean; findings: Finding[] };
    expect(findings.filter(({ status }) => status === 'problem' || status === 'warning')).toEqual([]);
    expect([code, healthy]).toEqual([0, true]);
    const checks = findings.map(({ check }) => check);
    expect(checks).toEqual(expect.arrayContaining(['server', 'clock', 'credential', 'verifiers', 'journal', 'plans']));
  });

  test('says what it may not see, and goes on', async () => {
    const little = await server.core.createApiToken(server.asOwner, { permissions: ['read:plan'] });
    const findings = await all(lookThroughApi(clientOf(little.secret)));
    const skipped = findings.filter(({ status }) => status === 'skipped').map(({ check }) => check);
    expect(skipped).toEqual(expect.arrayContaining(['proxy', 'verifiers', 'journal']));
    expect(findings.some(({ status }) => status === 'problem')).toBe(false);
  });

  test('says that a credential is refused, and how to get another', async () => {
    const findings = await all(lookThroughApi(clientOf('nonsense')));
    expect(findings).toEqual([
      expect.objectContaining({ check: 'credential', status: 'skipped', mend: 'Sign in again.' }),
    ]);
  });
});

/** A client at `https://auth.example`, behind a proxy that adds these headers to what the caller sent. */
function clientOf(
  credential: string,
  proxy: (sent: Record<string, string>) => Record<string, string> = (sent) => sent,
): Client {
  return {
    where: 'https://auth.example',
    isLocal: false,
    who: 'the test',
    signIn: 'Sign in again.',
    send: (method, path, { headers = {} } = {}) =>
      fetch(`${server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${credential}`, ...proxy({ ...headers }) },
      }),
    close: async () => undefined,
  };
}

describe('behind a proxy', () => {
  const ofProxy = async (proxy: (sent: Record<string, string>) => Record<string, string>) =>
    (await all(lookThroughApi(clientOf(secret, proxy)))).filter(({ check }) => check === 'proxy');
  const appended = (sent: Record<string, string>) =>
    [sent['x-forwarded-for'], '203.0.113.7'].filter((address) => address !== undefined).join(', ');

  test('that nobody trusts, names the setting that would', async () => {
    const findings = await ofProxy((sent) => ({
      ...sent,
      'x-forwarded-for': appended(sent),
      'x-forwarded-proto': 'https',
    }));
    expect(findings).toContainEqual(
      expect.objectContaining({ status: 'problem', mend: expect.stringContaining('trustedProxies: [127.0.0.1]') }),
    );
  });

  describe('that is trusted', () => {
    beforeAll(() => server.restart({ trustedProxies: ['127.0.0.1'] }));
    afterAll(() => server.restart({ trustedProxies: [] }));

    test('and says all it should, finds nothing wrong but the host', async () => {
      const findings = await ofProxy((sent) => ({ 'x-forwarded-for': appended(sent), 'x-forwarded-proto': 'https' }));
      expect(findings.map(({ status }) => status)).toEqual(['ok', 'warning']);
      expect(findings[0]?.text).toContain('203.0.113.7');
      expect(findings[1]?.mend).toContain('proxy_set_header Host');
    });

    test.each([
      ['does not say for whom it speaks', () => ({ 'x-forwarded-proto': 'https' }), /X-Forwarded-For/],
      [
        'does not say that the call came over HTTPS',
        (sent: Record<string, string>) => ({ 'x-forwarded-for': appended(sent), 'x-forwarded-proto': 'http' }),
        /X-Forwarded-Proto/,
      ],
      [
        'passes on what the caller claims',
        (sent: Record<string, string>) => ({
          'x-forwarded-for': sent['x-forwarded-for'] ?? '203.0.113.7',
          'x-forwarded-proto': 'https',
        }),
        /proxy_add_x_forwarded_for/,
      ],
    ])('and %s, is told of with the mend', async (_what, proxy, mend) => {
      const findings = await ofProxy(proxy);
      const wrong = findings.filter(({ status }) => status === 'problem');
      expect(wrong.map((finding) => finding.mend).join()).toMatch(mend);
    });
  });
});

describe('at an address', () => {
  const servers: HttpsServer[] = [];
  afterAll(() => {
    for (const one of servers) one.close();
  });
  async function served(wanted: Parameters<typeof selfSigned>[0], status = 200): Promise<string> {
    const one = createServer(selfSigned(wanted), (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"status":"ready"}');
    });
    servers.push(one);
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(one.address() as AddressInfo).port}`;
  }
  const certificates = async (url: string) =>
    (await all(lookAtAddress(url))).filter(({ check, status }) => check === 'certificate' && status !== 'ok');

  test('names a certificate that is not trusted, that ends soon, and one that ended', async () => {
    const soon = await certificates(await served({ validTo: Date.now() + 3 * day }));
    expect(soon.map(({ text }) => text)).toEqual([
      expect.stringContaining('self-signed'),
      expect.stringMatching(/^it ends on \d{4}-/),
    ]);
    const past = await certificates(await served({ validFrom: Date.now() - 9 * day, validTo: Date.now() - day }));
    expect(past).toEqual([expect.objectContaining({ text: expect.stringMatching(/^it expired on/) })]);
  });

  test('names an address that nobody answers, one without TLS, and a server that cannot check calls', async () => {
    const gone = await all(lookAtAddress('http://127.0.0.1:1'));
    expect(gone).toEqual([expect.objectContaining({ check: 'server', status: 'problem' })]);
    const { port } = new URL(server.url);
    const clear = await certificates(`https://127.0.0.1:${port}`);
    expect(clear).toEqual([expect.objectContaining({ status: 'problem', text: expect.stringContaining('no TLS') })]);
  });

  test('takes the clock of a server that agrees for right', async () => {
    const findings = await all(lookAtAddress(server.url));
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  });
});

describe('the time of the network', () => {
  /** An answer of a server whose clock is so far ahead (RFC 4330 section 4). */
  function answer(aheadMs: number, stratum = 2, mode = 4): Buffer {
    const packet = Buffer.alloc(48);
    packet[0] = 0x20 + mode;
    packet[1] = stratum;
    for (const offset of [32, 40]) {
      const at = (Date.now() + aheadMs) / 1000 + 2_208_988_800;
      packet.writeUInt32BE(Math.floor(at), offset);
      packet.writeUInt32BE(Math.floor((at % 1) * 2 ** 32), offset + 4);
    }
    return packet;
  }
  async function asked(reply: Buffer): Promise<number | null> {
    const socket = createSocket('udp4');
    socket.on('message', (_question, { port, address }) => socket.send(reply, port, address));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const ahead = await aheadOf('127.0.0.1', socket.address().port);
    socket.close();
    return ahead;
  }

  test('is told apart from that of this machine, by one question', async () => {
    expect(Math.abs((await asked(answer(90_000))) ?? 0)).toBeGreaterThan(60_000);
    expect(await asked(answer(0, 0))).toBeNull();
    expect(await asked(Buffer.from('nonsense'))).toBeNull();
  });

  test('is a number or nothing, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const offset = offsetIn(Buffer.from(bytes), 0, 1);
        expect(offset === null || Number.isFinite(offset)).toBe(true);
      }),
    );
  });
});
