// No credential ever does what its token, its owner's role or its organization's entitlement lacks, by any way, later than
// the bound of a revocation; and what is given back it may do again.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineMs, watchMachine } from '../machine-time.ts';
import { apiPermissions, type BoundsWorld, type Change, sizes, startBoundsWorld } from './bounds-world.ts';

const boundMs = 1000;

const pattern = fc.oneof(
  fc.constantFrom(...apiPermissions),
  fc.constantFrom('*:*', 'read:*', 'write:*', '*:orders', '*:bills'),
);
const own = fc.constant('read:user');
/** Wide ones too: of three that all are narrow little is left to lose. */
const list = fc.oneof(
  fc.constant(['*:*']),
  fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: pattern }, own), { maxLength: 4 }),
);
const entitlement = fc.oneof(fc.constant(['*:*']), fc.uniqueArray(pattern, { maxLength: 3 }));
const below = (size: number) => fc.nat(size - 1);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), at: below(sizes.token), patterns: list }),
  fc.record({ kind: fc.constant('role' as const), at: below(sizes.role), patterns: list }),
  fc.record({ kind: fc.constant('plan' as const), at: below(sizes.plan), patterns: entitlement }),
  fc.record({ kind: fc.constant('organization' as const), patterns: fc.option(entitlement) }),
  fc.record({ kind: fc.constant('role of' as const), at: below(2), role: below(sizes.role) }),
  fc.record({ kind: fc.constant('plan of' as const), plan: fc.option(below(sizes.plan)) }),
);

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let world: BoundsWorld;
  beforeAll(async () => {
    world = await startBoundsWorld(database);
    await watchMachine();
  });
  afterAll(() => world?.stop());

  test('no credential does what any of the three lacks, nor is refused what all have, later than the bound [S36]', async () => {
    expect(await world.wrongs()).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        for (const one of changes) await world.make(one);
        await settle(world);
      }),
      // What was changed is the world's: nothing can be tried again from the start.
      { numRuns: Number(process.env.KEYWARD_CHANGES ?? 12), endOnFailure: true },
    );
  });
});

/** Returns once every way says what is right; no question that was asked after the bound may be answered wrong. */
async function settle(world: BoundsWorld): Promise<void> {
  const changedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const wrong = await world.wrongs();
    if (wrong.length === 0) return;
    expect(machineMs(changedAt, askedAt), wrong.slice(0, 5).join('\n')).toBeLessThan(boundMs);
  }
}
