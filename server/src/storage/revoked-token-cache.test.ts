// Revoked access tokens in memory, over a real SQLite file: never more of them than must be known, and none forgotten that must.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import type { RevokedToken } from '../core/tokens/records.ts';
import { mostRevoked } from '../core/tokens/revocation.ts';
import { temporaryStore, toldEntry } from './credential-cache.test-support.ts';
import type { Session } from './database.ts';
import { openStore } from './open.ts';
import { populate } from './records.test-support.ts';
import { revokedTokenCache } from './revoked-token-cache.ts';
import { revokedTokenChanges } from './revoked-tokens.ts';
import { openSqlite } from './sqlite.ts';

let store: Store;
let remove: () => Promise<void>;
let organizationId: string;

beforeAll(async () => {
  ({ store, remove } = await temporaryStore());
  organizationId = (await populate(store)).organization.id;
});

afterAll(() => remove());

const end = 5000;
const told = (jti: string, source: RevokedToken['source'], expiresAt = end) =>
  toldEntry(organizationId, {
    action: 'access_token.revoked',
    subject: { type: 'access_token', id: jti },
    detail: { expiresAt, source },
  });
const busy = { type: 'api_user', id: 'busy' } as const;
const ended = (action: string, subject: { type: string; id: string }) =>
  toldEntry(organizationId, { action, subject, detail: { revoked: mostRevoked } });
const accessEnded = () => ended('api_user.access_ended', busy);

function cacheAt(now: number, most?: number) {
  const state = { now };
  const cache = revokedTokenCache(store.revokedTokens, {
    clock: () => state.now,
    isFresh: () => true,
    ...(most !== undefined && { most }),
  });
  return { cache, state };
}

describe('revoked access tokens in memory', () => {
  it('are never more of one source than it may revoke one by one, however often all of its tokens end [S96]', async () => {
    const { cache } = cacheAt(0);
    await cache.reload();
    const others = { of: 'another source', by: 'what acts for others', made: 'a federated credential' };
    cache.apply([
      told(others.of, { type: 'api_user', id: 'other' }),
      told(others.by, { type: 'client', id: 'client:busy' }),
      told(others.made, { type: 'federated_credential', id: 'busy’s' }),
    ]);
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n <= mostRevoked; n += 1) {
        cache.apply([told(`${round}-${n}`, busy)]);
        expect(cache.size).toBeLessThanOrEqual(mostRevoked + 1 + 3);
      }
      expect([cache.isRevoked(`${round}-0`), cache.isRevoked(`${round}-${mostRevoked}`)]).toEqual([true, true]);
      cache.apply([accessEnded()]);
      expect(cache.size).toBe(3);
    }
    expect(Object.values(others).map(cache.isRevoked)).toEqual([true, true, true]);
  });

  it('are forgotten with their source where they were loaded, too', async () => {
    await insert('loaded', busy);
    const { cache } = cacheAt(0);
    await cache.reload();
    expect(cache.isRevoked('loaded')).toBe(true);
    cache.apply([accessEnded()]);
    expect(cache.isRevoked('loaded')).toBe(false);
    await store.write(({ revokedTokens }) => revokedTokens.deleteOf(busy.id));
  });

  it('are forgotten with the session that they belong to, if that ended because there were too many', async () => {
    const { cache } = cacheAt(0);
    await cache.reload();
    const detail = { expiresAt: end, source: { type: 'user', id: 'somebody' }, session: 'a session' };
    const subject = { type: 'access_token', id: 'of a session' };
    cache.apply([toldEntry(organizationId, { action: 'access_token.revoked', subject, detail })]);
    cache.apply([ended('user.access_ended', { type: 'user', id: 'another' })]);
    expect(cache.size).toBe(1);
    cache.apply([ended('session.ended', { type: 'session', id: 'a session' })]);
    expect(cache.size).toBe(0);
  });

  it('are forgotten when they end by themselves', async () => {
    const { cache, state } = cacheAt(0);
    await cache.reload();
    cache.apply([told('short', busy, 1000), told('long', busy, 2000)]);
    state.now = 1000;
    await cache.forgetEnded();
    expect([cache.size, cache.isRevoked('short'), cache.isRevoked('long')]).toEqual([1, false, true]);
  });

  it('are asked of the database where there is no room for all, until there is', async () => {
    const tokens = ['a', 'b', 'c', 'd', 'e'];
    for (const [n, jti] of tokens.entries()) await insert(jti, { type: 'api_user', id: 'many' }, 1000 * (n + 1));
    const { cache, state } = cacheAt(0, 3);
    await cache.reload();
    expect(cache.size).toBe(3);
    expect(await Promise.all(tokens.map(cache.isRevoked))).toEqual(Array(5).fill(true));
    expect(cache.isRevoked('none')).toBeInstanceOf(Promise);
    expect(await cache.isRevoked('none')).toBe(false);
    state.now = 2000;
    await cache.forgetEnded();
    expect([cache.size, cache.isRevoked('e'), cache.isRevoked('none')]).toEqual([3, true, false]);
    await insert('f', { type: 'api_user', id: 'many' }, 9000);
    cache.apply([told('f', { type: 'api_user', id: 'many' }, 9000)]);
    expect([cache.size, await cache.isRevoked('f')]).toEqual([3, true]);
  });

  async function insert(jti: string, source: RevokedToken['source'], expiresAt = end): Promise<void> {
    await store.write(({ revokedTokens }) => revokedTokens.insert({ jti, organizationId, source, expiresAt }));
  }
});

it('those of a source are counted by the database: one row is read, however many there are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-revoked-'));
  const file = join(folder, 'keyward.db');
  const opened = await openStore({ sqlite: { file }, migrate: true });
  const reader = openSqlite({ file, readOnly: true });
  try {
    const { organization } = await populate(opened);
    await opened.write(async ({ revokedTokens }) => {
      for (let n = 0; n < 100; n += 1) {
        await revokedTokens.insert({ jti: `${n}`, organizationId: organization.id, source: busy, expiresAt: end });
      }
    });
    const read: number[] = [];
    const db = reader.reads.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        read.push(result.rows.length);
        return result;
      },
    });
    const { livingOf } = revokedTokenChanges({ db } as Session);
    expect([
      await livingOf(busy.id, 0, 50),
      await livingOf(busy.id, 0, 500),
      await livingOf(busy.id, end, 500),
    ]).toEqual([50, 100, 0]);
    expect(read).toEqual([1, 1, 1]);
  } finally {
    await reader.close();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
