// `keyward move`: a whole server from SQLite to PostgreSQL or back, while none runs. The database that it came from stays, marked so
// that nobody serves it by mistake.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { systemIn } from '../../core/caller/caller.ts';
import { entryOf } from '../../core/journal/entry.ts';
import { createSealer, type SealingKeys } from '../../core/sealer.ts';
import { openDataFolder } from '../../startup/data-folder.ts';
import { databaseFailure, type Naming } from '../../startup/database-failure.ts';
import { readSealingKeys } from '../../startup/sealing-keys.ts';
import { codeOf, StartupError } from '../../startup/startup-error.ts';
import type { Database } from '../../storage/database.ts';
import { type Moved, moveTables } from '../../storage/move.ts';
import { openDatabase, type StoreLocation } from '../../storage/open.ts';
import { runningNodes } from '../../storage/presence.ts';
import { inWords, openPlace } from '../database.ts';

export type MoveTarget = { postgres: string } | { sqlite: string };

export interface MoveRequest {
  to: MoveTarget;
  /** The text of the target's sealing keys; null for those of the source. */
  secrets: string | null;
  progress(table: string, done: number, total: number): void;
  signal: AbortSignal;
}

/** No statement of it is in a hurry. */
const timeoutMs = 6 * 3_600_000;
const asTarget: Naming = { called: '--to', variable: 'KEYWARD_MOVE_TO' };

/** Throws StartupError, or KeywardError as `moveTables` does; the source is then as it was. */
export async function move(
  config: Pick<Config, 'data' | 'database' | 'secrets'>,
  { to, secrets, progress, signal }: MoveRequest,
): Promise<Moved> {
  demandSource(config);
  const { place, sealingKeys, text } = sourceOf(config);
  demandElsewhere(place, to);
  const target = targetOf(to, secrets ?? text);
  demandContained(sealingKeys, target);
  const [before, after] = [createSealer(sealingKeys), createSealer(target.sealingKeys)];
  const source = await inWords(place, openDatabase(patient(place), false));
  let into: Database | null = null;
  try {
    if ('postgres' in place) await demandNobody(source);
    into = await inWords(target.place, openDatabase(patient(target.place), false), asTarget);
    const at = Date.now();
    const moving = moveTables({
      source,
      target: into,
      reseal: (purpose, sealed, context) => {
        const secret = before.open(purpose, sealed, context);
        return secret === null ? null : after.seal(purpose, secret, context);
      },
      isSame: (purpose, sealed, moved, context) =>
        before.open(purpose, sealed, context) === after.open(purpose, moved, context),
      progress,
      signal,
      at,
      entry: (epoch) => {
        const detail = { to: 'postgres' in to ? 'postgresql' : 'sqlite' };
        return entryOf(systemIn(), at, 'server.moved', { type: 'server', id: epoch }, detail);
      },
    });
    return await moving.catch((error: unknown) => {
      throw inTheMiddle(error, place, target.place);
    });
  } finally {
    await source.close();
    await into?.close();
  }
}

function demandSource({ data, database }: Pick<Config, 'data' | 'database'>): void {
  if (database !== null || existsSync(join(data, 'keyward.db'))) return;
  throw new StartupError(
    `There is no database in ${data}.`,
    'Name the folder of the server with --data; for a PostgreSQL server, set KEYWARD_DATABASE.',
  );
}

function sourceOf(config: Pick<Config, 'data' | 'database' | 'secrets'>) {
  const { place, sealingKeys } = openPlace(config as Config);
  if (config.secrets !== null) return { place, sealingKeys, text: config.secrets };
  const noKeys = () => {
    throw new StartupError(`There are no sealing keys in ${config.data}.`, 'Put secrets.key back.');
  };
  return { place, sealingKeys, text: openDataFolder(config.data, null, noKeys).secrets };
}

/** `folder`: where it keeps its sealing keys; null for PostgreSQL, which is told them. */
function targetOf(
  to: MoveTarget,
  secrets: string,
): { place: StoreLocation; sealingKeys: SealingKeys; folder: string | null } {
  if ('postgres' in to) {
    return {
      place: { postgres: { url: to.postgres } },
      sealingKeys: readSealingKeys(secrets, 'the target'),
      folder: null,
    };
  }
  const folder = openDataFolder(to.sqlite, null, () =>
    secrets.includes('\n') ? secrets : `${secrets.replaceAll(',', '\n')}\n`,
  );
  return {
    place: { sqlite: { file: folder.database } },
    sealingKeys: readSealingKeys(folder.secrets, folder.secretsFile),
    folder: to.sqlite,
  };
}

/** What cannot be sealed anew, as opaque access tokens and the codes that people wrote down, must still open there. */
function demandContained(source: SealingKeys, { sealingKeys, folder }: ReturnType<typeof targetOf>): void {
  const lacking = source.all.filter(
    ({ id, secret }) => !sealingKeys.all.some((one) => one.id === id && one.secret.equals(secret)),
  );
  if (lacking.length === 0) return;
  throw new StartupError(
    `The target's sealing keys${folder === null ? '' : ` (${join(folder, 'secrets.key')})`} lack ${lacking.map(({ id }) => id).join(', ')} ` +
      'of this server: access tokens and recovery codes would end.',
    `${folder === null ? 'Put' : 'Name an empty folder, or put'} these lines below the new key, as for a rotation. What can be is ` +
      'sealed with the new one on the way.',
  );
}

/** A database that goes away or is full while everything is carried. */
function inTheMiddle(error: unknown, from: StoreLocation, to: StoreLocation): unknown {
  const code = codeOf(error) || codeOf(error instanceof Error ? error.cause : undefined);
  if (code === '') return error;
  const isSqlite = code.startsWith('SQLITE_');
  const [place, naming] = 'sqlite' in from === isSqlite ? [from] : [to, asTarget];
  return databaseFailure(error, place, naming);
}

function demandElsewhere(from: StoreLocation, to: MoveTarget): void {
  const isSame = 'sqlite' in from && 'sqlite' in to && from.sqlite.file === join(to.sqlite, 'keyward.db');
  if (isSame) throw new StartupError(`The server is in ${to.sqlite} already.`, 'Name another place with --to.');
}

async function demandNobody(source: Database): Promise<void> {
  const nodes = await runningNodes(source.reads);
  if (nodes.length === 0) return;
  throw new StartupError(`Keyward still runs on this database: ${nodes.join(', ')}.`, 'Stop all nodes first.');
}

function patient(place: StoreLocation): StoreLocation {
  return 'postgres' in place ? { postgres: { ...place.postgres, timeoutMs } } : place;
}
