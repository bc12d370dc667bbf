// What an assembled server can do, and what it is assembled from beside its configuration. Shapes only.

import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import type { Caller } from '../core/caller/caller.ts';
import type { Clock } from '../core/clock.ts';
import type { Core } from '../core/core.ts';
import type { Store } from '../core/ports.ts';
import type { GuardedRoute } from '../http/gateway/guarded-route.ts';
import type { Logger } from '../http/log.ts';
import type { WorkerLink } from '../workers/link.ts';

export interface Server {
  /** The public address; final once it listens. */
  readonly url: string;
  /** The port that this node listens on, whatever the public address is; the setting's until it does. */
  readonly port: number;
  readonly core: Core;
  readonly store: Store;
  /** Starts to listen; resolves with the public address. */
  listen(): Promise<string>;
  /** Answers a request that did not come from outside: no socket is opened. */
  inject(request: InjectedRequest): Promise<InjectedAnswer>;
  /**
   * Takes what `load` says and can be taken while it runs; all of it, or nothing where something is wrong. The log and the
   * metrics say what came of it.
   */
  reload(load: () => Config): void;
  /** `reason` is for the log. */
  close(reason?: string): Promise<void>;
}

export interface InjectedRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface InjectedAnswer {
  status: number;
  headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  body: Readable;
}

export interface AssembleOptions {
  /** Answers plain HTTP from this machine. */
  demo: boolean;
  /** Guarded routes beside those of the configuration. */
  routes?: readonly GuardedRoute[];
  clock?: Clock;
  /** The machine's clock, which may go back; `clock` where that is given. */
  wall?: Clock;
  logger?: Logger;
  /** How often what was counted is written down, in milliseconds; 5,000 unless said otherwise. */
  flushMs?: number;
  /**
   * Whoever every request is from, whatever credential it carries, and no chores: for a command on this machine that has
   * the database to itself. Such a server refuses to listen.
   */
  asCaller?: (store: Store) => Promise<Caller>;
  /** Of one of several processes that serve together: its end of the channel to whoever started it. */
  worker?: WorkerLink;
}
