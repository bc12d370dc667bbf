// What is owed to a check: an absence is known only when all digests are, and never of a token that was acknowledged.
// A real SQLite file, held up and failed where that is wanted.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DigestReads } from '../core/credentials/ports.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import type { Store } from '../core/ports.ts';
import { digestFilter } from './digest-filter.ts';
import { openStore } from './open.ts';
import { anApiToken, anEntry, populate } from './records.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-digests-'));
const stranger = 'e'.repeat(64);
let store: Store;
let world: Awaited<ReturnType<typeof populate>>;
beforeAll(async () => {
  store = await openStore({ sqlite: { file: join(folder, 'keyward.db') }, migrate: true });
  world = await populate(store);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const make = async (count: number) => {
  const tokens = Array.from({ length: count }, () => anApiToken(world.user));
  await store.write(async (changes) => {
    for (const token of tokens) await changes.apiTokens.insert(token);
  });
  return tokens;
};
const entry = (id: string, type = 'api_token'): JournalEntry => ({
  ...anEntry(world.organization.id, { subject: { type, id } }),
  ...{ seq: 1, hash: '' },
});
const settled = async () => {
  for (let turns = 0; turns < 20; turns += 1) await turn();
};

describe('known digests', () => {
  it('know of no absence until they have read all, a few at a time', async () => {
    const tokens = await make(25);
    const pages: number[] = [];
    const digests = digestFilter(
      {
        ...store.digests,
        page: async (after, limit) => {
          expect(digests.lacks(stranger)).toBe(false);
          const page = await store.digests.page(after, limit);
          pages.push(page.length);
          return page;
        },
      },
      { batch: 10 },
    );
    await digests.fill();
    expect(Math.max(...pages)).toBe(10);
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(digests.lacks(stranger)).toBe(true);
    for (const { digest } of [...tokens, world.token, world.machineToken]) expect(digests.lacks(digest)).toBe(false);
  });

  it('end exactly at the last digest, also where that fills a batch', async () => {
    const all = (await store.digests.page('', 10_000)).length;
    for (const batch of [1, all, all + 1]) {
      const digests = digestFilter(store.digests, { batch });
      await digests.fill();
      expect(digests.size).toBe(all);
    }
  });

  it('know of no absence from the entry of a new token on until they have looked it up [S101]', async () => {
    const digests = digestFilter(store.digests);
    await digests.fill();
    const [token] = await make(1);
    if (token === undefined) throw new Error('There is no token.');
    expect(digests.lacks(token.digest)).toBe(true);
    digests.apply([entry(token.id)]);
    expect(digests.lacks(token.digest)).toBe(false);
    expect(digests.lacks(stranger)).toBe(false);
    await settled();
    expect(digests.lacks(token.digest)).toBe(false);
    expect(digests.lacks(stranger)).toBe(true);
  });

  it('miss no token that is made while they read', async () => {
    await make(60);
    const late: string[] = [];
    const digests = digestFilter(
      {
        ...store.digests,
        page: async (after, limit) => {
          const page = await store.digests.page(after, limit);
          const [token] = await make(1);
          if (token !== undefined) {
            digests.apply([entry(token.id)]);
            late.push(token.digest);
          }
          return page;
        },
      },
      { batch: 9 },
    );
    await digests.fill();
    await settled();
    expect(late.length).toBeGreaterThan(5);
    for (const digest of late) expect(digests.lacks(digest)).toBe(false);
    expect(digests.lacks(stranger)).toBe(true);
  });

  it('look up once more a token that is named again meanwhile, and never what is no token', async () => {
    const asked: (readonly string[])[] = [];
    const held = Promise.withResolvers<void>();
    const reads: DigestReads = {
      ...store.digests,
      of: async (ids) => {
        asked.push(ids);
        if (asked.length === 1) await held.promise;
        return store.digests.of(ids);
      },
    };
    const digests = digestFilter(reads);
    await digests.fill();
    digests.apply([entry('one'), entry('a user', 'user')]);
    digests.apply([entry('one'), entry('two'), entry('two')]);
    held.resolve();
    await settled();
    expect(asked).toEqual([['one'], ['one', 'two']]);
    expect(digests.lacks(stranger)).toBe(true);
  });

  it('ask a database that fails again, and know of no absence meanwhile', async () => {
    let failing = true;
    const fail = <T>(read: () => Promise<T>) => (failing ? Promise.reject(new Error('down')) : read());
    const reads: DigestReads = {
      page: (after, limit) => fail(() => store.digests.page(after, limit)),
      of: (ids) => fail(() => store.digests.of(ids)),
    };
    const digests = digestFilter(reads, { retryMs: 5 });
    const filled = digests.fill();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(digests.lacks(stranger)).toBe(false);
    failing = false;
    await filled;
    expect(digests.lacks(stranger)).toBe(true);
    const [token] = await make(1);
    if (token === undefined) throw new Error('There is no token.');
    failing = true;
    digests.apply([entry(token.id)]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(digests.lacks(token.digest)).toBe(false);
    failing = false;
    await expect.poll(() => digests.lacks(stranger)).toBe(true);
    expect(digests.lacks(token.digest)).toBe(false);
  });

  it('ask nothing more once they are closed', async () => {
    const digests = digestFilter(
      { ...store.digests, page: () => Promise.reject(new Error('down')) },
      { retryMs: 60_000 },
    );
    const filled = digests.fill();
    await settled();
    await digests.close();
    await filled;
    expect(digests.lacks(stranger)).toBe(false);
  });
});
