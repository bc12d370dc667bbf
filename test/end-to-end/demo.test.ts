// The demo: what demo.json holds, that everything in it works as its name says, and what a second start leaves alone.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyResponse } from '../../sdk/src/wire.ts';
import { slowness } from '../machine-time.ts';
import { type Demo, startDemo } from './program.ts';
import { bash, keyward, statusesIn, whyNot } from './run.ts';

const noCurl = await whyNot('curl', ['--version']);

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server?.kill());

async function status(path: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(server.url + path, { ...init, redirect: 'manual' })).status;
}
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) });

describe('demo.json', () => {
  test('holds exactly what is promised', () => {
    const keys = (value: object): string[] => Object.keys(value).sort();
    const { demo } = server;
    expect(keys(demo)).toEqual(
      [
        ...['url', 'owner', 'debricked', 'publicPath', 'parsers', 'versio', 'bluebricks', 'rebelcore'],
        ...['customers', 'verifier'],
      ].sort(),
    );
    expect(keys(demo.customers)).toEqual(['acme', 'globex']);
    for (const customer of Object.values(demo.customers)) {
      expect(keys(customer)).toEqual(['externalId', 'name', 'owner', 'planId', 'token']);
    }
    expect(keys(demo.verifier)).toEqual(['token']);
    expect(keys(demo.owner)).toEqual(['email', 'password']);
    expect(keys(demo.debricked)).toEqual(
      ['username', 'password', 'accessToken', 'memberUsername', 'memberPassword', 'guardedPath'].sort(),
    );
    expect(keys(demo.parsers)).toEqual(
      ['login', 'password', 'apiKey', 'demoKey', 'demoToken', 'guardedPath', 'demoPath'].sort(),
    );
    expect(keys(demo.versio)).toEqual(['environment', 'guardedPath', 'token', 'weakToken']);
    expect(keys(demo.bluebricks)).toEqual(['bearer']);
    expect(keys(demo.rebelcore)).toEqual(['inferPath', 'password', 'username']);
    expect([demo.url, demo.url.endsWith('/')]).toEqual([server.url, false]);
    const { debricked, parsers, versio, rebelcore } = demo;
    const paths = [debricked.guardedPath, demo.publicPath, parsers.guardedPath, parsers.demoPath];
    for (const path of [...paths, versio.guardedPath, rebelcore.inferPath]) expect(path).toMatch(/^\/[\w./-]+$/);
    expect(rebelcore.username).toMatch(/^[\da-f-]{36}@api\.keyward\.local$/);
    expect(rebelcore.password).toHaveLength(48);
  });

  test.skipIf(process.platform === 'win32')(
    'is for this user alone, like the whole folder, and has no draft beside it',
    () => {
      const modes = readdirSync(server.folder).map((name) => statSync(join(server.folder, name)).mode & 0o777);
      expect(new Set(modes)).toEqual(new Set([0o600]));
      expect(statSync(server.folder).mode & 0o777).toBe(0o700);
      expect(readdirSync(server.folder).filter((name) => name.startsWith('demo.json'))).toEqual(['demo.json']);
    },
  );

  test('the public path is open, every other one is guarded', async () => {
    const { demo } = server;
    expect(await status(demo.publicPath)).toBe(200);
    for (const { guardedPath } of [demo.debricked, demo.parsers, demo.versio])
      expect(await status(guardedPath)).toBe(401);
    expect(await status(demo.parsers.demoPath)).toBe(401);
    expect(await status(demo.rebelcore.inferPath, { method: 'POST' })).toBe(401);
  });

  test('the demo token reaches the demo group, and nothing else', async () => {
    const { demoToken, demoKey, demoPath, guardedPath } = server.demo.parsers;
    for (const token of [demoToken, demoKey]) {
      expect(await status(demoPath, bearer(token))).toBe(200);
      expect(await status(guardedPath, bearer(token))).toBe(403);
    }
    const { debricked, versio, rebelcore } = server.demo;
    for (const path of [debricked.guardedPath, '/v1/users', '/v1/journal']) {
      expect(await status(path, bearer(demoKey))).toBe(403);
    }
    expect(await status(versio.guardedPath, bearer(demoKey))).toBe(401);
    expect(await status(rebelcore.inferPath, { method: 'POST', ...bearer(demoKey) })).toBe(403);
  });

  test('the weak token lacks the permission, the member lacks API access', async () => {
    const { debricked, versio } = server.demo;
    const presented = (token: string) => ({ headers: { authorization: `apiToken ${token}` } });
    expect(await status(versio.guardedPath, presented(versio.token))).toBe(200);
    expect(await status(versio.guardedPath, presented(versio.weakToken))).toBe(401);
    const member = { _username: debricked.memberUsername, _password: debricked.memberPassword };
    expect(await status('/api/login_check', form(member))).toBe(403);
    expect(
      await status('/api/login_check', form({ _username: debricked.username, _password: debricked.password })),
    ).toBe(200);
  });

  test("the verifier's token tells of both customers: who they are, their plans, and what they are entitled to", async () => {
    const { customers, verifier } = server.demo;
    const verdict = async (credential: string, permission: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${verifier.token}` };
      const body = JSON.stringify({ credential, permissions: [permission] });
      const answer = await fetch(`${server.url}/v1/verify`, { method: 'POST', headers, body });
      return (await answer.json()) as VerifyResponse;
    };
    for (const { name, externalId, planId, token } of Object.values(customers)) {
      const { allowed, principal, limit } = await verdict(token, 'read:files');
      expect([allowed, principal?.organization, limit?.plan]).toEqual([
        true,
        expect.objectContaining({ name, externalId }),
        planId,
      ]);
    }
    expect((await verdict(customers.acme.token, 'read:funds')).allowed).toBe(true);
    expect(await verdict(customers.globex.token, 'read:funds')).toMatchObject({
      allowed: false,
      reason: 'missing_permission',
      lacking: [{ permission: 'read:funds', in: 'entitlement' }],
    });
  });

  test('the bearer manages keys', async () => {
    expect(await status('/api/v1/auth/keys', bearer(server.demo.bluebricks.bearer))).toBe(200);
  });
});

describe('what the demo prints', () => {
  test.skipIf(noCurl)(
    `runs as it is pasted, and answers what it says${noCurl === null ? '' : `: ${noCurl}`}`,
    async () => {
      const printed = server.output();
      const lines = printed.slice(printed.indexOf('\n# '), printed.indexOf('\nThe same as JSON:')).split('\n');
      const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
      expect(commands.length).toBeGreaterThan(14);
      const pasted = commands.map((command) => `${command}\necho "[code $?]" >&2`).join('\n');
      const ran = await bash(server.place, pasted);
      expect([...ran.errors.matchAll(/\[code (\d+)\]/g)].map(([, code]) => code)).toEqual(commands.map(() => '0'));
      const [publicPath, guarded, ...others] = statusesIn(ran);
      expect([publicPath, guarded]).toEqual([200, 401]);
      expect(new Set(others)).toEqual(new Set([200]));
      expect(others).toHaveLength(commands.filter((command) => /\bcurl\b/.test(command)).length - 2);
      expect(ran.output).toMatch(/Signed in to http.* as owner@demo\.example/);
      expect(ran.output).toMatch(/^owner@demo\.example of demo at http/m);
      expect(printed).toContain(join(server.folder, 'demo.json'));
    },
  );

  test('names addresses that answer: the portal, the API reference, and it as OpenAPI and for Postman', async () => {
    const comments = server.output().match(/^# .*$/gm) ?? [];
    const addresses = comments.flatMap((line) => line.match(/http:\S+/g) ?? []);
    const answers = await Promise.all(addresses.map(async (address) => (await fetch(address)).status));
    const paths = addresses.map((address) => address.replace(server.url, ''));
    expect([paths, answers]).toEqual([
      ['/', '/docs', '/openapi.json', '/postman.json'],
      [200, 200, 200, 200],
    ]);
  });

  test('a journal that verifies, beside the running server [S123]', async () => {
    const { code, output } = await keyward(server.place, ['journal', 'verify', '--data', server.folder]);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^The journal is intact: \d+ entries, head [\da-f]{64}\.\n$/),
    ]);
  });
});

describe('a second start', () => {
  const organizations = () => {
    const database = new Sqlite(join(server.folder, 'keyward.db'), { readonly: true });
    try {
      return database.prepare('select * from organizations').all();
    } finally {
      database.close();
    }
  };

  test('is quick, keeps every secret and makes a fresh demo token', async () => {
    const first = server.demo;
    const before = organizations();
    expect(before).toHaveLength(3);
    expect(await server.stop()).toBe(0);
    server = await startDemo({ place: server.place });
    expect(server.startMs).toBeLessThan(3000 * (await slowness()));
    const { demoToken, ...parsers } = first.parsers;
    expect(server.demo).toEqual({ ...first, url: server.url, parsers: { ...parsers, demoToken: expect.any(String) } });
    expect(server.demo.parsers.demoToken).not.toBe(demoToken);
    expect(await status(parsers.demoPath, bearer(server.demo.parsers.demoToken))).toBe(200);
    expect(await status('/api/v1/auth/keys', bearer(first.bluebricks.bearer))).toBe(200);
    expect(organizations()).toEqual(before);
  });

  test('after a kill needs no repair, and writes demo.json anew', async () => {
    await server.stop('SIGKILL');
    server = await startDemo({ place: server.place });
    expect(JSON.parse(readFileSync(join(server.folder, 'demo.json'), 'utf8')).url).toBe(server.url);
    expect(await status(server.demo.publicPath)).toBe(200);
  });

  test('is never served as real: without --demo the start is refused, in words', async () => {
    await server.stop();
    const { start } = await import('./program.ts');
    await expect(start({ place: server.place })).rejects.toThrow(/demo/);
  });
});
