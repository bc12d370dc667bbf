// Presence in the database: core's PresenceStore, for nodes that share one PostgreSQL. One statement each, outside of the
// writer's transactions. Times are the database's, so that no node's clock can be wrong. Not journalled.

import { sql } from 'kysely';
import type { PresenceEntry, PresenceStore, StoredPresence } from '../core/feed/ports.ts';
import type { Db, VerifierRow } from './schema.ts';
import { run } from './statement.ts';

const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const before = (ms: number) => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint - ${ms}::bigint`;
const linesAtOnce = 1000;

export function openPresence(db: Db): PresenceStore {
  return {
    async put(lines) {
      const moved: { id: string; cursor: number }[] = [];
      for (let at = 0; at < lines.length; at += linesAtOnce) {
        moved.push(...(await put(db, lines.slice(at, at + linesAtOnce))));
      }
      return moved;
    },
    async remove(ids) {
      if (ids.length > 0) await run(db, db.deleteFrom('verifiers').where('id', 'in', ids).compile());
    },
    async read(organizationIds, withinMs) {
      const query = db
        .selectFrom('verifiers')
        .selectAll()
        .where((eb) =>
          eb.or([
            organizationIds === null ? eb.lit(true) : eb('organization_id', 'in', organizationIds),
            eb('organization_id', 'is', null),
            eb.exists(
              eb
                .selectFrom('organizations')
                .select('id')
                .whereRef('organizations.id', '=', 'verifiers.organization_id')
                .where('is_operator', '=', 1),
            ),
          ]),
        )
        .where('seen_at', '>', before(withinMs))
        .orderBy('connected_at');
      return (await run(db, query.compile())).rows.map(fromRow);
    },
    async acknowledge(organizationId, verifier, cursor) {
      const query = db
        .updateTable('verifiers')
        .set({ cursor, acknowledged_at: now })
        .where('organization_id', '=', organizationId)
        .where('verifier', '=', verifier)
        .where('cursor', '<', cursor);
      await run(db, query.compile());
    },
    async deleteOlder(thanMs) {
      await run(db, db.deleteFrom('verifiers').where('seen_at', '<', before(thanMs)).compile());
    },
  };
}

/** Rows in the order of their ids keep two nodes from waiting for one another. */
async function put(db: Db, lines: readonly PresenceEntry[]): Promise<{ id: string; cursor: number }[]> {
  const rows = lines.map(toRow).sort((a, b) => (a.id < b.id ? -1 : 1));
  const query = db
    .insertInto('verifiers')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        verifier: eb.ref('excluded.verifier'),
        seen_at: now,
        cursor: sql<number>`greatest(verifiers.cursor, excluded.cursor)`,
        acknowledged_at: sql<number>`case when excluded.cursor > verifiers.cursor then ${now} else verifiers.acknowledged_at end`,
      })),
    )
    .returning(['id', 'cursor']);
  const stand = (await run(db, query.compile())).rows;
  const told = new Map(lines.map(({ id, cursor }) => [id, cursor]));
  return stand.filter(({ id, cursor }) => cursor > (told.get(id) ?? cursor));
}

function toRow({ id, node, organizationId, verifier, name, address, cursor }: PresenceEntry) {
  return {
    id,
    node,
    organization_id: organizationId,
    verifier,
    name,
    address,
    cursor,
    connected_at: now,
    seen_at: now,
    acknowledged_at: null,
  };
}

function fromRow(row: VerifierRow): StoredPresence {
  return {
    id: row.id,
    node: row.node,
    organizationId: row.organization_id,
    verifier: row.verifier,
    name: row.name,
    address: row.address,
    cursor: row.cursor,
    connectedAt: row.connected_at,
    acknowledgedAt: row.acknowledged_at,
  };
}

/** The names of nodes that were there in the last few seconds. None where their table is not there yet. */
export async function runningNodes(db: Db): Promise<string[]> {
  const query = sql<{ node: string }>`
    select distinct node from verifiers where organization_id is null and seen_at > ${before(recentlyMs)} order by node`;
  return (await run(db, query.compile(db))).rows.map(({ node }) => node);
}

const recentlyMs = 5000;
