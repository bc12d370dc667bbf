// Several workers are one server: whatever one of them was told, each of them answers by it. The real program, over HTTP.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Program, start } from '../end-to-end/program.ts';
import { freshPlace } from '../end-to-end/run.ts';
import { type PreparedDatabase, prepareDatabase } from '../faults/prepared-database.ts';
import { callAnew, statusesOfEach } from './each-worker.ts';
import { workersOf } from './worker-processes.ts';

const workers = 3;
const place = freshPlace();
let program: Program;
let prepared: PreparedDatabase;

beforeAll(async () => {
  prepared = await prepareDatabase(join(place.folder, 'data'), 'sqlite');
  program = await start({ place, environment: prepared.environment, args: ['--workers', String(workers)] });
  await workersOf(program.pid, workers);
  // Each takes requests when the last of them says so.
  while ((await statusesOfEach(program.url, '/readyz', prepared.bearer, workers)).some((one) => one !== 200)) {
    await pause(50);
  }
}, 120_000);
afterAll(async () => {
  await program?.kill();
  place.remove();
});

const call = (path: string, method?: string, body?: object, bearer = prepared.bearer) =>
  callAnew(program.url, path, bearer, method, body);
const checkedByEach = (bearer: string) => statusesOfEach(program.url, '/v1/check', bearer, workers);

async function makeToken(name: string, more: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await call('/v1/tokens', 'POST', { name, permissions: ['read:funds'], ...more });
  expect([status, body]).toEqual([201, expect.any(String)]);
  const { token, secret } = JSON.parse(body) as { token: { id: string }; secret: string };
  return { id: token.id, secret };
}

describe('several workers', () => {
  test('each take a token once its 201 is out', async () => {
    for (let at = 0; at < 20; at += 1) {
      const { secret } = await makeToken(`at once ${at}`);
      expect(await checkedByEach(secret)).toEqual(Array(workers + 1).fill(200));
    }
  });

  test('each refuse a token within a second of its deactivation, and let it in again', async () => {
    const { id, secret } = await makeToken('to be ended');
    for (let at = 0; at < 5; at += 1) {
      expect(new Set(await checkedByEach(secret))).toEqual(new Set([200]));
      expect((await call(`/v1/tokens/${id}/deactivate`, 'POST')).status).toBe(204);
      const acknowledged = performance.now();
      while ((await checkedByEach(secret)).some((status) => status !== 401)) {
        expect(performance.now() - acknowledged).toBeLessThan(1000);
      }
      expect((await call(`/v1/tokens/${id}/activate`, 'POST')).status).toBe(204);
      while ((await checkedByEach(secret)).some((status) => status !== 200)) await pause(5);
    }
  });

  test('together let in as many calls as a limit allows, and never more [G8]', async () => {
    const limit = 200;
    const { secret } = await makeToken('limited', { limits: [{ limit, windowMs: 3_600_000 }] });
    let admitted = 0;
    const statuses = new Set<number>();
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('/v1/check', 'GET', undefined, secret)));
      admitted += answers.filter(({ status }) => status === 200).length;
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(admitted).toBeLessThanOrEqual(limit);
    expect(admitted).toBeGreaterThanOrEqual(0.99 * limit);
  });

  test('write in turn: what all of them are told at once is all there, in one chain', async () => {
    const made = await Promise.all(Array.from({ length: 60 }, (_, at) => makeToken(`many ${at}`)));
    const listed = await Promise.all(made.map(({ id }) => call(`/v1/tokens/${id}`)));
    expect(listed.map(({ status }) => status)).toEqual(Array(60).fill(200));
    const head = JSON.parse((await call('/v1/journal?limit=1')).body) as { items: { seq: number }[] };
    expect(head.items[0]?.seq).toBeGreaterThan(60);
  });

  test('have one page of metrics, whichever is asked, with what each has counted', async () => {
    const pages = await Promise.all(Array.from({ length: workers + 1 }, () => call('/metrics')));
    for (const { status, body } of pages) {
      expect(status).toBe(200);
      const heads = [...body.matchAll(/^keyward_journal_head\{worker="(\d)"\} \d+$/gm)].map(([, worker]) => worker);
      expect(heads).toEqual(['1', '2', '3']);
      expect(body.match(/^# TYPE keyward_verdicts_total /gm)).toHaveLength(1);
    }
  });

  test('keep a second server off the data folder', async () => {
    await expect(start({ place, environment: prepared.environment, args: ['--workers', '2'] })).rejects.toThrow(
      'Another Keyward is running on this data folder',
    );
    await expect(start({ place, environment: prepared.environment, args: ['--workers', '1'] })).rejects.toThrow(
      'Another Keyward is running on this data folder',
    );
  });
});
