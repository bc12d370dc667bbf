// A server of several processes: the supervisor that starts them has the lock of the data folder, and each is a node of the
// same server.

import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { createLogger } from '../http/log.ts';
import { lockFolder } from '../storage/sqlite.ts';
import type { WorkerLink } from '../workers/link.ts';
import { machineClock, openWorkerLink as openLink, startProcess } from '../workers/processes.ts';
import { type Supervisor, supervise } from '../workers/supervisor.ts';
import { inWords, openPlace } from './database.ts';

export type { WorkerLink };

/** Null in a process that no supervisor started. */
export const openWorkerLink = (): Promise<WorkerLink> | null => openLink();

/** Refuses a data folder that another process has open. */
export async function startWorkers(config: Config, count: number): Promise<Supervisor> {
  const { place } = openPlace(config);
  // Sockets that share a port would share it with another server's too.
  await demandFreePort(config);
  const unlock = 'sqlite' in place ? await inWords(place, lockOf(place.sqlite.file)) : () => {};
  const log = createLogger(config.logLevel);
  const supervisor = supervise({ count, start: startProcess, log, now: machineClock, clock: Date.now });
  return {
    ready: supervisor.ready,
    reload: supervisor.reload,
    stop: async () => {
      const code = await supervisor.stop();
      unlock();
      return code;
    },
  };
}

/** Rejects as listening does. */
function demandFreePort({ host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

async function lockOf(file: string): Promise<() => void> {
  return lockFolder(dirname(file));
}
