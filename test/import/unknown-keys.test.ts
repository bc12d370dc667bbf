// What an unknown credential costs where keys of other systems were imported: no slow hash unless a part of it names a row, no question to
// the database unless it has a shape; and a flood of those that do name one fills a bounded queue and keeps nobody else waiting.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { TokenImportOutcome } from '../../sdk/src/wire.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { statementsRun } from '../security/statement-counter.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const hashes = vi.hoisted(() => ({ asked: 0, done: 0, running: 0, most: 0 }));
// The real hasher, watched from outside: what was asked of it, and what it did.
vi.mock(import('../../server/src/passwords/foreign.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    createSlowHasher: (options) => {
      const hasher = real.createSlowHasher(options);
      return {
        async verify(stored, secret) {
          hashes.asked += 1;
          hashes.running += 1;
          hashes.most = Math.max(hashes.most, hashes.running);
          try {
            const is = await hasher.verify(stored, secret);
            hashes.done += 1;
            return is;
          } finally {
            hashes.running -= 1;
          }
        },
      };
    },
  };
});

let server: TestServer;
let owner: string;
/** A key of another system, whose first part names its row. */
const key = { id: `ak_${randomBytes(6).toString('hex')}`, rest: randomBytes(20).toString('hex') };
const fast = `f1-${randomBytes(20).toString('hex')}`;

beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  const slow = { hashed: 'after_separator', locator: { separator: '.', part: 0 } };
  for (const recipe of [
    { name: 'slow', algorithm: 'bcrypt', shape: { prefix: 'ak_' }, ...slow },
    { name: 'fast', algorithm: 'sha512', shape: { prefix: 'f1-' } },
  ]) {
    expect((await call(server, 'POST', '/v1/import-recipes', owner, recipe)).status).toBe(201);
  }
  const take = async (recipe: string, row: object) => {
    const rows = [{ line: 1, ...row }];
    const body = { import: 'unknown keys', recipe, defaults: { permissions: [] }, rows };
    const answer = await call<TokenImportOutcome>(server, 'POST', '/v1/imports/tokens', owner, body);
    expect(answer.body).toMatchObject({ added: 1 });
  };
  // As costly as such keys are in earnest.
  await take('slow', { hash: await bcrypt(key.rest, { cost: 10 }), locator: key.id });
  await take('fast', { hash: createHash('sha512').update(fast).digest('hex') });
  // From here on absence is known without a question.
  while ((await questionsFor([generateApiToken(newId())])) > 0) await pause(10);
});
afterAll(() => server?.stop());
beforeEach(() => {
  Object.assign(hashes, { asked: 0, done: 0, running: 0, most: 0 });
});

const check = async (credential: string) => (await call(server, 'GET', '/v1/check', credential)).status;
async function questionsFor(credentials: readonly string[]): Promise<number> {
  const before = statementsRun();
  for (const credential of credentials) expect(await check(credential)).toBe(401);
  return statementsRun() - before;
}

const noise: Record<string, () => string> = {
  'without any shape': () => randomBytes(20).toString('hex'),
  'of Keyward’s own form': () => generateApiToken(newId()),
  'like a JWT': () => `eyJ${randomBytes(20).toString('hex')}.${randomBytes(20).toString('hex')}.x`,
  'of a shape whose keys are found by a digest': () => `f1-${randomBytes(20).toString('hex')}`,
  'of a shape with a slow hash, naming no row': () => `ak_${randomBytes(6).toString('hex')}.${key.rest}`,
  'of that shape without the part that names a row': () => `ak_${randomBytes(30).toString('hex')}`,
};

test.each(Object.entries(noise))(
  'an unknown credential %s costs no slow hash and asks nothing [S97] [S99]',
  async (_, make) => {
    const rounds = [];
    for (let round = 0; round < 3; round += 1) rounds.push(await questionsFor(Array.from({ length: 50 }, make)));
    // What the server asks by itself now and then is none of theirs.
    expect(Math.min(...rounds), rounds.join()).toBeLessThan(10);
    for (const credential of Array.from({ length: 5 }, make)) {
      await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: credential });
      await call(server, 'POST', '/api/login_refresh', undefined, { refresh_token: credential });
      await call(server, 'POST', '/v1/verify', owner, { credential });
      await call(server, 'POST', '/v1/leaks', undefined, { tokens: [credential] });
    }
    expect(hashes.asked).toBe(0);
  },
);

test('one that names a row costs one slow hash, and the same one again none', async () => {
  const wrong = `${key.id}.${randomUUID()}`;
  expect([await check(wrong), hashes.done]).toEqual([401, 1]);
  expect([await check(wrong), await check(wrong), hashes.done]).toEqual([401, 401, 1]);
  const others = Array.from({ length: 3 }, () => `${key.id}.${randomUUID()}`);
  const same = await Promise.all([...others, ...others].map(check));
  expect([same, hashes.done]).toEqual([Array(6).fill(401), 4]);
});

test('a flood that names a row waits in a bounded queue, and what else comes is answered meanwhile [S97]', async () => {
  const flood = Array.from({ length: 300 }, () => check(`${key.id}.${randomUUID()}`));
  const all = Promise.all(flood);
  await expect.poll(() => hashes.running).toBeGreaterThan(1);
  // Whoever has a credential of any other kind, and one that is none, is answered while it lasts.
  expect([await check(owner), await check(fast), await check(generateApiToken(newId()))]).toEqual([200, 200, 401]);
  expect(hashes.done).toBeLessThan(60);
  const statuses = await all;
  const count = (status: number) => statuses.filter((one) => one === status).length;
  // Two at a time and 64 that wait; the others were told to come again, and computed nothing.
  expect(count(401)).toBe(hashes.done);
  expect(count(401) + count(503)).toBe(300);
  expect(count(503)).toBeGreaterThan(100);
  expect(await check(`${key.id}.${key.rest}`)).toBe(200);
});

test('the right one costs one slow hash for all of its first uses at once, and none from then on', async () => {
  const [id, rest] = [`ak_${randomBytes(6).toString('hex')}`, randomBytes(20).toString('hex')];
  const rows = [{ line: 1, hash: await bcrypt(rest, { cost: 4 }), locator: id }];
  const body = { import: 'once', recipe: 'slow', defaults: { permissions: [] }, rows };
  await call(server, 'POST', '/v1/imports/tokens', owner, body);
  const secret = `${id}.${rest}`;
  expect(new Set(await Promise.all(Array.from({ length: 20 }, () => check(secret))))).toEqual(new Set([200]));
  expect(hashes.asked).toBe(1);
  for (let use = 0; use < 5; use += 1) expect(await check(secret)).toBe(200);
  expect(hashes.asked).toBe(1);
});
