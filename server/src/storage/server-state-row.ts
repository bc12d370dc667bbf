// Tables with one row, of the server as a whole, as the queries see them (schema.ts has the rules for columns).

export interface ServerStateRow {
  id: number;
  epoch: string;
  /** When a restore began this epoch; null for the first one. */
  restored_at: number | null;
  /** Set while a move fills this database. */
  moving_since: number | null;
  /** Set once a move has taken everything elsewhere. */
  moved_at: number | null;
}

export interface ServerTimeRow {
  id: number;
  latest: number;
}
