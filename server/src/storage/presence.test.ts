// Presence on a real PostgreSQL: lines of two nodes, whose cursors never go back and which nobody has to take out.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedPostgres } from '../../../test/postgres.ts';
import type { PresenceEntry, PresenceStore } from '../core/feed/ports.ts';
import { type OpenStore, openStore } from './open.ts';

let store: OpenStore;
let presence: PresenceStore;
beforeAll(async () => {
  const url = await (await sharedPostgres()).createDatabase();
  store = await openStore({ postgres: { url, timeoutMs: 10_000 }, migrate: true });
  if (store.presence === null) throw new Error('There is no presence store.');
  presence = store.presence;
});
afterAll(() => store?.close());

const long = 600_000;

function line(more: Partial<PresenceEntry> = {}): PresenceEntry {
  const organizationId = randomUUID();
  const told = { verifier: 'shop', name: 'its token', address: '192.0.2.1', followsAll: false, cursor: 5 };
  return { id: randomUUID(), node: 'here', organizationId, ...told, ...more };
}
const cursorsOf = async ({ organizationId }: PresenceEntry) =>
  (await presence.read([organizationId ?? ''], long))
    .filter((one) => one.organizationId !== null)
    .map(({ cursor }) => cursor);

it('gives back what was put, with times of its own', async () => {
  const mine = line();
  const before = Date.now();
  expect(await presence.put([mine])).toEqual([]);
  const [read] = await presence.read([mine.organizationId ?? ''], long);
  const { followsAll, ...told } = mine;
  expect(followsAll).toBe(false);
  expect(read).toEqual({ ...told, connectedAt: expect.any(Number), acknowledgedAt: null });
  expect(Math.abs((read?.connectedAt ?? 0) - before)).toBeLessThan(60_000);
});

it('shows an organization its own lines and those of nodes, and no other', async () => {
  const [mine, theirs] = [line(), line()];
  const node = line({ organizationId: null, verifier: null, name: 'here' });
  await presence.put([mine, theirs, node]);
  const ids = (await presence.read([mine.organizationId ?? ''], long)).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([mine.id, node.id]));
  expect(ids).not.toContain(theirs.id);
  await presence.remove([node.id]);
  expect((await presence.read([mine.organizationId ?? ''], long)).map(({ id }) => id)).toEqual([mine.id]);
});

it('shows somebody whose change concerns several organizations the lines of each of them', async () => {
  const [mine, theirs, others] = [line(), line(), line()];
  await presence.put([mine, theirs, others]);
  const ids = (await presence.read([mine.organizationId ?? '', theirs.organizationId ?? ''], long)).map(({ id }) => id);
  expect(ids.sort()).toEqual([mine.id, theirs.id].sort());
});

it('shows somebody whose change concerns everybody all lines', async () => {
  const [mine, theirs] = [line(), line()];
  await presence.put([mine, theirs]);
  const ids = (await presence.read(null, long)).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([mine.id, theirs.id]));
});

it('lets no cursor go back, and tells whoever puts one where it stands', async () => {
  const mine = line();
  await presence.put([mine]);
  await presence.acknowledge(mine.organizationId ?? '', 'shop', 9);
  await presence.acknowledge(mine.organizationId ?? '', 'shop', 7);
  await presence.acknowledge(mine.organizationId ?? '', 'another', 20);
  await presence.acknowledge(randomUUID(), 'shop', 20);
  expect(await cursorsOf(mine)).toEqual([9]);
  expect(await presence.put([{ ...mine, cursor: 6 }])).toEqual([{ id: mine.id, cursor: 9 }]);
  expect(await presence.put([{ ...mine, cursor: 12 }])).toEqual([]);
  expect(await cursorsOf(mine)).toEqual([12]);
  const [read] = await presence.read([mine.organizationId ?? ''], long);
  expect(read?.acknowledgedAt).toEqual(expect.any(Number));
});

it('forgets lines that are not renewed', async () => {
  const [silent, renewed] = [line(), line()];
  await presence.put([silent, { ...renewed, organizationId: silent.organizationId }]);
  await pause(3000);
  await presence.put([{ ...renewed, organizationId: silent.organizationId }]);
  expect((await presence.read([silent.organizationId ?? ''], 2500)).map(({ id }) => id)).toEqual([renewed.id]);
  await presence.deleteOlder(2500);
  expect((await presence.read([silent.organizationId ?? ''], long)).map(({ id }) => id)).toEqual([renewed.id]);
});

it('takes more lines than fit into one statement', async () => {
  const organizationId = randomUUID();
  await presence.put(Array.from({ length: 2500 }, (_, n) => line({ organizationId, verifier: `v${n}` })));
  expect(await presence.read([organizationId], long)).toHaveLength(2500);
});
