// Looks at the database that the configuration names and at the keys that seal it, beside a running server. It changes and
// makes nothing, the data folder included.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { type ChainReport, verifyChain } from '../core/journal/chain.ts';
import { createSealer } from '../core/sealer.ts';
import { createKeySet } from '../core/tokens/key-set.ts';
import { demandSealingKeys } from '../core/tokens/sealing-key-check.ts';
import { fileFailure } from '../startup/file-failure.ts';
import { readSealingKeys } from '../startup/sealing-keys.ts';
import { StartupError } from '../startup/startup-error.ts';
import { type DatabaseFacts, databaseFacts } from '../storage/facts.ts';
import { openStore } from '../storage/open.ts';
import { databasePlace, inWords } from './database.ts';
import { demandServable } from './journal-head.ts';

export type { DatabaseFacts };

/** The database itself. Throws StartupError where it cannot be opened. */
export function inspectDatabase(config: Config): Promise<DatabaseFacts> {
  const place = databasePlace(config);
  return inWords(place, databaseFacts(place));
}

/** Throws StartupError or KeywardError, in words, if the sealing keys cannot be read or are not those of the database. */
export async function inspectSealingKeys(config: Config): Promise<void> {
  const keys = readSealingKeys(sealingText(config), config.secrets === null ? secretsFile(config) : 'KEYWARD_SECRETS');
  const place = databasePlace(config);
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  try {
    await demandSealingKeys({ store, keys: createKeySet(store, createSealer(keys)), clock: Date.now });
  } finally {
    await store.close();
  }
}

/**
 * Throws StartupError for a database that would not be served: one that was moved, or that is older than what was served last.
 * Answers how many things a restore has left suspended.
 */
export async function inspectServable(config: Config): Promise<number> {
  const place = databasePlace(config);
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  try {
    await demandServable(config, store);
    const counts = await store.suspensions.count();
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  } finally {
    await store.close();
  }
}

/** Walks the whole chain of the journal, and says when its newest entry was made. */
export async function inspectJournal(
  config: Config,
  progress?: (seq: number) => void,
): Promise<ChainReport & { newestAt: number | null }> {
  const place = databasePlace(config);
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  try {
    const report = await verifyChain(store.journal, progress);
    const newest = await store.journal.at(await store.journal.head());
    return { ...report, newestAt: newest?.at ?? null };
  } finally {
    await store.close();
  }
}

function secretsFile({ data }: Config): string {
  return join(data, 'secrets.key');
}

function sealingText(config: Config): string {
  if (config.secrets !== null) return config.secrets;
  const file = secretsFile(config);
  if (!existsSync(file)) {
    const mend = 'Put it back from a backup, or give its content in KEYWARD_SECRETS.';
    throw new StartupError(`${file} is missing, and without it the signing keys cannot be opened.`, mend);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileFailure(
      error,
      `The file of the sealing keys ${file}`,
      'Give it to the account that runs Keyward (chown).',
    );
  }
}
