// The clients of docs/oauth.md, as they are written there: each makes two calls with one token, and gets another one when it
// is refused; the one for people gets its tokens by what they allow. A client whose interpreter or package is not on this machine
// is skipped, in plain words.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { signedIn } from '../wire/native/session-client.ts';
import { answer, askedOf, register } from '../wire/oauth2/application-flow.ts';
import { apiUserClient, type Client } from '../wire/oauth2/clients.ts';
import { blocksIn, readPage } from './docs-page.ts';
import { pythonWith, whyNot } from './run.ts';

const run = promisify(execFile);
const blocks = blocksIn(readPage('docs/oauth.md'));
const [pythonOfAuthlib, noAuthlib] = await pythonWith('authlib, requests');
const clients: [file: string, command: string, args: string[], missing: string | null][] = [
  ['client.sh', 'bash', [], await whyNot('curl', ['--version'])],
  ['client.mjs', process.execPath, [], null],
  ['client.py', 'python3', [], await whyNot('python3', ['--version'])],
  ['client.authlib.py', pythonOfAuthlib, [], noAuthlib],
  ['client.go', 'go', ['run'], await whyNot('go', ['version'])],
];

let server: TestServer;
let client: Client;
let folder: string;
beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds', 'write:funds'] });
  client = await apiUserClient(server);
  folder = mkdtempSync(join(tmpdir(), 'keyward-clients-'));
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('there is a client for each of the languages, and no other', () => {
  const files = blocks.filter(({ note }) => note.startsWith('client.')).map(({ note }) => note);
  expect(files).toEqual(clients.map(([file]) => file));
});

/** The file of a block, as it is written on the page. */
function programOf(file: string): string {
  const path = join(folder, file);
  writeFileSync(path, blocks.find(({ note }) => note === file)?.text ?? '');
  return path;
}

test('sign-in.mjs gets its tokens by what a person allows in a browser, and renews them', async () => {
  const { id } = await register(server, { type: 'public', redirectUris: ['http://127.0.0.1/callback'] });
  const env = { ...process.env, KEYWARD_URL: server.url, CLIENT_ID: id };
  const program = spawn(process.execPath, [programOf('sign-in.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines: string[] = [];
    for await (const line of createInterface({ input: program.stdout })) {
      lines.push(line);
      const [, address] = /^Sign in at (.+)$/.exec(line) ?? [];
      if (address === undefined) continue;
      const page = await signedIn(server, server.owner);
      const back = await answer(page, await askedOf(server, new URL(address).searchParams));
      expect(await (await fetch(back)).text()).toBe('You can close this page.');
    }
    expect(lines.slice(1)).toEqual(['200', '200']);
  } finally {
    program.kill('SIGKILL');
  }
});

/** Passes on what is asked, but for what `refuses` takes, and notes it. */
async function startFront(refuses: (path: string) => boolean) {
  const asked: string[] = [];
  const front = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push(`${method} ${url}`);
    if (refuses(url)) return void response.writeHead(401).end();
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { authorization = '', 'content-type': type = 'text/plain' } = headers;
    const body = method === 'POST' ? { body: Buffer.concat(pieces) } : {};
    const answer = await fetch(server.url + url, { method, headers: { authorization, 'content-type': type }, ...body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((listening) => front.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    asked,
    close: () => {
      front.closeAllConnections();
      front.close();
    },
  };
}

describe.each(clients)('%s', (file, command, args, missing) => {
  const start = async (url: string) => {
    const secrets = { KEYWARD_URL: url, CLIENT_ID: client.id, CLIENT_SECRET: client.secret };
    // Authlib takes plain HTTP only when it is told to.
    const env = { ...process.env, ...secrets, AUTHLIB_INSECURE_TRANSPORT: '1' };
    return (await run(command, [...args, programOf(file)], { env, cwd: folder })).stdout.trim().split('\n');
  };

  test.skipIf(missing)(`keeps its token for the next call${missing === null ? '' : `: ${missing}`}`, async () => {
    const front = await startFront(() => false);
    try {
      expect(await start(front.url)).toEqual(['200', '200']);
      expect(front.asked).toEqual(['POST /oauth/token', 'GET /v1/self', 'GET /v1/self']);
    } finally {
      front.close();
    }
  });

  test.skipIf(missing)(`gets another one when it is refused${missing === null ? '' : `: ${missing}`}`, async () => {
    let calls = 0;
    const front = await startFront((path) => path === '/v1/self' && ++calls === 2);
    try {
      expect(await start(front.url)).toEqual(['200', '200']);
      expect(front.asked.filter((one) => one === 'POST /oauth/token')).toHaveLength(2);
      expect(calls).toBe(3);
    } finally {
      front.close();
    }
  });
});
