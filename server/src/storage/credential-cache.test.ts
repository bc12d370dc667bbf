// What the cache owes the hot path: no old answer once a change was told, no more reads than needed, no shared record
// that anybody can change. Real records from a SQLite file, counted and held up where a race is wanted.

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { principalOf } from '../core/caller/principal.ts';
import type { Session } from '../core/caller/records.ts';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { Changes, Store } from '../core/ports.ts';
import { countedReads, revokedIn, temporaryStore, toldEntry } from './credential-cache.test-support.ts';
import { cacheKey, credentialCache } from './credential-cache.ts';
import { anApiToken, another, aSession, populate } from './records.test-support.ts';

let store: Store;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ store, remove } = await temporaryStore());
});
afterAll(() => remove());

/** A gate that a read waits at: `reached` when it does, `open` lets it through. */
function gate() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const wait = () => {
    reached.resolve();
    return opened.promise;
  };
  return { wait, reached: reached.promise, open: () => opened.resolve() };
}

describe('the credential cache', () => {
  let now = 0;
  let fresh = true;
  let read: ReturnType<typeof countedReads>;
  let cached: ReturnType<typeof credentialCache>;
  let world: Awaited<ReturnType<typeof populate>>;

  beforeEach(async () => {
    now = 1_000_000;
    fresh = true;
    read = countedReads(store);
    cached = credentialCache(read.inner, {
      maxEntries: 100,
      clock: () => now,
      isFresh: () => fresh,
      revoked: revokedIn(store),
    });
    world = await populate(store);
  });

  /** Makes a change and tells the cache of it, as the store's listener would. */
  const changeAndTell = async (work: (changes: Changes) => Promise<unknown>, wanted: Partial<NewJournalEntry>) => {
    await store.write(work);
    tell(wanted);
  };
  const tell = (wanted: Partial<NewJournalEntry>) => {
    cached.apply([toldEntry(world.organization.id, wanted)]);
  };
  const aboutToken = () => ({
    action: 'api_token.deactivated',
    subject: { type: 'api_token', id: world.token.id },
  });

  it('ask the database once, by whatever the record is looked up', async () => {
    const record = await cached.byDigest(world.token.digest);
    expect(record).toMatchObject((await store.credentials.byDigest(world.token.digest)) ?? {});
    expect(await cached.byDigest(world.token.digest)).toBe(record);
    expect(await cached.bySource({ type: 'api_token', id: world.token.id })).toBe(record);
    await cached.bySource({ type: 'user', id: world.user.id });
    await cached.bySource({ type: 'user', id: world.user.id });
    expect(read.state.reads).toBe(2);
  });

  it('give out records that nobody can change [S102]', async () => {
    const record = await cached.byDigest(world.token.digest);
    if (record === null || record.token === null) throw new Error('The record is missing.');
    const permissions = record.token.permissions as string[];
    expect(() => permissions.push('delete:everything')).toThrow(TypeError);
    expect(() => Object.assign(record.owner.lifecycle, { generation: 9 })).toThrow(TypeError);
    expect(() => Object.assign(record, { name: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(record.principal?.owner ?? {}, { role: 'owner' })).toThrow(TypeError);
  });

  it('keep once what records have in common, and apart what differs', async () => {
    const [first, second, foreign] = [anApiToken(world.user), anApiToken(world.user), await populate(store)];
    await store.write(async (c) => {
      for (const token of [first, second]) await c.apiTokens.insert(token);
    });
    const read = async ({ digest }: { digest: string }) => {
      const record = await cached.byDigest(digest);
      if (record === null || record.token === null) throw new Error('The record is missing.');
      expect(record).toMatchObject((await store.credentials.byDigest(digest)) ?? {});
      expect(record.principal).toEqual(principalOf((await store.credentials.byDigest(digest)) ?? record));
      return { record, token: record.token };
    };
    const [one, other, machine, stranger] = [
      await read(first),
      await read(second),
      await read(world.machineToken),
      await read(foreign.token),
    ];
    expect(other.record.owner).toBe(one.record.owner);
    expect(other.token.permissions).toBe(one.token.permissions);
    expect(other.record.principal?.permissions).toBe(one.record.principal?.permissions);
    expect(machine.record.organization).toBe(one.record.organization);
    expect(machine.record.owner.id).toBe(world.apiUser.id);
    expect(stranger.record.organization.id).toBe(foreign.organization.id);
  });

  it('keep tuples apart that only look alike when they are joined [S15]', () => {
    const part = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[0-9:]{0,6}$/));
    const tuple = fc.array(part, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tuple, tuple, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(cacheKey(...one) === cacheKey(...other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
    expect(cacheKey('a', 'b:c')).not.toBe(cacheKey('a:b', 'c'));
    expect(cacheKey('1:a', '')).not.toBe(cacheKey('', '1:a'));
  });

  it('make one read of 1,000 concurrent misses [S103]', async () => {
    const held = gate();
    read.state.before = held.wait;
    const answers = Array.from({ length: 1000 }, () => cached.byDigest(world.token.digest));
    await held.reached;
    held.open();
    const credentials = new Set(await Promise.all(answers));
    expect(credentials.size).toBe(1);
    expect(read.state.reads).toBe(1);
  });

  it('share a failure with those who waited for it, and with nobody after them [S103]', async () => {
    read.state.before = () => Promise.reject(new Error('down'));
    const waiting = Array.from({ length: 10 }, () => cached.byDigest(world.token.digest));
    for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
    expect(read.state.reads).toBe(1);
    read.state.before = async () => {};
    expect(await cached.byDigest(world.token.digest)).not.toBeNull();
  });

  it('forget a token that the journal names, and no other', async () => {
    await cached.byDigest(world.token.digest);
    await cached.byDigest(world.machineToken.digest);
    const { organization, token } = world;
    await changeAndTell((c) => c.apiTokens.deactivate(organization.id, token.id, 7), aboutToken());
    expect((await cached.byDigest(token.digest))?.lifecycle.deactivatedAt).toBe(7);
    expect((await cached.bySource({ type: 'api_token', id: token.id }))?.lifecycle.deactivatedAt).toBe(7);
    await cached.byDigest(world.machineToken.digest);
    expect(read.state.reads).toBe(3);
  });

  it.each([
    { subject: 'user', id: () => world.user.id },
    { subject: 'api_user', id: () => world.apiUser.id },
    { subject: 'role', id: () => 'auditor' },
    { subject: 'organization', id: () => world.organization.id },
  ])('forget all of an organization when the journal names its $subject, and of no other', async ({ subject, id }) => {
    const foreign = await populate(store);
    const everyone = () =>
      Promise.all([
        cached.byDigest(world.token.digest),
        cached.byDigest(world.machineToken.digest),
        cached.bySource({ type: 'user', id: world.user.id }),
        cached.bySource({ type: 'api_user', id: world.apiUser.id }),
        cached.byDigest(foreign.token.digest),
      ]);
    await everyone();
    expect(read.state.reads).toBe(5);
    await changeAndTell((c) => c.users.update(world.organization.id, world.user.id, { role: 'viewer' }), {
      subject: { type: subject, id: id() },
    });
    const [record] = await everyone();
    expect(record?.owner.role).toBe('viewer');
    expect(read.state.reads).toBe(9);
  });

  it('forget all of the organizations that have the plan which the journal names, and keep nothing that was read meanwhile', async () => {
    const [other, fourth] = [await populate(store), await populate(store)];
    await store.write((c) => c.organizations.update(other.organization.id, { planId: 'another' }));
    const everyone = () => Promise.all([world, fourth, other].map(({ token }) => cached.byDigest(token.digest)));
    await everyone();
    tell({ action: 'plan.changed', subject: { type: 'plan', id: 'another' } });
    await everyone();
    expect(read.state.reads).toBe(4);
    const free = { id: 'free', name: 'Free', limits: [], whenUnavailable: 'local', observed: null } as const;
    const put = (...entitlement: string[]) =>
      changeAndTell((c) => c.plans.put({ ...free, entitlement }), { subject: { type: 'plan', id: free.id } });
    await put('read:a');
    const entitlements = async () => (await everyone()).map((record) => record?.organization.entitlement);
    expect(await entitlements()).toEqual([['read:a'], ['read:a'], []]);
    expect(read.state.reads).toBe(6);
    const held = gate();
    read.state.after = held.wait;
    cached.clear();
    const before = cached.byDigest(world.token.digest);
    await held.reached;
    await put('read:b');
    read.state.after = async () => {};
    held.open();
    expect((await before)?.organization.entitlement).toEqual(['read:a']);
    expect(await entitlements()).toEqual([['read:b'], ['read:b'], []]);
    await store.write((c) => c.plans.delete(free.id));
  });

  it('keep nothing that was read while the journal named it, and let nobody join that read', async () => {
    const held = gate();
    read.state.after = held.wait;
    const before = cached.byDigest(world.token.digest);
    await held.reached;
    const { organization, token } = world;
    await changeAndTell((c) => c.apiTokens.deactivate(organization.id, token.id, 7), aboutToken());
    read.state.after = async () => {};
    // Asked after the deactivation was acknowledged: the old read must not answer.
    expect((await cached.byDigest(token.digest))?.lifecycle.deactivatedAt).toBe(7);
    cached.clear();
    held.open();
    expect((await before)?.lifecycle.deactivatedAt).toBeNull();
    expect((await cached.byDigest(token.digest))?.lifecycle.deactivatedAt).toBe(7);
  });

  it('keep what was read while the journal named something else', async () => {
    const held = gate();
    read.state.after = held.wait;
    const answer = cached.byDigest(world.token.digest);
    await held.reached;
    tell({ subject: { type: 'api_token', id: world.machineToken.id } });
    held.open();
    const record = await answer;
    expect(await cached.byDigest(world.token.digest)).toBe(record);
    expect(read.state.reads).toBe(1);
  });

  it('keep an unknown credential unknown for a second at most [S101]', async () => {
    const later = anApiToken(world.user);
    expect(await cached.byDigest(later.digest)).toBeNull();
    await store.write((c) => c.apiTokens.insert(later));
    now += 999;
    expect(await cached.byDigest(later.digest)).toBeNull();
    expect(read.state.reads).toBe(1);
    now += 1;
    expect(await cached.byDigest(later.digest)).not.toBeNull();
  });

  it('know a token at once that was created after it was asked for in vain [S101]', async () => {
    const later = anApiToken(world.user);
    expect(await cached.byDigest(later.digest)).toBeNull();
    await changeAndTell((c) => c.apiTokens.insert(later), {
      action: 'api_token.created',
      subject: { type: 'api_token', id: later.id },
    });
    expect(await cached.byDigest(later.digest)).not.toBeNull();
  });

  it('keep no absence that was read while a token was created [S101]', async () => {
    const later = anApiToken(world.user);
    const held = gate();
    read.state.after = held.wait;
    const before = cached.byDigest(later.digest);
    await held.reached;
    await changeAndTell((c) => c.apiTokens.insert(later), { subject: { type: 'api_token', id: later.id } });
    held.open();
    expect(await before).toBeNull();
    read.state.after = async () => {};
    expect(await cached.byDigest(later.digest)).not.toBeNull();
  });

  it('lose no good entry to a flood of unknown credentials [S101]', async () => {
    await cached.byDigest(world.token.digest);
    for (let index = 0; index < 1000; index += 1) await cached.byDigest(`unknown ${index}`);
    const { reads } = read.state;
    await cached.byDigest(world.token.digest);
    expect(read.state.reads).toBe(reads);
  });

  it('hold no more than they may, and drop what was not used for longest', async () => {
    const small = credentialCache(read.inner, {
      maxEntries: 2,
      clock: () => now,
      isFresh: () => true,
      revoked: revokedIn(store),
    });
    await small.byDigest(world.token.digest);
    await small.byDigest(world.machineToken.digest);
    await small.byDigest(world.token.digest);
    await small.bySource({ type: 'user', id: world.user.id });
    expect(read.state.reads).toBe(3);
    await small.byDigest(world.token.digest);
    expect(read.state.reads).toBe(3);
    await small.byDigest(world.machineToken.digest);
    expect(read.state.reads).toBe(4);
  });

  it('answer nothing from memory, and keep nothing, while they may have missed an entry', async () => {
    await cached.byDigest(world.token.digest);
    fresh = false;
    await store.write((c) => c.apiTokens.deactivate(world.organization.id, world.token.id, 7));
    expect((await cached.byDigest(world.token.digest))?.lifecycle.deactivatedAt).toBe(7);
    await cached.byDigest(world.machineToken.digest);
    fresh = true;
    await cached.byDigest(world.machineToken.digest);
    expect(read.state.reads).toBe(4);
  });

  it('make two reads of 1,000 questions about one token while they may have missed an entry, however asked [S103]', async () => {
    fresh = false;
    const source = { type: 'api_token', id: world.token.id } as const;
    const thousand = <T>(ask: () => T) => Promise.all(Array.from({ length: 1000 }, ask));
    const [record] = await thousand(() => cached.byDigest(world.token.digest));
    await thousand(() => cached.bySource(source));
    await thousand(() => cached.isIssued('any'));
    await thousand(() => cached.hasSession('any'));
    expect(read.state.reads).toBe(8);
    expect(() => Object.assign(record ?? {}, { name: 'x' })).toThrow(TypeError);
  });

  it('remember that an access token is recorded until its record is deleted, and never that it is not', async () => {
    const source = { type: 'api_token', id: world.token.id } as const;
    const record = {
      jti: `jti ${another()}`,
      organizationId: world.organization.id,
      source,
      issuedAt: 1,
      expiresAt: 2,
    };
    expect(await cached.isIssued(record.jti)).toBe(false);
    await store.write((c) => c.issuedTokens.insert(record));
    expect(await cached.isIssued(record.jti)).toBe(true);
    expect(await cached.isIssued(record.jti)).toBe(true);
    expect(read.state.reads).toBe(2);
    await store.write((c) => c.issuedTokens.delete([record.jti]));
    cached.forgetIssued([record.jti]);
    expect(await cached.isIssued(record.jti)).toBe(false);
  });

  describe('of a session', () => {
    const begin = async () => {
      const session = aSession(world.user, { carrier: 'access_token' });
      await store.write((c) => c.sessions.insert(session));
      return session;
    };
    const end = ({ organizationId, userId, id }: Session) =>
      store.write((c) => c.sessions.delete(organizationId, userId, id));
    const told = (action: string, id: string) => tell({ action, subject: { type: 'session', id } });

    it('remember that it lasts until the journal says that it, or all others, ended; and that it ended for good', async () => {
      const [one, other] = [await begin(), await begin()];
      for (const _ of 'twice') expect(await cached.hasSession(one.id)).toBe(true);
      expect([cached.hasSession(one.id), read.state.reads]).toEqual([true, 1]);
      await end(one);
      told('session.ended', one.id);
      for (const _ of 'twice') expect(await cached.hasSession(one.id)).toBe(false);
      expect([await cached.hasSession(other.id), read.state.reads]).toEqual([true, 3]);
      await end(other);
      told('session.others_ended', one.id);
      expect(await cached.hasSession(other.id)).toBe(false);
    });

    it('do not remember that it lasts if it ended while they read it', async () => {
      const session = await begin();
      const held = gate();
      read.state.after = held.wait;
      const asked = cached.hasSession(session.id);
      await held.reached;
      await end(session);
      told('session.ended', session.id);
      held.open();
      await asked;
      expect(await cached.hasSession(session.id)).toBe(false);
    });
  });

  it('answer at once, without a promise, what they remember', async () => {
    const source = { type: 'api_token', id: world.token.id } as const;
    const jti = `jti ${another()}`;
    const times = { issuedAt: 1, expiresAt: 2 };
    await store.write((c) => c.issuedTokens.insert({ jti, organizationId: world.organization.id, source, ...times }));
    const record = await cached.byDigest(world.token.digest);
    await cached.isIssued(jti);
    expect(cached.byDigest(world.token.digest)).toBe(record);
    expect(cached.bySource(source)).toBe(record);
    expect(cached.isIssued(jti)).toBe(true);
  });

  it('never answer with the old once a change was told, however reads and changes interleave', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const token = anApiToken(world.user);
        await store.write((c) => c.apiTokens.insert(token));
        return token;
      }),
    );
    const random = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 3));
    read.state.before = random;
    read.state.after = random;
    const told = new Map(tokens.map(({ id }) => [id, 0]));
    const until = Date.now() + 600;
    const readers = Array.from({ length: 20 }, async (_, index) => {
      const token = tokens[index % tokens.length];
      while (token !== undefined && Date.now() < until) {
        const atLeast = told.get(token.id) ?? 0;
        const record = await cached.byDigest(token.digest);
        expect(record?.lifecycle.generation).toBeGreaterThanOrEqual(atLeast);
        await random();
      }
    });
    const writers = tokens.map(async ({ id, organizationId }, index) => {
      for (let generation = 1; Date.now() < until; generation += 1) {
        const subject = index === 0 ? { type: 'role', id: 'any' } : { type: 'api_token', id };
        await changeAndTell((c) => c.apiTokens.deactivate(organizationId, id, 1), { subject });
        told.set(id, generation);
        await store.write((c) => c.apiTokens.activate(organizationId, id));
        await random();
      }
    });
    await Promise.all([...readers, ...writers]);
  });
});
