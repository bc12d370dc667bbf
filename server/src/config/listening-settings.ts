// The settings of where a server listens, and in how many processes.

import * as read from './value.ts';

export interface ListeningConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How many processes serve; `auto` for one for each core, up to 4, and one in the demo. */
  readonly workers: number | 'auto';
}

export const listeningSettings = {
  host: {
    env: 'KEYWARD_HOST',
    flag: '--host <address>',
    fallback: '127.0.0.1',
    read: read.host,
    help: 'address to listen on; 0.0.0.0 or :: for all',
  },
  port: {
    env: 'KEYWARD_PORT',
    flag: '--port <number>',
    fallback: 8080,
    read: read.port,
    help: 'port to listen on; 0 takes a free one',
  },
  workers: {
    env: 'KEYWARD_WORKERS',
    flag: '--workers <number>',
    fallback: 'auto',
    read: read.workers,
    help: 'processes that serve together; auto: one for each core, up to 4, and one in the demo',
  },
} as const;
