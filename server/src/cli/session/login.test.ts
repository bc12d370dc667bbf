// What people and scripts may rely on when they sign in from a shell by a password, and what is left on their disk.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { login, type StandIn, signedIn, startStandIn, token, user } from './stand-in.test-support.ts';

let at: StandIn;
beforeEach(async () => {
  at = await startStandIn();
});
afterEach(() => at.stop());

describe('login', () => {
  test('leaves the three lines that the documented shell commands cut the token out of', async () => {
    const { code, output } = await at.keyward([...login, '--url', `${at.url}/`], { input: 'correct horse battery\n' });
    expect(code).toBe(0);
    expect(output).toContain('ada@example.com');
    expect(readFileSync(at.credentials, 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${at.url}\n`);
    const cut = `cat "${at.credentials}" | grep token | sed -n 's/^token: Bearer //p'`;
    expect(execFileSync('sh', ['-c', cut], { encoding: 'utf8' })).toBe(`${token}\n`);
  });

  test('goes through where the original client left its file of two lines, and puts its own in that place', async () => {
    const file = join(at.home, '.bricks', 'credentials.yaml');
    const environment = { KEYWARD_CREDENTIALS: file };
    mkdirSync(join(at.home, '.bricks'));
    writeFileSync(file, 'token: Bearer eyJ0.old.token\nuserid: auth0|0123\n');
    const before = await at.keyward(['whoami'], { environment });
    expect([before.code, before.errors]).toEqual([
      1,
      expect.stringMatching(/does not say of which server[\s\S]*login --url/),
    ]);
    const done = await at.keyward([...login, '--url', at.url], { input: 'correct horse battery', environment });
    expect(done).toMatchObject({ code: 0, errors: '' });
    expect(readFileSync(file, 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${at.url}\n`);
  });

  test('keeps the file and its folder to this user alone, also when they were open before', async () => {
    mkdirSync(join(at.home, '.keyward'), { mode: 0o755 });
    writeFileSync(at.credentials, `token: Bearer old\nuserid: x\nurl: ${at.url}\n`, { mode: 0o644 });
    await at.keyward(login, { input: 'pw' });
    expect(statSync(at.credentials).mode & 0o777).toBe(0o600);
    expect(statSync(join(at.home, '.keyward')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(at.home, '.keyward'))).toEqual(['credentials.yaml']);
  });

  test('writes where KEYWARD_CREDENTIALS says, and leaves the rights of a folder that is not its own', async () => {
    const path = join(at.home, 'elsewhere.yaml');
    const before = statSync(at.home).mode;
    await at.keyward([...login, '--url', at.url], { input: 'pw', environment: { KEYWARD_CREDENTIALS: path } });
    expect(readFileSync(path, 'utf8')).toContain(`token: Bearer ${token}\n`);
    expect(existsSync(at.credentials)).toBe(false);
    expect(statSync(at.home).mode).toBe(before);
  });

  test('sends the password in the body only, whole but for the last line break [S128]', async () => {
    await at.keyward([...login, '--url', at.url], { input: ' pass\nword \r\n' });
    expect(at.seen).toHaveLength(1);
    expect(at.seen[0]?.request).toMatchObject({ method: 'POST', url: '/v1/login' });
    expect(JSON.parse(at.seen[0]?.body ?? '')).toEqual({ email: 'ada@example.com', password: ' pass\nword ' });
  });

  test('has no flag for the password, and says so without repeating it [S128]', async () => {
    const { code, output, errors } = await at.keyward([
      'login',
      '--url',
      at.url,
      '--email',
      'a@b',
      '--password=hunter2hunter2',
    ]);
    expect(code).toBe(2);
    expect(at.seen).toEqual([]);
    expect(output + errors).not.toContain('hunter2hunter2');
  });

  test('sends no password over plain HTTP to another machine [S1]', async () => {
    const { code, errors } = await at.keyward([...login, '--url', 'http://auth.example.com'], { input: 'pw' });
    expect(code).toBe(2);
    expect(errors).toContain('https://auth.example.com');
  });

  test('follows no redirect, which could carry the password elsewhere', async () => {
    at.answer = () => ({ status: 307, body: {}, headers: { location: `${at.url}/elsewhere` } });
    const { code } = await at.keyward([...login, '--url', at.url], { input: 'pw' });
    expect(code).toBe(1);
    expect(at.seen).toHaveLength(1);
    expect(existsSync(at.credentials)).toBe(false);
  });

  test.each([
    [401, { title: 'Unauthorized' }, 'e-mail address or the password is wrong'],
    [429, { detail: 'Too many sign-ins.' }, 'Too many sign-ins.'],
    [500, 'x', 'Is that the address'],
  ])('explains a %i and keeps what was there', async (status, body, message) => {
    at.answer = () => ({ status, body });
    const { code, errors, output } = await at.keyward([...login, '--url', at.url], { input: 'pw' });
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(message);
    expect(existsSync(at.credentials)).toBe(false);
  });

  test('lets no answer write further lines into the file', async () => {
    at.answer = () => ({ status: 200, body: { ...signedIn, user: { ...user, id: 'x\ntoken: Bearer evil' } } });
    const { code } = await at.keyward([...login, '--url', at.url], { input: 'pw' });
    expect(code).toBe(1);
    expect(existsSync(at.credentials)).toBe(false);
  });

  test('takes the server signed in to last, and asks nobody where nobody can answer', async () => {
    expect(await at.keyward(login, { input: 'pw' })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--url'),
    });
    await at.keyward([...login, '--url', at.url], { input: 'pw' });
    expect(await at.keyward(login, { input: 'pw' })).toMatchObject({ code: 0 });
    expect(await at.keyward(['login', '--email', 'a@b'])).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--password-stdin'),
    });
    expect(await at.keyward(login, { input: '' })).toMatchObject({ code: 2 });
  });

  test('overwrites no file that is not a credentials file', async () => {
    const path = join(at.home, 'notes.txt');
    writeFileSync(path, 'important');
    const environment = { KEYWARD_CREDENTIALS: path };
    expect(await at.keyward([...login, '--url', at.url], { input: 'pw', environment })).toMatchObject({ code: 1 });
    expect(await at.keyward(['logout'], { environment })).toMatchObject({ code: 1 });
    expect(readFileSync(path, 'utf8')).toBe('important');
  });
});
