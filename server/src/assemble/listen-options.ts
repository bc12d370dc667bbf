// Where a process listens. Workers share a port by sockets of their own, among which the system deals connections out: what one
// that dies had not taken yet is refused, and waits for nobody.

import type { ListenOptions } from 'node:net';
import type { FastifyListenOptions } from 'fastify';
import type { Config } from '../config/config.ts';
import type { WorkerLink } from '../workers/link.ts';

/** Fastify passes on what it does not know itself. */
type Listening = FastifyListenOptions & Pick<ListenOptions, 'reusePort'>;

/** Elsewhere one socket is handed to all, whose connections the supervisor deals out. */
const hasReusePort = ['linux', 'freebsd', 'aix', 'sunos'].includes(process.platform);

export function listenOptions({ host, port }: Pick<Config, 'host' | 'port'>, worker?: WorkerLink): Listening {
  if (worker === undefined) return { host, port };
  return { host, port: worker.place.port ?? port, ...(hasReusePort && { reusePort: true }) };
}
