// SubscriberRegistry: what they are told, in which order, and who is cut off. Heartbeats, receipts and a journal that goes back have
// files of their own.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostRemembered } from '../journal/tail.ts';
import { acme, entry, isPending, next, seqs, world } from './subscribers.test-support.ts';

describe('a follower', () => {
  it('is told of each change as it is committed, and of nothing twice', async () => {
    const { open, commit } = world(5);
    const following = await open();
    expect([following.cursor, following.reset]).toEqual([5, true]);
    const first = seqs(following);
    expect(await isPending(first)).toBe(true);
    commit({});
    commit({}, {});
    expect(await first).toEqual([6, 7, 8]);
    commit({});
    expect(await seqs(following)).toEqual([9]);
  });

  it('reads on from its cursor with no gap, from memory and from the journal alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1500), fc.nat(1500), fc.nat(10), async (before, since, late) => {
        const { open, commit } = world(before);
        for (let n = 0; n < since; n += 1) commit({});
        const total = before + since;
        const cursor = Math.floor((total * late) / 10);
        const following = await open({ cursor });
        expect([following.cursor, following.reset]).toEqual([cursor, false]);
        const read: number[] = [];
        while (read.length < total - cursor) read.push(...(await seqs(following)));
        expect(read).toEqual(Array.from({ length: total - cursor }, (_, index) => cursor + index + 1));
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['that nobody gave out', 12],
    ['that is too old', 0],
  ])('must forget everything with a cursor %s', async (_, cursor) => {
    const length = cursor === 0 ? mostRemembered + 1 : 11;
    const { open } = world(length);
    expect(await open({ cursor })).toMatchObject({ cursor: length, reset: true });
  });

  it('may come with the cursor of another node, which has heard more than this one', async () => {
    const { open } = world(11, 9);
    expect(await open({ cursor: 11 })).toMatchObject({ cursor: 11, reset: false });
  });

  it('has reached an entry when the node has done what the entry asks for, however long that loads', async () => {
    const { subscribers, journal } = world();
    journal.push(entry(1));
    let loaded = () => {};
    subscribers.apply(journal, new Promise<void>((done) => (loaded = done)));
    const reached = Promise.resolve(subscribers.reaches(1));
    expect(await isPending(reached)).toBe(true);
    loaded();
    expect(await reached).toBe(true);
    expect(subscribers.reaches(1)).toBe(true);
    expect(await subscribers.reaches(2)).toBe(false);
  });

  it('has not reached an entry whose loading failed, or takes too long', async () => {
    const { subscribers, journal, state } = world();
    journal.push(entry(1), entry(2));
    state.patience = 0;
    subscribers.apply(journal.slice(0, 1), new Promise(() => {}));
    expect(await subscribers.reaches(1)).toBe(false);
    const failing = world();
    failing.journal.push(entry(1));
    failing.subscribers.apply(failing.journal, Promise.reject(new Error('stopping')));
    await expect(failing.subscribers.reaches(1)).rejects.toThrow('stopping');
    expect(failing.subscribers.lines()).toMatchObject([{ cursor: 0 }]);
  });

  it('keeps what it remembers when it comes to a node that knows its cursor but is still loading', async () => {
    const { subscribers, journal, open } = world(3);
    let loaded = () => {};
    journal.push(entry(4));
    subscribers.apply(journal, new Promise<void>((done) => (loaded = done)));
    const opening = open({ cursor: 4 });
    expect(await isPending(opening)).toBe(true);
    loaded();
    expect(await opening).toMatchObject({ cursor: 4, reset: false });
  });

  it('never hears of another organization, but of plans and signing keys, whoever changed them', async () => {
    const { open, commit, subscribers } = world();
    const following = await open();
    commit(
      { organizationId: 'org-other' },
      { organizationId: 'org-other', subject: { type: 'signing_key', id: 'k' } },
      { organizationId: null, subject: { type: 'plan', id: 'free' } },
      { organizationId: null, subject: { type: 'signing_key', id: 'l' } },
      { subject: { type: 'permission', id: 'read:x' } },
      {},
      { organizationId: 'org-other' },
    );
    expect(await seqs(following)).toEqual([2, 3, 4, 6]);
    await subscribers.heartbeat();
    expect(await next(following)).toEqual({ heartbeat: 7 });
  });

  it('is told nothing of an entry but what, whom and when', async () => {
    const { open, commit } = world();
    const following = await open();
    commit({});
    const subject = { type: 'api_token', id: 'token-1' };
    const change = { seq: 1, at: 1001, organizationId: acme, action: 'api_token.deactivated', subject };
    expect(await next(following)).toEqual({ changes: [change] });
  });

  it('is told in order across a gap, which is filled from the journal at once', async () => {
    const { open, journal, subscribers } = world(3);
    const following = await open();
    journal.push(entry(4), entry(5));
    subscribers.apply([entry(5)]);
    expect(await seqs(following)).toEqual([4, 5]);
  });

  it('hears of a signing key only after this node has read it itself, and of what came later after that', async () => {
    const { open, journal, subscribers, commit } = world();
    const following = await open();
    const reading = Promise.withResolvers<void>();
    journal.push(entry(1));
    subscribers.apply([entry(1)], reading.promise);
    commit({});
    const told = seqs(following);
    expect(await isPending(told)).toBe(true);
    reading.resolve();
    expect([...(await told), ...(await seqs(following))].sort()).toEqual([1, 2]);
  });
});

describe('a follower that does not read', () => {
  it('is cut off when it has taken nothing for ten seconds, and no other is', async () => {
    const { open, subscribers, state } = world();
    const cut: string[] = [];
    const stuck = await open({ cut: () => cut.push('stuck') });
    const well = await open({ cut: () => cut.push('well') });
    const first = stuck.told.next();
    for (state.now = 0; state.now < 9_000; state.now += 1000) {
      await subscribers.heartbeat();
      expect(await next(well)).toEqual({ heartbeat: 0 });
    }
    await first;
    expect(cut).toEqual([]);
    for (; state.now < 13_000; state.now += 1000) {
      await subscribers.heartbeat();
      await next(well);
    }
    expect(cut).toEqual(['stuck']);
    expect(subscribers.lag().connected).toBe(1);
  });

  it('is cut off when it is too far behind', async () => {
    const { open, subscribers, commit } = world();
    let cuts = 0;
    await open({
      cut: () => {
        cuts += 1;
      },
    });
    commit(...Array.from({ length: mostRemembered + 1 }, () => ({})));
    expect(subscribers.lag()).toEqual({ connected: 1, behind: mostRemembered + 1 });
    await subscribers.heartbeat();
    expect(cuts).toBe(1);
  });
});

it('ends every feed and every waiting when the server stops, and lets nobody in after that', async () => {
  const { subscribers, open, commit, place } = world();
  const following = await open({ verifier: 'one' });
  commit({});
  await seqs(following);
  expect(await next(following)).toEqual({ heartbeat: 1 });
  const end = following.told.next();
  const receipt = subscribers.receipt(acme, { type: 'api_token', id: 'token-1' }, new AbortController().signal);
  subscribers.close();
  expect(await end).toEqual({ done: true, value: undefined });
  expect(await receipt).toMatchObject({ waitingFor: ['one'] });
  expect(await subscribers.open(place())).toBe('stopping');
});

it('has room for a thousand followers of one organization, and still for those of another', async () => {
  const { subscribers, place } = world();
  for (let n = 0; n < 1000; n += 1) expect(await subscribers.open(place())).toMatchObject({ cursor: 0 });
  expect(await subscribers.open(place())).toBe('full');
  expect(await subscribers.open(place({ organizationId: 'org-other' }))).toMatchObject({ cursor: 0 });
});
