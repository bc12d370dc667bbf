// Tells somebody of each statement when it has ended: its text, never its values. Where nobody asks, nothing is measured.

import type { Logger as KyselyLogger } from 'kysely';

/** `ms` is how long it took; `error` why it failed, if it did. Called where the statement was asked for. */
export type StatementWatch = (sql: string, ms: number, error?: unknown) => void;

/** Of a database that answers at once. */
export function watchedRun<T>(watch: StatementWatch, sql: string, run: () => T): T {
  const began = performance.now();
  try {
    const result = run();
    watch(sql, performance.now() - began);
    return result;
  } catch (error) {
    watch(sql, performance.now() - began, error);
    throw error;
  }
}

/** Of one that Kysely asks. */
export function kyselyLog(watch: StatementWatch): KyselyLogger {
  return (event) =>
    watch(event.query.sql, event.queryDurationMillis, event.level === 'error' ? event.error : undefined);
}
