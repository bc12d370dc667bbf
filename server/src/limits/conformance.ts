// What every place where limits are counted must do: the suite that memory.test.ts and leased.test.ts run. The clock is
// the test's own.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LimitKey, limitKey, type Quota } from '../core/checking/limit.ts';
import type { LimitStore } from '../core/checking/ports.ts';

let made = 0;

/** A key that no other test has. */
export function aKey(kind: 'organization' | 'address' = 'organization'): LimitKey {
  made += 1;
  return limitKey(kind, 'plan', `subject ${made}`);
}

/** A clock that moves when it is told to. */
export function createClock(start = 1_000_000) {
  let now = start;
  return Object.assign(() => now, {
    move: (ms: number) => {
      now += ms;
    },
  });
}
export type TestClock = ReturnType<typeof createClock>;

/** How many of `calls` that come at once are admitted. */
export async function admittedOf(
  limits: LimitStore,
  key: LimitKey,
  quota: Quota,
  calls: number,
  cost = 1,
): Promise<number> {
  const answers = await Promise.all(Array.from({ length: calls }, async () => limits.spend(key, quota, cost)));
  return answers.filter(({ admitted }) => admitted).length;
}

/** Some have something to do from time to time, whether they are called or not. */
type SweepableStore = LimitStore & {
  tidy?(): Promise<void>;
  /** Resolves when every question in the background is answered. */
  answered?(): Promise<void>;
};

export function describeLimitStore(
  name: string,
  open: (clock: TestClock) => SweepableStore | Promise<SweepableStore>,
): void {
  describe(name, () => {
    const clock = createClock();
    let opened: SweepableStore | undefined;
    beforeAll(async () => {
      opened = await open(clock);
    }, 60_000);
    afterAll(() => opened?.close?.());
    const limits = () => {
      if (opened === undefined) throw new Error('The limits did not open.');
      return opened;
    };
    const pass = async (ms: number) => {
      // On the way an answer would grow older than any is.
      await limits().answered?.();
      clock.move(ms);
      await limits().tidy?.();
    };

    it.each([1, 50, 64, 65, 100, 1000])('admits exactly %i of many calls at once [S93]', async (limit) => {
      const [key, quota] = [aKey(), { limit, windowMs: 60_000 }];
      expect(await admittedOf(limits(), key, quota, limit + 100)).toBe(limit);
      await pass(30_000);
      expect(await admittedOf(limits(), key, quota, 10)).toBe(0);
    });

    it('has everything back once the window has moved by its length and a little more', async () => {
      const [key, quota] = [aKey(), { limit: 500, windowMs: 60_000 }];
      expect(await admittedOf(limits(), key, quota, 600)).toBe(500);
      await pass(60_000 - 1);
      expect(await admittedOf(limits(), key, quota, 10)).toBe(0);
      await pass(1 + 60_000 / 64);
      expect(await admittedOf(limits(), key, quota, 600)).toBe(500);
    });

    it('admits no double burst at any edge, and never more than the limit in any window [S94]', async () => {
      for (const limit of [30, 300, 3000]) {
        const [key, quota] = [aKey(), { limit, windowMs: 10_000 }];
        const admitted: { at: number; count: number }[] = [];
        for (let round = 0; round < 120; round += 1) {
          await pass([1, 150, 2500, 9_900, 100][round % 5] ?? 1);
          admitted.push({ at: clock(), count: await admittedOf(limits(), key, quota, Math.ceil(limit / 3)) });
          const within = admitted.filter(({ at }) => clock() - at < quota.windowMs);
          expect(within.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(limit);
        }
      }
    });

    it('never refuses an even load of 98 %', async () => {
      for (const limit of [50, 300]) {
        const [key, quota] = [aKey(), { limit, windowMs: 10_000 }];
        for (let call = 0; call < limit * 3; call += 1) {
          const { admitted } = await limits().spend(key, quota, 1);
          expect(admitted).toBe(true);
          await pass(quota.windowMs / (limit * 0.98));
        }
      }
    });

    it('says honestly when a refused call may come again', async () => {
      const [key, quota] = [aKey(), { limit: 80, windowMs: 10_000 }];
      await admittedOf(limits(), key, quota, 60);
      await pass(2000);
      await admittedOf(limits(), key, quota, 20);
      const { admitted, retryAfterMs, resetMs } = await limits().spend(key, quota, 70);
      expect(admitted).toBe(false);
      expect(resetMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeGreaterThanOrEqual(resetMs);
      expect(retryAfterMs).toBeLessThan(11_000);
      await pass(Math.ceil(retryAfterMs));
      expect(await limits().spend(key, quota, 70)).toMatchObject({ admitted: true, retryAfterMs: 0 });
    });

    it('spends what a call costs, and nothing for one that is refused', async () => {
      const [key, quota] = [aKey(), { limit: 500, windowMs: 60_000 }];
      expect(await limits().spend(key, quota, 400)).toMatchObject({ admitted: true, remaining: 100, limit: 500 });
      expect(await limits().spend(key, quota, 101)).toMatchObject({ admitted: false, remaining: 100 });
      expect(await limits().spend(key, quota, 501)).toMatchObject({ admitted: false, remaining: 100 });
      expect(await limits().spend(key, quota, 0)).toMatchObject({ admitted: true, remaining: 100 });
      expect(await limits().spend(key, quota, 100)).toMatchObject({ admitted: true, remaining: 0 });
      expect(await limits().spend(key, quota, 1)).toMatchObject({ admitted: false, remaining: 0 });
      for (const cost of [-1, 0.5, Number.NaN]) {
        await expect((async () => limits().spend(key, quota, cost))()).rejects.toThrow(RangeError);
      }
    });

    it('looks without spending', async () => {
      const [key, quota] = [aKey(), { limit: 200, windowMs: 60_000 }];
      expect(await limits().look(key, quota, 200)).toMatchObject({ admitted: true, remaining: 200 });
      await limits().spend(key, quota, 150);
      for (let look = 0; look < 5; look += 1) {
        expect(await limits().look(key, quota, 50)).toMatchObject({ admitted: true, remaining: 50 });
        expect(await limits().look(key, quota, 51)).toMatchObject({ admitted: false, remaining: 50 });
      }
      expect(await limits().spend(key, quota, 50)).toMatchObject({ admitted: true, remaining: 0 });
    });

    it('counts each key for itself, also those that look alike [S15] [S96]', async () => {
      const quota = { limit: 3, windowMs: 60_000 };
      const subject = `alike ${aKey()}`;
      const keys = [
        limitKey('organization', 'plan', subject),
        limitKey('organization', `plan${subject.length}:`, subject),
        limitKey('organization', 'plan', `${subject}4:plan`),
        limitKey('address', 'plan', subject),
        limitKey('organization', '', subject),
      ];
      for (const key of keys) expect(await admittedOf(limits(), key, quota, 10)).toBe(3);
    });

    it('goes on counting when the rule of a key changes', async () => {
      const key = aKey();
      const quota = (limit: number) => ({ limit, windowMs: 60_000 });
      expect(await admittedOf(limits(), key, quota(300), 400)).toBe(300);
      expect(await admittedOf(limits(), key, quota(200), 10)).toBe(0);
      expect(await admittedOf(limits(), key, quota(350), 100)).toBe(50);
    });

    it('spends all limits of a call or none, and says of each how it stands', async () => {
      const charges = [
        { key: aKey(), quota: { limit: 1000, windowMs: 60_000 } },
        { key: aKey(), quota: { limit: 40, windowMs: 10_000 } },
        { key: aKey('address'), quota: { limit: 200, windowMs: 30_000 } },
      ];
      const left = async () =>
        Promise.all(charges.map(async ({ key, quota }) => (await limits().look(key, quota, 1)).remaining));
      const spent = await limits().spendAll(charges, 30);
      expect(spent).toMatchObject([970, 10, 170].map((remaining) => ({ admitted: true, remaining })));
      const refused = await limits().spendAll(charges, 11);
      expect(refused.map(({ admitted }) => admitted)).toEqual([true, false, true]);
      expect(refused[1]).toMatchObject({ remaining: 10, limit: 40, windowMs: 10_000 });
      expect(refused[1]?.retryAfterMs).toBeGreaterThan(0);
      expect(refused[1]?.retryAfterMs).toBeLessThanOrEqual(10_000);
      expect(await left()).toEqual([970, 10, 170]);
      expect(await limits().spendAll(charges, 10)).toMatchObject([960, 0, 160].map((remaining) => ({ remaining })));
    });

    it.each([10, 64, 150])(
      'admits exactly %i of many calls at once whose other limits have room [S93]',
      async (limit) => {
        const wide = { key: aKey(), quota: { limit: 5000, windowMs: 60_000 } };
        const charges = [wide, { key: aKey(), quota: { limit, windowMs: 60_000 } }];
        const answers = await Promise.all(
          Array.from({ length: limit + 80 }, async () => limits().spendAll(charges, 1)),
        );
        expect(answers.filter((states) => states.every(({ admitted }) => admitted)).length).toBe(limit);
        // Of those that were refused nothing was spent.
        expect((await limits().look(wide.key, wide.quota, 1)).remaining).toBe(5000 - limit);
      },
    );

    it('holds calls of one limit and of several to what they share', async () => {
      const shared = { key: aKey(), quota: { limit: 90, windowMs: 60_000 } };
      const charges = [shared, { key: aKey(), quota: { limit: 70, windowMs: 60_000 } }];
      const one = async () => (await limits().spend(shared.key, shared.quota, 1)).admitted;
      const both = async () => (await limits().spendAll(charges, 1)).every(({ admitted }) => admitted);
      const calls = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? one() : both()));
      expect((await Promise.all(calls)).filter(Boolean).length).toBe(90);
    });

    it('of random calls under random limits lets in none too many, and refuses none for which there was room [S94]', async () => {
      const limit = fc.record({
        limit: fc.integer({ min: 1, max: 150 }),
        windowMs: fc.integer({ min: 2000, max: 20_000 }),
      });
      const call = fc.record({
        afterMs: fc.integer({ min: 0, max: 4000 }),
        cost: fc.integer({ min: 1, max: 30 }),
        which: fc.integer({ min: 1, max: 15 }),
      });
      const runs = fc.tuple(
        fc.array(limit, { minLength: 2, maxLength: 4 }),
        fc.array(call, { minLength: 10, maxLength: 60 }),
      );
      await fc.assert(
        fc.asyncProperty(runs, async ([quotas, calls]) => {
          const all = quotas.map((quota) => ({ key: aKey(), quota, log: [] as { at: number; cost: number }[] }));
          for (const { afterMs, cost, which } of calls) {
            await pass(afterMs);
            const chosen = all.filter((_one, at) => (which >> at) % 2 === 1);
            const [only] = chosen;
            if (only === undefined) continue;
            const states =
              chosen.length === 1
                ? [await limits().spend(only.key, only.quota, cost)]
                : await limits().spendAll(chosen, cost);
            const spentIn = ({ log, quota }: (typeof all)[number], share: number) =>
              log.filter(({ at }) => clock() - at < quota.windowMs * share).reduce((sum, one) => sum + one.cost, 0);
            if (states.every(({ admitted }) => admitted)) {
              for (const { log } of chosen) log.push({ at: clock(), cost });
              for (const one of chosen) expect(spentIn(one, 1)).toBeLessThanOrEqual(one.quota.limit);
            } else {
              // Sub-windows count whole, and what was given back a little longer.
              const isSpent = (one: (typeof all)[number]) => spentIn(one, 1.2) + cost > one.quota.limit;
              expect(chosen.some(isSpent)).toBe(true);
            }
          }
        }),
        { numRuns: 25 },
      );
    });

    it('begins anew what is reset, and nothing else', async () => {
      const [one, other] = [limitKey('organization', `reset ${aKey()}`), limitKey('organization', `kept ${aKey()}`)];
      const quota = { limit: 20, windowMs: 60_000 };
      for (const key of [one, other]) expect(await admittedOf(limits(), key, quota, 30)).toBe(20);
      await limits().reset([one]);
      expect(await admittedOf(limits(), one, quota, 30)).toBe(20);
      expect(await admittedOf(limits(), other, quota, 30)).toBe(0);
    });

    it('leases to holders elsewhere what it then does not spend itself', async () => {
      const [key, quota] = [aKey(), { limit: 1000, windowMs: 60_000 }];
      const request = { holder: 'elsewhere', needed: 0, atLeast: 0, wanted: 0, settled: [] };
      const first = { ...request, lease: 'elsewhere/1', needed: 600, atLeast: 600 };
      expect(await limits().lease(key, quota, first)).toMatchObject({ granted: 600, remaining: 400 });
      expect(await admittedOf(limits(), key, quota, 500)).toBe(400);
      const settled = [{ lease: 'elsewhere/1', spent: [[10, 250] as const] }];
      expect(await limits().lease(key, quota, { ...request, lease: 'elsewhere/2', settled })).toMatchObject({
        granted: 0,
      });
      await pass(5000);
      expect(await admittedOf(limits(), key, quota, 500)).toBe(350);
      await pass(70_000);
      expect(await admittedOf(limits(), key, quota, 1100)).toBe(1000);
    });
  });
}
