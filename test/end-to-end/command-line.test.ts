// The commands of the built program against a running server and real files: what they say, and the exit code that a
// script sees.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signedIn } from '../wire/native/session-client.ts';
import { type Demo, startDemo } from './program.ts';
import { bin, keyward, type Ran, run, whyNot } from './run.ts';

let server: Demo;
let login: readonly string[];
beforeAll(async () => {
  server = await startDemo();
  login = ['login', '--url', server.url, '--email', server.demo.owner.email, '--password-stdin'];
});
afterAll(() => server?.kill());

const command = (args: readonly string[], input = ''): Promise<Ran> => keyward(server.place, args, { input });
const json = async (args: readonly string[], input = '') => JSON.parse((await command(args, input)).output);
const fileOfCredentials = () => join(server.place.folder, '.keyward', 'credentials.yaml');

describe('keyward login, whoami and logout', () => {
  beforeEach(() => rmSync(fileOfCredentials(), { force: true }));

  test('sign a person in, say who it is, and forget it', async () => {
    const { email, password } = server.demo.owner;
    const signedIn = await command(login, `${password}\n`);
    expect([signedIn.code, signedIn.errors]).toEqual([0, '']);
    expect(signedIn.output).toContain(`Signed in to ${server.url} as ${email}`);
    expect(readFileSync(fileOfCredentials(), 'utf8')).toMatch(
      /^token: Bearer ey[\w.-]+\nuserid: [\da-f-]{36}\nurl: http.*\n$/,
    );
    expect(statSync(fileOfCredentials()).mode & 0o777).toBe(0o600);
    expect(await command(['whoami'])).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${email} of demo at`),
    });
    expect(await command(['logout'])).toMatchObject({ code: 0 });
    expect(existsSync(fileOfCredentials())).toBe(false);
    expect(await command(['whoami'])).toMatchObject({ code: 1, errors: expect.stringContaining('keyward login') });
  });

  test('logout ends the token itself: no copy of it is let in, whatever it asks [S36]', async () => {
    await command(login, server.demo.owner.password);
    const [, copy = 'none'] = /Bearer (\S+)/.exec(readFileSync(fileOfCredentials(), 'utf8')) ?? [];
    const headers = { authorization: `Bearer ${copy}` };
    const asked = async () => [
      (await fetch(`${server.url}/v1/self`, { headers })).status,
      (await fetch(`${server.url}/v1/check`, { headers })).status,
    ];
    expect(await asked()).toEqual([200, 200]);
    expect((await command(['logout'])).output).toContain('no copy of the token works any more');
    expect(await asked()).toEqual([401, 401]);
  });

  test('sign a person in by a browser, which may be elsewhere, and end that token at the server too [S36]', async () => {
    const { email, password } = server.demo.owner;
    const page = await signedIn(server, { email, password });
    const { folder: cwd, environment: env } = server.place;
    const child = spawn(process.execPath, [bin, 'login', '--url', server.url, '--json'], { cwd, env });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    const closed = once(child, 'close');
    // What its person is told while it waits.
    const [line] = await once(createInterface({ input: child.stderr }), 'line');
    const shown = JSON.parse(line);
    expect(shown).toMatchObject({
      verificationUri: `${server.url}/device`,
      verificationUriComplete: `${server.url}/device?user_code=${shown.userCode}`,
      expiresInSeconds: 600,
    });
    await page.ask('POST', '/v1/session/confirmation', { password });
    const { body } = await page.ask('POST', '/v1/devices', {
      userCode: shown.userCode,
      allow: true,
      permissions: ['*:*'],
    });
    expect(body).toEqual({ allowed: true });
    expect(await closed).toEqual([0, null]);
    expect(JSON.parse(output)).toMatchObject({ url: server.url, user: { email }, credentials: fileOfCredentials() });
    expect(await json(['whoami', '--json'])).toMatchObject({
      name: email,
      permissions: expect.arrayContaining(['*:*']),
    });
    const [, copy = 'none'] = /Bearer (\S+)/.exec(readFileSync(fileOfCredentials(), 'utf8')) ?? [];
    expect((await command(['logout'])).output).toContain('no copy of the token works any more');
    const headers = { authorization: `Bearer ${copy}` };
    expect((await fetch(`${server.url}/v1/self`, { headers })).status).toBe(401);
  });

  test('speak JSON with --json, and show no secret in it', async () => {
    const { email, password } = server.demo.owner;
    const signedIn = await json([...login, '--json'], password);
    expect(signedIn).toMatchObject({ url: server.url, user: { email }, credentials: fileOfCredentials() });
    const token = /Bearer (\S+)/.exec(readFileSync(fileOfCredentials(), 'utf8'))?.[1] ?? 'none';
    expect(JSON.stringify(signedIn)).not.toContain(token);
    const self = await json(['whoami', '--json']);
    expect(self).toMatchObject({ type: 'user', name: email, permissions: expect.arrayContaining(['*:*']) });
    expect(Date.parse(self.expiresAt) - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
    expect(await json(['logout', '--json'])).toEqual({ wasSignedIn: true });
    expect(await json(['logout', '--json'])).toEqual({ wasSignedIn: false });
  });

  test.each([
    ['a wrong password', () => login, 'wrong', /password is wrong/],
    ['no password', () => login, '', /No password came/],
    ['no way to ask', () => login.filter((flag) => flag !== '--password-stdin'), '', /--password-stdin/],
    [
      'an address that is none',
      () => ['login', '--url', 'example', '--email', 'a@b', '--password-stdin'],
      'x',
      /https:/,
    ],
    [
      'plain HTTP elsewhere',
      () => ['login', '--url', 'http://192.0.2.1', '--email', 'a@b', '--password-stdin'],
      'x',
      /plain HTTP/,
    ],
    [
      'no server',
      () => ['login', '--url', 'http://127.0.0.1:9', '--email', 'a@b', '--password-stdin'],
      'x',
      /Is it running/,
    ],
  ])('explain %s, and leave no file', async (_, args, input, words) => {
    const { code, output, errors } = await command(args(), input);
    expect([code === 1 || code === 2, output]).toEqual([true, '']);
    expect(errors).toMatch(words);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(existsSync(fileOfCredentials())).toBe(false);
  });
});

describe('keyward init', () => {
  const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'];
  const folder = (name: string) => ['--data', join(server.place.folder, name)];

  test('makes the first organization and its owner, once', async () => {
    const made = await json([...init, ...folder('made'), '--json'], 'correct horse battery');
    expect(made).toEqual({
      organization: { id: expect.any(String), name: 'acme' },
      user: { id: expect.any(String), email: 'ada@example.com' },
    });
    const again = await command([...init, ...folder('made')], 'correct horse battery');
    expect([again.code, again.errors]).toEqual([1, expect.stringContaining('has an owner already')]);
  });

  test('knows no default password, and takes no short one', async () => {
    const without = await command([...init.slice(0, -1), ...folder('none')]);
    expect([without.code, without.errors]).toEqual([2, expect.stringContaining('--password-stdin')]);
    const short = await command([...init, ...folder('none')], 'short');
    expect([short.code, short.errors]).toEqual([1, expect.stringContaining('15 characters')]);
    const asArgument = await command(['init', '--password=correct horse battery', ...folder('none')]);
    expect(asArgument.code).toBe(2);
    expect(asArgument.errors).not.toContain('battery');
    expect(await command([...init, ...folder('none')], 'correct horse battery')).toMatchObject({ code: 0 });
  });
});

describe('keyward migrate', () => {
  test('makes the tables of a new folder, and says when there is nothing to do', async () => {
    const data = ['--data', join(server.place.folder, 'new'), '--json'];
    expect((await json(['migrate', ...data])).ran.length).toBeGreaterThan(0);
    expect(await json(['migrate', ...data])).toEqual({ ran: [] });
  });
});

describe('a mistake', () => {
  test.each([
    [['sreve'], /unknown command 'sreve'[\s\S]*serve/],
    [['serve', '--prot', '1'], /unknown option '--prot'[\s\S]*--port/],
    [['serve', '--port', 'many'], /port must be a whole number.*--port/],
    [['serve', '--dialects', 'latin'], /no dialect "latin"/],
    [['serve', '--config', 'nowhere.yaml'], /nowhere\.yaml does not exist/],
    [['journal', 'verfy'], /verify/],
  ])('%j ends with code 2 and a suggestion', async (args, words) => {
    const { code, output, errors } = await command(args);
    expect([code, output, errors]).toEqual([2, '', expect.stringMatching(words)]);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  test('in keyward.yaml or the environment is named, without the value', async () => {
    writeFileSync(join(server.place.folder, 'wrong.yaml'), 'prot: 1\ndatabase: mysql://me:hunter2@db/x\n');
    const environment = { KEYWARD_PROT: '1' };
    const ran = await keyward(server.place, ['serve', '--config', 'wrong.yaml'], { environment });
    expect(ran.code).toBe(2);
    expect(ran.errors).toMatch(
      /wrong\.yaml.*"prot".*"port"[\s\S]*database must be[\s\S]*"KEYWARD_PROT".*"KEYWARD_PORT"|KEYWARD_PROT/,
    );
    expect(ran.errors).not.toContain('hunter2');
  });
});

describe('an old Node', () => {
  const find = 'for p in /usr/bin/node /usr/local/bin/node; do [ -x "$p" ] && echo "$p" && exit; done; exit 1';

  test('is told which Node is needed, and does not crash', async ({ skip }) => {
    const old = (await run(server.place, 'sh', ['-c', find])).output.trim();
    const version = old === '' ? '' : (await run(server.place, old, ['--version'])).output.trim();
    const [, major = '99', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
    const isOld = Number(major) < 22 || (Number(major) === 22 && Number(minor) < 15);
    skip(!isOld, 'There is no Node older than 22.15 on this machine.');
    const { code, output, errors } = await run(server.place, old, [bin, 'serve', '--demo']);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toBe(
      `Keyward needs Node 22.15 or newer, and this is Node ${version.slice(1)}.\n` +
        'Install Node 24 (https://nodejs.org) and run the command again.\n',
    );
  });

  test('npx keyward serve that is ended takes the server with it', async ({ skip }) => {
    const why = await whyNot('npx', ['--version']);
    skip(why !== null, why ?? '');
    const data = join(server.place.folder, 'under-npx');
    const env = server.place.environment;
    const child = spawn('npx', ['keyward', 'serve', '--port', '0', '--data', data], { cwd: server.place.folder, env });
    const url = await new Promise<string>((resolve) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
        const [, found] = /^Keyward listens on (\S+)$/m.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    child.kill('SIGTERM');
    const isUp = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(isUp).toBe(false);
    await expect.poll(async () => (await command(['migrate', '--data', data])).code).toBe(0);
  });

  test('still runs npx keyward in a checkout, since the bundled Node comes first', async ({ skip }) => {
    const why = await whyNot('npx', ['--version']);
    skip(why !== null, why ?? '');
    const PATH = '/usr/local/bin:/usr/bin:/bin';
    const ran = await run(server.place, 'npx', ['keyward', '--version'], { environment: { PATH } });
    expect([ran.code, ran.output]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});
