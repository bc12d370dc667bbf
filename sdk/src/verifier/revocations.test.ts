// Revoked access tokens as a verifier knows them: all that must be known, and not many more, while the feed tells of ever more.

import { beforeEach, expect, test } from 'vitest';
import { KeywardError } from '../errors.ts';
import { createRevocations, type RevokedIds } from './revocations.ts';

/** What Keyward knows, and how it is asked. */
let living: Set<string>;
let head: number;
let heard: number;
let lists: number;
let list: () => Promise<RevokedIds>;

beforeEach(() => {
  [living, head, heard, lists] = [new Set(), 0, 0, 0];
  list = async () => ({ ids: [...living], cursor: head });
});

const most = 300;
const atMostOfOne = 100;
const newRevocations = () =>
  createRevocations(
    () => {
      lists += 1;
      return list();
    },
    () => heard,
    most,
  );

/** An entry of the journal: a token of a source is revoked, and if there are too many, all end. */
function revoke(source: string, n: number, revocations: ReturnType<typeof newRevocations>): void {
  const id = `${source}-${n}`;
  living.add(id);
  head += 1;
  revocations.add(id);
  heard = head;
  const own = [...living].filter((one) => one.startsWith(`${source}-`));
  if (own.length <= atMostOfOne) return;
  for (const one of own) living.delete(one);
  head += 1;
  heard = head;
}

const settled = () => new Promise((turn) => setImmediate(turn));

test('are not many more than must be known, however many were revoked and have ended', async () => {
  const revocations = newRevocations();
  living.add('kept');
  await revocations.load();
  for (let n = 0; n < 50 * atMostOfOne; n += 1) {
    revoke('busy', n, revocations);
    await settled();
    expect(revocations.size).toBeLessThanOrEqual(most + 2);
    expect([...living].filter((id) => !revocations.hasAny([id]))).toEqual([]);
  }
  expect(lists).toBeGreaterThan(10);
  expect(lists).toBeLessThan(50);
  expect(revocations.isWhole).toBe(true);
});

test('are forgotten only when all is applied that the new list knows of', async () => {
  const revocations = newRevocations();
  await revocations.load();
  for (let n = 0; n < most; n += 1) revocations.add(`old-${n}`);
  // All of theirs have ended, by an entry that the feed has not told of.
  head = 1000;
  revocations.add('one more');
  await settled();
  for (const [until, known] of [
    [998, true],
    [999, true],
    [1000, false],
  ] as const) {
    heard = until;
    revocations.add(`at ${until}`);
    expect(revocations.hasAny(['old-0'])).toBe(known);
  }
  // Not in the list, but told of since it was asked for.
  expect(['at 998', 'at 999', 'at 1000'].map((id) => revocations.hasAny([id]))).toEqual([true, true, true]);
});

test('are all kept where they cannot be listed anew, and are asked for again later, not each time', async () => {
  const revocations = newRevocations();
  await revocations.load();
  list = async () => {
    throw new KeywardError('unavailable', 'away');
  };
  for (let n = 0; n < 2 * most; n += 1) {
    revocations.add(`id-${n}`);
    await settled();
  }
  expect(revocations.hasAny(['id-0'])).toBe(true);
  expect(revocations.isWhole).toBe(true);
  expect(lists).toBeGreaterThan(2);
  expect(lists).toBeLessThan(15);
});

test('of a journal that became another are all kept, until the next list', async () => {
  const revocations = newRevocations();
  living.add('before');
  await revocations.load();
  living.clear();
  living.add('after');
  revocations.outdate();
  expect(revocations.isWhole).toBe(false);
  await revocations.load();
  expect([revocations.isWhole, revocations.hasAny(['before']), revocations.hasAny(['after'])]).toEqual([
    true,
    true,
    true,
  ]);
});
