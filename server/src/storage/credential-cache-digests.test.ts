// What the credential cache answers of itself once all digests are known: an absence is an answer, and never of a token that
// was told of. A real SQLite file, its reads counted.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { Changes, Store } from '../core/ports.ts';
import { countedReads, revokedIn, temporaryStore, toldEntry } from './credential-cache.test-support.ts';
import { credentialCache } from './credential-cache.ts';
import { digestFilter } from './digest-filter.ts';
import { anApiToken, populate } from './records.test-support.ts';

let store: Store;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ store, remove } = await temporaryStore());
});
afterAll(() => remove());

describe('the credential cache with all digests known', () => {
  let fresh = true;
  let read: ReturnType<typeof countedReads>;
  let cached: ReturnType<typeof credentialCache>;
  let world: Awaited<ReturnType<typeof populate>>;
  let digests: ReturnType<typeof digestFilter>;
  const options = () => ({
    maxEntries: 100,
    clock: () => 1_000_000,
    isFresh: () => fresh,
    known: digests,
    revoked: revokedIn(store),
  });

  beforeEach(async () => {
    fresh = true;
    read = countedReads(store);
    world = await populate(store);
    digests = digestFilter(store.digests);
    await digests.fill();
    cached = credentialCache(read.inner, options());
  });

  /** Makes a change and tells the cache of it, as the store's listener would. */
  const changeAndTell = async (work: (changes: Changes) => Promise<unknown>, wanted: Partial<NewJournalEntry>) => {
    await store.write(work);
    tell(wanted);
  };
  const tell = (wanted: Partial<NewJournalEntry>) => cached.apply([toldEntry(world.organization.id, wanted)]);

  it('answer an unknown token at once and ask nobody, however many there are [S101]', () => {
    for (let index = 0; index < 1000; index += 1) {
      expect(cached.byDigest(index.toString(16).padStart(64, 'f'))).toBeNull();
    }
    expect(read.state.reads).toBe(0);
  });

  it('know a token from the moment that its creation was told [S101]', async () => {
    const later = anApiToken(world.user);
    expect(cached.byDigest(later.digest)).toBeNull();
    await changeAndTell((c) => c.apiTokens.insert(later), { subject: { type: 'api_token', id: later.id } });
    expect((await cached.byDigest(later.digest))?.source.id).toBe(later.id);
  });

  it('still find deleted tokens, whose lifecycle says so', async () => {
    const { organization, token } = world;
    await changeAndTell((c) => c.apiTokens.delete(organization.id, token.id, 7), {
      action: 'api_token.deleted',
      subject: { type: 'api_token', id: token.id },
    });
    expect((await cached.byDigest(token.digest))?.lifecycle.deletedAt).toBe(7);
  });

  it('ask the database for everything while they may have missed an entry', async () => {
    const later = anApiToken(world.user);
    await store.write((c) => c.apiTokens.insert(later));
    fresh = false;
    expect((await cached.byDigest(later.digest))?.source.id).toBe(later.id);
    expect(await cached.byDigest('f'.repeat(64))).toBeNull();
    expect(read.state.reads).toBe(2);
  });

  it('hear other nodes out before they deny a token', async () => {
    const later = anApiToken(world.user);
    let told = true;
    const catchUp = async () => {
      if (told) return;
      told = true;
      tell({ subject: { type: 'api_token', id: later.id } });
    };
    cached = credentialCache(read.inner, { ...options(), catchUp });
    expect(await cached.byDigest(later.digest)).toBeNull();
    expect(read.state.reads).toBe(0);
    await store.write((c) => c.apiTokens.insert(later));
    told = false;
    expect((await cached.byDigest(later.digest))?.source.id).toBe(later.id);
  });

  it('ask the database when other nodes cannot be heard', async () => {
    const later = anApiToken(world.user);
    await store.write((c) => c.apiTokens.insert(later));
    const catchUp = () => Promise.reject(new Error('down'));
    cached = credentialCache(read.inner, { ...options(), catchUp });
    expect((await cached.byDigest(later.digest))?.source.id).toBe(later.id);
    read.state.before = () => Promise.reject(new Error('down'));
    await expect(cached.byDigest('f'.repeat(64))).rejects.toThrow('down');
  });
});
