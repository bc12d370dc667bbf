// The holders' side of leases against the ledger of the server, in real time, with answers that are lost on the way.

import { createLedger, grant, type Ledger, spendBeside } from '@keyward/rules/ledger';
import { afterEach, describe, expect, test } from 'vitest';
import type { Lease, LeaseRequest, WantedLease } from '../../wire/leases.ts';
import { closeOpened, gone, opened, terms } from './limits.test-support.ts';
import { createLimits } from './limits.ts';

afterEach(closeOpened);

describe('four verifiers over one ledger', () => {
  /** As the server does it: the lease before is settled with the next request, as spent at that moment. */
  function leasesOf(ledger: Ledger, rule: { limit: number; windowMs: number }, delayMs: () => number) {
    const last = new Map<string, { name: string; amount: number }>();
    let named = 0;
    return async ({ verifier, leases: [wish] }: LeaseRequest): Promise<{ leases: Lease[] }> => {
      const { wanted, returned = 0, kept = 0 } = wish as WantedLease;
      await new Promise((go) => setTimeout(go, delayMs()));
      const before = last.get(verifier);
      named += 1;
      const lease = `${verifier}/${named}`;
      const keeps = Math.min(kept, Math.max(0, (before?.amount ?? 0) - returned));
      const spent = before === undefined ? 0 : before.amount - Math.min(before.amount, returned + keeps);
      const settled = before ? [{ lease: before.name, spent: [[0, spent]] as const }] : [];
      const request = { holder: verifier, lease, needed: 0, atLeast: 0, wanted, settled, kept: keeps };
      const given = grant(ledger, rule, request, performance.now());
      last.set(verifier, { name: lease, amount: given.granted + keeps });
      // One in ten is lost on the way back.
      if (Math.random() < 0.1) throw gone();
      await new Promise((go) => setTimeout(go, delayMs()));
      const { forMs: expiresInMs, retryAfterMs } = given;
      const answer = { ...terms, ...rule, granted: given.granted, expiresInMs, retryAfterMs };
      return { leases: [{ organization: 'acme', ...answer }] };
    };
  }

  test.each([
    ['calls at ten times the limit', 40, 2],
    ['bursts', 400, 60],
  ])('never admit more than the limit in any window: %s [S93]', async (_what, burst, everyMs) => {
    const rule = { limit: 4000, windowMs: 2000 };
    const ledger = createLedger(rule);
    const ask = leasesOf(ledger, rule, () => Math.random() * 4);
    const admitted: number[] = [];
    const until = performance.now() + 6000;
    let fromLeases = 0;
    const run = async (verifier: string) => {
      const limits = createLimits(verifier, ask, 10, () => performance.now());
      opened.push(limits);
      const book = limits.bookOf('acme');
      while (performance.now() < until) {
        for (let n = 0; n < burst; n += 1) {
          const now = performance.now();
          const state = limits.spend(book, 1, now);
          if (state === 'ask') {
            const answer = spendBeside(ledger, now, 1, true);
            if (answer.admitted) admitted.push(now);
            else limits.noteRefusal(book, { plan: 'free', ...answer }, 1, now, limits.epoch);
          } else if (state !== null && state.retryAfterMs === 0) {
            admitted.push(now);
            fromLeases += 1;
          }
        }
        await new Promise((go) => setTimeout(go, everyMs * Math.random() * 2));
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(run));
    admitted.sort((a, b) => a - b);
    let most = 0;
    let from = 0;
    for (const [at, time] of admitted.entries()) {
      while ((admitted[from] ?? 0) <= time - rule.windowMs) from += 1;
      most = Math.max(most, at - from + 1);
    }
    expect(most).toBeLessThanOrEqual(rule.limit);
    expect(most).toBeGreaterThan(rule.limit * 0.9);
    expect(admitted.length).toBeGreaterThan(rule.limit * 2.5);
    expect(fromLeases).toBeGreaterThan(0);
  });
});
