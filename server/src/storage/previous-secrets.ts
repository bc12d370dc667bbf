// The secrets that rotated API tokens still answer to, and the passwords of rotated API users, by their digests. Few at any
// time: each goes when its overlap ends. Written once for the two tables, which differ in whose secrets they hold.

import { type Kysely, sql } from 'kysely';
import type { LastUse, SecretUse } from '../core/caller/use.ts';
import type { PreviousSecretChanges, PreviousSecretReads } from '../core/credentials/ports.ts';
import type { PreviousSecret } from '../core/credentials/records.ts';
import type { Session } from './database.ts';
import type { Db, PreviousSecretColumns } from './schema.ts';
import { changed, run, verb } from './statement.ts';

/** What the tables have in common; whose it is stands in a column of another name in each. */
interface Tables {
  previous: PreviousSecretColumns & { source: string };
}

const ofTokens = over('previous_secrets', 'token_id');
const ofApiUsers = over('previous_passwords', 'api_user_id');

export const previousSecretReads = ofTokens.reads;
export const previousSecretChanges = ofTokens.changes;
export const previousPasswordReads = ofApiUsers.reads;
export const previousPasswordChanges = ofApiUsers.changes;

function over(tableName: 'previous_secrets' | 'previous_passwords', columnName: 'token_id' | 'api_user_id') {
  const [table, source] = [tableName as 'previous', columnName as 'source'];
  const at = (db: Db) => db as unknown as Kysely<Tables>;
  const fromRow = (row: PreviousSecretColumns): PreviousSecret => toSecret(row, (row as Tables['previous'])[source]);

  const remove = verb((db, v: { organizationId: string; sourceId: string; digest: string }) =>
    at(db)
      .deleteFrom(table)
      .where('organization_id', '=', v.organizationId)
      .where(source, '=', v.sourceId)
      .where('digest', '=', v.digest)
      .compile(),
  );

  // A use from before the rotation was of another secret, whichever it was.
  const target = (db: Db, v: Touch) =>
    at(db)
      .updateTable(table)
      .where('organization_id', '=', v.organizationId)
      .where(source, '=', v.sourceId)
      .where('rotated_at', '<=', v.at);

  const touchPrevious = verb((db, v: Touch) =>
    target(db, v)
      .where((eb) => eb.or([eb('used_at', 'is', null), eb('used_at', '<=', v.at)]))
      .set({
        used_at: v.at,
        used_address: v.address,
        used_agent: v.userAgent,
        silent_since: sql<number>`case when silent_since < ${v.inUseUntil} then ${v.inUseUntil} else silent_since end`,
      })
      .compile(),
  );

  const touchCurrent = verb((db, v: Touch) =>
    target(db, v)
      .where((eb) => eb.or([eb('current_used_at', 'is', null), eb('current_used_at', '<=', v.at)]))
      .set({ current_used_at: v.at, current_used_address: v.address, current_used_agent: v.userAgent })
      .compile(),
  );

  const reads = (db: Db): PreviousSecretReads => ({
    of: async (organizationId, sourceIds) => {
      if (sourceIds.length === 0) return new Map();
      const query = at(db)
        .selectFrom(table)
        .selectAll()
        .where(source, 'in', sourceIds)
        .where('organization_id', '=', organizationId);
      const found = (await run(db, query.compile())).rows.map(fromRow);
      return new Map(found.map((secret) => [secret.sourceId, secret]));
    },
    due: async (now, silentSince, limit) => {
      const query = at(db)
        .selectFrom(table)
        .selectAll()
        .where((eb) =>
          eb.or([
            eb('ends_at', '<=', now),
            eb.and([eb('silent_since', '<=', silentSince), eb('current_used_at', '>=', eb.ref('silent_since'))]),
          ]),
        )
        .orderBy(source)
        .limit(limit);
      return (await run(db, query.compile())).rows.map(fromRow);
    },
  });

  const changes = ({ db }: Session): PreviousSecretChanges => ({
    ...reads(db),
    insert: async (secret) => {
      const row = { [source]: secret.sourceId, ...toColumns(secret) } as Tables['previous'];
      const query = at(db)
        .insertInto(table)
        .values(row)
        .onConflict((conflict) => conflict.doNothing());
      return changed(await run(db, query.compile())) > 0;
    },
    delete: (organizationId, sourceId, digest) => remove(db, { organizationId, sourceId, digest }),
    touch: async (uses) => {
      for (const use of uses) await (use.secret === 'previous' ? touchPrevious : touchCurrent)(db, valuesOf(use));
    },
  });

  return { reads, changes };
}

type Touch = ReturnType<typeof valuesOf>;

function valuesOf({ source, organizationId, at, address, userAgent, inUseUntil }: SecretUse) {
  return { sourceId: source.id, organizationId, at, address, userAgent, inUseUntil };
}

function toColumns(secret: PreviousSecret): PreviousSecretColumns {
  const { lastUsed, currentLastUsed } = secret;
  return {
    organization_id: secret.organizationId,
    digest: secret.digest,
    rotated_at: secret.rotatedAt,
    ends_at: secret.endsAt,
    silent_since: secret.rotatedAt,
    used_at: lastUsed?.at ?? null,
    used_address: lastUsed?.address ?? null,
    used_agent: lastUsed?.userAgent ?? null,
    current_used_at: currentLastUsed?.at ?? null,
    current_used_address: currentLastUsed?.address ?? null,
    current_used_agent: currentLastUsed?.userAgent ?? null,
  };
}

function toSecret(row: PreviousSecretColumns, sourceId: string): PreviousSecret {
  return {
    sourceId,
    organizationId: row.organization_id,
    digest: row.digest,
    rotatedAt: row.rotated_at,
    endsAt: row.ends_at,
    lastUsed: useOf(row.used_at, row.used_address, row.used_agent),
    currentLastUsed: useOf(row.current_used_at, row.current_used_address, row.current_used_agent),
  };
}

function useOf(at: number | null, address: string | null, userAgent: string | null): LastUse | null {
  return at === null ? null : { at, address, userAgent };
}
