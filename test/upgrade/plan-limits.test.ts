// The upgrade after which a plan has a list of limits: what it had becomes its only one, and a plan without any is added.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { onDatabase } from './older-database.ts';

const beforeLimits = [
  'alter table plans drop column limits',
  "delete from schema_migrations where name = '0021-plan-limits'",
];

describe.each(['sqlite', 'postgres'] as const)('an upgrade of %s', (kind) => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await newPlace(kind);
  });
  afterAll(() => place?.remove());

  async function plansAfter(statements: readonly string[]) {
    await onDatabase(place, [...beforeLimits, ...statements]);
    const server = await assembleAt({ place });
    const plans = await server.core.listPlans(systemIn());
    const created = (await server.store.journal.after(0, 1000)).filter(({ action }) => action === 'plan.created');
    await server.close();
    return { plans, unlimited: created.filter(({ subject }) => subject.id === 'unlimited').length };
  }

  test('makes what each plan had its only limit, and adds one that limits nothing, journalled once', async () => {
    const first = await assembleAt({ place });
    await first.close();
    const { plans, unlimited } = await plansAfter(["delete from plans where id = 'unlimited'"]);
    expect(plans.find(({ id }) => id === 'free')?.limits).toEqual([
      { limit: 500, windowMs: 3_600_000, per: 'contributor', cap: 5000 },
    ]);
    expect(plans.find(({ id }) => id === 'anonymous')?.limits).toEqual([
      { limit: 100, windowMs: 3_600_000, per: 'address', cap: null },
    ]);
    expect(plans.find(({ id }) => id === 'unlimited')).toMatchObject({ name: 'Unlimited', limits: [] });
    // With the start of a new server, and with the upgrade.
    expect(unlimited).toBe(2);
    const again = await assembleAt({ place });
    expect((await again.core.listPlans(systemIn())).map(({ id }) => id)).toEqual(plans.map(({ id }) => id));
    await again.close();
  });

  test('leaves a plan of somebody’s own that is called unlimited as it is', async () => {
    const own = "name = 'Ours', call_limit = 7, window_ms = 1000, per = 'organization'";
    const { plans } = await plansAfter([`update plans set ${own} where id = 'unlimited'`]);
    expect(plans.find(({ id }) => id === 'unlimited')).toMatchObject({
      name: 'Ours',
      limits: [{ limit: 7, windowMs: 1000, per: 'organization', cap: null }],
    });
  });
});
