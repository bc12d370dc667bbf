// What an operator reads of `keyward doctor` about a server that runs: at its address, with its certificate, through its API
// and its proxies. Servers, sockets and headers are real; only what a proxy would add is written by the test.

import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
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
import { assembleAt, newPlace } from '../assembled-server.ts';
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

test('behind a proxy that ends TLS and is not believed, says so: every credential is refused', async () => {
  const place = await newPlace();
  // No demo: HTTPS is asked of this machine too.
  const strict = await assembleAt({ place, demo: false, settings: { trustedProxies: ['127.0.0.1'] } });
  const url = await strict.listen();
  const behind = (where: string, proto?: string) => ({
    ...clientOf('anything'),
    where,
    send: (_method: string, path: string) =>
      fetch(url + path, { headers: { authorization: 'Bearer x', ...proxied(proto) } }),
  });
  const proxied = (proto?: string) => (proto === undefined ? {} : { 'x-forwarded-proto': proto });
  for (const proto of [undefined, 'http']) {
    expect(await all(lookThroughApi(behind('https://auth.example', proto)))).toEqual([
      expect.objectContaining({
        check: 'proxy',
        status: 'problem',
        mend: expect.stringMatching(/trustedProxies.*X-Forwarded-Proto/),
      }),
    ]);
  }
  expect(await all(lookThroughApi(behind('http://auth.example')))).toEqual([
    expect.objectContaining({ check: 'credential', status: 'problem', text: expect.stringContaining('without HTTPS') }),
  ]);
  await strict.close('the test is done');
  place.remove();
});

describe('verifiers', () => {
  const ofVerifiers = async () =>
    (await all(lookThroughApi(clientOf(secret)))).filter(({ check }) => check === 'verifiers');

  test('that are late or away are named, with what to do', async () => {
    const ended = new AbortController();
    const feed = await fetch(`${server.url}/v1/feed?verifier=checkout-2`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: ended.signal,
    });
    // It hears of this, and never says so.
    await server.core.createApiToken(server.asOwner, { permissions: ['read:plan'] });
    const late = {
      status: 'warning',
      text: expect.stringMatching(/^checkout-2 is \d+ ms behind/),
      mend: expect.any(String),
    };
    await expect.poll(ofVerifiers).toEqual([expect.objectContaining(late)]);
    ended.abort();
    await feed.text().catch(() => '');
    const away = { status: 'warning', text: expect.stringMatching(/^checkout-2 has not been there since/) };
    await expect.poll(ofVerifiers).toEqual([expect.objectContaining(away)]);
  });
});

describe('on the command line', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const KEYWARD_CREDENTIALS = () => join(folder, 'credentials.yaml');
  async function doctor(args: readonly string[], given: NodeJS.ProcessEnv = {}) {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const environment = { KEYWARD_CREDENTIALS: KEYWARD_CREDENTIALS(), ...given };
    const code = await run(['doctor', ...args], { input: Readable.from([]), output, errors, environment, folder });
    return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') };
  }
  const signIn = (url: string, token = secret, mode = 0o600) => {
    writeFileSync(KEYWARD_CREDENTIALS(), `token: Bearer ${token}\nuserid: me\nurl: ${url}\n`);
    chmodSync(KEYWARD_CREDENTIALS(), mode);
  };

  test('a sign-in alone is enough, and a file of sign-ins that others may read is told of', async () => {
    signIn(server.url, secret, 0o644);
    const { code, output } = await doctor([]);
    expect(output).toMatch(/^✓ credential /m);
    expect(output).toMatch(/^! permissions .*credentials\.yaml[^\n]*\n +→ Close it: chmod 600/m);
    expect(output).toMatch(/Nothing is wrong, \d warnings?\.$/m);
    expect(code).toBe(0);
  });

  test('a sign-in at a server that is down is one problem, and no invitation to sign in again', async () => {
    signIn('http://127.0.0.1:1');
    const { code, output } = await doctor([]);
    expect(output).toMatch(/^✗ server +http:\/\/127\.0\.0\.1:1 cannot be reached: nobody listens there$/m);
    expect(output).not.toMatch(/sign in|ECONN/i);
    expect(code).toBe(1);
  });

  test('a sign-in that ended, that is for another server, or that nobody can read, is told, and the rest goes on', async () => {
    signIn(server.url, 'kw_ended');
    expect((await doctor([])).output).toMatch(/^- credential +.* did not take .*\n +→ Sign in again: keyward login$/m);
    signIn('http://127.0.0.1:1');
    const elsewhere = await doctor(['--url', `${server.url}/`]);
    expect(elsewhere.output).toMatch(/^- credential .* is for http:\/\/127\.0\.0\.1:1, and not for /m);
    expect(elsewhere.output).toMatch(/^✓ server /m);
    expect((await doctor([], { KEYWARD_URL: server.url })).output).toMatch(
      /^- credential .*KEYWARD_URL names another/m,
    );
    writeFileSync(KEYWARD_CREDENTIALS(), 'nonsense');
    const unreadable = await doctor(['--url', server.url]);
    expect(unreadable.output).toMatch(/^- credential .* is not a credentials file/m);
    expect([elsewhere.code, unreadable.code]).toEqual([0, 0]);
  });

  test('KEYWARD_URL alone is looked at, and KEYWARD_PROFILE is no mistake', async () => {
    rmSync(KEYWARD_CREDENTIALS(), { force: true });
    const { code, output } = await doctor([], { KEYWARD_URL: server.url, KEYWARD_PROFILE: 'staging' });
    expect(output).toMatch(/^✓ server /m);
    expect(output).not.toContain('settings');
    expect(code).toBe(0);
  });

  test('exits with 2 for what cannot be asked, and with 1 for a profile that is not there', async () => {
    for (const args of [['--url', 'nowhere'], ['--profile', '!'], ['--nonsense']]) {
      const { code, output, errors } = await doctor(args);
      expect([code, output, errors.split('\n').length <= 4]).toEqual([2, '', true]);
    }
    const { code, errors } = await doctor(['--profile', 'staging']);
    expect(code).toBe(1);
    expect(errors).toContain('keyward login --profile staging');
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
      expect.stringMatching(/ ends on \d{4}-/),
    ]);
    const early = await certificates(await served({ validFrom: Date.now() + day }));
    expect(early).toEqual([expect.objectContaining({ text: expect.stringMatching(/is not valid before/) })]);
    const past = await certificates(await served({ validFrom: Date.now() - 9 * day, validTo: Date.now() - day }));
    expect(past).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/ expired on .* clients refuse it/) }),
    ]);
  });

  test('names a certificate that is for another name', async () => {
    const url = (await served({ hosts: ['auth.example.com'] })).replace('127.0.0.1', 'localhost');
    const [, other] = await certificates(url);
    expect(other).toMatchObject({
      status: 'problem',
      text: expect.stringMatching(/not for localhost but for .*auth\.example\.com/),
      mend: expect.stringContaining('issued for localhost'),
    });
  });

  test.each([
    [502, '<html>Bad Gateway</html>', /^the proxy .* reaches no server behind it/],
    [404, '{"message":"no route"}', /answers 404, and not as Keyward does/],
    [200, '<html>Welcome</html>', /answers 200, and not as Keyward does/],
    [503, '{"status":"unavailable"}', /answers, and cannot check calls/],
  ])('says of an answer %i %s what is in front', async (status, body, text) => {
    const front = createPlainServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const findings = await all(lookAtAddress(`http://127.0.0.1:${(front.address() as AddressInfo).port}`));
    front.close();
    const wrong = { check: 'server', status: 'problem', text: expect.stringMatching(text), mend: expect.any(String) };
    expect(findings.filter((finding) => finding.status !== 'ok')).toEqual([expect.objectContaining(wrong)]);
  });

  test('names an address that nobody answers, one without TLS, and a server that cannot check calls', async () => {
    const gone = await all(lookAtAddress('http://127.0.0.1:1'));
    expect(gone).toEqual([
      expect.objectContaining({ check: 'server', status: 'problem', text: expect.stringContaining('nobody listens') }),
    ]);
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
