// Who is signed in, and how that ends: at the server first of all.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { login, type StandIn, self, startStandIn, token } from './stand-in.test-support.ts';

let at: StandIn;
beforeEach(async () => {
  at = await startStandIn();
});
afterEach(() => at.stop());

test('whoami asks the server with the token, logout ends it there and forgets it', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  const { code, output } = await at.keyward(['whoami']);
  expect([code, output]).toEqual([0, `Ada of acme at ${at.url}\n`]);
  expect(at.seen[1]?.request.headers.authorization).toBe(`Bearer ${token}`);
  expect(JSON.parse((await at.keyward(['whoami', '--json'])).output)).toEqual(self);
  const out = await at.keyward(['logout']);
  expect(out).toMatchObject({ code: 0, output: expect.stringContaining('no copy of the token works any more') });
  const ending = at.seen.at(-1)?.request;
  expect([ending?.method, ending?.url, ending?.headers.authorization]).toEqual([
    'DELETE',
    '/v1/session',
    `Bearer ${token}`,
  ]);
  expect(existsSync(at.credentials)).toBe(false);
  expect(await at.keyward(['logout', '--json'])).toMatchObject({ code: 0, output: '{"wasSignedIn":false}\n' });
  expect(await at.keyward(['whoami'])).toMatchObject({ code: 1, errors: expect.stringContaining('keyward login') });
});

test('logout says that a token had ended already', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  at.answer = () => ({ status: 401, body: {} });
  expect(await at.keyward(['logout'])).toMatchObject({ code: 0, output: expect.stringContaining('ended already') });
  expect(existsSync(at.credentials)).toBe(false);
});

test.each([
  ['is away', 'cannot be reached (ECONNREFUSED)'],
  ['knows no such act', 'answered 404'],
  ['is not named', 'did not say of which server'],
])('logout from a server that %s forgets the token, and says until when a copy of it works', async (how, why) => {
  const exp = Date.parse('2030-01-01T00:00:00Z') / 1000;
  const own = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;
  mkdirSync(join(at.home, '.keyward'));
  writeFileSync(at.credentials, `token: Bearer ${own}\nuserid: x\n${how === 'is not named' ? '' : `url: ${at.url}\n`}`);
  at.answer = () => ({ status: 404, body: { title: 'Not found' } });
  if (how === 'is away') {
    await at.goAway();
  }
  const out = await at.keyward(['logout']);
  expect([out.code, out.output]).toEqual([1, '']);
  expect(out.errors).toContain(why);
  expect(out.errors).toMatch(/removed from this machine, but could not be ended[\s\S]*until 2030-01-01T00:00:00.000Z/);
  expect(out.errors).toMatch(/end its session in the portal/);
  expect(existsSync(at.credentials)).toBe(false);
});

test('login ends the token that it takes the place of, as nobody could do that afterwards', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  expect(at.asked()).toEqual(['POST /v1/login', 'POST /v1/login', 'DELETE /v1/session']);
  // That of another server, which may be away, keeps nobody waiting.
  writeFileSync(at.credentials, `token: Bearer ${token}\nuserid: x\nurl: http://127.0.0.1:9\n`);
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  expect(at.seen).toHaveLength(4);
});

test('whoami says when the session has ended', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  at.answer = () => ({ status: 401, body: { title: 'Unauthorized' } });
  const { code, errors } = await at.keyward(['whoami']);
  expect([code, errors]).toEqual([1, expect.stringMatching(/did not take[\s\S]*Sign in again: keyward login/)]);
});

test('whoami and logout are for the credential in KEYWARD_TOKEN, as every command is', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  const own = token.replace('nature', 'other');
  const environment = { KEYWARD_TOKEN: own, KEYWARD_URL: at.url };
  expect((await at.keyward(['whoami'], { environment })).output).toBe(`Ada of acme at ${at.url}\n`);
  expect(at.seen.at(-1)?.request.headers.authorization).toBe(`Bearer ${own}`);
  const out = await at.keyward(['logout'], { environment });
  expect([out.code, out.output]).toEqual([0, expect.stringContaining('Unset KEYWARD_TOKEN')]);
  expect(at.seen.at(-1)?.request.headers.authorization).toBe(`Bearer ${own}`);
  // What is kept on the disk is another sign-in, and stays.
  expect((await at.keyward(['whoami'])).code).toBe(0);
});

test('logout with an API token in KEYWARD_TOKEN says that there is no session, and asks nobody to end one', async () => {
  const environment = { KEYWARD_TOKEN: 'kw_4N1UPMSqMjKXnY8yHhBMFtabc', KEYWARD_URL: at.url };
  const { code, output, errors } = await at.keyward(['logout'], { environment });
  expect([code, output, errors]).toEqual([1, '', expect.stringContaining('keyward tokens deactivate')]);
  expect(at.seen).toEqual([]);
});

test('escape sequences from a server do not reach the terminal', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  at.answer = () => ({ status: 200, body: { ...self, name: 'Ada\u001b[2J\nroot' } });
  expect((await at.keyward(['whoami'])).output).toBe(`Ada root of acme at ${at.url}\n`);
});

test('a server that is not there is told in plain words, and as JSON where asked', async () => {
  await at.keyward([...login, '--url', at.url], { input: 'pw' });
  await at.goAway();
  expect((await at.keyward(['whoami'])).errors).toMatch(/cannot be reached \(ECONNREFUSED\)\.\nIs it running/);
  expect(JSON.parse((await at.keyward(['whoami', '--json'])).errors)).toMatchObject({ error: expect.any(String) });
});
