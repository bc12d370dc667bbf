// Workers as processes of node:cluster, which share the port: this program once more, with the same arguments. Whether this
// process is one of them, and its channel if so.

import cluster from 'node:cluster';
import { hrtime } from 'node:process';
import { type Channel, openLink, type WorkerLink } from './link.ts';
import { type FromWorker, isOurs } from './messages.ts';
import type { SupervisorOptions } from './supervisor.ts';

/** The machine's monotonic clock, in milliseconds. */
export const machineClock = (): number => Number(hrtime.bigint() / 1000n) / 1000;

/** Null in a process that no supervisor started. */
export function openWorkerLink(): Promise<WorkerLink> | null {
  const { worker } = cluster;
  if (worker === undefined) return null;
  const channel: Channel = {
    send(message) {
      // Without a supervisor this process ends by itself, with whatever it would have said.
      if (worker.isConnected()) worker.send(message);
    },
    onMessage: (listener) => void process.on('message', listener),
    monotonic: machineClock,
    close: () => worker.disconnect(),
  };
  return openLink(channel);
}

/** Starts a worker. */
export const startProcess: SupervisorOptions['start'] = ({ heard, ended }) => {
  const worker = cluster.fork();
  worker.on('message', (message: unknown) => {
    if (isOurs(message)) heard(message as FromWorker);
  });
  worker.on('exit', (code: number | null) => ended(code ?? 1));
  worker.on('error', () => {});
  return {
    send(message) {
      if (worker.isConnected()) worker.send(message, () => {});
    },
    signal: (name) => void worker.process.kill(name),
  };
};
