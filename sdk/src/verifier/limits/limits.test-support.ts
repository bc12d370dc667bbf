// The limits of a verifier with a clock of their own and answers that a test decides. For tests only.

import { vi } from 'vitest';
import { KeywardError } from '../../errors.ts';
import type { Lease, LeaseRequest, WantedLease } from '../../wire/leases.ts';
import { createLimits, type Limits } from './limits.ts';

export const terms = { plan: 'free', limit: 1000, windowMs: 60_000, whenUnavailable: 'local' } as const;
export const none = { ...terms, granted: 0, expiresInMs: 0, retryAfterMs: 0 };
export const opened: Limits[] = [];

/** After each test: nothing of it goes on. */
export async function closeOpened(): Promise<void> {
  await Promise.all(opened.splice(0).map((limits) => limits.close()));
  vi.useRealTimers();
}

export const gone = () => new KeywardError('unavailable', 'gone');
export const granted = (calls: number, more: Partial<Lease> = {}): Partial<Lease> => ({
  granted: calls,
  expiresInMs: 3000,
  ...more,
});

/** Limits with a clock of their own, which are granted what `grants` says, one after the other, whoever asks. */
export function limitsOf(...grants: (Partial<Lease> | Error)[]) {
  return limitsFor(() => grants.shift() ?? {});
}

/** An answer that is an error is that of the whole request. */
export function limitsFor(answerTo: (wanted: WantedLease) => Partial<Lease> | Error, capacity = 100_000) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const requests: (LeaseRequest & { at: number })[] = [];
  const ask = async (request: LeaseRequest) => {
    requests.push({ ...request, at: performance.now() });
    const leases = request.leases.map((wanted) => {
      const answer = answerTo(wanted);
      if (answer instanceof Error) throw answer;
      return { organization: wanted.organization ?? '', ...none, ...answer };
    });
    return { leases };
  };
  const limits = createLimits('v1', ask, capacity, () => performance.now());
  opened.push(limits);
  const spend = (cost = 1, organization = 'acme', plan?: string) =>
    limits.spend(limits.bookOf(organization, plan), cost, performance.now());
  const spendAll = () => {
    let spent = 0;
    for (let next = spend(); typeof next === 'object' && next?.retryAfterMs === 0; next = spend()) spent += 1;
    return spent;
  };
  /** Until what is due now has been asked for, and answered. */
  const settle = () => vi.advanceTimersByTimeAsync(1000);
  return { limits, requests, spend, spendAll, settle, wanted: () => requests.flatMap(({ leases }) => leases) };
}
