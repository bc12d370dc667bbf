// Several sign-ins on one machine: each is kept by its name, one is in use, and none gets in another's way.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { login, type StandIn, startStandIn, token } from './stand-in.test-support.ts';

let at: StandIn;
beforeEach(async () => {
  at = await startStandIn();
});
afterEach(() => at.stop());

const signIn = (...flags: string[]) => at.keyward([...login, '--url', at.url, ...flags], { input: 'pw' });
/** The token that was sent last. */
const sent = () => at.seen.at(-1)?.request.headers.authorization?.slice('Bearer '.length);

/** Signs in as each of these, with a token of its own. */
async function signInAs(...names: string[]): Promise<void> {
  const usual = at.answer;
  for (const name of names) {
    at.answer = (path) => {
      const answer = usual(path);
      return path === '/v1/login'
        ? { ...answer, body: { ...(answer.body as object), accessToken: `a.${name}.c` } }
        : answer;
    };
    expect((await signIn(...(name === 'default' ? [] : ['--profile', name]))).code).toBe(0);
  }
  at.answer = usual;
}

test('--profile wins over KEYWARD_PROFILE, and that over the profile in use', async () => {
  await signInAs('default', 'staging', 'live');
  await at.keyward(['whoami']);
  expect(sent()).toBe('a.default.c');
  expect((await at.keyward(['profiles', 'use', 'live'])).output).toBe(`Commands are for ${at.url} from now on.\n`);
  await at.keyward(['whoami']);
  expect(sent()).toBe('a.live.c');
  const environment = { KEYWARD_PROFILE: 'staging' };
  await at.keyward(['whoami'], { environment });
  expect(sent()).toBe('a.staging.c');
  await at.keyward(['whoami', '--profile', 'default'], { environment });
  expect(sent()).toBe('a.default.c');
});

test('the one at the top stays where scripts cut it out, whichever is in use', async () => {
  await signInAs('default', 'live');
  await at.keyward(['profiles', 'use', 'live']);
  const lines = readFileSync(at.credentials, 'utf8').split('\n');
  expect(lines.filter((line) => line.startsWith('token: '))).toEqual(['token: Bearer a.default.c']);
});

test('every change keeps the file to this user alone [S128]', async () => {
  await signInAs('default', 'live');
  for (const args of [
    ['profiles', 'use', 'live'],
    ['profiles', 'remove', 'default'],
  ]) {
    expect((await at.keyward(args)).code).toBe(0);
    expect(statSync(at.credentials).mode & 0o777).toBe(0o600);
  }
});

test('profiles list shows names and servers, and no token', async () => {
  await signInAs('default', 'live');
  const environment = { KEYWARD_PROFILE: 'live' };
  const { output } = await at.keyward(['profiles', 'list'], { environment });
  expect(output).toBe(`NAME\tSERVER\tUSED NOW\ndefault\t${at.url}\t\nlive\t${at.url}\tyes\n`);
  const json = await at.keyward(['profiles', 'list', '--json'], { environment });
  expect(
    JSON.parse(json.output).items.map(({ name, current }: { name: string; current: boolean }) => [name, current]),
  ).toEqual([
    ['default', false],
    ['live', true],
  ]);
  expect(json.output).not.toContain('a.live.c');
});

test('remove ends the token at the server and forgets it alone; with the last one the file goes', async () => {
  await signInAs('default', 'live');
  await at.keyward(['profiles', 'use', 'live']);
  const removed = await at.keyward(['profiles', 'remove', 'live']);
  expect([removed.code, at.asked().at(-1), sent()]).toEqual([0, 'DELETE /v1/session', 'a.live.c']);
  await at.keyward(['whoami']);
  expect(sent()).toBe('a.default.c');
  expect((await at.keyward(['logout'])).code).toBe(0);
  expect(existsSync(at.credentials)).toBe(false);
});

test.each([
  ['whoami', '--profile', 'stagign'],
  ['logout', '--profile', 'stagign'],
  ['profiles', 'use', 'stagign'],
  ['profiles', 'remove', 'stagign'],
])('%s %s %s asks whether staging was meant, and changes nothing', async (...args) => {
  await signInAs('default', 'staging');
  const before = readFileSync(at.credentials, 'utf8');
  const { code, output, errors } = await at.keyward(args);
  expect([code, output, errors]).toEqual([1, '', 'There is no profile "stagign".\nDid you mean staging?\n']);
  expect(readFileSync(at.credentials, 'utf8')).toBe(before);
});

test('a name that is like none is told with those that there are', async () => {
  await signInAs('staging');
  expect((await at.keyward(['whoami'])).errors).toMatch(/Nobody is signed in[\s\S]*keyward profiles use staging/);
  expect((await at.keyward(['tokens', 'list', '--profile', 'production'])).errors).toContain('(staging)');
});

test.each(['../x', '', 'a b', '-x', 'x'.repeat(65)])('%j is no name of a profile', async (name) => {
  const { code, errors } = await signIn(`--profile=${name}`);
  expect([code, errors]).toEqual([2, expect.stringContaining('no name of a profile')]);
});

test('names that YAML would take for something else stay names', async () => {
  await signInAs('true', '123', 'null', '1e3');
  await at.keyward(['profiles', 'use', '1e3']);
  await at.keyward(['whoami']);
  expect(sent()).toBe('a.1e3.c');
  await at.keyward(['whoami', '--profile', 'null']);
  expect(sent()).toBe('a.null.c');
});

test('a sign-in goes to no other server than its own, whatever KEYWARD_URL says', async () => {
  await signInAs('default');
  const { code, errors } = await at.keyward(['whoami'], { environment: { KEYWARD_URL: 'https://evil.example' } });
  expect([code, errors]).toEqual([2, expect.stringContaining('KEYWARD_URL names another server')]);
});

test('a file in which something else stands is taken for no credentials file', async () => {
  await signInAs('default');
  writeFileSync(at.credentials, `token: Bearer ${token}\nuserid: x\nurl: ${at.url}\ncurrent: [1]\n`);
  expect(await at.keyward(['whoami'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('is not a credentials'),
  });
});
