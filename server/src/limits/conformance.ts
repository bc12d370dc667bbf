// What every place where limits are counted must do: the suite that memory.test.ts and leased.test.ts run. The clock is
// the test's own.

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
type SweepableStore = LimitStore & { tidy?(): Promise<void> };

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
