// Which addresses a host name has. Names that others wrote down are asked of name servers by this process itself, which stops when the
// time is over: the system's look-up holds one of the few threads that all look-ups of the process share until the servers
// answer, however late. What is connected to is not decided here.

import { lookup, Resolver } from 'node:dns/promises';
import type { Allowed } from './public-address.ts';

/** The addresses of a host name, IPv4 first; rejects or is empty if there are none. */
export type Resolve = (host: string, until: AbortSignal) => Promise<readonly string[]>;

/** For one server's answer to one of the two questions; the last try takes twice the time. */
const patience = { timeout: 1500, tries: 2 };

/** By the system, /etc/hosts and search domains included, for hosts that the operator named; by name servers for any other. */
export function createResolve({ hosts }: Pick<Allowed, 'hosts'>, nameServers?: readonly string[]): Resolve {
  return (host, until) => (hosts.has(host) ? bySystem(host) : byNameServers(host, until, nameServers));
}

async function bySystem(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);
}

/** `nameServers`: with ports, in place of the system's. */
async function byNameServers(
  host: string,
  until: AbortSignal,
  nameServers: readonly string[] | undefined,
): Promise<string[]> {
  until.throwIfAborted();
  const resolver = new Resolver(patience);
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const cancel = () => resolver.cancel();
  until.addEventListener('abort', cancel, { once: true });
  try {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  } finally {
    until.removeEventListener('abort', cancel);
  }
}
