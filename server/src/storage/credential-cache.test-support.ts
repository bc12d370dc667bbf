// What the tests of the credential cache share: a real SQLite file, and its reads, counted and held up where a race is
// wanted. For tests only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CredentialLookup } from '../core/caller/ports.ts';
import type { JournalEntry, NewJournalEntry } from '../core/journal/entry.ts';
import type { Store } from '../core/ports.ts';
import { openStore } from './open.ts';
import { anEntry } from './records.test-support.ts';
import { type RevokedTokenCache, revokedTokenCache } from './revoked-token-cache.ts';

/** A store in a folder of its own, and how it is removed. */
export async function temporaryStore(): Promise<{ store: Store; remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-cached-'));
  const store = await openStore({ sqlite: { file: join(folder, 'keyward.db') }, migrate: true });
  return {
    store,
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The store's records, counted; a read can be held up before or after the database was asked. */
export function countedReads(store: Store) {
  const state = { reads: 0, before: async () => {}, after: async () => {} };
  const count = async <T>(read: () => Promise<T>): Promise<T> => {
    state.reads += 1;
    await state.before();
    const answer = await read();
    await state.after();
    return answer;
  };
  const inner: CredentialLookup = {
    byDigest: (digest) => count(() => store.credentials.byDigest(digest)),
    bySource: (source) => count(() => store.credentials.bySource(source)),
    isIssued: (jti) => count(() => store.credentials.isIssued(jti)),
    hasSession: (id) => count(() => store.credentials.hasSession(id)),
  };
  return { state, inner };
}

/** An entry as the store's listener tells it. */
export function toldEntry(organizationId: string, wanted: Partial<NewJournalEntry>): JournalEntry {
  return { ...anEntry(organizationId, wanted), seq: 1, hash: '' };
}

/** Which access tokens were revoked, as the store knows. */
export function revokedIn(store: Pick<Store, 'revokedTokens'>): RevokedTokenCache {
  return revokedTokenCache(store.revokedTokens, { clock: () => 0, isFresh: () => true });
}
