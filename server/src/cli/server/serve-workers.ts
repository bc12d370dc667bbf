// How many processes `keyward serve` runs, and the one that starts the others and ends with them.

import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { WorkerLink } from '../../assemble/workers.ts';
import type { Config } from '../../config/config.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { untilStopped, withHangUp } from './graceful-shutdown.ts';
import { listeningFailure } from './listen.ts';
import { watchSettings } from './watch-settings.ts';

export type { WorkerLink };

/** More share one writer, and are rarely worth their memory. */
const mostByThemselves = 4;

/** One for each core, as many as are worth it; of the demo one, unless told. */
export function workerCount({ workers }: Pick<Config, 'workers'>, isDemo: boolean): number {
  if (workers !== 'auto') return workers;
  return isDemo ? 1 : Math.min(mostByThemselves, availableParallelism());
}

/** Has workers serve until a signal ends them, and reload at SIGHUP and when files of `watch` change, if given; resolves with the exit code. The first of them says where. */
export async function serveWithWorkers(
  config: Config,
  count: number,
  terminal: Terminal,
  watch: { files: () => readonly string[]; load: () => Config } | null,
): Promise<number> {
  const watched = watch === null ? null : watchSettings(watch.files);
  const { startWorkers } = await import('../../assemble/workers.ts');
  const supervisor = await startWorkers(config, count).catch((error) => {
    throw listeningFailure(error, config);
  });
  let code = 0;
  const stopped = untilStopped(
    async () => {
      watched?.stop();
      code = await supervisor.stop();
    },
    terminal,
    watched === null ? withHangUp : undefined,
  );
  watched?.start(() => {
    try {
      // What is watched may be elsewhere now.
      watch?.load();
    } catch {
      // The workers say what is wrong.
    }
    supervisor.reload();
  });
  const failure = await supervisor.ready;
  if (failure !== null) return failure;
  return Math.max(await stopped, code);
}

/** True in a process that `serveWithWorkers` has started. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Runs what serves with this process's channel to its supervisor, if it has one, and lets the process end after it. */
export async function asWorker(serve: (worker?: WorkerLink) => Promise<number>): Promise<number> {
  if (!isWorker()) return serve();
  const { openWorkerLink } = await import('../../assemble/workers.ts');
  const link = await openWorkerLink();
  if (link === null) return serve();
  try {
    return await serve(link);
  } finally {
    link.close();
  }
}
