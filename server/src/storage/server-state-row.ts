// The one row that says which journal a database has, as the queries see it (schema.ts has the rules for columns).

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
