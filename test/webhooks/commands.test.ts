// `keyward webhooks` and `keyward webhook-deliveries`, against a real server and a receiver: what people read, what programs read, and
// where the secret goes.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../server/src/cli/program.ts';
import { startServer, type TestServer } from '../server.ts';
import { type Receiver, startReceiver, status } from './receiver.ts';

const patience = { timeout: 30_000, interval: 50 };

let server: TestServer;
let receiver: Receiver;
let secret: string;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  receiver = await startReceiver();
  secret = (await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] })).secret;
  folder = mkdtempSync(join(tmpdir(), 'keyward-webhooks-'));
});
afterAll(async () => {
  await server?.stop();
  await receiver?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function keyward(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const environment = { KEYWARD_URL: server.url, KEYWARD_TOKEN: secret, KEYWARD_CREDENTIALS: join(folder, 'none') };
  const code = await run(args, { input: Readable.from([]), output, errors, environment, folder });
  return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') };
}

const read = async (...args: string[]) => JSON.parse((await keyward(...args, '--json')).output);

test('webhooks are made with the secret in a file of mode 0600, listed, changed, tried, renewed and deleted [S128]', async () => {
  const made = await keyward(
    'webhooks',
    'create',
    '--url',
    receiver.url,
    '--events',
    'token.created',
    '--secret-to',
    's',
  );
  expect(made, made.errors).toMatchObject({ code: 0 });
  const kept = readFileSync(join(folder, 's'), 'utf8').trim();
  expect(kept).toMatch(/^whsec_/);
  expect(statSync(join(folder, 's')).mode & 0o777).toBe(0o600);
  expect(made.output + made.errors).not.toContain(kept);

  const listed = await keyward('webhooks', 'list');
  expect(listed.output).toContain(receiver.url);
  expect(listed.output).toContain('active');
  const changed = await read('webhooks', 'update', receiver.url, '--events', '*', '--expiring-days', '30');
  expect(changed).toMatchObject({ events: ['*'], expiringDays: 30, active: true });
  expect(await read('webhooks', 'show', changed.id)).toEqual(changed);

  const message = await read('webhooks', 'test', receiver.url);
  await expect.poll(() => receiver.accepted.map(({ id }) => id), patience).toContain(message.id);
  const shown = async () => (await read('webhook-deliveries', 'show', message.id)).status;
  await expect.poll(shown, patience).toBe('delivered');

  receiver.always(status(500, {}, 'Out of order.'));
  await keyward('tokens', 'create', '--name', 'told', '--permissions', 'read:funds');
  const dead = async () =>
    (await read('webhook-deliveries', 'list', receiver.url)).items.find(
      ({ event }: { event: string }) => event === 'token.created',
    );
  await expect.poll(async () => (await dead())?.tries, patience).toBe(1);
  server.clock.advance(86_400_000);
  await expect.poll(async () => (await dead())?.status, patience).toBe('dead');
  const told = await keyward('webhook-deliveries', 'show', (await dead()).id);
  expect(told.output).toContain('Out of order.');
  receiver.always(undefined);
  expect(await read('webhooks', 'repeat', receiver.url)).toEqual({ repeated: 1 });
  await expect.poll(async () => (await dead())?.status, patience).toBe('delivered');
  const again = await keyward('webhook-deliveries', 'repeat', (await dead()).id);
  expect(again, again.errors).toMatchObject({ code: 0 });

  const renewed = await keyward('webhooks', 'rotate-secret', receiver.url, '--overlap', '1h');
  expect(renewed.output).toMatch(/whsec_/);
  expect(renewed.output).not.toContain(kept);

  expect((await keyward('webhooks', 'delete', receiver.url)).code).not.toBe(0);
  expect((await keyward('webhooks', 'delete', receiver.url, '--dry-run')).output).toContain('DELETE /v1/webhooks/');
  expect((await keyward('webhooks', 'delete', receiver.url, '--yes')).code).toBe(0);
  expect(await read('webhooks', 'list')).toEqual({ items: [], next: null });
});

test('what is wrong is told in words, with what is probably meant', async () => {
  const wrong = await keyward('webhooks', 'create', '--url', 'https://10.0.0.1/x', '--events', 'token.created');
  expect(wrong.code).not.toBe(0);
  expect(wrong.errors).toContain('private or reserved address');
  const typo = await keyward('webhooks', 'create', '--url', 'https://hooks.example.com/x', '--events', 'token.leakd');
  expect(typo.errors).toContain('token.leaked');
  expect((await keyward('webhooks', 'show', 'nothing')).errors).toContain('There is no webhook "nothing"');
});
