// The upgrade after which a plan has a list of limits: what it had becomes its only one, and a plan without any is added.

import { afterEach, describe, expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { migrateUpTo, onDatabase } from './older-database.ts';

describe.each(['sqlite', 'postgres'] as const)('an upgrade of %s', (kind) => {
  const places: TestPlace[] = [];
  const secrets = generateSealingKeys();
  afterEach(() => {
    for (const place of places.splice(0)) place.remove();
  });

  /** Starts on a database of the version before, with these plans. */
  async function startWith(...plans: readonly string[]) {
    const place = await newPlace(kind, { isEmpty: true });
    places.push(place);
    await migrateUpTo(place, '0020-acting');
    const columns = 'id, name, call_limit, window_ms, per, cap';
    await onDatabase(place, [`insert into plans (${columns}) values ${plans.map((plan) => `(${plan})`).join()}`]);
    return place;
  }

  async function plansAt(place: TestPlace) {
    const server = await assembleAt({ place, environment: { KEYWARD_SECRETS: secrets } });
    const plans = await server.core.listPlans(systemIn());
    const created = (await server.store.journal.after(0, 1000)).filter(({ action }) => action === 'plan.created');
    await server.close();
    return {
      plans: plans.map(({ id, name, limits }) => [id, name, limits]),
      created: created.map((one) => one.subject.id),
    };
  }

  test('makes what each plan had its only limit, and adds one that limits nothing, journalled once', async () => {
    const place = await startWith(
      "'anonymous', 'No account', 100, 3600000, 'address', null",
      "'free', 'Free', 500, 3600000, 'contributor', 5000",
    );
    const after = {
      plans: [
        ['anonymous', 'No account', [{ limit: 100, windowMs: 3_600_000, per: 'address', cap: null }]],
        ['free', 'Free', [{ limit: 500, windowMs: 3_600_000, per: 'contributor', cap: 5000 }]],
        ['unlimited', 'Unlimited', []],
      ],
      created: ['unlimited'],
    };
    expect(await plansAt(place)).toEqual(after);
    expect(await plansAt(place)).toEqual(after);
  });

  test('leaves a plan of somebody’s own that is called unlimited as it is', async () => {
    const own = "'unlimited', 'Ours', 7, 1000, 'organization', null";
    const { plans, created } = await plansAt(await startWith(own, "'free', 'Free', 500, 3600000, 'contributor', null"));
    expect(plans.at(-1)).toEqual(['unlimited', 'Ours', [{ limit: 7, windowMs: 1000, per: 'organization', cap: null }]]);
    expect(created).toEqual([]);
  });
});
