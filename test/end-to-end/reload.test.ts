// New settings while the program runs: what is taken, what is refused, and that no call notices.

import { X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import process from 'node:process';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { within } from '../machine-time.ts';
import { type Program, start } from './program.ts';
import { freshPlace, type Place } from './run.ts';

const poll = { timeout: 60_000, interval: 50 };

/** The certificate that a new connection is shown. */
function shown(url: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

const fingerprint = (cert: string) => new X509Certificate(cert).fingerprint256;
const times = (text: string, part: string) => text.split(part).length - 1;

function status(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/healthz`, { agent, rejectUnauthorized: false }, (answer) =>
      answer.resume().on('end', () => resolve(answer.statusCode)),
    );
    call.once('error', reject).end();
  });
}

describe.each([1, 2])('with %i workers', (workers) => {
  let place: Place;
  let server: Program;
  let count = 0;
  /** As Kubernetes mounts a secret: a folder, and a link that is swapped. */
  const mount = ({ cert, key }: { cert: string; key: string }) => {
    count += 1;
    const folder = join(place.folder, `secret-${count}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    symlinkSync(folder, join(place.folder, 'new'));
    renameSync(join(place.folder, 'new'), join(place.folder, 'current'));
  };
  const configure = (lines: string) =>
    writeFileSync(
      join(place.folder, 'keyward.yaml'),
      `tls: { cert: current/cert.pem, key: current/key.pem }\nworkers: ${workers}\n${lines}`,
    );
  const hangUp = () => process.kill(server.pid, 'SIGHUP');
  const said = (text: string) => times(server.output(), text);

  let first: { cert: string; key: string };
  beforeAll(async () => {
    place = freshPlace();
    first = selfSigned();
    mount(first);
    configure('logLevel: info');
    server = await start({ place });
  });
  afterAll(async () => {
    await server?.kill();
    rmSync(place.folder, { recursive: true, force: true });
  });

  test('a renewed certificate is shown by itself, while calls go on without a failure', async () => {
    expect(await shown(server.url)).toBe(fingerprint(first.cert));
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const answers: (number | undefined)[] = [];
    let isOver = false;
    const calls = Promise.all(
      [1, 2, 3, 4].map(async () => {
        while (!isOver) answers.push(await status(server.url, agent));
      }),
    );
    const renewed = selfSigned();
    mount(renewed);
    await within(20_000, () => expect.poll(() => shown(server.url), poll).toBe(fingerprint(renewed.cert)));
    isOver = true;
    await calls;
    agent.destroy();
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.every((one) => one === 200)).toBe(true);
    expect(server.output()).toContain('"changed":["tls"]');
  });

  test('a key of another certificate is refused, and the old pair goes on until both fit', async () => {
    const before = await shown(server.url);
    const [one, other] = [selfSigned(), selfSigned()];
    mount({ cert: one.cert, key: other.key });
    await expect.poll(() => said('do not belong together'), poll).toBe(1);
    expect(await shown(server.url)).toBe(before);
    mount({ cert: one.cert, key: one.key });
    await expect.poll(() => shown(server.url), poll).toBe(fingerprint(one.cert));
  });

  test.each([
    ['an unknown log level', 'logLevel: loud', 'logLevel'],
    ['proxies that are no addresses', 'trustedProxies: [nowhere]', 'trustedProxies'],
    ['a route without an upstream', 'routes: [{ path: 7 }]', 'routes'],
    ['a setting that does not exist', 'logLevle: info', 'logLevle'],
    ['no YAML', 'logLevel: [', 'keyward.yaml'],
    ['half a certificate', 'tls: { cert: half.pem, key: current/key.pem }', 'tls'],
  ])('%s is refused, and said once', async (_, line, word) => {
    writeFileSync(join(place.folder, 'half.pem'), first.cert.slice(0, 200));
    const refusals = said('new settings are refused');
    const before = await shown(server.url);
    if (line.startsWith('tls')) writeFileSync(join(place.folder, 'keyward.yaml'), `${line}\nworkers: ${workers}\n`);
    else configure(line);
    await expect.poll(() => said('new settings are refused'), poll).toBe(refusals + 1);
    const last = server
      .output()
      .trimEnd()
      .split('\n')
      .findLast((one) => one.includes('new settings are refused'));
    expect(last).toContain(word);
    expect(await shown(server.url)).toBe(before);
    expect((await status(server.url, new Agent())) === 200).toBe(true);
  });

  test('at SIGHUP the log level and proxies count, and what needs a restart is named', async () => {
    configure('logLevel: debug\ntrustedProxies: [127.0.0.1]\ntokenPrefix: other\n');
    hangUp();
    await expect.poll(() => server.output(), poll).toContain('"changed":["trustedProxies","logLevel"]');
    expect(server.output()).toContain('"settings":["tokenPrefix"]');
    expect(await status(server.url, new Agent())).toBe(200);
    // Each request leaves a line at this level.
    await expect.poll(() => said('"answered"'), poll).toBeGreaterThan(0);
  });
});
