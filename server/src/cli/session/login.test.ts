// What people and scripts may rely on when they sign in from a shell. The server is a stand-in that answers as
// Keyward's native API does; the real one is signed in to by the end-to-end tests.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../program.ts';

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2ln_nature-';
const user = { id: '0b7c9c3e-1111-4222-8333-444455556666', email: 'ada@example.com', name: 'Ada' };
const signedIn = { accessToken: token, tokenType: 'Bearer', expiresAt: '2030-01-01T00:00:00Z', user };
const self = {
  ...user,
  type: 'user',
  externalId: null,
  organization: { id: 'o1', name: 'acme', externalId: null },
  permissions: [],
  expiresAt: null,
};

let home: string;
let server: Server;
let url: string;
let seen: { request: IncomingMessage; body: string }[];
let answer: (path: string) => { status: number; body: unknown; headers?: Record<string, string> };

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'keyward-session-'));
  seen = [];
  answer = (path) =>
    path === '/v1/session'
      ? { status: 204, body: null }
      : { status: 200, body: path === '/v1/login' ? signedIn : self };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ request, body });
    const { status, body: content, headers = {} } = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(content === null ? '' : JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(home, { recursive: true });
});

const credentials = () => join(home, '.keyward', 'credentials.yaml');
const login = ['login', '--email', 'ada@example.com', '--password-stdin'];

async function keyward(args: readonly string[], { input = '', environment = {} } = {}) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const terminal = {
    input: Readable.from([input]),
    output,
    errors,
    environment: { HOME: home, ...environment },
    folder: home,
  };
  const code = await run(args, terminal);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

describe('login', () => {
  test('leaves the three lines that the documented shell commands cut the token out of', async () => {
    const { code, output } = await keyward([...login, '--url', `${url}/`], { input: 'correct horse battery\n' });
    expect(code).toBe(0);
    expect(output).toContain('ada@example.com');
    expect(readFileSync(credentials(), 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${url}\n`);
    const cut = `cat "${credentials()}" | grep token | sed -n 's/^token: Bearer //p'`;
    expect(execFileSync('sh', ['-c', cut], { encoding: 'utf8' })).toBe(`${token}\n`);
  });

  test('goes through where the original client left its file of two lines, and puts its own in that place', async () => {
    const file = join(home, '.bricks', 'credentials.yaml');
    const environment = { KEYWARD_CREDENTIALS: file };
    mkdirSync(join(home, '.bricks'));
    writeFileSync(file, 'token: Bearer eyJ0.old.token\nuserid: auth0|0123\n');
    const before = await keyward(['whoami'], { environment });
    expect([before.code, before.errors]).toEqual([
      1,
      expect.stringMatching(/does not say of which server[\s\S]*login --url/),
    ]);
    const done = await keyward([...login, '--url', url], { input: 'correct horse battery', environment });
    expect(done).toMatchObject({ code: 0, errors: '' });
    expect(readFileSync(file, 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${url}\n`);
  });

  test('keeps the file and its folder to this user alone, also when they were open before', async () => {
    mkdirSync(join(home, '.keyward'), { mode: 0o755 });
    writeFileSync(credentials(), `token: Bearer old\nuserid: x\nurl: ${url}\n`, { mode: 0o644 });
    await keyward(login, { input: 'pw' });
    expect(statSync(credentials()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, '.keyward')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(home, '.keyward'))).toEqual(['credentials.yaml']);
  });

  test('writes where KEYWARD_CREDENTIALS says, and leaves the rights of a folder that is not its own', async () => {
    const path = join(home, 'elsewhere.yaml');
    const before = statSync(home).mode;
    await keyward([...login, '--url', url], { input: 'pw', environment: { KEYWARD_CREDENTIALS: path } });
    expect(readFileSync(path, 'utf8')).toContain(`token: Bearer ${token}\n`);
    expect(existsSync(credentials())).toBe(false);
    expect(statSync(home).mode).toBe(before);
  });

  test('sends the password in the body only, whole but for the last line break [S128]', async () => {
    await keyward([...login, '--url', url], { input: ' pass\nword \r\n' });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.request).toMatchObject({ method: 'POST', url: '/v1/login' });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ email: 'ada@example.com', password: ' pass\nword ' });
  });

  test('has no flag for the password, and says so without repeating it [S128]', async () => {
    const { code, output, errors } = await keyward([
      'login',
      '--url',
      url,
      '--email',
      'a@b',
      '--password=hunter2hunter2',
    ]);
    expect(code).toBe(2);
    expect(seen).toEqual([]);
    expect(output + errors).not.toContain('hunter2hunter2');
  });

  test('sends no password over plain HTTP to another machine [S1]', async () => {
    const { code, errors } = await keyward([...login, '--url', 'http://auth.example.com'], { input: 'pw' });
    expect(code).toBe(2);
    expect(errors).toContain('https://auth.example.com');
  });

  test('follows no redirect, which could carry the password elsewhere', async () => {
    answer = () => ({ status: 307, body: {}, headers: { location: `${url}/elsewhere` } });
    const { code } = await keyward([...login, '--url', url], { input: 'pw' });
    expect(code).toBe(1);
    expect(seen).toHaveLength(1);
    expect(existsSync(credentials())).toBe(false);
  });

  test.each([
    [401, { title: 'Unauthorized' }, 'e-mail address or the password is wrong'],
    [429, { detail: 'Too many sign-ins.' }, 'Too many sign-ins.'],
    [500, 'x', 'Is that the address'],
  ])('explains a %i and keeps what was there', async (status, body, message) => {
    answer = () => ({ status, body });
    const { code, errors, output } = await keyward([...login, '--url', url], { input: 'pw' });
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(message);
    expect(existsSync(credentials())).toBe(false);
  });

  test('lets no answer write further lines into the file', async () => {
    answer = () => ({ status: 200, body: { ...signedIn, user: { ...user, id: 'x\ntoken: Bearer evil' } } });
    const { code } = await keyward([...login, '--url', url], { input: 'pw' });
    expect(code).toBe(1);
    expect(existsSync(credentials())).toBe(false);
  });

  test('takes the server signed in to last, and asks nobody where nobody can answer', async () => {
    expect(await keyward(login, { input: 'pw' })).toMatchObject({ code: 2, errors: expect.stringContaining('--url') });
    await keyward([...login, '--url', url], { input: 'pw' });
    expect(await keyward(login, { input: 'pw' })).toMatchObject({ code: 0 });
    expect(await keyward(['login', '--email', 'a@b'])).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--password-stdin'),
    });
    expect(await keyward(login, { input: '' })).toMatchObject({ code: 2 });
  });

  test('overwrites no file that is not a credentials file', async () => {
    const path = join(home, 'notes.txt');
    writeFileSync(path, 'important');
    const environment = { KEYWARD_CREDENTIALS: path };
    expect(await keyward([...login, '--url', url], { input: 'pw', environment })).toMatchObject({ code: 1 });
    expect(await keyward(['logout'], { environment })).toMatchObject({ code: 1 });
    expect(readFileSync(path, 'utf8')).toBe('important');
  });
});

describe('login by a browser', () => {
  const codes = {
    device_code: 'a'.repeat(43),
    user_code: 'BCDF-GHJK',
    verification_uri: 'https://auth.example.com/device',
    verification_uri_complete: 'https://auth.example.com/device?user_code=BCDF-GHJK',
    expires_in: 600,
    interval: 0,
  };
  const pending = { status: 400, body: { error: 'authorization_pending' } };
  const granted = { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } };

  /** The server answers the polls in this order. */
  function polls(...answers: { status: number; body: unknown }[]): void {
    answer = (path) => {
      if (path === '/oauth/device') return { status: 200, body: codes };
      if (path === '/oauth/token') return answers.shift() ?? granted;
      return path === '/v1/session'
        ? { status: 204, body: null }
        : { status: 200, body: { ...self, name: user.email } };
    };
  }
  const asked = () => seen.map(({ request }) => `${request.method} ${request.url}`);

  test('is how it signs in unless a password is meant: it shows address and code, waits, and keeps the token', async () => {
    polls(pending, pending);
    const { code, output, errors } = await keyward(['login', '--url', url]);
    expect([code, asked()]).toEqual([
      0,
      ['POST /oauth/device', 'POST /oauth/token', 'POST /oauth/token', 'POST /oauth/token', 'GET /v1/self'],
    ]);
    expect(errors).toContain('https://auth.example.com/device?user_code=BCDF-GHJK');
    expect(errors).toMatch(/must show this code: BCDF-GHJK\nWaiting for 10 minutes/);
    expect(output).toContain(`Signed in to ${url} as ada@example.com until `);
    expect(readFileSync(credentials(), 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${url}\n`);
    expect(seen[0]?.body).toBe('client_id=keyward-cli');
    expect(Object.fromEntries(new URLSearchParams(seen[1]?.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: codes.device_code,
      client_id: 'keyward-cli',
    });
    expect(output + errors).not.toContain(codes.device_code);
  });

  test('tells programs what to show in JSON, beside the result', async () => {
    polls();
    const { output, errors } = await keyward(['login', '--url', url, '--json']);
    expect(JSON.parse(errors)).toEqual({
      userCode: 'BCDF-GHJK',
      verificationUri: codes.verification_uri,
      verificationUriComplete: codes.verification_uri_complete,
      expiresInSeconds: 600,
    });
    const { user: who, expiresAt, ...rest } = JSON.parse(output);
    expect([who, rest]).toEqual([
      { id: user.id, email: user.email },
      { url, credentials: credentials() },
    ]);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  test('waits five seconds longer after slow_down, as the server asks', async () => {
    polls({ status: 400, body: { error: 'slow_down' } });
    let first = 0;
    let second = 0;
    const usual = answer;
    answer = (path) => {
      if (path === '/oauth/token') [first, second] = [second, performance.now()];
      return usual(path);
    };
    expect((await keyward(['login', '--url', url])).code).toBe(0);
    expect(second - first).toBeGreaterThan(4990);
  }, 60_000);

  test('asks again where the server is busy for a moment', async () => {
    polls({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect((await keyward(['login', '--url', url])).code).toBe(0);
  }, 60_000);

  test.each([
    ['access_denied', 'not allowed'],
    ['expired_token', 'in time'],
    ['invalid_grant', 'answered 400. invalid_grant'],
  ])('explains %s, and leaves what was there', async (error, words) => {
    polls({ status: 400, body: { error } });
    const { code, output, errors } = await keyward(['login', '--url', url]);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(words);
    expect(existsSync(credentials())).toBe(false);
  });

  test('ends by itself when the code does', async () => {
    answer = (path) => (path === '/oauth/device' ? { status: 200, body: { ...codes, expires_in: 0.2 } } : pending);
    const { code, errors } = await keyward(['login', '--url', url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('Nobody allowed it in time.')]);
  });

  test('names the way by a password where a server knows none by a browser', async () => {
    answer = () => ({ status: 404, body: { title: 'Not found' } });
    const { code, errors } = await keyward(['login', '--url', url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('--with-password')]);
    const typed = await keyward(['login', '--url', url, '--with-password']);
    expect([typed.code, typed.errors]).toEqual([2, expect.stringContaining('--email')]);
  });

  test.each([
    ['nothing', {}],
    ['no code', { ...codes, user_code: undefined }],
    ['no end', { ...codes, expires_in: 'soon' }],
  ])('takes no server at its word that answers %s', async (_, body) => {
    answer = () => ({ status: 200, body });
    const { code, errors } = await keyward(['login', '--url', url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('Is that the address of a Keyward server?')]);
  });

  test('lets no server write to the terminal', async () => {
    polls();
    const usual = answer;
    answer = (path) =>
      path === '/oauth/device' ? { status: 200, body: { ...codes, user_code: 'BC\u001b[2J\nDF' } } : usual(path);
    expect((await keyward(['login', '--url', url])).errors).toContain('must show this code: BC DF\n');
  });

  test('ends the token that it takes the place of', async () => {
    polls();
    await keyward(['login', '--url', url]);
    await keyward(['login']);
    expect(asked().slice(-1)).toEqual(['DELETE /v1/session']);
  });
});

describe('whoami and logout', () => {
  test('whoami asks the server with the token, logout ends it there and forgets it', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    const { code, output } = await keyward(['whoami']);
    expect([code, output]).toEqual([0, `Ada of acme at ${url}\n`]);
    expect(seen[1]?.request.headers.authorization).toBe(`Bearer ${token}`);
    expect(JSON.parse((await keyward(['whoami', '--json'])).output)).toEqual(self);
    const out = await keyward(['logout']);
    expect(out).toMatchObject({ code: 0, output: expect.stringContaining('no copy of the token works any more') });
    const ending = seen.at(-1)?.request;
    expect([ending?.method, ending?.url, ending?.headers.authorization]).toEqual([
      'DELETE',
      '/v1/session',
      `Bearer ${token}`,
    ]);
    expect(existsSync(credentials())).toBe(false);
    expect(await keyward(['logout', '--json'])).toMatchObject({ code: 0, output: '{"wasSignedIn":false}\n' });
    expect(await keyward(['whoami'])).toMatchObject({ code: 1, errors: expect.stringContaining('keyward login') });
  });

  test('logout says that a token had ended already', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    answer = () => ({ status: 401, body: {} });
    expect(await keyward(['logout'])).toMatchObject({ code: 0, output: expect.stringContaining('ended already') });
    expect(existsSync(credentials())).toBe(false);
  });

  test.each([
    ['is away', 'cannot be reached (ECONNREFUSED)'],
    ['knows no such act', 'answered 404'],
    ['is not named', 'did not say of which server'],
  ])('logout from a server that %s forgets the token, and says until when a copy of it works', async (how, why) => {
    const exp = Date.parse('2030-01-01T00:00:00Z') / 1000;
    const own = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;
    mkdirSync(join(home, '.keyward'));
    writeFileSync(credentials(), `token: Bearer ${own}\nuserid: x\n${how === 'is not named' ? '' : `url: ${url}\n`}`);
    answer = () => ({ status: 404, body: { title: 'Not found' } });
    if (how === 'is away') {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    const out = await keyward(['logout']);
    expect([out.code, out.output]).toEqual([1, '']);
    expect(out.errors).toContain(why);
    expect(out.errors).toMatch(
      /removed from this machine, but could not be ended[\s\S]*until 2030-01-01T00:00:00.000Z/,
    );
    expect(out.errors).toMatch(/end its session in the portal/);
    expect(existsSync(credentials())).toBe(false);
  });

  test('login ends the token that it takes the place of, as nobody could do that afterwards', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    await keyward([...login, '--url', url], { input: 'pw' });
    expect(seen.map(({ request }) => `${request.method} ${request.url}`)).toEqual([
      'POST /v1/login',
      'POST /v1/login',
      'DELETE /v1/session',
    ]);
    // That of another server, which may be away, keeps nobody waiting.
    writeFileSync(credentials(), `token: Bearer ${token}\nuserid: x\nurl: http://127.0.0.1:9\n`);
    await keyward([...login, '--url', url], { input: 'pw' });
    expect(seen).toHaveLength(4);
  });

  test('whoami says when the session has ended', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    answer = () => ({ status: 401, body: {} });
    expect(await keyward(['whoami'])).toMatchObject({ code: 1, errors: expect.stringContaining('ended') });
  });

  test('escape sequences from a server do not reach the terminal', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    answer = () => ({ status: 200, body: { ...self, name: 'Ada\u001b[2J\nroot' } });
    expect((await keyward(['whoami'])).output).toBe(`Ada root of acme at ${url}\n`);
  });

  test('a server that is not there is told in plain words, and as JSON where asked', async () => {
    await keyward([...login, '--url', url], { input: 'pw' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await keyward(['whoami'])).errors).toMatch(/cannot be reached \(ECONNREFUSED\)\.\nIs it running/);
    expect(JSON.parse((await keyward(['whoami', '--json'])).errors)).toMatchObject({ error: expect.any(String) });
  });
});

describe('the program', () => {
  test('tells its version, and helps, without any server', async () => {
    expect(await keyward(['--version'])).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const help = await keyward(['--help']);
    for (const command of ['serve', 'init', 'login', 'whoami', 'logout', 'migrate', 'journal']) {
      expect(help.output).toContain(`  ${command}`);
    }
    expect((await keyward(['serve', '--help'])).output).toMatch(/--port <number>[\s\S]*KEYWARD_DATABASE/);
  });

  test.each([[['sreve']], [['serve', '--prot', '1']], [['login', '--url']], [['journal', 'verfy']]])(
    'answers %j with exit code 2 and a suggestion',
    async (args) => {
      const { code, output, errors } = await keyward(args);
      expect([code, output]).toEqual([2, '']);
      expect(errors).toMatch(/^error: /);
      const json = await keyward([...args, '--json']);
      expect(json.code).toBe(2);
      expect(JSON.parse(json.errors)).toMatchObject({ error: expect.any(String), hint: expect.any(String) });
    },
  );

  test('answers a wrong setting with exit code 2, and names it', async () => {
    const { code, errors } = await keyward(['serve', '--port', '99999']);
    expect(code).toBe(2);
    expect(errors).toContain('port must be a whole number from 0 to 65535; it is "99999" (--port)');
  });
});
