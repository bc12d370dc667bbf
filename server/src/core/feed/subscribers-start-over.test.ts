// A journal that becomes another, as after a failover: what followers are told, and what counts no more.

import { describe, expect, it } from 'vitest';
import { acme, entry, isPending, next, seqs, world } from './subscribers.test-support.ts';

describe('when the journal becomes another', () => {
  /** Five entries, the last two of them lost; two others in their place, and one more. */
  async function lost(prepared: Promise<unknown> = Promise.resolve()) {
    const all = world(5);
    const following = await all.open({ verifier: 'one', cursor: 5 });
    expect(await next(following)).toEqual({ heartbeat: 5 });
    all.journal.splice(3, 2, entry(4), entry(5), entry(6));
    all.subscribers.startOver(6, prepared);
    return { ...all, following };
  }

  it('a follower must forget everything, and is then told of what comes [S114]', async () => {
    const { following, commit, subscribers } = await lost();
    expect(await next(following)).toEqual({ forget: 6 });
    commit({});
    expect(await seqs(following)).toEqual([7]);
    await subscribers.heartbeat();
    expect(await next(following)).toEqual({ heartbeat: 7 });
  });

  it('a follower that was about to be told something forgets before it hears anything else [S114]', async () => {
    const { open, commit, subscribers, journal } = world(5);
    const following = await open({ cursor: 5 });
    expect(await next(following)).toEqual({ heartbeat: 5 });
    commit({});
    expect(await seqs(following)).toEqual([6]);
    journal.splice(4, 2, entry(5));
    subscribers.startOver(5, Promise.resolve());
    await subscribers.heartbeat();
    expect([await next(following), await next(following)]).toEqual([{ forget: 5 }, { heartbeat: 5 }]);
  });

  it('no heartbeat says anything before keys and plans have been loaded anew [S114]', async () => {
    const loading = Promise.withResolvers<void>();
    const { following, subscribers, state } = await lost(loading.promise);
    state.patience = 0;
    expect(await next(following)).toEqual({ forget: 6 });
    await subscribers.heartbeat();
    const told = next(following);
    expect(await isPending(told)).toBe(true);
    expect(await subscribers.reaches(6)).toBe(false);
    loading.resolve();
    expect(await told).toEqual({ heartbeat: 6 });
    expect(await subscribers.reaches(6)).toBe(true);
  });

  it('what was loading before does not count any more [S114]', async () => {
    const { subscribers, journal, state } = world(5);
    const before = Promise.withResolvers<void>();
    journal.push(entry(6));
    subscribers.apply([entry(6)], before.promise);
    state.patience = 0;
    subscribers.startOver(6, new Promise(() => {}));
    before.resolve();
    expect(await subscribers.reaches(6)).toBe(false);
  });

  it('a cursor of the one before is not known, though the other goes as far [S114]', async () => {
    const { open, commit } = await lost();
    await new Promise((on) => setTimeout(on));
    for (const cursor of [3, 5, 6]) expect(await open({ cursor })).toMatchObject({ cursor: 6, reset: true });
    commit({}, {});
    expect(await open({ cursor: 7 })).toMatchObject({ cursor: 7, reset: false });
  });

  it('no receipt waits on, and what was said before is no answer to a later one [S114]', async () => {
    const { subscribers, journal, commit, open } = world(5);
    const following = await open({ verifier: 'one', cursor: 5 });
    const [sent] = commit({});
    const waits = subscribers.receipt(acme, { type: 'api_token', id: 'token-6' }, new AbortController().signal);
    journal.splice(4, 2, entry(5));
    subscribers.startOver(5, Promise.resolve());
    expect(await waits).toMatchObject({ seq: sent?.seq, effective: 1, of: 2, waitingFor: ['one'] });
    const later = subscribers.receipt(acme, { type: 'api_token', id: 'token-5' }, new AbortController().signal);
    const from = { organizationId: acme, principalId: 'token' };
    subscribers.acknowledge(from, 'one', 4);
    expect(await isPending(later)).toBe(true);
    expect(subscribers.lines()).toMatchObject([{ cursor: 5 }, { verifier: 'one', cursor: -1 }]);
    while (!('forget' in ((await next(following)) ?? {})));
    subscribers.acknowledge(from, 'one', 5);
    expect(await later).toMatchObject({ seq: 5, effective: 2, of: 2 });
  });
});
