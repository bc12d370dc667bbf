// The secrets that rotated tokens still answer to, by their digests. Few at any time: each goes when its overlap ends.

import { sql } from 'kysely';
import type { LastUse, SecretUse } from '../core/caller/use.ts';
import type { PreviousSecretChanges, PreviousSecretReads } from '../core/credentials/ports.ts';
import type { PreviousSecret } from '../core/credentials/records.ts';
import type { Session } from './database.ts';
import type { Db, PreviousSecretRow } from './schema.ts';
import { insertion, run, verb } from './statement.ts';

export function previousSecretReads(db: Db): PreviousSecretReads {
  return {
    of: async (organizationId, tokenIds) => {
      if (tokenIds.length === 0) return new Map();
      const query = db
        .selectFrom('previous_secrets')
        .selectAll()
        .where('token_id', 'in', tokenIds)
        .where('organization_id', '=', organizationId);
      return new Map((await run(db, query.compile())).rows.map((row) => [row.token_id, fromRow(row)]));
    },
    due: async (now, silentSince, limit) => {
      const query = db
        .selectFrom('previous_secrets')
        .selectAll()
        .where((eb) =>
          eb.or([
            eb('ends_at', '<=', now),
            eb.and([eb('silent_since', '<=', silentSince), eb('current_used_at', '>=', eb.ref('silent_since'))]),
          ]),
        )
        .orderBy('token_id')
        .limit(limit);
      return (await run(db, query.compile())).rows.map(fromRow);
    },
  };
}

export function previousSecretChanges({ db }: Session): PreviousSecretChanges {
  return {
    ...previousSecretReads(db),
    insert: (secret) => insert(db, toRow(secret)),
    delete: (organizationId, tokenId, digest) => remove(db, { organizationId, tokenId, digest }),
    touch: async (uses) => {
      for (const use of uses) await (use.secret === 'previous' ? touchPrevious : touchCurrent)(db, valuesOf(use));
    },
  };
}

const insert = insertion('previous_secrets');

const remove = verb((db, v: { organizationId: string; tokenId: string; digest: string }) =>
  db
    .deleteFrom('previous_secrets')
    .where('organization_id', '=', v.organizationId)
    .where('token_id', '=', v.tokenId)
    .where('digest', '=', v.digest)
    .compile(),
);

type Touch = ReturnType<typeof valuesOf>;

// A use from before the rotation was of another secret, whichever it was.
const target = (db: Db, v: Touch) =>
  db
    .updateTable('previous_secrets')
    .where('organization_id', '=', v.organizationId)
    .where('token_id', '=', v.tokenId)
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

function valuesOf({ tokenId, organizationId, at, address, userAgent, inUseUntil }: SecretUse) {
  return { tokenId, organizationId, at, address, userAgent, inUseUntil };
}

function toRow(secret: PreviousSecret): PreviousSecretRow {
  const { lastUsed, currentLastUsed } = secret;
  return {
    token_id: secret.tokenId,
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

function fromRow(row: PreviousSecretRow): PreviousSecret {
  return {
    tokenId: row.token_id,
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
