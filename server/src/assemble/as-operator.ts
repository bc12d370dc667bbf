// The server of this machine for a command beside it: assembled whole, never listening, and asked from inside. Whoever asks is
// the machine itself, with all that the operator may do; the journal calls it `system`. It refuses while a server has the
// data folder open.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, type Server } from '../assemble.ts';
import type { Config } from '../config/config.ts';
import { type Caller, systemIn } from '../core/caller/caller.ts';
import { KeywardError } from '../core/errors.ts';
import type { Organization } from '../core/identity/records.ts';
import type { Page, PageRequest } from '../core/page.ts';
import type { Store } from '../core/ports.ts';
import { createLogger } from '../http/log.ts';
import { StartupError } from '../startup/startup-error.ts';

export type LocalServer = Pick<Server, 'inject' | 'close'>;

/** Throws StartupError, in words for the operator, where there is no database, no operator in it or a server on it. */
export async function assembleAsOperator(config: Config): Promise<LocalServer> {
  const { database, data } = config;
  // Opening would make an empty data folder, of which a mistyped --data then tells nothing.
  if (database === null && !existsSync(join(data, 'keyward.db'))) {
    throw new StartupError(`There is no database in ${data}.`, 'Name the data folder of the server with --data.');
  }
  // What only a server needs is left out, so that a mistake in it keeps nobody from mending the rest.
  const settings = { ...config, tls: null, routes: [], portal: false, fastPath: false };
  try {
    return await assemble(settings, { demo: true, logger: createLogger('silent'), asCaller: operatorsMachine });
  } catch (error) {
    if (!(error instanceof KeywardError) || error.code !== 'conflict') throw error;
    throw new StartupError(
      `A server is running on the data folder ${data}.`,
      'Ask that server: leave out --data, and sign in with keyward login. Or stop it first.',
    );
  }
}

async function operatorsMachine(store: Store): Promise<Caller> {
  // The first that was made, as a rule.
  let page: PageRequest | null = { limit: 50, sort: 'createdAt', descending: false };
  while (page !== null) {
    const { items, next }: Page<Organization> = await store.organizations.list(page);
    const operator = items.find(({ isOperator }) => isOperator);
    if (operator !== undefined) return systemIn({ id: operator.id, name: operator.name });
    page = next === null ? null : { ...page, after: next };
  }
  throw new StartupError('This server has no owner yet, so there is nothing to work on.', 'Make one: keyward init');
}
