// Where the database is and what seals it, as the configuration says; and the two works that need a database and no server.

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { JournalReads } from '../core/journal/ports.ts';
import { generateSealingKeys, type SealingKeys } from '../core/sealer.ts';
import { openDataFolder } from '../startup/data-folder.ts';
import { databaseFailure, type Naming } from '../startup/database-failure.ts';
import { readSealingKeys } from '../startup/sealing-keys.ts';
import { migrate as migrateStore, openStore, type StoreLocation } from '../storage/open.ts';

/** Brings the schema up to date; answers the names of the migrations that ran. */
export async function migrate(config: Config): Promise<string[]> {
  const { place } = openPlace(config);
  return inWords(place, migrateStore(place));
}

/** Opens the journal for reading only, beside a running server. */
export async function openJournal(config: Config): Promise<{ journal: JournalReads; close(): Promise<void> }> {
  const place = databasePlace(config);
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  return { journal: store.journal, close: () => store.close() };
}

/** Where the database is, with nothing opened or made. */
export function databasePlace({ database, data }: Config): StoreLocation {
  return database === null ? { sqlite: { file: join(data, 'keyward.db') } } : { postgres: { url: database } };
}

/** Opens the data folder, if there is to be one, which another process must not have open. */
export function openPlace(config: Config): { place: StoreLocation; sealingKeys: SealingKeys } {
  if (config.database !== null) {
    const place = { postgres: { url: config.database } };
    return { place, sealingKeys: readSealingKeys(config.secrets ?? '', 'KEYWARD_SECRETS') };
  }
  const { database, secrets, secretsFile } = openDataFolder(config.data, config.secrets, generateSealingKeys);
  const source = config.secrets === null ? secretsFile : 'KEYWARD_SECRETS';
  return { place: { sqlite: { file: database } }, sealingKeys: readSealingKeys(secrets, source) };
}

/** What opening the database throws, in the operator's words. */
export async function inWords<T>(place: StoreLocation, opening: Promise<T>, naming?: Naming): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw databaseFailure(error, place, naming);
  }
}
