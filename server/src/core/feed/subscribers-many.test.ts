// Thousands of followers of one node: what a change and its acknowledgements cost does not grow with those whom it does not
// concern, nor with the square of those whom it does.

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isPending, next, seqs, world } from './subscribers.test-support.ts';

const organizations = 20;
const each = 100;
const organizationOf = (number: number) => `org-${number % organizations}`;
const whose = (number: number) => ({
  organizationId: organizationOf(number),
  scope: organizationOf(number),
  principal: { id: `token-${number}`, name: 'the verifiers' },
  verifier: `verifier-${number}`,
});

async function crowd() {
  const parts = world();
  const all = await Promise.all(Array.from({ length: organizations * each }, (_, number) => parts.open(whose(number))));
  for (const one of all) expect(await next(one)).toEqual({ heartbeat: 0 });
  return { ...parts, all };
}

describe('thousands of followers', () => {
  it('are all told of a change of the whole server, and its receipt counts each of them once [S116]', async () => {
    const { all, commit, subscribers } = await crowd();
    const told = all.map(seqs);
    const subject = { type: 'plan', id: 'plan' } as const;
    commit({ organizationId: null, action: 'plan.changed', subject });
    const answer = subscribers.receipt('org-0', subject, new AbortController().signal, true);
    expect(new Set((await Promise.all(told)).flat())).toEqual(new Set([1]));
    for (let number = 0; number < all.length; number += 1) {
      expect(number < all.length - 1 || (await isPending(answer))).toBe(true);
      const { organizationId, principal, verifier } = whose(number);
      await subscribers.acknowledge({ organizationId, principalId: principal.id }, verifier, 1);
    }
    expect(await answer).toMatchObject({ of: all.length + 1, effective: all.length + 1, waitingFor: [] });
  });

  it('are told nothing of a change of another organization, and count as up to date at once [S116]', async () => {
    const { all, commit, subscribers } = await crowd();
    const [first, second] = [all[0], all[1]];
    if (first === undefined || second === undefined) throw new Error('There is no crowd.');
    const [concerned, other] = [next(first), next(second)];
    for (const one of all.slice(2)) void next(one);
    // Until each waits.
    await pause(0);
    commit({ organizationId: organizationOf(0) });
    expect(await concerned).toMatchObject({ changes: [{ seq: 1 }] });
    expect(await isPending(other)).toBe(true);
    expect(subscribers.lag()).toEqual({ connected: all.length, behind: 0 });
    commit({ organizationId: organizationOf(1) });
    expect(await other).toMatchObject({ changes: [{ seq: 2 }] });
  });

  it('get their heartbeats some at a time, each after a look at the journal of its own [S116]', async () => {
    const { all, journal, subscribers, commit } = await crowd();
    const told = all.map((one) => next(one));
    const beating = subscribers.heartbeat();
    expect(await told[0]).toEqual({ heartbeat: 0 });
    expect(await isPending(Promise.resolve(told.at(-1)))).toBe(true);
    commit({ organizationId: 'org-nobody' });
    await beating;
    expect(await told.at(-1)).toEqual({ heartbeat: journal.length });
  });
});
