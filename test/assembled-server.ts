// What test servers have in common: one assembled in this process on a database and a folder of its own, the log that it
// writes, and an organization with an owner to call as. It makes no calls, and listens only when it is told to.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pg from 'pg';
import { assemble, type Server } from '../server/src/assemble.ts';
import { type Config, loadConfig } from '../server/src/config/config.ts';
import { type Caller, systemIn } from '../server/src/core/caller/caller.ts';
import { defaultApi } from '../server/src/core/caller/catalogue.ts';
import { principalOf } from '../server/src/core/caller/principal.ts';
import { entryOf } from '../server/src/core/journal/entry.ts';
import { generateSealingKeys } from '../server/src/core/sealer.ts';
import { createLogger } from '../server/src/http/log.ts';
import { migrate } from '../server/src/storage/open.ts';
import { sharedPostgres, type TestPostgres } from './postgres.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export interface TestPlace {
  folder: string;
  /** Settings as the program takes them: any free port, the database, and the fast path as this process is told. */
  environment: NodeJS.ProcessEnv;
  /** Of PostgreSQL. */
  databaseUrl: string | null;
  remove(): void;
}

/** A new folder, and with PostgreSQL a new database, whose tables are there unless it is to be empty. */
export async function newPlace(kind: DatabaseKind = 'sqlite', { isEmpty = false } = {}): Promise<TestPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-test-'));
  const databaseUrl = kind === 'postgres' ? await newDatabase(isEmpty) : null;
  const { KEYWARD_FAST_PATH = 'true' } = process.env;
  const shared = databaseUrl !== null && { KEYWARD_DATABASE: databaseUrl, KEYWARD_SECRETS: generateSealingKeys() };
  return {
    folder,
    environment: { KEYWARD_PORT: '0', KEYWARD_DATA: join(folder, 'data'), KEYWARD_FAST_PATH, ...shared },
    databaseUrl,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const template = 'keyward_tables';
let templateIsMade: Promise<void> | undefined;

/** Empty, or a copy of one that is brought up to date once in a run: what that does is tested with the store. */
async function newDatabase(isEmpty: boolean): Promise<string> {
  const postgres = await sharedPostgres();
  if (isEmpty) return postgres.createDatabase();
  templateIsMade ??= makeTemplate(postgres);
  await templateIsMade;
  return postgres.createDatabase(template);
}

/** Whichever process of the run comes first makes it, while the others wait. */
async function makeTemplate({ url, createDatabase }: Pick<TestPostgres, 'url' | 'createDatabase'>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount !== 0) return;
    const made = await createDatabase();
    await migrate({ postgres: { url: made } });
    await client.query(`alter database ${new URL(made).pathname.slice(1)} rename to ${template}`);
  } finally {
    await client.end();
  }
}

/** A log of which everything that was written can be read. */
export function createTestLog(level: Parameters<typeof createLogger>[0]) {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { logger: createLogger(level, sink), text: () => text };
}

type Options = Partial<Parameters<typeof assemble>[1]> & {
  place: Pick<TestPlace, 'folder' | 'environment'>;
  /** Beside those of the place. */
  environment?: NodeJS.ProcessEnv;
  /** Beside those that come from the environment. */
  settings?: Partial<Config>;
};

/** Assembles a server that says nothing and takes HTTP from loopback, unless told otherwise. */
export function assembleAt({ place, environment, settings, ...options }: Options): Promise<Server> {
  const config = loadConfig({}, { ...place.environment, ...environment }, place.folder);
  return assemble({ ...config, ...settings }, { demo: true, logger: createLogger('silent'), ...options });
}

/** Registers permissions of the guarded API that a test grants; those that are there already stay as they are. */
export async function register({ store }: Pick<Server, 'store'>, ...names: readonly string[]): Promise<void> {
  await store.write(async (changes) => {
    for (const name of names) {
      const permission = { name, api: defaultApi, description: '', group: '', createdAt: 1 };
      if (!(await changes.permissions.insert(permission))) continue;
      changes.journal(entryOf(systemIn(), 1, 'permission.registered', { type: 'permission', id: name }));
    }
  });
}

type WantedOrganization = Parameters<Server['core']['createOrganization']>[1];

/** A new organization and a caller who may do everything in it. */
export async function addOrganization({ core, store }: Pick<Server, 'core' | 'store'>, wanted: WantedOrganization) {
  const organization = await core.createOrganization(systemIn(), wanted);
  const email = `owner@${wanted.name}.example`;
  const made = await core.createUser(systemIn(organization), { email, name: 'Owner', role: 'owner' });
  const record = await store.credentials.bySource({ type: 'user', id: made.user.id });
  if (record === null) throw new Error('There is no owner.');
  const owner: Caller = principalOf(record);
  return { organization, owner, email, password: made.password };
}
