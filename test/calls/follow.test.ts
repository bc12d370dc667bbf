// `keyward calls --follow` as a process of its own, on a screen and in a pipe: it goes on until Ctrl-C, and ends then at once, with
// whole lines, as every command that is stopped.

import { spawn as spawnPiped } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf } from '../wire/native/calls.ts';

let server: TestServer;
let env: Record<string, string>;
let secret: string;
const args = [
  '--conditions=keyward-source',
  join(import.meta.dirname, '../../server/src/main.ts'),
  ...['calls', '--follow', '--credential', 'till'],
];
beforeAll(async () => {
  server = await startServer();
  ({ secret } = await server.core.createApiToken(server.asOwner, { name: 'till', permissions: [] }));
  const token = await bearerOf(server, server.owner);
  env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), KEYWARD_URL: server.url, KEYWARD_TOKEN: token };
});
afterAll(() => server?.stop());

async function verify(permission: string) {
  server.clock.advance(1000);
  await server.core.verify(secret, { permissions: [permission] });
}

test('on a screen, in colours', { timeout: 120_000 }, async () => {
  const pty = spawn(process.execPath, args, { cols: 140, env: { ...env, TERM: 'xterm' } });
  let text = '';
  pty.onData((data) => {
    text += data;
  });
  const ended = new Promise<number>((done) => pty.onExit(({ exitCode }) => done(exitCode)));
  await verify('write:first');
  await expect.poll(() => text, { timeout: 60_000 }).toContain('write:first');
  pty.resize(90, 30);
  await verify('write:second');
  await expect.poll(() => text, { timeout: 60_000 }).toContain('write:second');
  expect(text).toContain('\u001b[31m');
  pty.write('\u0003');
  expect(await ended).toBe(130);
  expect(text.trimEnd()).toMatch(/Stopped\.$/);
});

test('in a pipe, a whole line of JSON each', { timeout: 120_000 }, async () => {
  const child = spawnPiped(process.execPath, [...args, '--json'], { env });
  let [text, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    text += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  await verify('write:third');
  await expect.poll(() => text, { timeout: 60_000 }).toContain('write:third');
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ verdict: 'missing_permission' });
  expect(JSON.parse(errors)).toMatchObject({ error: 'Stopped.' });
});
