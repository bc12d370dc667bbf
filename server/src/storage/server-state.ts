// The one row that says which journal a database has, and whether a move is filling it or has emptied it of its duty.

import type { ServerStateReads } from '../core/recovery/ports.ts';
import type { ServerState } from '../core/recovery/records.ts';
import type { Db } from './schema.ts';
import type { ServerStateRow } from './server-state-row.ts';
import { run } from './statement.ts';

export const theOnlyState = 1;

export function serverStateReads(db: Db): ServerStateReads {
  return {
    read: async () => {
      const { rows } = await run(db, db.selectFrom('server_state').selectAll().compile());
      const [row] = rows;
      if (row === undefined) throw new Error('The database does not say which journal it has.');
      return fromRow(row);
    },
  };
}

export async function keepState(db: Db, change: Partial<Omit<ServerStateRow, 'id'>>): Promise<void> {
  await run(db, db.updateTable('server_state').set(change).where('id', '=', theOnlyState).compile());
}

function fromRow(row: ServerStateRow): ServerState {
  return {
    epoch: row.epoch,
    restoredAt: row.restored_at,
    movingSince: row.moving_since,
    movedAt: row.moved_at,
  };
}
