// The journal in the database: numbered without gaps in the order of commits, and chained.

import { setImmediate as turn } from 'node:timers/promises';
import { type CompiledQuery, type RawBuilder, type SqlBool, sql } from 'kysely';
import { chainHash, genesisHash } from '../core/journal/chain.ts';
import type { JournalEntry, NewJournalEntry } from '../core/journal/entry.ts';
import type { JournalFilter, JournalReads } from '../core/journal/ports.ts';
import type { Session } from './database.ts';
import type { Db, JournalRow } from './schema.ts';
import { lookup, perDatabase, run } from './statement.ts';

export function journalReads(db: Db): JournalReads {
  return {
    after: async (seq, limit, organizationId = null) => {
      const query = entries(db, organizationId).where('seq', '>', seq).orderBy('seq').limit(limit);
      return (await run(db, query.compile())).rows.map(fromRow);
    },
    latest: async (organizationId, limit, before, elsewhere) => {
      const all = entries(db, organizationId, elsewhere).orderBy('seq', 'desc').limit(limit);
      const query = before === undefined ? all : all.where('seq', '<', before);
      return (await run(db, query.compile())).rows.map(fromRow);
    },
    matching: async (organizationId, range, filter, limit, elsewhere) => {
      const query = entries(db, organizationId, elsewhere)
        .where('seq', '>=', range.from)
        .where('seq', '<', range.before)
        .where((eb) => eb.and(conditionsOf(filter)))
        .orderBy('seq', 'desc')
        .limit(limit);
      const found = (await run(db, query.compile())).rows.map(fromRow);
      // SQLite answers on this thread, and a search asks many times.
      await turn();
      return found;
    },
    at: async (seq) => (await upTo(db, { seq }))[0] ?? null,
    head: async () => (await last(db, {}))[0]?.seq ?? 0,
  };
}

/**
 * Numbers, chains and writes the entries of a transaction, as the last thing before its commit: until then no other
 * node may number any, or sequence and commits could differ in order.
 */
export async function appendEntries(session: Session, added: readonly NewJournalEntry[]): Promise<JournalEntry[]> {
  if (added.length === 0) return [];
  const { db } = session;
  await session.lockJournal();
  let { seq, hash } = (await last(db, {}))[0] ?? { seq: 0, hash: genesisHash };
  const numbered = added.map((entry): JournalEntry => {
    seq += 1;
    hash = chainHash(hash, { ...entry, seq });
    return { ...entry, seq, hash };
  });
  await insertNumbered(db, numbered);
  return numbered;
}

/** Writes entries that have their numbers and hashes. */
export async function insertNumbered(db: Db, numbered: readonly JournalEntry[]): Promise<void> {
  for (let start = 0; start < numbered.length; start += rowsPerInsert) {
    await insertRows(db, numbered.slice(start, start + rowsPerInsert).map(toRow));
  }
}

const rowsPerInsert = 16;

const last = lookup((db) => db.selectFrom('journal').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).compile());

const upTo = lookup((db, v: { seq: number }) =>
  db.selectFrom('journal').select(['seq', 'at']).where('seq', '<=', v.seq).orderBy('seq', 'desc').limit(1).compile(),
);

const insertQueries = perDatabase(() => new Map<number, CompiledQuery<unknown>>());

async function insertRows(db: Db, rows: JournalRow[]): Promise<void> {
  const queries = insertQueries(db);
  let query = queries.get(rows.length);
  if (query === undefined) {
    query = db.insertInto('journal').values(rows).compile();
    queries.set(rows.length, query);
  }
  await run(db, { ...query, parameters: rows.flatMap((row) => Object.values(row)) });
}

function entries(db: Db, organizationId: string | null, elsewhere = false) {
  const all = db.selectFrom('journal').selectAll();
  if (organizationId === null) return all;
  if (!elsewhere) return all.where('organization_id', '=', organizationId);
  return all.where((eb) =>
    eb.or([eb('organization_id', '=', organizationId), eb('actor_organization_id', '=', organizationId)]),
  );
}

function conditionsOf({ action, actorId, subject, from, until, search }: JournalFilter): RawBuilder<SqlBool>[] {
  // Both databases then agree, whatever they take for a small letter.
  const text = JSON.stringify(search ?? '')
    .slice(1, -1)
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const anywhere = `%${escaped(text)}%`;
  return [
    ...(action === undefined ? [] : [sql<SqlBool>`substr(action, 1, ${sql.lit(action.length)}) = ${action}`]),
    ...(actorId === undefined ? [] : [sql<SqlBool>`actor_id = ${actorId}`]),
    ...(subject === undefined ? [] : [sql<SqlBool>`subject_type = ${subject.type} and subject_id = ${subject.id}`]),
    ...(from === undefined ? [] : [sql<SqlBool>`at >= ${from}`]),
    ...(until === undefined ? [] : [sql<SqlBool>`at < ${until}`]),
    ...(text === ''
      ? []
      : [
          sql<SqlBool>`(action like ${anywhere} escape '\\' or lower(actor_id) like ${anywhere} escape '\\'
            or lower(subject_id) like ${anywhere} escape '\\' or lower(detail) like ${anywhere} escape '\\')`,
        ]),
  ];
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function toRow(entry: JournalEntry): JournalRow {
  return {
    seq: entry.seq,
    at: entry.at,
    organization_id: entry.organizationId,
    actor_type: entry.actor.type,
    actor_id: entry.actor.id,
    actor_organization_id: entry.actor.organizationId ?? null,
    action: entry.action,
    subject_type: entry.subject.type,
    subject_id: entry.subject.id,
    detail: JSON.stringify(entry.detail),
    hash: entry.hash,
  };
}

function fromRow(row: JournalRow): JournalEntry {
  const { actor_organization_id: from } = row;
  return {
    seq: row.seq,
    at: row.at,
    organizationId: row.organization_id,
    actor: { type: row.actor_type, id: row.actor_id, ...(from !== null && { organizationId: from }) },
    action: row.action,
    subject: { type: row.subject_type, id: row.subject_id },
    detail: JSON.parse(row.detail),
    hash: row.hash,
  };
}
