// What a verifier tells of uses: each once a day, none lost that there was no room for or that was not taken, within bounds.

import { describe, expect, test } from 'vitest';
import type { Principal } from '../verdict.ts';
import { createUses, type User } from './uses.ts';

const day = 24 * 3_600_000;
/** As another credential of the same token each time: what is told of it is told once. */
const userOf = (id: string, type: Principal['type'] = 'api_token'): User => ({
  principal: { type, id, permissions: ['read:*'] } as unknown as Principal,
  used: null,
});

function recording() {
  const time = { now: 20_000 * day };
  return { time, uses: createUses('default', () => time.now) };
}

describe('uses', () => {
  test('are told once a day, and again on the next by a verifier that goes on', () => {
    const { time, uses } = recording();
    const permissions = ['read:funds'];
    const one = userOf('one');
    const call = () => uses.saw(one, { permissions, address: '192.0.2.1' });
    const told = {
      credential: { type: 'api_token', id: 'one' },
      permissions,
      apis: ['default'],
      addresses: ['192.0.2.1'],
    };
    call();
    expect(uses.take()).toEqual([told]);
    call();
    uses.saw(userOf('one'), { permissions: ['read:funds'], api: 'default', address: '192.0.2.1' });
    expect(uses.take()).toEqual([]);
    time.now += day;
    expect(uses.take()).toEqual([]);
    call();
    expect(uses.take()).toEqual([told]);
  });

  test('are of several permissions, of which one is enough, what is held; of people nothing is told', () => {
    const { uses } = recording();
    uses.saw(userOf('one'), { permissions: ['write:funds', 'read:funds'], match: 'any' });
    uses.saw(userOf('ann', 'user'), { permissions: ['read:funds'] });
    expect(uses.take()).toMatchObject([{ permissions: ['read:funds'], addresses: ['unknown'] }]);
  });

  test('that were not taken are told anew', () => {
    const { uses } = recording();
    const call = () => uses.saw(userOf('one'), { permissions: ['read:funds'] });
    call();
    const taken = uses.take();
    uses.forget();
    call();
    expect(uses.take()).toEqual(taken);
  });

  test('for which a report has no room stand in a later one, and none is larger than Keyward takes', () => {
    const { uses } = recording();
    const told = new Set<string>();
    const [credentials, each] = [2500, 12];
    for (let at = 0; at < each; at += 1) {
      for (let id = 0; id < credentials; id += 1) {
        uses.saw(userOf(String(id)), { permissions: [`read:${at}`], address: `192.0.2.${at}` });
      }
    }
    const all = credentials * (2 * each + 1);
    for (let reports = 0; told.size < all && reports < 50; reports += 1) {
      const taken = uses.take();
      expect(taken.length).toBeLessThanOrEqual(1000);
      let values = 0;
      for (const { credential, permissions = [], apis = [], addresses = [] } of taken) {
        for (const one of [...permissions, ...apis, ...addresses]) told.add(`${credential.id} ${one}`);
        for (const kind of [permissions, apis, addresses]) {
          expect(kind.length).toBeLessThanOrEqual(200);
          values += kind.length;
        }
      }
      expect(values).toBeLessThanOrEqual(5000);
    }
    expect(told.size).toBe(all);
  });

  test('of more credentials than may wait are told when they come again', () => {
    const { uses } = recording();
    const ids = Array.from({ length: 25_000 }, (_, id) => String(id));
    const told = new Set<string>();
    for (let round = 0; round < 40 && told.size < ids.length; round += 1) {
      for (const id of ids) uses.saw(userOf(id), { permissions: ['read:funds'] });
      for (const { credential } of uses.take()) {
        expect(told.has(credential.id)).toBe(false);
        told.add(credential.id);
      }
    }
    expect(told.size).toBe(ids.length);
  });

  test('of one kind are so many a day, whatever a credential is used from', () => {
    const { uses } = recording();
    for (let at = 0; at < 1000; at += 1) uses.saw(userOf('one'), { address: `10.0.${at >> 8}.${at & 255}` });
    expect(uses.take()[0]?.addresses).toHaveLength(200);
    const permissions = Array.from({ length: 500 }, (_, at) => `read:${at}`);
    uses.saw(userOf('two'), { permissions });
    expect(uses.take()[0]?.permissions).toHaveLength(200);
  });
});
