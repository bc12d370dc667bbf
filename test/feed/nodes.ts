// Several nodes on one PostgreSQL, or one on SQLite, in one process, with an organization and its owner. For tests only.

import type { Server } from '../../server/src/assemble.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { addOrganization, assembleAt, createTestLog, newPlace, register } from '../assembled-server.ts';

export interface Node {
  server: Server;
  /** Where it listens. */
  url: string;
}

export interface Nodes {
  all: Node[];
  node(index: number): Node;
  /** Of the PostgreSQL database. */
  database: string;
  /** All that was logged so far, from warnings on. */
  log(): string;
  organization: { id: string; name: string };
  owner: Caller;
  /** A new organization's owner. */
  addOrganization(name: string): Promise<{ organization: { id: string; name: string }; owner: Caller }>;
  /** One more. */
  start(): Promise<Node>;
  stop(): Promise<void>;
}

/** With `isOperators` the organization is the one that provides the APIs. */
export async function startNodes(
  count: number,
  kind: 'sqlite' | 'postgres' = 'postgres',
  isOperators = false,
): Promise<Nodes> {
  const place = await newPlace(kind);
  const log = createTestLog('warn');
  const all: Node[] = [];
  const start = async () => {
    const server = await assembleAt({ place, logger: log.logger });
    const node = { server, url: await server.listen() };
    all.push(node);
    return node;
  };
  const { server: first } = await start();
  await register(first, 'read:x');
  for (let more = 1; more < count; more += 1) await start();
  const common = { planId: 'enterprise', contributors: 10_000 };
  const add = (name: string) => addOrganization(first, { name, ...common });
  return {
    ...(isOperators ? await addOrganization(first, { name: 'acme', ...common, isOperator: true }) : await add('acme')),
    addOrganization: add,
    all,
    node(index) {
      const found = all[index];
      if (found === undefined) throw new Error(`There is no node ${index}.`);
      return found;
    },
    database: place.databaseUrl ?? '',
    log: log.text,
    start,
    async stop() {
      for (const { server } of all) await server.close();
      place.remove();
    },
  };
}
