// The roll on a real PostgreSQL: lines of two nodes, whose cursors never go back and which nobody has to take out.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedPostgres } from '../../../test/postgres.ts';
import type { RollLine, RollStore } from '../core/roll.ts';
import { type OpenStore, openStore } from './open.ts';

let store: OpenStore;
let roll: RollStore;
beforeAll(async () => {
  const url = await (await sharedPostgres()).createDatabase();
  store = await openStore({ postgres: { url, timeoutMs: 10_000 }, migrate: true });
  if (store.roll === null) throw new Error('There is no roll.');
  roll = store.roll;
}, 60_000);
afterAll(() => store?.close());

const long = 600_000;

function line(more: Partial<RollLine> = {}): RollLine {
  const organizationId = randomUUID();
  const told = { verifier: 'shop', name: 'its token', address: '192.0.2.1', cursor: 5 };
  return { id: randomUUID(), node: 'here', organizationId, ...told, ...more };
}
const cursorsOf = async ({ organizationId }: RollLine) =>
  (await roll.read(organizationId ?? '', long))
    .filter((one) => one.organizationId !== null)
    .map(({ cursor }) => cursor);

it('gives back what was put, with times of its own', async () => {
  const mine = line();
  const before = Date.now();
  expect(await roll.put([mine])).toEqual([]);
  const [read] = await roll.read(mine.organizationId ?? '', long);
  expect(read).toEqual({ ...mine, connectedAt: expect.any(Number), acknowledgedAt: null });
  expect(Math.abs((read?.connectedAt ?? 0) - before)).toBeLessThan(60_000);
});

it('shows an organization its own lines and those of nodes, and no other', async () => {
  const [mine, theirs] = [line(), line()];
  const node = line({ organizationId: null, verifier: null, name: 'here' });
  await roll.put([mine, theirs, node]);
  const ids = (await roll.read(mine.organizationId ?? '', long)).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([mine.id, node.id]));
  expect(ids).not.toContain(theirs.id);
  await roll.remove([node.id]);
  expect((await roll.read(mine.organizationId ?? '', long)).map(({ id }) => id)).toEqual([mine.id]);
});

it('lets no cursor go back, and tells whoever puts one where it stands', async () => {
  const mine = line();
  await roll.put([mine]);
  await roll.acknowledge(mine.organizationId ?? '', 'shop', 9);
  await roll.acknowledge(mine.organizationId ?? '', 'shop', 7);
  await roll.acknowledge(mine.organizationId ?? '', 'another', 20);
  await roll.acknowledge(randomUUID(), 'shop', 20);
  expect(await cursorsOf(mine)).toEqual([9]);
  expect(await roll.put([{ ...mine, cursor: 6 }])).toEqual([{ id: mine.id, cursor: 9 }]);
  expect(await roll.put([{ ...mine, cursor: 12 }])).toEqual([]);
  expect(await cursorsOf(mine)).toEqual([12]);
  const [read] = await roll.read(mine.organizationId ?? '', long);
  expect(read?.acknowledgedAt).toEqual(expect.any(Number));
});

it('forgets lines that are not renewed', async () => {
  const [silent, renewed] = [line(), line()];
  await roll.put([silent, { ...renewed, organizationId: silent.organizationId }]);
  await pause(300);
  await roll.put([{ ...renewed, organizationId: silent.organizationId }]);
  expect((await roll.read(silent.organizationId ?? '', 200)).map(({ id }) => id)).toEqual([renewed.id]);
  await roll.deleteOlder(200);
  expect((await roll.read(silent.organizationId ?? '', long)).map(({ id }) => id)).toEqual([renewed.id]);
});

it('takes more lines than fit into one statement', async () => {
  const organizationId = randomUUID();
  await roll.put(Array.from({ length: 2500 }, (_, n) => line({ organizationId, verifier: `v${n}` })));
  expect(await roll.read(organizationId, long)).toHaveLength(2500);
});
