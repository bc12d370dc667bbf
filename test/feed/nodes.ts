// Several nodes on one PostgreSQL, or one on SQLite, in one process, with an organization and its owner. For tests only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { assemble, type Server } from '../../server/src/assemble.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { sharedPostgres } from '../postgres.ts';

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

export async function startNodes(count: number, kind: 'sqlite' | 'postgres' = 'postgres'): Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-nodes-'));
  const database = kind === 'postgres' ? await (await sharedPostgres()).createDatabase() : '';
  const environment = {
    KEYWARD_PORT: '0',
    KEYWARD_DATA: join(folder, 'data'),
    ...(kind === 'postgres' && { KEYWARD_DATABASE: database, KEYWARD_SECRETS: generateSealingKeys() }),
  };
  let log = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const all: Node[] = [];
  const start = async () => {
    const server = await assemble(loadConfig({}, environment, folder), {
      demo: true,
      logger: createLogger('warn', sink),
    });
    const node = { server, url: await server.listen() };
    all.push(node);
    return node;
  };
  const { core, store } = (await start()).server;
  for (let more = 1; more < count; more += 1) await start();
  const addOrganization = async (name: string) => {
    const roomy = { planId: 'enterprise', contributors: 10_000 };
    const organization = await core.createOrganization(systemIn(), { name, ...roomy });
    const person = { email: `o@${name}.example`, name: 'O', role: 'owner' };
    const { user } = await core.createUser(systemIn(organization), person);
    const record = await store.credentials.bySource({ type: 'user', id: user.id });
    if (record === null) throw new Error('There is no owner.');
    return { organization, owner: principalOf(record) };
  };
  return {
    ...(await addOrganization('acme')),
    addOrganization,
    all,
    node(index) {
      const found = all[index];
      if (found === undefined) throw new Error(`There is no node ${index}.`);
      return found;
    },
    database,
    log: () => log,
    start,
    async stop() {
      for (const { server } of all) await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
