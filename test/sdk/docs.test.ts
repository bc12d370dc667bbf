// Every JavaScript example of docs/sdk.md, run as it is written, against a whole server. Only addresses, the port and the
// credentials are ours. An example whose framework is not installed is left out, and said to be.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksIn, readPage } from '../end-to-end/docs-page.ts';
import { freePort, root } from '../end-to-end/run.ts';
import { startServer, type TestServer } from '../server.ts';

const examples = blocksIn(readPage('docs/sdk.md')).filter(({ language }) => language === 'js');
const missing = (text: string) =>
  [...text.matchAll(/from '((?!node:|@keyward\/)[^']+)'/g)]
    .map(([, name = '']) => name)
    .find((name) => !isInstalled(name));

function isInstalled(name: string): boolean {
  try {
    createRequire(join(root, 'package.json')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('docs/sdk.md', () => {
  let server: TestServer;
  let folder: string;
  const secrets = { verifier: '', reader: '', stranger: '' };
  beforeAll(async () => {
    server = await startServer({ clock: { now: Date.now, advance: () => undefined } });
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'keyward-sdk-docs-')));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const make = async (permissions: string[]) =>
      (await server.core.createApiToken(server.asOwner, { permissions })).secret;
    await server.core.registerPermission(server.asOwner, { name: 'read:orders', description: 'See orders.' });
    secrets.verifier = await make(['verify:credential', 'follow:feed']);
    secrets.reader = await make(['read:orders']);
    secrets.stranger = await make(['read:user']);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  });

  /** Starts an example; gives its output so far. */
  function start(text: string, line: number, replaced: Record<string, string>) {
    const file = join(folder, `line-${line}.mjs`);
    const all = { 'https://auth.example.com': server.url, ...replaced };
    writeFileSync(
      file,
      Object.entries(all).reduce((code, [written, ours]) => code.replaceAll(written, ours), text),
    );
    const env = { ...process.env, KEYWARD_TOKEN: secrets.verifier, CALLER_TOKEN: secrets.reader };
    const program = text.includes('export default app') ? serving(file, Object.values(replaced)[0] ?? '') : file;
    const child: ChildProcess = spawn(process.execPath, [program], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    return { child, output: () => output };
  }

  /** What runs an app that is only exported, as Hono's are: a runtime does that, and here a few lines. */
  function serving(app: string, port: string): string {
    const file = app.replace('.mjs', '-served.mjs');
    const code = `import { createServer } from 'node:http';
      import app from ${JSON.stringify(app)};
      createServer(async (incoming, response) => {
        const { headers } = incoming;
        const answer = await app.fetch(new Request('http://localhost' + incoming.url, { headers }));
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      }).listen(${port}, '127.0.0.1', () => console.log('listening'));`;
    writeFileSync(file, code);
    return file;
  }

  const guards = examples.filter(({ text }) => text.includes('guard('));
  test('shows a guard for each framework', () => {
    const imported = guards.map(({ text }) => /@keyward\/sdk\/(\w+)/.exec(text)?.[1]);
    expect(imported).toEqual(['node', 'fastify', 'express', 'hono']);
  });

  for (const { text, line } of guards) {
    const lacking = missing(text);
    test.skipIf(lacking !== undefined)(
      `line ${line} guards${lacking ? ` (${lacking} is not installed)` : ''}`,
      async () => {
        const port = await freePort();
        const { child, output } = start(text, line, { 3000: String(port) });
        try {
          await expect.poll(output).toContain('listening');
          const get = (secret?: string) =>
            fetch(
              `http://127.0.0.1:${port}/orders`,
              secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } },
            );
          const statuses = [];
          for (const secret of [secrets.reader, secrets.reader, secrets.stranger, undefined])
            statuses.push((await get(secret)).status);
          expect(statuses, output()).toEqual([200, 200, 403, 401]);
        } finally {
          child.kill();
          await once(child, 'exit');
        }
      },
    );
  }

  test('asks for a verdict', async () => {
    const example = examples.find(({ text }) => text.includes('const verdict'));
    const { child, output } = start(example?.text ?? '', example?.line ?? 0, {});
    const [code] = await once(child, 'exit');
    expect([code, output()]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36} \d+\n$/)]);
  });

  test('calls an API', async () => {
    const example = examples.find(({ text }) => text.includes('createClient('));
    const replaced = {
      'https://api.example.com/orders': `${server.url}/v1/self`,
      'https://api.example.com': server.url,
    };
    const { child, output } = start(example?.text ?? '', example?.line ?? 0, replaced);
    const [code] = await once(child, 'exit');
    expect([code, output()]).toEqual([0, '200\n']);
  });
});
