// What a ledger grants to each of several holders, and until when it counts.

import { describe, expect, it } from 'vitest';
import { createLedger, endOf, grant } from './ledger.ts';

describe('a ledger', () => {
  const rule = { limit: 1000, windowMs: 60_000 };
  const request = { holder: 'a', lease: 'a/1', needed: 0, atLeast: 0, wanted: 0, settled: [] };

  it('leases nothing beyond waiting calls where holders share fewer than 100 each', () => {
    const small = { limit: 199, windowMs: 60_000 };
    const ledger = createLedger(small);
    const wanted = { ...request, needed: 1, atLeast: 1, wanted: 50 };
    expect(grant(ledger, small, wanted, 0).granted).toBeGreaterThan(1);
    expect(grant(ledger, small, { ...wanted, holder: 'b', lease: 'b/1' }, 0).granted).toBe(1);
    expect(grant(ledger, small, { ...wanted, lease: 'a/2' }, 0).granted).toBe(1);
  });

  it('grants less as less is left', () => {
    const ledger = createLedger(rule);
    const sizes = Array.from({ length: 20 }, (_, at) => {
      const { granted } = grant(ledger, rule, { ...request, lease: `a/${at}`, wanted: 1000 }, 0);
      return granted;
    });
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
    expect(sizes.at(-1)).toBeLessThan((sizes[0] ?? 0) / 4);
  });

  it('grants nothing if the first waiting call would not be served', () => {
    const ledger = createLedger(rule);
    grant(ledger, rule, { ...request, needed: 995, atLeast: 995 }, 0);
    const refused = grant(ledger, rule, { ...request, lease: 'a/2', needed: 12, atLeast: 6, wanted: 9 }, 0);
    expect(refused).toMatchObject({ granted: 0, remaining: 5 });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(grant(ledger, rule, { ...request, lease: 'a/3', needed: 12, atLeast: 5 }, 0)).toMatchObject({ granted: 5 });
  });

  it('moves what is kept of a lease into the next one, where it counts for as long as before', () => {
    const ledger = createLedger(rule);
    const first = grant(ledger, rule, { ...request, wanted: 100 }, 0);
    const settled = [{ lease: 'a/1', spent: [[0, 30]] as const }];
    const next = grant(ledger, rule, { ...request, lease: 'a/2', wanted: 0, settled, kept: 50 }, 1000);
    expect([first.granted, next.granted, next.remaining]).toEqual([100, 0, 1000 - 30 - 50]);
    expect(ledger.leases).toEqual([{ name: 'a/2', amount: 50, until: 1000 + next.forMs }]);

    // Under a limit of which only waiting calls are served leases are shorter: what is kept ends no sooner for that.
    const small = { limit: 90, windowMs: 600_000 };
    const lent = createLedger({ ...small, limit: 1000 });
    grant(lent, { ...small, limit: 1000 }, { ...request, wanted: 50 }, 0);
    grant(lent, small, { ...request, lease: 'a/2', settled: [{ lease: 'a/1', spent: [] }], kept: 50 }, 1000);
    expect(lent.leases).toEqual([{ name: 'a/2', amount: 50, until: 30_000 }]);
  });

  it("takes back no lease but the holder's own", () => {
    const ledger = createLedger(rule);
    grant(ledger, rule, { ...request, needed: 100, atLeast: 100 }, 0);
    const stranger = { ...request, holder: 'b', lease: 'b/1', settled: [{ lease: 'a/1', spent: [] }] };
    expect(grant(ledger, rule, stranger, 1).remaining).toBe(900);
    expect(grant(ledger, rule, { ...request, settled: [{ lease: 'a/1', spent: [] }] }, 1).remaining).toBe(1000);
  });

  it('forgets nothing when its clock goes back, as after a change to another database server [S94]', () => {
    const ledger = createLedger(rule);
    grant(ledger, rule, { ...request, needed: 1000, atLeast: 1000 }, 100_000);
    expect(grant(ledger, rule, { ...request, lease: 'a/2', needed: 1, atLeast: 1 }, 40_000).granted).toBe(0);
    expect(grant(ledger, rule, { ...request, lease: 'a/3', needed: 1, atLeast: 1 }, 159_000).granted).toBe(0);
  });

  it('keeps counting what was granted under an older rule', () => {
    const ledger = createLedger(rule);
    grant(ledger, rule, { ...request, needed: 600, atLeast: 600 }, 0);
    const narrowed = { ...rule, limit: 500 };
    expect(grant(ledger, narrowed, { ...request, lease: 'a/2', needed: 1, atLeast: 1 }, 1)).toMatchObject({
      granted: 0,
      remaining: 0,
    });
  });

  it('says when it has become of no use', () => {
    const ledger = createLedger(rule);
    const { forMs } = grant(ledger, rule, { ...request, needed: 5, atLeast: 5 }, 1000);
    expect(endOf(ledger)).toBe(1000 + forMs + 60_000);
    grant(ledger, rule, { ...request, settled: [{ lease: 'a/1', spent: [[0, 5]] }] }, 2000);
    expect(endOf(ledger)).toBeGreaterThanOrEqual(62_000);
    expect(endOf(ledger)).toBeLessThan(62_500);
  });
});
