// Followers without a server: a journal in an array, a clock that the test moves, and readers that read when they are told.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFollowers, type Following, type Place, type Told } from './followers.ts';
import type { JournalEntry } from './journal.ts';
import { mostRemembered } from './journal-tail.ts';
import type { RollCall } from './roll.ts';

const acme = 'org-acme';

function entry(seq: number, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    seq,
    at: 1000 + seq,
    organizationId: acme,
    actor: { type: 'system', id: 'system' },
    action: 'api_token.deactivated',
    subject: { type: 'api_token', id: `token-${seq}` },
    detail: { secret: 'not for followers' },
    hash: '',
    ...more,
  };
}

/** Followers over a journal of `length` entries that were committed before; `start` of them were heard. */
function world(length = 0, start = length, roll: RollCall | null = null) {
  const journal = Array.from({ length }, (_, index) => entry(index + 1));
  const state = { now: 0, down: false, reads: 0, patience: 100 };
  const effective: number[] = [];
  const followers = createFollowers({
    journal: {
      after: async (seq, limit) => {
        state.reads += 1;
        return journal.slice(seq, seq + limit);
      },
    },
    start,
    catchUp: async () => {
      if (state.down) throw new Error('the journal is gone');
      const news = journal.slice(followers.head());
      if (news.length > 0) followers.apply(news);
    },
    now: () => state.now,
    pause: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, state.patience))),
    clock: () => state.now,
    node: 'here',
    roll,
    effective: (ms) => effective.push(ms),
  });
  const place = (more: Partial<Place> = {}): Place => ({
    organizationId: acme,
    principal: { id: 'token', name: 'the verifiers' },
    verifier: null,
    address: '192.0.2.1',
    cursor: null,
    mayStill: async () => true,
    cut: () => undefined,
    ...more,
  });
  return {
    followers,
    journal,
    state,
    effective,
    place,
    commit(...added: Partial<JournalEntry>[]) {
      const entries = added.map((one, index) => entry(journal.length + index + 1, one));
      journal.push(...entries);
      followers.apply(entries);
      return entries;
    },
    async open(more: Partial<Place> = {}): Promise<Following> {
      const following = await followers.open(place(more));
      if (typeof following === 'string') throw new Error(following);
      return following;
    },
  };
}

/** A roll that nobody else is on, whose steps a test can see and hold up. */
function emptyRoll(more: Partial<RollCall>): RollCall {
  return {
    enter: async () => {},
    tellSoon: () => {},
    tell: async () => {},
    watch: (_, opened) => opened.dismiss('others'),
    others: async () => [],
    acknowledge: async () => {},
    close: async () => {},
    ...more,
  };
}

async function next({ told }: Following): Promise<Told | undefined> {
  const { value } = await told.next();
  return value ?? undefined;
}

/** The next changes, whatever heartbeats come before them. */
async function seqs(following: Following): Promise<number[]> {
  for (;;) {
    const told = await next(following);
    if (told === undefined) return [];
    if ('changes' in told) return told.changes.map(({ seq }) => seq);
  }
}

const isPending = async (what: Promise<unknown>) =>
  (await Promise.race([what.then(() => 'settled'), new Promise((on) => setTimeout(on, 20, 'pending'))])) === 'pending';

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
    const { followers, journal } = world();
    journal.push(entry(1));
    let loaded = () => {};
    followers.apply(journal, new Promise<void>((done) => (loaded = done)));
    const reached = Promise.resolve(followers.reaches(1));
    expect(await isPending(reached)).toBe(true);
    loaded();
    expect(await reached).toBe(true);
    expect(followers.reaches(1)).toBe(true);
    expect(await followers.reaches(2)).toBe(false);
  });

  it('has not reached an entry whose loading failed, or takes too long', async () => {
    const { followers, journal, state } = world();
    journal.push(entry(1), entry(2));
    state.patience = 0;
    followers.apply(journal.slice(0, 1), new Promise(() => {}));
    expect(await followers.reaches(1)).toBe(false);
    const failing = world();
    failing.journal.push(entry(1));
    failing.followers.apply(failing.journal, Promise.reject(new Error('stopping')));
    await expect(failing.followers.reaches(1)).rejects.toThrow('stopping');
    expect(failing.followers.lines()).toMatchObject([{ cursor: 0 }]);
  });

  it('keeps what it remembers when it comes to a node that knows its cursor but is still loading', async () => {
    const { followers, journal, open } = world(3);
    let loaded = () => {};
    journal.push(entry(4));
    followers.apply(journal, new Promise<void>((done) => (loaded = done)));
    const opening = open({ cursor: 4 });
    expect(await isPending(opening)).toBe(true);
    loaded();
    expect(await opening).toMatchObject({ cursor: 4, reset: false });
  });

  it('never hears of another organization, but of plans and signing keys, whoever changed them', async () => {
    const { open, commit, followers } = world();
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
    await followers.beat();
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
    const { open, journal, followers } = world(3);
    const following = await open();
    journal.push(entry(4), entry(5));
    followers.apply([entry(5)]);
    expect(await seqs(following)).toEqual([4, 5]);
  });

  it('hears of a signing key only after this node has read it itself, and of what came later after that', async () => {
    const { open, journal, followers, commit } = world();
    const following = await open();
    const reading = Promise.withResolvers<void>();
    journal.push(entry(1));
    followers.apply([entry(1)], reading.promise);
    commit({});
    const told = seqs(following);
    expect(await isPending(told)).toBe(true);
    reading.resolve();
    expect([...(await told), ...(await seqs(following))].sort()).toEqual([1, 2]);
  });
});

describe('a heartbeat', () => {
  it('comes at once to whoever is back, when all that was missed has been told: nobody need wait for the next beat', async () => {
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
    const { open, commit, followers } = world(3);
    const following = await open();
    commit({}, {});
    await followers.beat();
    expect([await seqs(following), await next(following)]).toEqual([[4, 5], { heartbeat: 5 }]);
  });

  it('passes over no change that was made while the follower was not yet on the roll [S116]', async () => {
    const entered = Promise.withResolvers<void>();
    const { open, journal } = world(1, 1, emptyRoll({ enter: () => entered.promise }));
    const opening = open({ cursor: 1, verifier: 'one' });
    expect(await isPending(opening)).toBe(true);
    // Another node's; its receipt waits for nobody here.
    journal.push(entry(2));
    entered.resolve();
    const following = await opening;
    expect([await next(following), await next(following)]).toMatchObject([{ changes: [{ seq: 2 }] }, { heartbeat: 2 }]);
  });

  it('passes over no change that was made before this node told the roll who is here [S116]', async () => {
    let tell = async () => {};
    const { open, journal, followers } = world(1, 1, emptyRoll({ tell: () => tell() }));
    const following = await open({ verifier: 'one' });
    expect(await next(following)).toEqual({ heartbeat: 1 });
    tell = async () => {
      journal.push(entry(2));
    };
    await followers.beat();
    expect([await next(following), await next(following)]).toMatchObject([{ changes: [{ seq: 2 }] }, { heartbeat: 2 }]);
  });

  it('is not sent while something is known that has not been told, since it loads [S116]', async () => {
    const { open, journal, followers, commit, state } = world();
    const cut: string[] = [];
    const following = await open({ cut: () => cut.push('cut') });
    expect(await next(following)).toEqual({ heartbeat: 0 });
    const told = next(following);
    let loaded = () => {};
    journal.push(entry(1));
    followers.apply(journal, new Promise<void>((done) => (loaded = done)));
    commit({});
    for (state.now = 1000; state.now < 20_000; state.now += 1000) await followers.beat();
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
    const { open, journal, followers, state } = world();
    const following = await open();
    expect(await next(following)).toEqual({ heartbeat: 0 });
    let loaded = () => {};
    journal.push(entry(1));
    followers.apply(journal, new Promise<void>((done) => (loaded = done)));
    await followers.beat();
    state.down = true;
    await expect(followers.beat()).rejects.toThrow('gone');
    loaded();
    expect(await seqs(following)).toEqual([1]);
    expect(await isPending(next(following))).toBe(true);
  });

  it('is not sent while the journal cannot be read [S116]', async () => {
    const { open, followers, state } = world(3);
    const following = await open();
    expect(await next(following)).toEqual({ heartbeat: 3 });
    state.down = true;
    const told = next(following);
    await expect(followers.beat()).rejects.toThrow('gone');
    expect(await isPending(told)).toBe(true);
    // However long that was: there was nothing to take.
    state.now = 20_000;
    state.down = false;
    await followers.beat();
    expect(await told).toEqual({ heartbeat: 3 });
  });

  it('is not sent to whom cannot be asked about, and ends the feed of whom is refused', async () => {
    const { open, followers } = world();
    let mayStill: () => Promise<boolean> = () => Promise.reject(new Error('the database is gone'));
    const following = await open({ mayStill: () => mayStill() });
    expect(await next(following)).toEqual({ heartbeat: 0 });
    const told = following.told.next();
    await followers.beat();
    expect(await isPending(told)).toBe(true);
    mayStill = async () => false;
    await followers.beat();
    expect(await told).toEqual({ done: true, value: undefined });
    expect(followers.lag().connected).toBe(0);
  });

  it('asks the journal nothing while nobody follows', async () => {
    const { followers, state } = world();
    state.down = true;
    await followers.beat();
  });
});

describe('a follower that does not read', () => {
  it('is cut off when it has taken nothing for ten seconds, and no other is', async () => {
    const { open, followers, state } = world();
    const cut: string[] = [];
    const stuck = await open({ cut: () => cut.push('stuck') });
    const well = await open({ cut: () => cut.push('well') });
    const first = stuck.told.next();
    for (state.now = 0; state.now < 9_000; state.now += 1000) {
      await followers.beat();
      expect(await next(well)).toEqual({ heartbeat: 0 });
    }
    await first;
    expect(cut).toEqual([]);
    for (; state.now < 13_000; state.now += 1000) {
      await followers.beat();
      await next(well);
    }
    expect(cut).toEqual(['stuck']);
    expect(followers.lag().connected).toBe(1);
  });

  it('is cut off when it is too far behind', async () => {
    const { open, followers, commit } = world();
    let cuts = 0;
    await open({
      cut: () => {
        cuts += 1;
      },
    });
    commit(...Array.from({ length: mostRemembered + 1 }, () => ({})));
    expect(followers.lag()).toEqual({ connected: 1, behind: mostRemembered + 1 });
    await followers.beat();
    expect(cuts).toBe(1);
  });
});

describe('when the journal becomes another', () => {
  /** Five entries, the last two of them lost; two others in their place, and one more. */
  async function lost(prepared: Promise<unknown> = Promise.resolve()) {
    const all = world(5);
    const following = await all.open({ verifier: 'one', cursor: 5 });
    expect(await next(following)).toEqual({ heartbeat: 5 });
    all.journal.splice(3, 2, entry(4), entry(5), entry(6));
    all.followers.startOver(6, prepared);
    return { ...all, following };
  }

  it('a follower must forget everything, and is then told of what comes [S114]', async () => {
    const { following, commit, followers } = await lost();
    expect(await next(following)).toEqual({ forget: 6 });
    commit({});
    expect(await seqs(following)).toEqual([7]);
    await followers.beat();
    expect(await next(following)).toEqual({ heartbeat: 7 });
  });

  it('a follower that was about to be told something forgets before it hears anything else [S114]', async () => {
    const { open, commit, followers, journal } = world(5);
    const following = await open({ cursor: 5 });
    expect(await next(following)).toEqual({ heartbeat: 5 });
    commit({});
    expect(await seqs(following)).toEqual([6]);
    journal.splice(4, 2, entry(5));
    followers.startOver(5, Promise.resolve());
    await followers.beat();
    expect([await next(following), await next(following)]).toEqual([{ forget: 5 }, { heartbeat: 5 }]);
  });

  it('no heartbeat says anything before keys and plans have been loaded anew [S114]', async () => {
    const loading = Promise.withResolvers<void>();
    const { following, followers, state } = await lost(loading.promise);
    state.patience = 0;
    expect(await next(following)).toEqual({ forget: 6 });
    await followers.beat();
    const told = next(following);
    expect(await isPending(told)).toBe(true);
    expect(await followers.reaches(6)).toBe(false);
    loading.resolve();
    expect(await told).toEqual({ heartbeat: 6 });
    expect(await followers.reaches(6)).toBe(true);
  });

  it('what was loading before does not count any more [S114]', async () => {
    const { followers, journal, state } = world(5);
    const before = Promise.withResolvers<void>();
    journal.push(entry(6));
    followers.apply([entry(6)], before.promise);
    state.patience = 0;
    followers.startOver(6, new Promise(() => {}));
    before.resolve();
    expect(await followers.reaches(6)).toBe(false);
  });

  it('a cursor of the one before is not known, though the other goes as far [S114]', async () => {
    const { open, commit } = await lost();
    await new Promise((on) => setTimeout(on));
    for (const cursor of [3, 5, 6]) expect(await open({ cursor })).toMatchObject({ cursor: 6, reset: true });
    commit({}, {});
    expect(await open({ cursor: 7 })).toMatchObject({ cursor: 7, reset: false });
  });

  it('no receipt waits on, and what was said before is no answer to a later one [S114]', async () => {
    const { followers, journal, commit, open } = world(5);
    const following = await open({ verifier: 'one', cursor: 5 });
    const [sent] = commit({});
    const waits = followers.receipt(acme, { type: 'api_token', id: 'token-6' }, new AbortController().signal);
    journal.splice(4, 2, entry(5));
    followers.startOver(5, Promise.resolve());
    expect(await waits).toMatchObject({ seq: sent?.seq, effective: 1, of: 2, waitingFor: ['one'] });
    const later = followers.receipt(acme, { type: 'api_token', id: 'token-5' }, new AbortController().signal);
    const from = { organizationId: acme, principalId: 'token' };
    followers.acknowledge(from, 'one', 4);
    expect(await isPending(later)).toBe(true);
    expect(followers.lines()).toMatchObject([{ cursor: 5 }, { verifier: 'one', cursor: -1 }]);
    while (!('forget' in ((await next(following)) ?? {})));
    followers.acknowledge(from, 'one', 5);
    expect(await later).toMatchObject({ seq: 5, effective: 2, of: 2 });
  });
});

describe('a receipt', () => {
  const subject = { type: 'api_token', id: 'token-1' };
  const never = () => new AbortController();
  const from = { organizationId: acme, principalId: 'token' };

  it('is of this node alone where nobody follows', async () => {
    const { followers, commit } = world();
    commit({});
    const receipt = await followers.receipt(acme, subject, never().signal);
    expect(receipt).toEqual({ seq: 1, effective: 1, of: 1, slowestMs: null, waitingFor: [] });
  });

  it('waits for every verifier of the organization, and for no other', async () => {
    const { followers, commit, open, state, effective } = world();
    const [one, two] = [await open({ verifier: 'one' }), await open({ verifier: 'two' })];
    await open({ verifier: 'one', organizationId: 'org-other' });
    commit({});
    await Promise.all([next(one), next(two)]);
    const receipt = followers.receipt(acme, subject, never().signal);
    state.now = 30;
    followers.acknowledge({ organizationId: 'org-other', principalId: 'token' }, 'two', 1);
    followers.acknowledge(from, 'one', 1);
    followers.acknowledge(from, 'one', 1);
    expect(await isPending(receipt)).toBe(true);
    state.now = 212;
    followers.acknowledge(from, 'two', 1);
    expect(await receipt).toEqual({ seq: 1, effective: 3, of: 3, slowestMs: 212, waitingFor: [] });
    expect(effective).toEqual([30, 212]);
  });

  it('names who has not answered when the time is over', async () => {
    const { followers, commit, open } = world();
    const [quick] = [await open({ verifier: 'quick' }), await open({ verifier: 'slow' }), await open()];
    commit({});
    await next(quick as Following);
    const time = never();
    const receipt = followers.receipt(acme, subject, time.signal);
    followers.acknowledge(from, 'quick', 1);
    time.abort();
    const waitingFor = ['slow', 'the verifiers'];
    expect(await receipt).toEqual({ seq: 1, effective: 2, of: 4, slowestMs: 0, waitingFor });
  });

  it('takes no word for what nobody was told yet', async () => {
    const { followers, commit, open } = world();
    await open({ verifier: 'liar' });
    followers.acknowledge(from, 'liar', Number.MAX_SAFE_INTEGER);
    commit({});
    expect(await isPending(followers.receipt(acme, subject, never().signal))).toBe(true);
  });

  it('waits for a verifier whose connection broke, until it is back and has it', async () => {
    const { followers, commit, open } = world();
    const broken = await open({ verifier: 'one' });
    broken.close();
    commit({});
    const receipt = followers.receipt(acme, subject, never().signal);
    const back = await open({ verifier: 'one', cursor: 0 });
    expect(await seqs(back)).toEqual([1]);
    expect(await isPending(receipt)).toBe(true);
    followers.acknowledge(from, 'one', 1);
    expect(await receipt).toMatchObject({ effective: 2, of: 2 });
  });

  it('does not wait for one that has been away for so long that it trusts nothing any more', async () => {
    const { followers, commit, open, state } = world();
    const following = await open({ verifier: 'one' });
    following.close();
    state.now = 3001;
    commit({});
    expect(await followers.receipt(acme, subject, never().signal)).toMatchObject({ effective: 1, of: 1 });
  });

  it('waits for one that was told to forget until it says that it has', async () => {
    const { followers, open } = world(mostRemembered + 5);
    const following = await open({ verifier: 'old', cursor: 1 });
    const receipt = followers.receipt(acme, subject, never().signal);
    expect(await isPending(receipt)).toBe(true);
    followers.acknowledge(from, 'old', following.cursor);
    expect(await receipt).toMatchObject({ effective: 2, of: 2 });
  });

  it('is answered at once by one that begins with nothing', async () => {
    const { followers, open } = world(7);
    await open({ verifier: 'new' });
    expect(await followers.receipt(acme, subject, never().signal)).toMatchObject({ effective: 2, of: 2 });
  });

  it('counts a verifier that gives its name only with its first acknowledgement', async () => {
    const { followers, commit, open } = world();
    const following = await open();
    await open({ principal: { id: 'another', name: 'another' } });
    commit({});
    await next(following);
    const time = never();
    const receipt = followers.receipt(acme, subject, time.signal);
    followers.acknowledge(from, 'late', 1);
    followers.acknowledge(from, 'nobody', 1);
    time.abort();
    expect(await receipt).toMatchObject({ effective: 2, of: 3, waitingFor: ['another'] });
  });

  it('of a change that was made long ago asks who has that one', async () => {
    const { followers, commit, open } = world();
    const following = await open({ verifier: 'one' });
    commit({});
    await next(following);
    followers.acknowledge(from, 'one', 1);
    commit({});
    const receipt = await followers.receipt(acme, subject, never().signal);
    expect(receipt).toMatchObject({ seq: 1, effective: 2, of: 2 });
  });

  it('behind a gap waits for what was heard of last, not for an older change of the same thing', async () => {
    const { followers, open, state } = world(1);
    await open({ verifier: 'one' });
    state.down = true;
    followers.apply([entry(3, { subject })]);
    const time = never();
    const receipt = followers.receipt(acme, subject, time.signal);
    time.abort();
    expect(await receipt).toMatchObject({ seq: 3, effective: 1, waitingFor: ['one'] });
  });
});

it('ends every feed and every waiting when the server stops, and lets nobody in after that', async () => {
  const { followers, open, commit, place } = world();
  const following = await open({ verifier: 'one' });
  commit({});
  await seqs(following);
  expect(await next(following)).toEqual({ heartbeat: 1 });
  const end = following.told.next();
  const receipt = followers.receipt(acme, { type: 'api_token', id: 'token-1' }, new AbortController().signal);
  followers.close();
  expect(await end).toEqual({ done: true, value: undefined });
  expect(await receipt).toMatchObject({ waitingFor: ['one'] });
  expect(await followers.open(place())).toBe('stopping');
});

it('has room for a thousand followers of one organization, and still for those of another', async () => {
  const { followers, place } = world();
  for (let n = 0; n < 1000; n += 1) expect(await followers.open(place())).toMatchObject({ cursor: 0 });
  expect(await followers.open(place())).toBe('full');
  expect(await followers.open(place({ organizationId: 'org-other' }))).toMatchObject({ cursor: 0 });
});
