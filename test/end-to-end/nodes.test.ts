// The same program on PostgreSQL: two nodes in processes of their own, on one database.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { within } from '../machine-time.ts';
import { sharedPostgres } from '../postgres.ts';
import { type Demo, startDemo } from './program.ts';
import { freePort, freshPlace, keyward } from './run.ts';

let one: Demo;
let other: Demo;
/** Where the second node really listens; its `url` is the address that both share. */
let otherUrl: string;
let environment: Record<string, string>;
beforeAll(async () => {
  const database = await (await sharedPostgres()).createDatabase();
  environment = { KEYWARD_DATABASE: database, KEYWARD_SECRETS: generateSealingKeys() };
  one = await startDemo({ environment });
  // Nodes share one public address, which is the issuer of their JWTs; a balancer would stand behind it.
  environment.KEYWARD_URL = one.url;
  const place = freshPlace();
  cpSync(one.folder, join(place.folder, 'data'), { recursive: true });
  const port = await freePort();
  other = await startDemo({ place, environment, args: ['--port', String(port)] });
  otherUrl = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  await other?.kill();
  await one?.kill();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const jsonHeaders = { 'content-type': 'application/json' };

async function post(url: string, path: string, headers: Record<string, string>, body: unknown) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { ...jsonHeaders, ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}
async function demoPath(url: string, token: string): Promise<number> {
  return (await fetch(url + one.demo.parsers.demoPath, { headers: bearer(token) })).status;
}

describe('two nodes on one PostgreSQL', () => {
  test('are two processes with the same public address', () => {
    expect(new Set([one.url, otherUrl]).size).toBe(2);
    expect(other.url).toBe(one.url);
  });

  test('a JWT and a sealed token that one node made open the API on the other', async () => {
    const { demoKey } = one.demo.parsers;
    const authorization = `Basic ${Buffer.from(`${demoKey}:`).toString('base64')}`;
    for (const [maker, checker] of [
      [one.url, otherUrl],
      [otherUrl, one.url],
    ] as const) {
      const answer = await fetch(`${maker}/v2/auth/token`, { method: 'POST', headers: { authorization } });
      expect(await demoPath(checker, ((await answer.json()) as { token: string }).token)).toBe(200);
      const { username, password, inferPath } = one.demo.rebelcore;
      const sealed = await post(maker, '/api/v1/authorize', {}, { username, password });
      const infer = { prompt: 'Hello', spec_ids: [] };
      expect((await post(checker, inferPath, bearer(sealed.body.token ?? ''), infer)).status).toBe(200);
    }
  });

  test('a key made on one works on the other, and is refused there within a second of its deactivation', async () => {
    const admin = bearer(one.demo.bluebricks.bearer);
    const made = await post(one.url, '/api/v1/auth/key', admin, { name: 'travels' });
    const key = made.body.api_key ?? '';
    expect(await demoPath(otherUrl, key)).toBe(200);
    expect(await demoPath(one.url, key)).toBe(200);
    const deactivated = await post(one.url, '/api/v1/auth/key/deactivate', admin, { name: 'travels' });
    expect(deactivated.status).toBe(200);
    await within(1000, async () => {
      expect(await demoPath(one.url, key)).toBe(401);
      await expect.poll(() => demoPath(otherUrl, key), { interval: 20 }).toBe(401);
    });
    await post(otherUrl, '/api/v1/auth/key/activate', admin, { name: 'travels' });
    await within(1000, () => expect.poll(() => demoPath(one.url, key), { interval: 20 }).toBe(200));
  });

  test('a login that ends on one is refused on the other within a second, and no other login of the same person is', async () => {
    const login = async (url: string) => (await post(url, '/v1/login', {}, one.demo.owner)).body.accessToken ?? '';
    const selfAt = async (url: string, token: string) =>
      (await fetch(`${url}/v1/self`, { headers: bearer(token) })).status;
    const [token, kept] = [await login(one.url), await login(otherUrl)];
    for (const url of [one.url, otherUrl]) {
      expect([await selfAt(url, token), await selfAt(url, kept)]).toEqual([200, 200]);
    }
    const ended = await fetch(`${one.url}/v1/session`, { method: 'DELETE', headers: bearer(token) });
    expect(ended.status).toBe(204);
    await within(1000, async () => {
      expect(await selfAt(one.url, token)).toBe(401);
      await expect.poll(() => selfAt(otherUrl, token), { interval: 20 }).toBe(401);
    });
    for (const url of [one.url, otherUrl]) expect(await selfAt(url, kept)).toBe(200);
  });

  test('know each of many new keys at its first call, wherever it was made', async () => {
    const admin = bearer(one.demo.bluebricks.bearer);
    for (let index = 0; index < 40; index += 1) {
      const [maker, checker] = index % 2 === 0 ? [one.url, otherUrl] : [otherUrl, one.url];
      const made = await post(maker, '/api/v1/auth/key', admin, { name: `at once ${index}` });
      expect(await demoPath(checker, made.body.api_key ?? '')).toBe(200);
    }
  });

  test('have one journal without gaps, whichever node wrote', async () => {
    const admin = bearer(one.demo.bluebricks.bearer);
    const names = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    const made = names.map((name, index) => post(index % 2 ? one.url : otherUrl, '/api/v1/auth/key', admin, { name }));
    expect(new Set((await Promise.all(made)).map(({ status }) => status))).toEqual(new Set([200]));
    const ran = await keyward(one.place, ['journal', 'verify', '--json'], { environment });
    expect(JSON.parse(ran.output)).toMatchObject({ intact: true });
  });

  test('the one that stops takes nothing with it', async () => {
    expect(await one.stop()).toBe(0);
    expect(await demoPath(otherUrl, one.demo.parsers.apiKey)).toBe(200);
  });
});

test('without the sealing keys PostgreSQL is refused in plain words', async () => {
  const { KEYWARD_DATABASE = '' } = environment;
  const ran = await keyward(one.place, ['serve', '--port', '0'], { environment: { KEYWARD_DATABASE } });
  expect([ran.code, ran.errors]).toEqual([2, expect.stringContaining('KEYWARD_SECRETS')]);
});

test('a PostgreSQL that is not there is told in plain words, without its password', async () => {
  const KEYWARD_DATABASE = 'postgres://keyward:hunter2@127.0.0.1:9/keyward';
  const KEYWARD_SECRETS = environment.KEYWARD_SECRETS ?? '';
  const ran = await keyward(one.place, ['serve', '--port', '0'], {
    environment: { KEYWARD_DATABASE, KEYWARD_SECRETS },
  });
  expect([ran.code, ran.output]).toEqual([1, '']);
  expect(ran.errors).not.toMatch(/hunter2|^\s+at /m);
});
