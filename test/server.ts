// A whole server for a test: real database, real sockets, a small upstream, and people to ask as. Only the clock is ours.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { assemble, type Server } from '../server/src/assemble.ts';
import { demoRoutes } from '../server/src/cli/demo/data.ts';
import { type Config, loadConfig } from '../server/src/config/config.ts';
import { type Caller, systemIn } from '../server/src/core/caller/caller.ts';
import { principalOf } from '../server/src/core/caller/principal.ts';
import type { Core } from '../server/src/core/core.ts';
import type { Store } from '../server/src/core/ports.ts';
import type { DialectName } from '../server/src/dialects/dialect.ts';
import type { GuardedRoute } from '../server/src/http/gateway/guarded-route.ts';
import type { StoreLocation } from '../server/src/storage/open.ts';
import { createTestLog, newPlace, register, type TestPlace } from './assembled-server.ts';

export interface TestClock {
  now(): number;
  advance(ms: number): void;
}

export interface Person {
  id: string;
  email: string;
  password: string;
  caller: Caller;
}

export interface TestServer {
  url: string;
  core: Core;
  store: Store;
  /** Where the store is, for what no verb of it does. */
  database: StoreLocation;
  clock: TestClock;
  /** Everything logged so far, at debug level. */
  logs(): string;
  organization: { id: string; name: string };
  owner: Person;
  admin: Person;
  member: Person;
  asOwner: Caller;
  callerFor(source: { type: 'user' | 'api_user' | 'api_token'; id: string }): Promise<Caller>;
  /** A new organization with an owner, for what must not cross. */
  addOrganization(name: string): Promise<{ id: string; name: string; owner: Person }>;
  /** `between`: done while it is stopped, with how it was set up. */
  restart(settings?: Partial<Config>, between?: (config: Config) => Promise<unknown>): Promise<void>;
  /** Another node on the same database, which must be PostgreSQL, with an address of its own. It goes with the first. */
  addNode(): Promise<{ url: string; core: Core }>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  database?: 'sqlite' | 'postgres';
  dialects?: Partial<Record<DialectName, boolean>>;
  /** False leaves every request to Node's parser and the router; as the environment says unless set. */
  fastPath?: boolean;
  clock?: TestClock;
  /** Permissions of the guarded API that are registered beside those that the routes require. */
  permissions?: readonly string[];
  /** Documents that it may read from elsewhere. */
  outbound?: Config['outbound'];
  /** Clients that describe themselves, as far as they are let in. */
  clientMetadata?: Config['clientMetadata'];
  /** Whose reports of leaked tokens it takes. */
  leaks?: Config['leaks'];
  /** How often what was counted is written down, in milliseconds; as usual unless said otherwise. */
  flushMs?: number;
  /** Guarded routes beside those of the demo, by the address of the upstream. */
  routes?: (upstream: string) => readonly GuardedRoute[];
}

/** A budget that no test spends unless it means to. */
const roomy = { planId: 'enterprise', contributors: 10_000 };

/** A clock that stands at the present until it is advanced. */
export function testClock(start = Date.now()): TestClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** The machine in somebody's name: makes for them what they could not, as tokens that hold more than their owner. */
export function unlimited({ id, owner, organization }: Caller): Caller {
  return { ...systemIn(organization), id, owner };
}

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = options.clock ?? testClock();
  const place = await newPlace(options.database);
  const upstream = await startUpstream();
  const config = configFor(options, place);
  const log = createTestLog('debug');
  const open = (settings: Config) =>
    assemble(settings, {
      demo: true,
      routes: [...demoRoutes(upstream.url), ...(options.routes?.(upstream.url) ?? [])],
      clock: clock.now,
      logger: log.logger,
      ...(options.flushMs !== undefined && { flushMs: options.flushMs }),
    });
  let server: Server = await open(config);
  const nodes: Server[] = [];
  const url = await server.listen();
  const reopened = { ...config, port: Number(new URL(url).port) };

  async function callerFor(source: { type: 'user' | 'api_user' | 'api_token'; id: string }): Promise<Caller> {
    const record = await server.store.credentials.bySource(source);
    if (record === null) throw new Error(`There is no ${source.type} ${source.id}.`);
    return principalOf(record);
  }
  async function person(organization: { id: string; name: string }, role: string): Promise<Person> {
    const email = `${role}@${organization.name}.example`;
    const made = await server.core.createUser(systemIn(organization), { email, name: `The ${role}`, role });
    const caller = await callerFor({ type: 'user', id: made.user.id });
    return { id: made.user.id, email, password: made.password, caller };
  }
  async function addOrganization(name: string) {
    const made = await server.core.createOrganization(systemIn(), { name, ...roomy });
    return { id: made.id, name, owner: await person(made, 'owner') };
  }

  await register(server, ...(options.permissions ?? []));
  const organization = await server.core.createOrganization(systemIn(), { name: 'acme', isOperator: true, ...roomy });
  const owner = await person(organization, 'owner');
  const [admin, member] = [await person(organization, 'admin'), await person(organization, 'member')];
  return {
    url,
    get core() {
      return server.core;
    },
    get store() {
      return server.store;
    },
    database: databaseOf(config),
    clock,
    logs: log.text,
    organization: { id: organization.id, name: organization.name },
    owner,
    admin,
    member,
    asOwner: owner.caller,
    callerFor,
    addOrganization,
    async restart(settings = {}, between) {
      await server.close();
      await between?.({ ...reopened, ...settings });
      server = await open({ ...reopened, ...settings });
      await server.listen();
    },
    async addNode() {
      const node = await open({ ...config, port: 0, url });
      nodes.push(node);
      await node.listen();
      // The public address, which all nodes have, is the first one's.
      return { url: `http://127.0.0.1:${node.port}`, core: node.core };
    },
    async stop() {
      for (const node of nodes) await node.close();
      await server.close();
      await upstream.close();
      place.remove();
    },
  };
}

function configFor(options: TestServerOptions, { environment, folder }: TestPlace): Config {
  const config = loadConfig({}, environment, folder);
  const { fastPath = config.fastPath, outbound = config.outbound } = options;
  const { clientMetadata = config.clientMetadata, leaks = config.leaks } = options;
  return {
    ...config,
    fastPath,
    outbound,
    clientMetadata,
    leaks,
    signInFailures: 1_000_000,
    dialects: { ...config.dialects, ...options.dialects },
  };
}

function databaseOf({ database, data }: Config): StoreLocation {
  return database === null ? { sqlite: { file: join(data, 'keyward.db') } } : { postgres: { url: database } };
}

/** Echoes what reached it, so that a test sees what a guarded API would. */
async function startUpstream(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
