// Why the database could not be opened, in words for the operator: from the codes of SQLite, PostgreSQL, the network and
// TLS. A password is never part of them. What an error means while the server runs belongs to storage.

import { KeywardError } from '../core/errors.ts';
import { codeOf, StartupError } from './startup-error.ts';

export type DatabasePlace = { sqlite: { file: string } } | { postgres: { url: string } };

/** How an address was given: what people call that, and the variable that may hold it. */
export interface Naming {
  called: string;
  variable: string;
}

const asSetting: Naming = { called: 'setting database', variable: 'KEYWARD_DATABASE' };

/** The error for whatever opening the store threw; a StartupError stays as it is. */
export function databaseFailure(error: unknown, place: DatabasePlace, naming: Naming = asSetting): unknown {
  const cause = rootOf(error);
  if (cause === null) return error;
  const [why, remedy] =
    'sqlite' in place ? sqliteReason(cause, place.sqlite.file) : postgresReason(cause, place.postgres.url, naming);
  return new StartupError(why, remedy, error);
}

type Reason = readonly [why: string, remedy: string];

/** The driver's own error beneath ours; null where ours has none, as it then says all there is to say. */
function rootOf(error: unknown): Error | null {
  if (!(error instanceof Error) || error instanceof StartupError) return null;
  if (error instanceof KeywardError) {
    return error.code === 'unavailable' && error.cause instanceof Error ? rootOf(error.cause) : null;
  }
  // A name with several addresses fails once for each.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  return error;
}

function sqliteReason(error: Error, file: string): Reason {
  const code = codeOf(error);
  const [, why, remedy] = sqliteReasons.find(([pattern]) => pattern.test(code)) ?? [
    /./,
    `cannot be used: ${error.message}`,
    'Look at the file and its disk.',
  ];
  return [`The database ${file} ${why}.`, remedy];
}

const sqliteReasons: readonly (readonly [code: RegExp, why: string, remedy: string])[] = [
  [/^SQLITE_NOTADB/, 'is damaged, or no SQLite database', 'Restore it from a backup, together with its secrets.key.'],
  [/^SQLITE_CORRUPT/, 'is damaged', 'Restore it from a backup, together with its secrets.key.'],
  [
    /^SQLITE_(?:CANTOPEN|PERM|AUTH|READONLY)|^E(?:ACCES|PERM)$/,
    'may not be read and written by this account',
    'Give the folder and all files in it to the account that runs Keyward (chown).',
  ],
  [/^EISDIR$/, 'is a folder, not a file', 'Take it away, or name another data folder with --data.'],
  [
    /^SQLITE_(?:BUSY|LOCKED)/,
    'is locked by another program',
    'End that program (sqlite3, a backup), then start again.',
  ],
  [/^SQLITE_FULL|^ENOSPC$/, 'cannot grow: its disk is full', 'Free some space.'],
  [/^SQLITE_IOERR|^EIO$/, 'cannot be read or written: its disk reports an error', 'Look at the disk.'],
];

function postgresReason(error: Error, url: string, { called, variable }: Naming): Reason {
  const at = placeOf(url);
  const code = codeOf(error);
  const found = postgresReasons.find(([pattern]) => pattern.test(code) || pattern.test(error.message));
  if (found === undefined) {
    return [
      `The database ${at.text} (${called}) cannot be used: ${error.message}.`,
      `Look at the address in ${variable}.`,
    ];
  }
  const [, why, remedy] = found;
  const mend = remedy.replaceAll(asSetting.variable, variable);
  return [`The database ${at.text} (${called}) cannot be used: ${why(at, error)}.`, mend];
}

interface Place {
  text: string;
  host: string;
  port: string;
  user: string;
  name: string;
}

const postgresReasons: readonly (readonly [
  pattern: RegExp,
  why: (at: Place, error: Error) => string,
  remedy: string,
])[] = [
  [
    /^ECONNREFUSED$/,
    ({ host, port }) => `nobody listens on ${host}, port ${port}`,
    'Is PostgreSQL running, and are host and port right?',
  ],
  [/^(?:ENOTFOUND|EAI_\w+)$/, ({ host }) => `there is no host ${host}`, 'Look at the host in KEYWARD_DATABASE.'],
  [
    /^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$|timeout exceeded when trying to connect|connection timeout|timeout expired/,
    ({ host, port }) => `${host}, port ${port}, does not answer`,
    'Are host and port right, and does a firewall let this machine through?',
  ],
  [
    /^ECONNRESET$|Connection terminated|unexpected message|Received unexpected/,
    ({ host, port }) => `${host}, port ${port}, hung up`,
    'Is that a PostgreSQL server, and not another program?',
  ],
  [
    /^28P01$/,
    ({ user }) => `the password of the user ${user} is wrong`,
    'Look at the password in KEYWARD_DATABASE; characters such as @, : and / are written with %.',
  ],
  [
    /client password must be a string/,
    ({ user }) => `it asks for a password of the user ${user}, and none is given`,
    'Write it into KEYWARD_DATABASE: postgres://user:password@host:5432/name',
  ],
  [
    /no encryption/,
    () => 'it takes connections over TLS only',
    'Add ?sslmode=verify-full&sslrootcert=ca.pem to KEYWARD_DATABASE.',
  ],
  [
    /^28000$/,
    ({ user }, error) => `it does not let the user ${user} in (${error.message})`,
    'Look at the user in KEYWARD_DATABASE and at pg_hba.conf of the server.',
  ],
  [
    /^3D000$/,
    ({ name }) => `it has no database named ${name}`,
    'Look at the name in KEYWARD_DATABASE, or make it: createdb --encoding UTF8 NAME',
  ],
  [
    /^42501$/,
    ({ user }, error) => `the user ${user} has too few rights (${error.message})`,
    'Make it the owner of the database: alter database NAME owner to USER',
  ],
  [
    /^53300$|too many clients/,
    () => 'it has no connection left',
    'Raise max_connections of the server, or end what holds them; a node of Keyward opens a dozen.',
  ],
  [/^57P03$/, () => 'it is starting up or shutting down', 'Start Keyward again in a moment.'],
  [/^25006$/, () => 'it takes no changes: it is a standby', 'Name the primary in KEYWARD_DATABASE.'],
  [
    /does not support SSL/,
    () => 'it does not speak TLS',
    'Switch TLS on there (ssl = on), or leave sslmode out of KEYWARD_DATABASE if the network is your own.',
  ],
  [
    /ALTNAME/,
    (_, error) => `its certificate is for another name (${error.message.replace(/\.$/, '')})`,
    'Name the host in KEYWARD_DATABASE as the certificate does; with sslmode=verify-ca and sslrootcert=ca.pem any name will do.',
  ],
  [
    /unsupported startup parameter/,
    (_, error) => `a pooler is in front of it that takes no limits of time (${error.message})`,
    'In pgbouncer.ini: ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|^CERT_|ERR_TLS_CERT/,
    (_, error) => `its certificate is not trusted (${error.message})`,
    'Name the authority that issued it: NODE_EXTRA_CA_CERTS=ca.pem, or sslrootcert=ca.pem in KEYWARD_DATABASE.',
  ],
  [
    /^(?:ENOENT|EACCES)$/,
    (_, error) => `a file that its address names cannot be read (${error.message})`,
    'Look at sslrootcert, sslcert, sslkey or the socket in KEYWARD_DATABASE.',
  ],
  [
    /must be encoded in UTF8/,
    (_, error) => lowered(error.message),
    'Make a new one: createdb --encoding UTF8 --template template0 NAME',
  ],
  [
    /synchronous_commit is off/,
    (_, error) => lowered(error.message),
    'Switch it on for this database: alter database NAME set synchronous_commit = on',
  ],
];

/** The message of one of our own checks, as the end of a sentence. */
function lowered(message: string): string {
  return message.replace(/^The database/, 'the database').replace(/\.$/, '');
}

/** What may be shown of a database's address: all but the password and the parameters. */
function placeOf(text: string): Place {
  const url = new URL(text);
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  const user = readable(url.username) || process.env.PGUSER || process.env.USER || 'of this account';
  const name = readable(url.pathname.slice(1)) || user;
  const port = url.port || '5432';
  return { text: `${name} at ${host}:${port}`, host, port, user, name };
}

function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
