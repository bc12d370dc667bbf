// What a database's error means to us, by the codes of SQLite, PostgreSQL and the network. Whatever is not listed is a
// bug in a query and is thrown as it came.

import { KeywardError } from '../core/errors.ts';

/** `taken`: a unique name is. `retry`: the same transaction may succeed now. `unavailable`: the database cannot work. */
export type DatabaseError = 'taken' | 'retry' | 'unavailable';

const taken = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']);

/** Serialization failure and deadlock (PostgreSQL, appendix A). */
const retry = new Set(['40001', '40P01']);

const unavailableSqlite =
  /^SQLITE_(?:FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM|AUTH|ABORT|INTERRUPT)/;
/**
 * Connection exceptions, authorization, insufficient resources, operator intervention (a timeout among it), system
 * errors; read-only transactions after a failover, locks not available, a transaction left idle too long.
 */
const unavailablePostgres = /^(?:08|28|3D|53|57|58|F0|XX)[0-9A-Z]{3}$|^25006$|^25P03$|^55P03$/;
const unavailableNetwork = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ESOCKET)/;
/** The drivers' own errors, which have no code. */
const unavailableText = new RegExp(
  [
    '^Query read timeout',
    '^timeout exceeded when trying to connect',
    '^Connection terminated',
    '^Client (?:was closed|has encountered a connection error)',
    '^Cannot use a pool after calling end',
    '^Postgres connection has been discarded',
    '^The database connection is not open',
    '^driver has already been destroyed',
  ].join('|'),
);

/** Looks through one of our own errors at its cause. Null for what is no error of the database. */
export function databaseErrorOf(error: unknown): DatabaseError | null {
  if (error instanceof KeywardError) return error.code === 'unavailable' ? databaseErrorOf(error.cause) : null;
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return unavailableText.test(error.message) ? 'unavailable' : null;
  if (taken.has(code)) return 'taken';
  if (retry.has(code)) return 'retry';
  const unavailable = unavailableSqlite.test(code) || unavailablePostgres.test(code) || unavailableNetwork.test(code);
  return unavailable ? 'unavailable' : null;
}

/** A commit that got no answer may have been made; any other error of it is given back as it is. */
export function commitFailure(cause: unknown): unknown {
  if (databaseErrorOf(cause) !== 'unavailable') return cause;
  const message = 'The database went away before it said whether this was saved. Look before you try again.';
  return new KeywardError('unavailable', message, { cause, isOutcomeUnknown: true, isDatabaseAway: true });
}

export function unavailable(cause: unknown): KeywardError {
  if (cause instanceof KeywardError && cause.code === 'unavailable') return cause;
  return new KeywardError('unavailable', 'The database cannot be used right now. Try again shortly.', {
    cause,
    isDatabaseAway: true,
  });
}
