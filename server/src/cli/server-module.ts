// What the commands need of the assembled server. It is loaded only by the commands that need it: a command that talks
// to a running server over HTTP never opens a database.

import type { Config } from '../config/config.ts';
import type { Core } from '../core/core.ts';
import type { JournalReads } from '../core/journal/ports.ts';
import type { Store } from '../core/ports.ts';
import type { GuardedRoute } from '../http/gateway/guarded-route.ts';

export interface Server {
  /** The public address; final once it listens. */
  readonly url: string;
  readonly core: Core;
  readonly store: Store;
  /** Starts to listen; resolves with the public address. */
  listen(): Promise<string>;
  /** `reason` is for the log. */
  close(reason?: string): Promise<void>;
}

export interface ServerModule {
  /** Opens everything but the port. Refuses a data folder that another process has open. */
  assemble(config: Config, options: { demo: boolean; routes?: readonly GuardedRoute[] }): Promise<Server>;
  /** Brings the schema up to date; answers the names of the migrations that ran. */
  migrate(config: Config): Promise<string[]>;
  /** Opens the journal for reading only, beside a running server. */
  openJournal(config: Config): Promise<{ journal: JournalReads; close(): Promise<void> }>;
}

export async function loadServerModule(): Promise<ServerModule> {
  return import('../assemble.ts');
}
