// `keyward scan` as somebody types it: what it prints in each form, its exit codes, and what it asks of a server.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../server/src/cli/program.ts';
import { generateApiToken, newId, publicIdOf } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { sarifFaults } from './sarif.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-scan-command-'));
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'work'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function keyward(args: readonly string[], { input = '', environment = {} as NodeJS.ProcessEnv } = {}) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const code = await run(['scan', ...args], {
    input: Readable.from([Buffer.from(input)]),
    output,
    errors,
    environment: {
      KEYWARD_CREDENTIALS: join(folder, 'home', 'none.yaml'),
      KEYWARD_LOG_LEVEL: 'silent',
      ...environment,
    },
    folder: join(folder, 'work'),
  });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

const write = (path: string, content: string) => writeFileSync(join(folder, 'work', path), content);
const shownOf = (secret: string) => `${secret.slice(0, secret.lastIndexOf('_'))}_…`;
const secretOf = (token: string) => token.slice(token.lastIndexOf('_') + 1);

describe('keyward scan without a server', () => {
  test('prints each place and what may be shown of the token, and ends with 1; with 0 where there is none', async () => {
    const secret = generateApiToken(newId(), 'acme');
    write('a.env', `# é\nTOKEN=${secret}\n`);
    const { code, output, errors } = await keyward([]);
    expect([code, output, errors]).toEqual([1, `a.env:2:7: ${shownOf(secret)}\n`, '1 token; 1 file, 1 kB.\n']);
    write('a.env', 'nothing');
    expect(await keyward(['.'])).toEqual({ code: 0, output: '', errors: 'No token; 1 file, 1 kB.\n' });
  });

  test('ends with 2 where something could not be looked at, and names it', async () => {
    const { code, errors } = await keyward(['nowhere', '.']);
    expect(code).toBe(2);
    expect(errors).toContain('nowhere was not looked at: there is no such file or folder.');
    expect((await keyward(['--git'])).code).toBe(2);
    write('a', generateApiToken(newId()));
    expect((await keyward(['nowhere', '.'])).code).toBe(1);
  });

  test('ends with 2 where it was asked for what cannot be', async () => {
    for (const args of [
      ['--git', '--staged'],
      ['-', 'a'],
      ['--json', '--format', 'sarif'],
      ['--format', 'xml'],
    ]) {
      expect((await keyward(args)).code, args.join(' ')).toBe(2);
    }
  });

  test('takes what is piped in', async () => {
    const secret = generateApiToken(newId());
    for (const flag of ['-', '--stdin']) {
      const { code, output } = await keyward([flag], { input: `x\n  ${secret}` });
      expect([code, output]).toEqual([1, `-:2:3: ${shownOf(secret)}\n`]);
    }
  });

  test('lets tokens stand that are allowed by their public ids, and takes no file with whole ones', async () => {
    const [id, other] = [newId(), newId()];
    const secret = generateApiToken(id);
    write('a', secret);
    writeFileSync(
      join(folder, 'work', '..', 'allowed'),
      `# of a test\n\n  ${shownOf(secret)} # it\n${publicIdOf(other)}\n`,
    );
    expect(await keyward(['--allow', '../allowed'])).toMatchObject({ code: 0, output: '' });
    writeFileSync(join(folder, 'allowed'), `x\n`);
    expect((await keyward(['--allow', '../allowed'])).code).toBe(2);
    writeFileSync(join(folder, 'allowed'), `\n${secret}\n`);
    const { code, errors } = await keyward(['--allow', '../allowed']);
    expect(code).toBe(2);
    expect(errors).toMatch(/allowed, line 2 holds a whole token/);
    expect(errors).not.toContain(secretOf(secret));
  });

  test('prints JSON and SARIF in which no secret is [S128]', async () => {
    const id = newId();
    const secret = generateApiToken(id);
    write('a b.txt', `\n ${secret}\n`);
    const json = await keyward(['--json', 'a b.txt', 'none']);
    const place = { path: 'a b.txt', line: 2, column: 2, offset: 2 };
    expect(JSON.parse(json.output)).toEqual({
      found: [{ ...place, publicId: publicIdOf(id), id, token: shownOf(secret), whose: null }],
      unread: [{ path: 'none', why: 'there is no such file or folder' }],
      scanned: { files: 1, bytes: 3 + secret.length },
    });
    const sarif = await keyward(['--format', 'sarif']);
    expect([json.code, sarif.code]).toEqual([1, 1]);
    expect(json.output + sarif.output).not.toContain(secretOf(secret));
    expect(sarifFaults(JSON.parse(sarif.output))).toEqual([]);
    const [{ results }] = JSON.parse(sarif.output).runs;
    expect(results).toMatchObject([
      {
        ruleId: 'keyward-api-token',
        message: { text: `The API token ${shownOf(secret)} stands here.` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'a%20b.txt' },
              region: { startLine: 2, startColumn: 2, endColumn: 2 + secret.length },
            },
          },
        ],
      },
    ]);
    expect(sarifFaults(JSON.parse((await keyward(['--format', 'sarif', 'none'])).output))).toEqual([]);
  });

  test('finds none in this repository but those that its tests and pages show on purpose', async () => {
    const root = join(import.meta.dirname, '../..');
    const { output } = await keyward(['--git', root, '--json', '--offline']);
    const { found, unread } = JSON.parse(output) as { found: { publicId: string; path: string }[]; unread: unknown[] };
    expect(unread).toEqual([]);
    // The vector of the form, whose id is 00000000-0000-4000-8000-00000000002a.
    expect([...new Set(found.map(({ publicId }) => publicId))]).toEqual(['000000001VgEh72lXvTXkw']);
  }, 120_000);
});

describe('keyward scan with a server', () => {
  let server: TestServer;
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    server = await startServer();
    environment = { KEYWARD_URL: server.url, KEYWARD_TOKEN: await bearerOf(server, server.owner) };
  });
  afterAll(() => server?.stop());

  const create = async (name: string) =>
    server.core.createApiToken(server.asOwner, { name, permissions: ['read:user'] });
  const isLetIn = async (secret: string) => (await call(server, 'GET', '/v1/self', secret)).status === 200;

  test('says whose each is and how it stands, and sends no secret for that', async () => {
    const [live, rotated] = [await create('Nightly build'), await create('Changed')];
    const replaced = await server.core.rotateApiToken(server.asOwner, { id: rotated.token.id }, 0);
    const alien = generateApiToken(newId());
    write('found', [live.secret, rotated.secret, alien].join('\n'));
    const seen: string[] = [];
    const relay = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', async () => {
        const body = Buffer.concat(chunks).toString();
        seen.push(`${request.url} ${body}`);
        const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' };
        const answer = await fetch(server.url + request.url, {
          method: request.method ?? 'GET',
          headers,
          ...(body !== '' && { body }),
        });
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        response.end(await answer.text());
      });
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => relay.once('listening', listening));
    const url = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
    const { code, output } = await keyward([], { environment: { ...environment, KEYWARD_URL: url } });
    relay.close();
    expect(code).toBe(1);
    expect(output.split('\n')).toEqual([
      `found:1:1: ${shownOf(live.secret)} “Nightly build” of ${server.owner.email} in acme: active`,
      `found:2:1: ${shownOf(rotated.secret)} “Changed” of ${server.owner.email}: rotated since`,
      `found:3:1: ${shownOf(alien)}`,
      '',
    ]);
    for (const secret of [live.secret, rotated.secret, alien]) {
      expect(seen.filter((one) => one.includes(secretOf(secret).slice(0, 30)))).toEqual([]);
    }
    expect(await isLetIn(replaced.secret)).toBe(true);
    expect((await keyward(['--offline'], { environment })).output).toContain(`found:1:1: ${shownOf(live.secret)}\n`);
  });

  test('ends what it found with --revoke, once it was told that this is meant, and says what became of each', async () => {
    const [one, other] = [await create('One'), await create('Other')];
    const alien = generateApiToken(newId());
    write('a', `${one.secret} ${one.secret}`);
    write('b', `${other.secret}\n${alien}`);
    const unasked = await keyward(['--revoke'], { environment });
    expect([unasked.code, unasked.errors]).toEqual([2, expect.stringContaining('Add --yes')]);
    const rehearsed = await keyward(['--revoke', '--dry-run'], { environment });
    expect(rehearsed.errors).toContain(`Would show the 3 tokens to ${server.url}`);
    expect([await isLetIn(one.secret), await isLetIn(other.secret)]).toEqual([true, true]);
    const { code, output } = await keyward(['--revoke', '--yes'], { environment });
    expect(code).toBe(1);
    expect(output.split('\n').map((line) => line.split('; ').at(-1))).toEqual([
      'ended now',
      'ended now',
      'ended now',
      expect.stringMatching(/not in force there$/),
      '',
    ]);
    expect([await isLetIn(one.secret), await isLetIn(other.secret)]).toEqual([false, false]);
    const again = await keyward(['--json'], { environment });
    expect(JSON.parse(again.output).found[0].whose).toMatchObject({
      name: 'One',
      state: 'inactive',
      stateReason: 'leaked',
    });
  });

  test('ends them without a sign-in too, at a server that is named', async () => {
    const { secret } = await create('Found in the street');
    write('a', secret);
    const { code, output } = await keyward(['--revoke', '--yes', '--url', server.url]);
    expect([code, output]).toEqual([1, `a:1:1: ${shownOf(secret)} ended now\n`]);
    expect(await isLetIn(secret)).toBe(false);
    write('a', generateApiToken(newId()));
    expect((await keyward(['--revoke', '--yes'])).errors).toContain('Nobody is signed in.');
  });

  test('finds what it looks for when its server is away', async () => {
    const secret = generateApiToken(newId());
    write('a', secret);
    const away = { KEYWARD_URL: 'http://127.0.0.1:9', KEYWARD_TOKEN: secret };
    const { code, output, errors } = await keyward([], { environment: away });
    expect([code, output]).toEqual([1, `a:1:1: ${shownOf(secret)}\n`]);
    expect(errors).toContain('Whose they are is not known');
  });

  test('keeps a commit from being made with a token in it, as a hook', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', join(folder, 'work'), '-c', 'user.email=a@b', '-c', 'user.name=a', ...args], {
        stdio: 'pipe',
      });
    git('init', '-q');
    const program = join(import.meta.dirname, '../../server/src/main.ts');
    const hook = `#!/bin/sh\nexec "${process.execPath}" "${program}" scan --staged --offline\n`;
    writeFileSync(join(folder, 'work/.git/hooks/pre-commit'), hook, { mode: 0o755 });
    write('a', generateApiToken(newId()));
    git('add', '.');
    expect(() => git('commit', '-qm', 'leak')).toThrow(/a:1:1: kw_/);
    write('a', 'nothing');
    git('add', '.');
    git('commit', '-qm', 'no leak');
  }, 60_000);
});
