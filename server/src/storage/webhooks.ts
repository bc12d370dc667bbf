// Webhooks in the database, their secrets sealed; the cursor that feeds them, and which node delivers each. Leases go by the
// database's clock, so that no node's can be wrong.

import { PostgresAdapter, sql } from 'kysely';
import type { WebhookChanges, WebhookReads } from '../core/feed/webhooks/ports.ts';
import type { SigningWebhook, WebhookInterest } from '../core/feed/webhooks/records.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';
import type { WebhookRow } from './webhook-rows.ts';

export function webhookReads(db: Db): WebhookReads {
  return {
    find: async (organizationId, id) => (await byId(db, { organizationId, id })).map(fromRow)[0] ?? null,
    list: async (organizationId) => (await ofOrganization(db, { organizationId })).map(fromRow),
    interests: (organizationIds) => interests(db, organizationIds),
    cursor: async () => (await cursorRow(db, {}))[0]?.seq ?? 0,
    due: async (now, node, limit) => {
      const query = active(db)
        .select(['w.id', 'w.organization_id'])
        .where('w.next_try_at', '<=', now)
        .where((eb) =>
          eb.or([
            eb('w.leased_by', 'is', null),
            eb('w.leased_by', '=', node),
            eb('w.leased_until', '<', databaseNow(db)),
          ]),
        )
        .orderBy('w.next_try_at')
        .orderBy('w.id')
        .limit(limit);
      const { rows } = await run(db, query.compile());
      return rows.map((row) => ({ id: row.id, organizationId: row.organization_id }));
    },
  };
}

export function webhookChanges(session: Session): WebhookChanges {
  const { db, rowLocks } = session;
  const locked = rowLocks ? byIdLocked : byId;
  return {
    ...webhookReads(db),
    find: async (organizationId, id) => (await locked(db, { organizationId, id })).map(fromRow)[0] ?? null,
    insert: async (webhook, fromSeq) => {
      await insert(db, { ...toRow(webhook), from_seq: fromSeq, leased_by: null, leased_until: null });
    },
    update: async (webhook, fromSeq) => {
      const { id, organization_id, ...columns } = toRow(webhook);
      const query = db
        .updateTable('webhooks')
        .set({ ...columns, ...(fromSeq !== undefined && { from_seq: fromSeq }) })
        .where('organization_id', '=', organization_id)
        .where('id', '=', id);
      await run(db, query.compile());
    },
    delete: async (organizationId, id) => {
      await removeDeliveries(db, { organizationId, id });
      return remove(db, { organizationId, id });
    },
    moveCursor: (from, to) => moveCursor(db, { from, to }),
    claim: async (organizationId, id, node, forMs) => {
      const query = db
        .updateTable('webhooks')
        .set({ leased_by: node, leased_until: sql<number>`${databaseNow(db)} + ${sql.lit(forMs)}` })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where((eb) =>
          eb.or([eb('leased_by', 'is', null), eb('leased_by', '=', node), eb('leased_until', '<', databaseNow(db))]),
        );
      if (changed(await run(db, query.compile())) === 0) return null;
      return (await byId(db, { organizationId, id })).map(fromRow)[0] ?? null;
    },
    release: async (organizationId, id, node) => {
      await release(db, { organizationId, id, node });
    },
    wake: async (organizationId, id, at) => {
      const query = db
        .updateTable('webhooks')
        .set((eb) => ({
          next_try_at: eb
            .case()
            .when('next_try_at', 'is', null)
            .then(at)
            .when('next_try_at', '>', at)
            .then(at)
            .else(eb.ref('next_try_at'))
            .end(),
        }))
        .where('organization_id', '=', organizationId)
        .where('id', '=', id);
      await run(db, query.compile());
    },
  };
}

function databaseNow(db: Db) {
  return db.getExecutor().adapter instanceof PostgresAdapter
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}

const insert = insertion('webhooks');

const within = (db: Db, v: { organizationId: string; id: string }) =>
  db.selectFrom('webhooks').selectAll().where('organization_id', '=', v.organizationId).where('id', '=', v.id);

const byId = lookup((db, v: { organizationId: string; id: string }) => within(db, v).compile());
const byIdLocked = lookup((db, v: { organizationId: string; id: string }) => within(db, v).forNoKeyUpdate().compile());

const ofOrganization = lookup((db, v: { organizationId: string }) =>
  db
    .selectFrom('webhooks')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .orderBy('created_at')
    .orderBy('id')
    .compile(),
);

const cursorRow = lookup((db) => db.selectFrom('webhook_cursor').select('seq').where('id', '=', 1).compile());

const moveCursor = verb((db, v: { from: number; to: number }) =>
  db.updateTable('webhook_cursor').set({ seq: v.to }).where('id', '=', 1).where('seq', '=', v.from).compile(),
);

const release = verb((db, v: { organizationId: string; id: string; node: string }) =>
  db
    .updateTable('webhooks')
    .set({ leased_by: null, leased_until: null })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('leased_by', '=', v.node)
    .compile(),
);

const remove = verb((db, v: { organizationId: string; id: string }) =>
  db.deleteFrom('webhooks').where('organization_id', '=', v.organizationId).where('id', '=', v.id).compile(),
);

const removeDeliveries = verb((db, v: { organizationId: string; id: string }) =>
  db
    .deleteFrom('webhook_deliveries')
    .where('organization_id', '=', v.organizationId)
    .where('webhook_id', '=', v.id)
    .compile(),
);

/** Those that are sent anything. */
function active(db: Db) {
  return db
    .selectFrom('webhooks as w')
    .innerJoin('organizations as o', 'o.id', 'w.organization_id')
    .where('w.deactivated_at', 'is', null)
    .where('o.deactivated_at', 'is', null)
    .where('o.deleted_at', 'is', null);
}

async function interests(db: Db, organizationIds: readonly string[] | null): Promise<WebhookInterest[]> {
  if (organizationIds?.length === 0) return [];
  const all = active(db).select(['w.id', 'w.organization_id', 'w.events', 'w.expiring_days', 'w.from_seq']);
  const some = organizationIds === null ? all : all.where('w.organization_id', 'in', organizationIds);
  const { rows } = await run(db, some.orderBy('w.id').compile());
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    events: JSON.parse(row.events),
    expiringDays: row.expiring_days,
    fromSeq: row.from_seq,
  }));
}

function toRow(webhook: SigningWebhook): Omit<WebhookRow, 'from_seq' | 'leased_by' | 'leased_until'> {
  return {
    id: webhook.id,
    organization_id: webhook.organizationId,
    url: webhook.url,
    events: JSON.stringify(webhook.events),
    description: webhook.description,
    expiring_days: webhook.expiringDays,
    sealed_secret: webhook.sealedSecret,
    previous_sealed_secret: webhook.previous?.sealedSecret ?? null,
    previous_ends_at: webhook.previous?.endsAt ?? null,
    created_at: webhook.createdAt,
    created_by: webhook.createdBy,
    deactivated_at: webhook.deactivatedAt,
    deactivated_for: webhook.deactivatedFor,
    failing_since: webhook.failingSince,
    next_try_at: webhook.nextTryAt,
  };
}

function fromRow(row: WebhookRow): SigningWebhook {
  const { previous_sealed_secret: previous, previous_ends_at: endsAt } = row;
  return {
    id: row.id,
    organizationId: row.organization_id,
    url: row.url,
    events: JSON.parse(row.events),
    description: row.description,
    expiringDays: row.expiring_days,
    createdAt: row.created_at,
    createdBy: row.created_by,
    deactivatedAt: row.deactivated_at,
    deactivatedFor: row.deactivated_for,
    failingSince: row.failing_since,
    nextTryAt: row.next_try_at,
    sealedSecret: row.sealed_secret,
    previous: previous === null || endsAt === null ? null : { sealedSecret: previous, endsAt },
  };
}
