// Lookups of credentials over memory: answers the hot path from what it read before, for as long as the journal says nothing else, and
// at once. Revocation delay is decided here. It keeps no errors, and never answers from memory while it may have missed
// an entry.

import { createDigestTable, readHex } from '@keyward/rules/digest-table';
import { LRUCache } from 'lru-cache';
import type { Awaitable } from '../core/awaitable.ts';
import { recordAt, turnOf } from '../core/caller/observed.ts';
import type { CachedCredentialLookup, CredentialLookup } from '../core/caller/ports.ts';
import type { CredentialRecord } from '../core/caller/records.ts';
import type { AccessTokenSource } from '../core/caller/source.ts';
import type { Clock } from '../core/clock.ts';
import { importSubject, tokensNamedBy } from '../core/credentials/named-tokens.ts';
import { deepFreeze } from '../core/frozen.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import { isNotice } from '../core/journal/notice.ts';
import { serializedLoads } from '../core/serialized-load.ts';
import { type Chance, clockCache } from './clock-cache.ts';
import { compactRecord, type Parts } from './compact-record.ts';
import type { DigestFilter } from './digest-filter.ts';
import type { RevokedTokenCache } from './revoked-token-cache.ts';
import { singleFlight } from './single-flight.ts';

export interface CacheOptions {
  /** How many credential records are kept at most, and as many ids of issued tokens. */
  maxEntries: number;
  clock: Clock;
  /** False while the journal may hold entries that `apply` has not been told of: then every question asks the database. */
  isFresh(): boolean;
  /** What is lacking there is not asked of the database. Without it every unknown token is. */
  known?: Pick<DigestFilter, 'lacks' | 'apply'>;
  /** Which access tokens were revoked by themselves. */
  revoked: Pick<RevokedTokenCache, 'isRevoked' | 'apply' | 'outdate'>;
  /**
   * Where other nodes write too: resolves when `apply` has been told of all that was committed before it was called. A
   * token may come here sooner than the news of it, so no absence counts before.
   */
  catchUp?: () => Promise<void>;
}

export interface CredentialCache extends CachedCredentialLookup {
  /** Forgets what these entries changed. To be called with every entry, in order. */
  apply(entries: readonly JournalEntry[]): void;
  /** These records count no more, even while their rows wait for the sweeper: a clock that goes back revives none. */
  forgetIssued(jtis: readonly string[]): void;
  clear(): void;
}

interface Entry extends Chance {
  record: CredentialRecord;
  /** When what is observed of it comes to count; null for never. */
  turnsAt: number | null;
  scope: Scope;
}

/** Shared by the entries of one organization, so that all of them end in one step. */
interface Scope {
  stands: boolean;
  /** Of the organization, whose entitlement it may say. */
  planId: string | null;
  parts: Parts;
}

/** What ends sessions that it does not name. */
const endingSessions = new Set(['session.others_ended', 'application.access_ended', 'authorization.ended']);

/** How long an unknown credential stays unknown. Entries of the journal end it sooner. */
const unknownForMs = 1000;
const mostUnknown = 10_000;

/** Journal subjects whose changes reach everything of their organization. */
const wide = new Set(['user', 'api_user', 'role', 'organization']);

/** One text for one tuple and no other: each part is preceded by its length (S15). */
export function cacheKey(...parts: readonly string[]): string {
  let key = '';
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}

export function credentialCache(inner: CredentialLookup, options: CacheOptions): CredentialCache {
  const { clock, isFresh, known, revoked, catchUp } = options;
  /** Ends with the entry of the same record. */
  const digests = createDigestTable<Entry>({ read: readHex });
  /** By the source's id: ids are unique whatever they are of. */
  const entries = clockCache<Entry>(options.maxEntries, ({ record }) => {
    for (const digest of digestsOf(record)) digests.delete(digest);
  });
  const unknown = new LRUCache<string, number>(upTo(mostUnknown));
  const issued = new LRUCache<string, true>(upTo(options.maxEntries));
  /** A session that has ended never lasts again, so that this too is an answer. */
  const sessions = new LRUCache<string, boolean>(upTo(options.maxEntries));
  const gone = new LRUCache<string, true>(upTo(options.maxEntries));
  const scopes = new Map<string, Scope>();
  const loads = singleFlight();

  const scopeOf = ({ id, planId }: CredentialRecord['organization']): Scope => {
    const opened = scopes.get(id);
    if (opened?.planId === planId) return opened;
    // What was loaded before it got another plan does not count with what is loaded now.
    if (opened !== undefined) opened.stands = false;
    // As many scopes as entries are plenty; those of organizations that are gone from memory go too.
    if (scopes.size >= options.maxEntries) clear();
    const scope = { stands: true, planId, parts: new Map() };
    scopes.set(id, scope);
    return scope;
  };

  const endScope = (organizationId: string | null): void => {
    if (organizationId === null) {
      clear();
      return;
    }
    loads.overtake(cacheKey('organization', organizationId));
    const scope = scopes.get(organizationId);
    if (scope !== undefined) scope.stands = false;
    scopes.delete(organizationId);
  };

  const endScopesOn = (planId: string): void => {
    loads.overtake(cacheKey('plan', planId));
    for (const [organizationId, scope] of scopes) {
      if (scope.planId !== planId) continue;
      scope.stands = false;
      scopes.delete(organizationId);
    }
  };

  /** Of the others of its user, and of those of an application or an authorization, none is named. */
  const endSessions = (action: string, id: string): void => {
    if (action === 'session.ended') {
      loads.overtake(sessionKey(id));
      sessions.delete(id);
    } else if (endingSessions.has(action)) {
      loads.end();
      sessions.clear();
    }
  };

  const clear = (): void => {
    loads.end();
    entries.clear();
    digests.clear();
    unknown.clear();
    issued.clear();
    sessions.clear();
    scopes.clear();
  };

  const recall = (entry: Entry | undefined): CredentialRecord | null => {
    if (entry === undefined) return null;
    if (!entry.scope.stands) {
      entries.delete(entry.record.source.id);
      return null;
    }
    entry.wasUsed = true;
    if (entry.turnsAt !== null && entry.turnsAt <= clock()) turn(entry);
    return entry.record;
  };

  /** Without a question to the database: what is to count was read with the record. */
  const turn = (entry: Entry): void => {
    entry.record = compactRecord(recordAt(entry.record, clock()), entry.scope.parts);
    entry.turnsAt = turnOf(entry.record);
  };

  const isUnknown = (key: string): boolean => {
    const since = unknown.get(key);
    if (since === undefined) return false;
    const age = clock() - since;
    return age >= 0 && age < unknownForMs;
  };

  const remember = (key: string, found: CredentialRecord | null): CredentialRecord | null => {
    if (found === null) {
      unknown.set(key, clock());
      return null;
    }
    const scope = scopeOf(found.organization);
    const record = compactRecord(found, scope.parts);
    const entry = { record, turnsAt: turnOf(record), scope, wasUsed: false };
    entries.set(record.source.id, entry);
    for (const digest of digestsOf(record)) digests.set(digest, entry);
    return record;
  };

  /** True if what was loaded may be older than an entry that came in meanwhile. */
  const isOvertaken = (record: CredentialRecord | null, since: readonly string[] | null): boolean => {
    if (since === null) return true;
    if (since.length === 0) return false;
    if (record === null) return true;
    const { id, planId } = record.organization;
    const plan = planId === null ? [] : [cacheKey('plan', planId)];
    return [sourceKey(record.source), cacheKey('organization', id), ...plan].some((one) => since.includes(one));
  };

  const answer = (key: string, read: () => Promise<CredentialRecord | null>): Awaitable<CredentialRecord | null> =>
    isUnknown(key)
      ? null
      : loads.join(key, read, (record, since) =>
          isFresh() && !isOvertaken(record, since) ? remember(key, record) : deepFreeze(record),
        );

  /** Past memory. A flood of checks must not queue before a database that is slow as it is. */
  const readSerialized = serializedLoads('tell');
  const readPast = async (key: string, read: () => Promise<CredentialRecord | null>) =>
    deepFreeze(await readSerialized(key, read));
  const readByDigest = (digest: string) => readPast(cacheKey('digest', digest), () => inner.byDigest(digest));

  const askByDigest = (digest: string): Awaitable<CredentialRecord | null> =>
    isFresh() ? answer(cacheKey('digest', digest), () => inner.byDigest(digest)) : readByDigest(digest);

  const isAbsent = (digest: string): boolean => known?.lacks(digest) === true && isFresh();

  return {
    recall: (digest) => (isFresh() ? recall(digests.get(digest)) : null),
    byDigest: (digest) => {
      if (!isFresh()) return readByDigest(digest);
      const remembered = recall(digests.get(digest));
      if (remembered !== null) return remembered;
      if (!isAbsent(digest)) return askByDigest(digest);
      if (catchUp === undefined) return null;
      const decide = () => (isAbsent(digest) ? null : askByDigest(digest));
      return catchUp().then(decide, () => readByDigest(digest));
    },
    bySource: (source) => {
      if (!isFresh()) return readPast(sourceKey(source), () => inner.bySource(source));
      const entry = entries.get(source.id);
      const recalled = entry?.record.source.type === source.type ? recall(entry) : null;
      return recalled ?? answer(sourceKey(source), () => inner.bySource(source));
    },
    isIssued: (jti) => {
      if (gone.has(jti)) return false;
      const key = cacheKey('issued', jti);
      if (!isFresh()) return readSerialized(key, () => inner.isIssued(jti));
      if (issued.get(jti) === true) return true;
      return loads.join(
        key,
        () => inner.isIssued(jti),
        (found, since) => {
          if (found && isFresh() && since !== null && !since.includes(key)) issued.set(jti, true);
          return found;
        },
      );
    },
    hasSession: (id) => {
      const key = sessionKey(id);
      if (!isFresh()) return readSerialized(key, () => inner.hasSession(id));
      const lasts = sessions.get(id);
      if (lasts !== undefined) return lasts;
      return loads.join(
        key,
        () => inner.hasSession(id),
        (found, since) => {
          if (isFresh() && since !== null && !since.includes(key)) sessions.set(id, found);
          return found;
        },
      );
    },
    isRevoked: revoked.isRevoked,
    apply: (added) => {
      known?.apply(added);
      revoked.apply(added);
      for (const entry of added) {
        const { action, subject, organizationId } = entry;
        if (isNotice(action)) continue;
        endSessions(action, subject.id);
        if (subject.type === 'api_token' || subject.type === importSubject) {
          for (const id of tokensNamedBy(entry)) {
            loads.overtake(cacheKey('api_token', id));
            entries.delete(id);
          }
        } else if (subject.type === 'plan') {
          endScopesOn(subject.id);
          continue;
        } else if (wide.has(subject.type)) {
          endScope(subject.type === 'organization' ? subject.id : organizationId);
        } else {
          continue;
        }
        // What was unknown may have come to be.
        if (unknown.size > 0) unknown.clear();
      }
    },
    forgetIssued: (jtis) => {
      for (const jti of jtis) {
        loads.overtake(cacheKey('issued', jti));
        issued.delete(jti);
        gone.set(jti, true);
      }
    },
    clear: () => {
      clear();
      revoked.outdate();
    },
  };
}

/** Grows as it fills; told a `max`, the cache would take all its memory at once. */
function upTo(entries: number) {
  return { maxSize: entries, sizeCalculation: () => 1 };
}

/** Of a token that is being rotated there are two. */
function digestsOf({ token }: CredentialRecord): string[] {
  if (token === null) return [];
  return token.previous === null ? [token.digest] : [token.digest, token.previous.digest];
}

function sessionKey(id: string): string {
  return cacheKey('session', id);
}

function sourceKey({ type, id }: AccessTokenSource): string {
  return cacheKey(type, id);
}
