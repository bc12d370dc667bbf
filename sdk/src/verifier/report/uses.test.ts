// What a verifier tells of uses: each once a day, none lost that there was no room for or that was not taken, within bounds.

import { describe, expect, test } from 'vitest';
import type { Principal } from '../verdict.ts';
import { createUses } from './uses.ts';

const day = 24 * 3_600_000;
const principal = (id: string, type: Principal['type'] = 'api_token') =>
  ({ type, id, permissions: ['read:*'] }) as unknown as Principal;

function recording() {
  const time = { now: 20_000 * day };
  return { time, uses: createUses('default', () => time.now) };
}

describe('uses', () => {
  test('are told once a day, and again on the next by a verifier that goes on', () => {
    const { time, uses } = recording();
    const permissions = ['read:funds'];
    const call = () => uses.saw(principal('one'), { permissions, address: '192.0.2.1' });
    const told = {
      credential: { type: 'api_token', id: 'one' },
      permissions,
      apis: ['default'],
      addresses: ['192.0.2.1'],
    };
    call();
    expect(uses.take()).toEqual([told]);
    call();
    uses.saw(principal('one'), { permissions: ['read:funds'], api: 'default', address: '192.0.2.1' });
    expect(uses.take()).toEqual([]);
    time.now += day;
    expect(uses.take()).toEqual([]);
    call();
    expect(uses.take()).toEqual([told]);
  });

  test('are of several permissions, of which one is enough, what is held; of people nothing is told', () => {
    const { uses } = recording();
    uses.saw(principal('one'), { permissions: ['write:funds', 'read:funds'], match: 'any' });
    uses.saw(principal('ann', 'user'), { permissions: ['read:funds'] });
    expect(uses.take()).toMatchObject([{ permissions: ['read:funds'], addresses: ['unknown'] }]);
  });

  test('that were not taken are told anew', () => {
    const { uses } = recording();
    const call = () => uses.saw(principal('one'), { permissions: ['read:funds'] });
    call();
    const taken = uses.take();
    uses.forget();
    call();
    expect(uses.take()).toEqual(taken);
  });

  test('for which a report has no room stand in a later one, and none is larger than Keyward takes', () => {
    const { uses } = recording();
    const told = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      for (let id = 0; id < 300; id += 1) {
        for (let at = 0; at < 12; at += 1)
          uses.saw(principal(String(id)), { permissions: [`read:${at}`], address: `192.0.2.${at}` });
      }
      const taken = uses.take();
      expect(taken.length).toBeLessThanOrEqual(200);
      for (const { credential, permissions = [], apis = [], addresses = [] } of taken) {
        for (const values of [permissions, apis, addresses]) expect(values.length).toBeLessThanOrEqual(200);
        for (const value of [...permissions, ...apis, ...addresses]) told.add(`${credential.id} ${value}`);
      }
    }
    expect(told.size).toBe(300 * 25);
  });
});
