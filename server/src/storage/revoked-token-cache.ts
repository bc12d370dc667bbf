// Which access tokens were revoked, in memory: all that would still be good, loaded before any is decided about and kept by
// the journal. While it is not all here, or the journal may hold more, the database is asked.

import type { Awaitable } from '../core/awaitable.ts';
import type { Clock } from '../core/clock.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import { serializedLoad } from '../core/serialized-load.ts';
import type { RevokedTokenReads } from '../core/tokens/ports.ts';

export interface RevokedTokenCache {
  isRevoked(jti: string): Awaitable<boolean>;
  /** To be called with every entry, in order. */
  apply(entries: readonly JournalEntry[]): void;
  /** The journal has become another: what is here may not be all, until `reload` was called. Nothing is forgotten. */
  outdate(): void;
  reload(): Promise<void>;
  /** Forgets what ended by itself so long ago that no clock revives it. */
  forgetEnded(before: number): void;
}

interface CacheOptions {
  clock: Clock;
  /** False while the journal may hold entries that `apply` has not been told of. */
  isFresh(): boolean;
}

const pageSize = 5000;

export function revokedTokenCache(reads: RevokedTokenReads, { clock, isFresh }: CacheOptions): RevokedTokenCache {
  /** When each would have ended. */
  const revoked = new Map<string, number>();
  let isWhole = false;
  let outdated = 0;

  return {
    isRevoked(jti) {
      if (revoked.has(jti)) return true;
      return isWhole && isFresh() ? false : reads.isRevoked(jti);
    },
    apply(entries) {
      for (const { subject, detail } of entries) {
        if (subject.type === 'access_token') revoked.set(subject.id, Number(detail.expiresAt));
      }
    },
    outdate() {
      outdated += 1;
      isWhole = false;
    },
    reload: serializedLoad(async () => {
      const before = outdated;
      for (let after: string | null = ''; after !== null; ) {
        const page = await reads.living(clock(), { organizationId: null, after, limit: pageSize });
        for (const { jti, expiresAt } of page) revoked.set(jti, expiresAt);
        after = page.length < pageSize ? null : (page.at(-1)?.jti ?? null);
      }
      isWhole = outdated === before;
    }),
    forgetEnded(before) {
      for (const [jti, expiresAt] of revoked) if (expiresAt < before) revoked.delete(jti);
    },
  };
}
