// Which access tokens were revoked, in memory: all that would still be good, loaded before any is decided about and kept by
// the journal. While it is not all here, or the journal may hold more, the database is asked.

import type { Awaitable } from '../core/awaitable.ts';
import type { Clock } from '../core/clock.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import { serializedLoad } from '../core/serialized-load.ts';
import type { RevokedTokenReads } from '../core/tokens/ports.ts';

export interface RevokedTokenCache {
  /** How many are here. */
  readonly size: number;
  isRevoked(jti: string): Awaitable<boolean>;
  /** To be called with every entry, in order. */
  apply(entries: readonly JournalEntry[]): void;
  /** The journal has become another: what is here may not be all, until `reload` was called. Nothing is forgotten. */
  outdate(): void;
  reload(): Promise<void>;
  /** Forgets those that have ended by themselves, which nobody asks about, and loads what found no room, if there is some now. */
  forgetEnded(): Promise<void>;
}

interface CacheOptions {
  /** Never goes back. */
  clock: Clock;
  /** False while the journal may hold entries that `apply` has not been told of. */
  isFresh(): boolean;
  /** For so many there is room. */
  most?: number;
}

interface Kept {
  /** Under what it is counted. */
  sourceId: string;
  /** When it would have ended. */
  expiresAt: number;
}

const pageSize = 5000;
/** What ends all access tokens that are counted under one thing, if too many of them were revoked: none need be known by itself any more. */
const endings = new Set(['user.access_ended', 'api_user.access_ended', 'api_token.access_ended', 'session.ended']);

export function revokedTokenCache(
  reads: RevokedTokenReads,
  { clock, isFresh, most = 500_000 }: CacheOptions,
): RevokedTokenCache {
  const revoked = new Map<string, Kept>();
  let isWhole = false;
  let outdated = 0;

  function outdate(): void {
    outdated += 1;
    isWhole = false;
  }

  function keep(jti: string, one: Kept): void {
    if (revoked.size < most || revoked.has(jti)) revoked.set(jti, one);
    else outdate();
  }

  function forget(isOver: (one: Kept) => boolean): void {
    for (const [jti, one] of revoked) if (isOver(one)) revoked.delete(jti);
  }

  const reload = serializedLoad(async () => {
    const before = outdated;
    for (let after: string | null = ''; after !== null; ) {
      const page = await reads.living(clock(), { organizationId: null, after, limit: pageSize });
      for (const { jti, sourceId, expiresAt } of page) keep(jti, { sourceId, expiresAt });
      after = page.length < pageSize ? null : (page.at(-1)?.jti ?? null);
    }
    isWhole = outdated === before;
  });

  return {
    get size() {
      return revoked.size;
    },
    isRevoked(jti) {
      if (revoked.has(jti)) return true;
      return isWhole && isFresh() ? false : reads.isRevoked(jti);
    },
    apply(entries) {
      for (const { action, subject, detail } of entries) {
        if (subject.type === 'access_token') {
          keep(subject.id, { sourceId: sourceIdIn(detail), expiresAt: Number(detail.expiresAt) });
        } else if (endings.has(action) && detail.revoked !== undefined) {
          forget(({ sourceId }) => sourceId === subject.id);
        }
      }
    },
    outdate,
    reload,
    async forgetEnded() {
      const now = clock();
      forget(({ expiresAt }) => expiresAt <= now);
      if (!isWhole && revoked.size < most) await reload();
    },
  };
}

/** What a client revoked of others' is of their sources too. */
function sourceIdIn({ source, session }: JournalEntry['detail']): string {
  const id = session ?? (Object(source) as { id?: unknown }).id;
  return typeof id === 'string' ? id : '';
}
