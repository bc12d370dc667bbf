// What credentials were used for, in the database: each thing once, with the days on which it was first and last. It comes in
// batches and is not journalled.

import { sql } from 'kysely';
import type { CredentialUse } from '../core/checking/advice/recorder.ts';
import type { CredentialUseChanges, CredentialUseReads } from '../core/checking/ports.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, run } from './statement.ts';
import type { CredentialUseRow } from './usage-rows.ts';

/** The day on which anything was first noted is that of a row which is nobody's. */
const began = { source_id: '', source_type: 'api_token', organization_id: '', kind: 'began', value: '' } as const;

export function credentialUseReads(db: Db): CredentialUseReads {
  return {
    of: async (organizationId, ids, since) => {
      if (ids.length === 0) return [];
      const query = db
        .selectFrom('credential_uses')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('source_id', 'in', ids)
        .where('last_day', '>=', since)
        .orderBy('source_id')
        .orderBy('kind')
        .orderBy('value');
      return (await run(db, query.compile())).rows.flatMap(fromRow);
    },
    began: async () => {
      const query = db.selectFrom('credential_uses').select('first_day').where('source_id', '=', '');
      return (await run(db, query.compile())).rows[0]?.first_day ?? null;
    },
  };
}

export function credentialUseChanges({ db }: Session): CredentialUseChanges {
  return {
    ...credentialUseReads(db),
    note: async (uses) => {
      if (uses.length === 0) return;
      const day = Math.min(...uses.map(({ firstDay }) => firstDay));
      const rows = [{ ...began, first_day: day, last_day: day }, ...uses.map(toRow)];
      for (let at = 0; at < rows.length; at += rowsPerStatement) await put(db, rows.slice(at, at + rowsPerStatement));
    },
    deleteBefore: async (day, limit) => {
      const query = sql`delete from credential_uses where (source_id, kind, value) in
        (select source_id, kind, value from credential_uses
          where last_day < ${day} and source_id <> '' order by last_day limit ${limit})`;
      return changed(await run(db, query.compile(db)));
    },
  };
}

const rowsPerStatement = 32;

/** No two of the rows are of the same thing. */
async function put(db: Db, rows: CredentialUseRow[]): Promise<void> {
  const query = db
    .insertInto('credential_uses')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['source_id', 'kind', 'value'])
        .doUpdateSet((eb) => ({ last_day: eb.ref('excluded.last_day') }))
        // Nodes flush in any order.
        .whereRef('credential_uses.last_day', '<', 'excluded.last_day'),
    );
  await run(db, query.compile());
}

function toRow({ source, organizationId, kind, value, firstDay, lastDay }: CredentialUse): CredentialUseRow {
  return {
    source_id: source.id,
    source_type: source.type,
    organization_id: organizationId,
    kind,
    value,
    first_day: firstDay,
    last_day: lastDay,
  };
}

function fromRow(row: CredentialUseRow): CredentialUse[] {
  const { kind, value } = row;
  if (kind === 'began') return [];
  const source = { type: row.source_type, id: row.source_id };
  const [firstDay, lastDay] = [row.first_day, row.last_day];
  return [{ source, organizationId: row.organization_id, kind, value, firstDay, lastDay }];
}
