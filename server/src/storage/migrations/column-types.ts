// The two column types, spelled so that both databases sort text alike (by bytes) and hold every safe integer.

import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

export interface ColumnTypes {
  text: RawBuilder<unknown>;
  integer: RawBuilder<unknown>;
  /** What follows the column list of a table: SQLite checks types only in strict tables. */
  tableEnd: RawBuilder<unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
export function columnTypes(db: Kysely<any>): ColumnTypes {
  return db.getExecutor().adapter instanceof PostgresAdapter
    ? { text: sql`text collate "C"`, integer: sql`bigint`, tableEnd: sql`` }
    : { text: sql`text`, integer: sql`integer`, tableEnd: sql`strict` };
}
