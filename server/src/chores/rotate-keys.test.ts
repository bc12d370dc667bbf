// Every profile has a key that signs, whoever revoked the last one and whatever failed then, and however many nodes see to
// it. Real databases; nodes are stores of their own over one of them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sharedPostgres } from '../../../test/postgres.ts';
import { systemIn } from '../core/caller/caller.ts';
import type { Ports, Store } from '../core/ports.ts';
import { createSealer, generateSealingKeys, parseSealingKeys } from '../core/sealer.ts';
import { createKeySet } from '../core/tokens/key-set.ts';
import type { JwtProfile } from '../core/tokens/records.ts';
import { ensureSigningKeys, revokeSigningKey, rotateSigningKey } from '../core/tokens/signing-keys.ts';
import { openStore } from '../storage/open.ts';
import { rotateDueKeys, signingPeriodMs } from './rotate-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-keys-'));
const minute = 60_000;
const profiles: JwtProfile[] = ['oauth', 'debricked', 'parsers'];
const sealer = createSealer(parseSealingKeys(generateSealingKeys()));
const opened: Store[] = [];
afterAll(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Nodes of one server; on SQLite they are one store, of which each has its own view. */
async function openNodes(database: 'sqlite' | 'postgres', count: number): Promise<Store[]> {
  if (database === 'sqlite') {
    const store = await openStore({ sqlite: { file: join(mkdtempSync(join(folder, 'at-')), 'k.db') }, migrate: true });
    opened.push(store);
    return Array.from({ length: count }, () => store);
  }
  const url = await (await sharedPostgres()).createDatabase();
  const stores: Store[] = [];
  for (let index = 0; index < count; index += 1) stores.push(await openStore({ postgres: { url }, migrate: true }));
  opened.push(...stores);
  return stores;
}

describe.each(['sqlite', 'postgres'] as const)('on %s, every profile', (database) => {
  let now = 0;
  let nodes: Ports[] = [];
  const nodeOver = (store: Store) =>
    ({ store, sealer, keys: createKeySet(store, sealer), clock: () => now }) as unknown as Ports;
  beforeEach(async () => {
    now = Date.UTC(2030, 0);
    nodes = (await openNodes(database, 4)).map(nodeOver);
  });

  const first = () => nodes[0] as Ports;
  const keysOf = async (profile: JwtProfile) =>
    (await first().store.signingKeys.list()).filter((key) => key.profile === profile);
  const signer = async () => {
    await first().keys.reload();
    return first().keys.signer('oauth', now).kid;
  };

  it('has its successor to a revoked key in the same commit, so that nothing can fail in between', async () => {
    await ensureSigningKeys(first(), systemIn());
    const before = await signer();
    let writes = 0;
    const { store } = first();
    const failing: Store = {
      ...store,
      write: async (change) => {
        writes += 1;
        if (writes > 1) throw new Error('The process was killed.');
        return store.write(change);
      },
    };
    await revokeSigningKey(nodeOver(failing), systemIn(), before).catch(() => undefined);
    expect(await signer()).not.toBe(before);
  });

  it('gets a key within a minute if it has none that signs', async () => {
    await ensureSigningKeys(first(), systemIn());
    const before = await signer();
    await first().store.write((changes) => changes.signingKeys.revoke(before, now));
    await expect(signer()).rejects.toThrow('no signing key');
    await rotateDueKeys(first());
    expect(await signer()).not.toBe(before);
  });

  it('goes on signing when the key is revoked that was to follow', async () => {
    await ensureSigningKeys(first(), systemIn());
    const before = await signer();
    const { kid } = await rotateSigningKey(first(), systemIn(), 'oauth');
    now += minute;
    await revokeSigningKey(first(), systemIn(), kid);
    for (let minutes = 0; minutes < 30; minutes += 1) {
      now += minute;
      expect(await signer()).not.toBe(kid);
    }
    expect(await signer()).not.toBe(before);
    // The new one was published before it signed.
    const last = (await keysOf('oauth')).at(-1);
    expect(last?.signsFrom).toBeGreaterThan(last?.createdAt ?? Number.NaN);
  });

  it('goes on signing when the key that was to follow is gone, whoever took it away', async () => {
    await ensureSigningKeys(first(), systemIn());
    const { kid } = await rotateSigningKey(first(), systemIn(), 'oauth');
    await first().store.write((changes) => changes.signingKeys.revoke(kid, now));
    for (let minutes = 0; minutes < 30; minutes += 1) {
      now += minute;
      await rotateDueKeys(first());
      expect(await signer()).not.toBe(kid);
    }
  });

  it('gets one key, on however many nodes that see at once that it lacks one or that its key is old', async () => {
    const everywhere = () => Promise.all(nodes.map(rotateDueKeys));
    await everywhere();
    for (const profile of profiles) expect(await keysOf(profile)).toHaveLength(1);
    now += signingPeriodMs;
    const rotated = await everywhere();
    expect(rotated.flat().toSorted()).toEqual(profiles.toSorted());
    for (const profile of profiles) expect(await keysOf(profile)).toHaveLength(2);
    expect(await rotateDueKeys(first())).toEqual([]);
  });
});
