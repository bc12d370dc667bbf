// Links that work once, by the digests of their tokens. What they let anyone do is core's to say.

import type { OneTimeLinkChanges, OneTimeLinkReads } from '../core/identity/ports.ts';
import type { OneTimeLink } from '../core/identity/records.ts';
import type { Session } from './database.ts';
import type { Db, OneTimeLinkRow } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

export function oneTimeLinkReads(db: Db): OneTimeLinkReads {
  return { find: async (digest) => (await byDigest(db, { digest })).map(fromRow)[0] ?? null };
}

export function oneTimeLinkChanges({ db }: Session): OneTimeLinkChanges {
  const links = db.deleteFrom('one_time_links');
  return {
    ...oneTimeLinkReads(db),
    insert: async (link) => {
      if (!(await insert(db, toRow(link)))) throw new Error('This link is there already.');
    },
    take: (digest) => take(db, { digest }),
    deleteFor: async (organizationId, userId) => {
      const theirs = links.where('organization_id', '=', organizationId).where('user_id', '=', userId);
      return changed(await run(db, theirs.compile()));
    },
    deleteSetUps: async () => changed(await run(db, links.where('purpose', '=', 'set_up').compile())),
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('one_time_links').select('digest').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, links.where('digest', 'in', some).compile()));
    },
  };
}

const insert = insertion('one_time_links');

const byDigest = lookup((db, v: { digest: string }) =>
  db.selectFrom('one_time_links').selectAll().where('digest', '=', v.digest).compile(),
);

const take = verb((db, v: { digest: string }) =>
  db.deleteFrom('one_time_links').where('digest', '=', v.digest).compile(),
);

function toRow(link: OneTimeLink): OneTimeLinkRow {
  return {
    digest: link.digest,
    purpose: link.purpose,
    organization_id: link.user?.organizationId ?? null,
    user_id: link.user?.id ?? null,
    generation: link.user?.generation ?? 0,
    created_at: link.createdAt,
    expires_at: link.expiresAt,
  };
}

function fromRow(row: OneTimeLinkRow): OneTimeLink {
  const { digest, purpose, organization_id: organizationId, user_id: id, generation } = row;
  return {
    digest,
    purpose,
    user: organizationId === null || id === null ? null : { organizationId, id, generation },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
