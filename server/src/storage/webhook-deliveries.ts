// What webhooks are and were sent, in the database. No secret and no signature is among it.

import type { WebhookDeliveryChanges, WebhookDeliveryReads } from '../core/feed/webhooks/ports.ts';
import type { WebhookDelivery } from '../core/feed/webhooks/records.ts';
import type { Page } from '../core/page.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, lookup, run } from './statement.ts';
import type { WebhookDeliveryRow } from './webhook-rows.ts';

export function webhookDeliveryReads(db: Db): WebhookDeliveryReads {
  return {
    find: async (organizationId, id) => (await byId(db, { organizationId, id })).map(fromRow)[0] ?? null,
    list: (organizationId, filter, page) => list(db, organizationId, filter, page),
    next: async (organizationId, webhookId) => (await first(db, { organizationId, webhookId })).map(fromRow)[0] ?? null,
  };
}

export function webhookDeliveryChanges(session: Session): WebhookDeliveryChanges {
  const { db } = session;
  return {
    ...webhookDeliveryReads(db),
    insert: async (deliveries) => {
      for (let at = 0; at < deliveries.length; at += rowsPerInsert) {
        const rows = deliveries.slice(at, at + rowsPerInsert).map(toRow);
        await run(db, db.insertInto('webhook_deliveries').values(rows).compile());
      }
    },
    settle: async ({ organizationId, id, tries }, { status, triedAt, answer }) => {
      const query = db
        .updateTable('webhook_deliveries')
        .set({ status, tries: tries + 1, tried_at: triedAt, answer: JSON.stringify(answer) })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id);
      await run(db, query.compile());
    },
    repeat: async (organizationId, what, giveUpAt) => {
      const all = db
        .updateTable('webhook_deliveries')
        .set({ status: 'waiting', give_up_at: giveUpAt })
        .where('organization_id', '=', organizationId);
      const some =
        'id' in what
          ? all.where('id', '=', what.id).where('status', '<>', 'waiting')
          : all.where('webhook_id', '=', what.webhookId).where('status', '=', 'dead');
      return changed(await run(db, some.compile()));
    },
    deleteOld: async (before, limit) => {
      const old = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('created_at', '<', before)
        .where('status', '<>', 'waiting')
        .limit(limit);
      return changed(await run(db, db.deleteFrom('webhook_deliveries').where('id', 'in', old).compile()));
    },
  };
}

const rowsPerInsert = 50;

const byId = lookup((db, v: { organizationId: string; id: string }) =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .compile(),
);

const first = lookup((db, v: { organizationId: string; webhookId: string }) =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('webhook_id', '=', v.webhookId)
    .where('status', '=', 'waiting')
    .orderBy('position')
    .orderBy('id')
    .limit(1)
    .compile(),
);

async function list(
  db: Db,
  organizationId: string,
  { webhookId, status }: Parameters<WebhookDeliveryReads['list']>[1],
  { limit, after }: Parameters<WebhookDeliveryReads['list']>[2],
): Promise<Page<WebhookDelivery>> {
  let query = db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('webhook_id', '=', webhookId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (after !== undefined) {
    const [createdAt = 0, position = 0] = String(after.key).split(' ').map(Number);
    query = query.where((eb) =>
      eb(eb.refTuple('created_at', 'position', 'id'), '<', eb.tuple(createdAt, position, after.id)),
    );
  }
  const { rows } = await run(
    db,
    query
      .orderBy('created_at', 'desc')
      .orderBy('position', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .compile(),
  );
  const items = rows.slice(0, limit).map(fromRow);
  const last = items.at(-1);
  const next =
    rows.length > limit && last !== undefined ? { key: `${last.createdAt} ${last.position}`, id: last.id } : null;
  return { items, next };
}

function toRow(delivery: WebhookDelivery): WebhookDeliveryRow {
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    organization_id: delivery.organizationId,
    position: delivery.position,
    event: delivery.event,
    payload: delivery.payload,
    status: delivery.status,
    tries: delivery.tries,
    created_at: delivery.createdAt,
    give_up_at: delivery.giveUpAt,
    tried_at: delivery.triedAt,
    answer: delivery.answer && JSON.stringify(delivery.answer),
  };
}

function fromRow(row: WebhookDeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    organizationId: row.organization_id,
    position: row.position,
    event: row.event,
    payload: row.payload,
    status: row.status,
    tries: row.tries,
    createdAt: row.created_at,
    giveUpAt: row.give_up_at,
    triedAt: row.tried_at,
    answer: row.answer && JSON.parse(row.answer),
  };
}
