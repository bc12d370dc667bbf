// A server that was backed up, went on and ended a token: the files and databases that commands are killed on, a fresh copy for each
// try, and what a server on them would answer. For tests only.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp } from '../../server/src/assemble/recovery/backup.ts';
import { move } from '../../server/src/assemble/recovery/move.ts';
import { openShipping } from '../../server/src/assemble/recovery/ship.ts';
import { assemble } from '../../server/src/assemble.ts';
import { type Config, loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { StartupError } from '../../server/src/startup/startup-error.ts';
import { addOrganization } from '../assembled-server.ts';
import { sharedPostgres } from '../postgres.ts';

/** What a server on it would do: nothing of its own, all that it should, a part of that, or let in what had ended. */
export type Served = 'refused' | 'empty' | 'whole' | 'half' | 'revived';

export interface KilledWorld {
  /** The data folder at its end; the backup of before; the journal to the end. */
  data: string;
  backup: string;
  journal: string;
  entries: number;
  /** The same in PostgreSQL: at its end, as it was before, the journal to the end, and its head. */
  postgres: { whole: string; older: string; journal: string; head: string };
  secrets: string;
  /** A new folder with the data folder in it. */
  copyData(): string;
  /** A new database like the one that is named. */
  copyDatabase(url: string): Promise<string>;
  emptyDatabase(): Promise<string>;
  /** Asks a server that is started on a copy, so that what is asked changes nothing. */
  served(place: { data: string } | { database: string; head?: string }): Promise<Served>;
  remove(): void;
}

export async function newKilledWorld(tokens: number): Promise<KilledWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-killed-'));
  const at = (name: string) => join(folder, name);
  const { createDatabase } = await sharedPostgres();
  const open = (environment: NodeJS.ProcessEnv) =>
    assemble(configOf(environment), { demo: true, logger: createLogger('silent') });
  const configOf = (environment: NodeJS.ProcessEnv): Config => loadConfig({ logLevel: 'silent' }, environment, folder);
  const [data, backup, journal] = [at('data'), at('backup.db'), at('journal')];
  const place = { KEYWARD_DATA: data };
  const server = await open(place);
  const { owner, organization } = await addOrganization(server, { name: 'acme', isOperator: true, contributors: 1 });
  const made = async (name: string) => server.core.createApiToken(owner, { name, permissions: ['*:*'] });
  const [kept, ended] = [await made('kept'), await made('ended')];
  await Promise.all(Array.from({ length: tokens }, (_, n) => made(`t${n}`)));
  await server.close();
  const system = systemIn(organization);
  const ship = async (config: Config, to: string) => {
    const shipping = await openShipping(config, to);
    const entries = await shipping.step();
    await shipping.close();
    return entries;
  };

  await backUp({ data, database: null }, backup, () => {});
  cpSync(data, at('older'), { recursive: true });
  const secrets = readFileSync(join(data, 'secrets.key'), 'utf8');
  const whole = await createDatabase();
  const signal = new AbortController().signal;
  const moving = { to: { postgres: whole }, secrets: null, progress: () => {}, signal };
  await move(configOf({ KEYWARD_DATA: at('older') }), moving);
  const older = await createDatabase(new URL(whole).pathname.slice(1));

  /** What happens after the backup. */
  const goOn = async (environment: NodeJS.ProcessEnv) => {
    const later = await open(environment);
    await later.core.deactivateApiToken(system, { id: ended.token.id });
    await later.close();
  };
  await goOn(place);
  const entries = await ship(configOf(place), journal);
  const shared = { KEYWARD_DATABASE: whole, KEYWARD_SECRETS: secrets, KEYWARD_JOURNAL_HEAD: at('postgres.head') };
  await goOn(shared);
  await ship(configOf(shared), at('postgres-journal'));

  let copies = 0;
  const fresh = () => {
    copies += 1;
    const made = at(`copy-${copies}`);
    mkdirSync(made);
    return made;
  };
  /** The connections of a process that was killed end a moment later. */
  const copyDatabase = async (url: string): Promise<string> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await createDatabase(new URL(url).pathname.slice(1));
      } catch (error) {
        if (tries > 300 || !(error instanceof Error && /being accessed/.test(error.message))) throw error;
        await new Promise((later) => setTimeout(later, 100));
      }
    }
  };
  return {
    ...{ data, backup, journal, entries, secrets, copyDatabase },
    postgres: { whole, older, journal: at('postgres-journal'), head: at('postgres.head') },
    copyData() {
      const made = fresh();
      cpSync(data, join(made, 'data'), { recursive: true });
      return made;
    },
    emptyDatabase: () => createDatabase(),
    async served(wanted) {
      const made = fresh();
      let environment: NodeJS.ProcessEnv = { KEYWARD_DATA: join(made, 'data') };
      if ('data' in wanted) cpSync(wanted.data, join(made, 'data'), { recursive: true });
      else {
        const head = join(made, 'journal.head');
        for (const end of ['', '.restoring']) if (wanted.head !== undefined) copyIfThere(wanted.head + end, head + end);
        const database = await copyDatabase(wanted.database);
        environment = { KEYWARD_DATABASE: database, KEYWARD_SECRETS: secrets, KEYWARD_JOURNAL_HEAD: head };
      }
      try {
        const started = await open(environment);
        try {
          if ((await started.store.organizations.findByName('acme')) === null) return 'empty';
          if ((await started.core.inspect(ended.secret)).allowed) return 'revived';
          return (await started.core.inspect(kept.secret)).allowed ? 'whole' : 'half';
        } finally {
          await started.close();
        }
      } catch (error) {
        if (error instanceof StartupError) return 'refused';
        throw error;
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
