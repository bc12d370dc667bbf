// A verifier that cannot work as it is set up says so, and why: `ready` rejects, `onError` is told, and where nobody listens
// the process warns.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type KeywardError, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { startServer, type TestServer } from '../server.ts';
import { startFakeKeyward } from './fake-keyward.ts';
import { answerJson, startRecordingServer } from './recording-server.ts';

const verifiers: Verifier[] = [];
afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
});

/** A verifier, and the messages that it told. */
function create(url: string, options: Partial<VerifierOptions> = {}) {
  const told: KeywardError[] = [];
  const credential = { apiToken: 'kw_mine' };
  const onError = (error: KeywardError) => told.push(error);
  const verifier = createVerifier({ url, credential, exchange: 'none', onError, ...options });
  verifiers.push(verifier);
  return { verifier, told };
}
const failureOf = (verifier: Verifier, timeoutMs?: number) =>
  verifier.ready(timeoutMs === undefined ? {} : { timeoutMs }).then(
    () => expect.unreachable('it is ready'),
    (error: KeywardError) => error,
  );

describe('beside a whole server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());
  const tokenWith = async (permissions: string[]) =>
    (await server.core.createApiToken(server.asOwner, { permissions })).secret;

  test.each(['native', 'none'] as const)('a wrong token is said to be refused (exchange %s)', async (exchange) => {
    const { verifier, told } = create(server.url, { exchange });
    const failure = await failureOf(verifier);
    expect(failure).toMatchObject({ name: 'KeywardError', code: 'credential_refused', status: 401 });
    expect(told.map(({ message }) => message)).toEqual([failure.message]);
    expect(failure.message).not.toContain('kw_mine');
  });

  test.each([
    ['follow:feed', 'verify:credential'],
    ['verify:credential', 'follow:feed'],
  ])('a token that has only %s is told that it lacks %s', async (held, lacking) => {
    const { verifier, told } = create(server.url, { credential: { apiToken: await tokenWith([held]) } });
    expect(await failureOf(verifier)).toMatchObject({ code: 'forbidden', message: expect.stringContaining(lacking) });
    if (held === 'follow:feed') await verifier.verify(await tokenWith([])).catch(() => {});
    expect(told).toMatchObject([{ code: 'forbidden', message: expect.stringContaining(lacking) }]);
  });

  test('what was wrong once is no hindrance later: it becomes ready by itself', async () => {
    const { verifier, told } = create(server.url, {
      credential: { apiToken: await tokenWith(['verify:credential', 'follow:feed']) },
    });
    await verifier.ready();
    await verifier.ready();
    expect(told).toEqual([]);
  });
});

describe('over TLS', () => {
  const { cert, key } = selfSigned();
  let secure: Server;
  let port: number;
  let folder: string;
  beforeAll(async () => {
    secure = createServer({ cert, key }, (_request, response) => {
      const problem = {
        type: 'https://auth.example/problems/forbidden',
        title: '',
        status: 403,
        detail: 'This is Keyward.',
      };
      response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    port = (secure.address() as AddressInfo).port;
    folder = mkdtempSync(join(tmpdir(), 'keyward-sdk-tls-'));
  });
  afterAll(() => {
    secure?.closeAllConnections();
    secure?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a certificate that is not trusted is named, with the setting that mends it', async () => {
    const { verifier, told } = create(`https://127.0.0.1:${port}`);
    const failure = await failureOf(verifier);
    expect(failure).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
    expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(told.map(({ code }) => code)).toEqual(['misconfigured']);
    await expect(verifier.verify('AT1'.padEnd(60, 'A'))).rejects.toMatchObject({ code: 'misconfigured' });
  });

  test('http:// on a port that speaks TLS is hinted at', async () => {
    const { verifier, told } = create(`http://127.0.0.1:${port}`);
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]?.message).toContain('the address begins with https://');
    expect((await failureOf(verifier, 100)).message).toContain('the address begins with https://');
  });

  test('https:// on a port that speaks plain HTTP is said to be that', async () => {
    const plain = await startRecordingServer((_call, response) => answerJson(response, 404, {}));
    const { verifier } = create(plain.url.replace('http:', 'https:'));
    const failure = await failureOf(verifier);
    expect(failure).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('http://') });
    await plain.close();
  });

  /** A program with a verifier, and how it ended. */
  async function program(rest: string, env: Record<string, string> = {}) {
    const code = `import { createVerifier } from ${JSON.stringify(join(import.meta.dirname, '../../sdk/src/index.ts'))};
      const credential = { apiToken: 'kw_mine' };
      const verifier = createVerifier({ url: 'https://127.0.0.1:${port}', credential, exchange: 'none' });
      ${rest}`;
    const file = join(folder, 'program.mjs');
    writeFileSync(file, code);
    const ended = promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...env } });
    return ended.then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: { code: number; stderr: string }) => error,
    );
  }

  test('a program that awaits it ends with the cause', async () => {
    const { code, stderr } = await program('await verifier.ready();');
    expect(code).toBe(1);
    expect(stderr).toContain('KeywardError: Keyward cannot be reached at https:');
    expect(stderr).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('a program that neither awaits it nor listens warns', async () => {
    const { code, stderr } = await program("process.once('warning', () => setImmediate(process.exit));");
    expect(code).toBe(0);
    expect(stderr).toMatch(/\[misconfigured\] KeywardWarning: Keyward cannot be reached at https:/);
  });

  test('and with NODE_EXTRA_CA_CERTS it reaches Keyward', async () => {
    const file = join(folder, 'authority.pem');
    writeFileSync(file, cert);
    const { stderr } = await program('await verifier.ready();', { NODE_EXTRA_CA_CERTS: file });
    expect(stderr).toContain('This is Keyward.');
  });
});

describe('while Keyward is away', () => {
  test('ready gives up after its time with the cause, onError is told once, and all is well when it comes', async () => {
    const keyward = await startFakeKeyward();
    const { port } = new URL(keyward.url);
    await keyward.close();
    const { verifier, told } = create(keyward.url);
    const failure = await failureOf(verifier, 1500);
    expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
    await failureOf(verifier, 1000);
    expect(told).toHaveLength(1);
    const later = createPlainServer((socket) => socket.destroy());
    later.listen(Number(port), '127.0.0.1');
    await expect.poll(() => told.length).toBe(2);
    later.close();
    await once(later, 'close');
  });

  test('a listener that throws stops nothing', async () => {
    const keyward = await startFakeKeyward();
    keyward.feed.shut();
    let times = 0;
    const { verifier } = create(keyward.url, {
      onError: () => {
        times += 1;
        throw new Error('of the program itself');
      },
    });
    await expect.poll(() => times).toBe(1);
    keyward.feed.open();
    await verifier.ready();
    await keyward.close();
  });
});
