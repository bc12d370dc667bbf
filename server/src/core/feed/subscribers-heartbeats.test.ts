// Heartbeats: that one says no more than is known and has been told, and comes when that is so.

import { describe, expect, it } from 'vitest';
import { emptyPresence, entry, isPending, next, seqs, world } from './subscribers.test-support.ts';

describe('a heartbeat', () => {
  it('comes at once to whoever is back, when all that was missed has been told: nobody need wait for the next heartbeat', async () => {
    const { open, journal, state } = world(3);
    // Of this the node has not heard yet.
    journal.push(entry(4));
    const following = await open({ cursor: 2 });
    expect([await next(following), await next(following)]).toMatchObject([
      { changes: [{ seq: 3 }, { seq: 4 }] },
      { heartbeat: 4 },
    ]);
    expect(await isPending(next(following))).toBe(true);
    state.down = true;
    await expect(open()).rejects.toThrow('gone');
  });

  it('says up to where everything has been said, after it was said [S116]', async () => {
    const { open, commit, subscribers } = world(3);
    const following = await open();
    commit({}, {});
    await subscribers.heartbeat();
    expect([await seqs(following), await next(following)]).toEqual([[4, 5], { heartbeat: 5 }]);
  });

  it('passes over no change that was made while the follower had no presence yet [S116]', async () => {
    const entered = Promise.withResolvers<void>();
    const { open, journal } = world(1, 1, emptyPresence({ enter: () => entered.promise }));
    const opening = open({ cursor: 1, verifier: 'one' });
    expect(await isPending(opening)).toBe(true);
    // Another node's; its receipt waits for nobody here.
    journal.push(entry(2));
    entered.resolve();
    const following = await opening;
    expect([await next(following), await next(following)]).toMatchObject([{ changes: [{ seq: 2 }] }, { heartbeat: 2 }]);
  });

  it('passes over no change that was made before this node shared who is here [S116]', async () => {
    let tell = async () => {};
    const { open, journal, subscribers } = world(1, 1, emptyPresence({ tell: () => tell() }));
    const following = await open({ verifier: 'one' });
    expect(await next(following)).toEqual({ heartbeat: 1 });
    tell = async () => {
      journal.push(entry(2));
    };
    await subscribers.heartbeat();
    expect([await next(following), await next(following)]).toMatchObject([{ changes: [{ seq: 2 }] }, { heartbeat: 2 }]);
  });

  it('is not sent while something is known that has not been told, since it loads [S116]', async () => {
    const { open, journal, subscribers, commit, state } = world();
    const cut: string[] = [];
    const following = await open({ cut: () => cut.push('cut') });
    expect(await next(following)).toEqual({ heartbeat: 0 });
    const told = next(following);
    let loaded = () => {};
    journal.push(entry(1));
    subscribers.apply(journal, new Promise<void>((done) => (loaded = done)));
    commit({});
    for (state.now = 1000; state.now < 20_000; state.now += 1000) await subscribers.heartbeat();
    expect(await isPending(told)).toBe(true);
    loaded();
    expect([await told, await next(following), await next(following)]).toMatchObject([
      { changes: [{ seq: 1 }] },
      { changes: [{ seq: 2 }] },
      { heartbeat: 2 },
    ]);
    // It took all that it was offered.
    expect(cut).toEqual([]);
  });

  it('that could not be sent for a while is not sent when what was known of the journal is old [S116]', async () => {
    const { open, journal, subscribers, state } = world();
    const following = await open();
    expect(await next(following)).toEqual({ heartbeat: 0 });
    let loaded = () => {};
    journal.push(entry(1));
    subscribers.apply(journal, new Promise<void>((done) => (loaded = done)));
    await subscribers.heartbeat();
    state.down = true;
    await expect(subscribers.heartbeat()).rejects.toThrow('gone');
    loaded();
    expect(await seqs(following)).toEqual([1]);
    expect(await isPending(next(following))).toBe(true);
  });

  it('is not sent while the journal cannot be read [S116]', async () => {
    const { open, subscribers, state } = world(3);
    const following = await open();
    expect(await next(following)).toEqual({ heartbeat: 3 });
    state.down = true;
    const told = next(following);
    await expect(subscribers.heartbeat()).rejects.toThrow('gone');
    expect(await isPending(told)).toBe(true);
    // However long that was: there was nothing to take.
    state.now = 20_000;
    state.down = false;
    await subscribers.heartbeat();
    expect(await told).toEqual({ heartbeat: 3 });
  });

  it('is not sent to whom cannot be asked about, and ends the feed of whom is refused', async () => {
    const { open, subscribers } = world();
    let mayStill: () => Promise<boolean> = () => Promise.reject(new Error('the database is gone'));
    const following = await open({ mayStill: () => mayStill() });
    expect(await next(following)).toEqual({ heartbeat: 0 });
    const told = following.told.next();
    await subscribers.heartbeat();
    expect(await isPending(told)).toBe(true);
    mayStill = async () => false;
    await subscribers.heartbeat();
    expect(await told).toEqual({ done: true, value: undefined });
    expect(subscribers.lag().connected).toBe(0);
  });

  it('asks the journal nothing while nobody follows', async () => {
    const { subscribers, state } = world();
    state.down = true;
    await subscribers.heartbeat();
  });
});
