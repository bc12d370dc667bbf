// The receivers of docs/webhooks.md, as they are written there, beside a real server: they take what Keyward sends, once, and
// nothing that somebody else sends. One whose interpreter is not on this machine is skipped, in plain words.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { webhookEvents } from '../../rules/src/webhooks/events.ts';
import { blocksIn, readPage, sectionOf, tableIn } from '../end-to-end/docs-page.ts';
import { freePort, whyNot } from '../end-to-end/run.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const patience = { timeout: 60_000, interval: 50 };
const blocks = blocksIn(readPage('docs/webhooks.md'));
const receivers: [file: string, command: string, missing: string | null][] = [
  ['receiver.mjs', process.execPath, null],
  ['receiver.py', 'python3', await whyNot('python3', ['--version'])],
];

let server: TestServer;
let bearer: string;
let folder: string;
beforeAll(async () => {
  // Receivers go by the machine's clock.
  server = await startServer({ clock: { now: Date.now, advance: () => undefined } });
  bearer = await bearerOf(server, server.owner);
  folder = mkdtempSync(join(tmpdir(), 'keyward-receivers-'));
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('there is a receiver for each of the languages, and no other', () => {
  const files = blocks.filter(({ note }) => note.startsWith('receiver.')).map(({ note }) => note);
  expect(files).toEqual(receivers.map(([file]) => file));
});

test('the page tells of every event, and of no other', () => {
  const told = tableIn(sectionOf(readPage('docs/webhooks.md'), '## The events')).flatMap(([cell = '']) => {
    const [first = '', ...others] = cell.split(', ');
    return [first, ...others.map((verb) => first.split('.')[0] + verb)];
  });
  expect(told.toSorted()).toEqual([...webhookEvents, 'webhook.test'].toSorted());
});

const ask = async <B>(method: string, path: string, body?: object) => {
  const answer = await call<B>(server, method, path, bearer, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body;
};

describe.each(receivers)('%s', (file, command, missing) => {
  let program: ChildProcess | undefined;
  afterEach(async () => {
    program?.kill('SIGKILL');
    if (program !== undefined) await once(program, 'close');
  });

  /** Started with the secret of a webhook that is sent to it. */
  async function start() {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const { id, secret } = await ask<{ id: string; secret: string }>('POST', '/v1/webhooks', {
      url,
      events: ['token.created'],
    });
    const path = join(folder, file);
    writeFileSync(path, blocks.find(({ note }) => note === file)?.text ?? '');
    const env = { ...process.env, SECRET: secret, PORT: String(port), PYTHONIOENCODING: 'utf-8' };
    program = spawn(command, [path], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const printed = { text: '' };
    program.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed.text += text;
    });
    const post = async (body: string, headers: Record<string, string>) =>
      (await fetch(url, { method: 'POST', body, headers })).status;
    // It listens once it refuses what nobody signed.
    await expect.poll(() => post('{}', {}).catch(() => 0), patience).toBe(401);
    return { id, secret, port, post, printed };
  }

  test.skipIf(missing)(
    'takes what is sent, whatever it says, and after a rotation what both secrets sign',
    async () => {
      const { id, printed } = await start();
      const delivered = async () => {
        const { items } = await ask<{ items: { status: string; answer: unknown }[] }>(
          'GET',
          `/v1/webhooks/${id}/deliveries`,
        );
        return items.map(({ status }) => status);
      };
      await ask('POST', '/v1/tokens', { name: `Größe ✓ ${file}`, permissions: [] });
      await expect.poll(delivered, patience).toEqual(['delivered']);
      await expect.poll(() => printed.text, patience).toContain('Größe ✓');
      await ask('POST', `/v1/webhooks/${id}/rotate`, { overlapSeconds: 3600 });
      await ask('POST', '/v1/tokens', { name: `after the rotation ${file}`, permissions: [] });
      await expect.poll(delivered, patience).toEqual(['delivered', 'delivered']);
      await expect.poll(() => printed.text, patience).toContain('after the rotation');
      await ask('DELETE', `/v1/webhooks/${id}`);
    },
  );

  test.skipIf(missing)(
    'refuses what is forged, old or from the future, and does nothing twice [S42] [S126]',
    async () => {
      const { id, secret, port, post, printed } = await start();
      const signer = new Webhook(secret);
      const body = (word: string) => JSON.stringify({ type: 'token.created', timestamp: 'x', data: { word } });
      const signed = (message: string, text: string, at = Date.now(), by = signer) => ({
        'webhook-id': message,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': by.sign(message, new Date(at), text),
      });
      const good = signed('msg_good', body('good'));
      expect(await post(body('good'), good)).toBe(204);
      expect(await post(body('good'), good)).toBe(204);

      const other = new Webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
      const bad = body('bad');
      const fine = signed('msg_1', bad);
      const faults: Record<string, Record<string, string>> = {
        'another body': signed('msg_1', body('fine')),
        'another id': { ...fine, 'webhook-id': 'msg_2' },
        'another time': { ...fine, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 60) },
        'another secret': signed('msg_1', bad, Date.now(), other),
        'ten minutes old': signed('msg_1', bad, Date.now() - 600_000),
        'of ten minutes from now': signed('msg_1', bad, Date.now() + 600_000),
        'no time': { ...fine, 'webhook-timestamp': 'NaN' },
        'no signature': { ...fine, 'webhook-signature': '' },
        'half a signature': { ...fine, 'webhook-signature': fine['webhook-signature'].slice(0, 20) },
        'no ASCII': { ...fine, 'webhook-signature': 'v1,\u00e9' },
        'no headers': {},
      };
      for (const [fault, headers] of Object.entries(faults)) {
        expect(await post(bad, headers), fault).toBe(401);
      }
      // Whoever goes away in the middle takes nobody with them.
      const half = connect(port, '127.0.0.1');
      await once(half, 'connect');
      half.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nbegun', () => half.resetAndDestroy());
      await once(half, 'close');
      // A character that comes in two halves is one.
      const text = body('läst');
      const bytes = Buffer.from(text);
      const cut = bytes.indexOf(0xc3) + 1;
      const slow = connect(port, '127.0.0.1').setNoDelay(true);
      const headers = Object.entries({ host: 'x', 'content-length': bytes.length, ...signed('msg_last', text) });
      slow.write(`POST / HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
      slow.write(bytes.subarray(0, cut));
      await pause(100);
      slow.write(bytes.subarray(cut));
      expect(String((await once(slow, 'data'))[0])).toMatch(/^HTTP\/1\.[01] 204 /);
      slow.destroy();
      await expect.poll(() => printed.text, patience).toContain('läst');
      expect(printed.text.match(/good/g)).toHaveLength(1);
      expect(printed.text).not.toContain('bad');
      await ask('DELETE', `/v1/webhooks/${id}`);
    },
  );
});
