// The test bed: a PostgreSQL of its own, four nodes of the built program that reach it through a proxy each, two of them
// with two workers, and four processes that call. Changes are made over HTTP, and noted when they are acknowledged.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { type Config, loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { addOrganization, assembleAt, register } from '../assembled-server.ts';
import { build, type Program, start } from '../end-to-end/program.ts';
import { freePort, freshPlace, type Place } from '../end-to-end/run.ts';
import { type Proxy as DatabaseProxy, startProxy } from '../faults/database-proxy.ts';
import { type BreakablePostgres, startBreakablePostgres } from './breakable-postgres.ts';
import type { Bearer, CallerReport, FromCaller, ToCaller } from './messages.ts';

export interface BedNode {
  url: string;
  proxy: DatabaseProxy;
  /** Of the program that runs now. */
  program: Program;
  workers: number;
  start(environment?: NodeJS.ProcessEnv): Promise<void>;
}

export interface Bed {
  postgres: BreakablePostgres;
  nodes: BedNode[];
  callers: BedCaller[];
  config: Config;
  /** May do everything. */
  bearer: string;
  /** How many calls the limited organization may make. */
  limit: number;
  stop(): Promise<void>;
}

export interface BedCaller {
  calls(): number;
  tell(message: ToCaller): void;
  /** Stops it. */
  report(): Promise<CallerReport>;
  kill(): void;
}

const limit = 300;
const readPermission = 'read:funds';

export async function startBed({ identities, calls }: { identities: number; calls: number }): Promise<Bed> {
  await build();
  const ends: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const postgres = await startBreakablePostgres();
    ends.push(() => postgres.stop());
    await createDatabase(postgres.url);
    const place = freshPlace();
    ends.push(() => place.remove());
    const at = (port: number) => `postgres://postgres@127.0.0.1:${port}/keyward`;
    const environment = {
      KEYWARD_PORT: '0',
      KEYWARD_TRUSTED_PROXIES: '127.0.0.1',
      KEYWARD_DATA: join(place.folder, 'prepared'),
      KEYWARD_DATABASE: at(postgres.port),
      KEYWARD_SECRETS: generateSealingKeys(),
    };
    const prepared = await prepare(place, environment, identities);
    const nodes: BedNode[] = [];
    for (const workers of [1, 2, 1, 2]) {
      const proxy = await startProxy({ host: '127.0.0.1', port: postgres.port });
      ends.push(() => proxy.close());
      const node = await startNode({ ...environment, KEYWARD_DATABASE: at(proxy.port) }, proxy, workers);
      ends.push(() => node.program.kill());
      nodes.push(node);
    }
    const urls = nodes.map(({ url }) => url);
    const callers = await Promise.all(
      urls.map(async (url, n) => {
        const task = { name: `torture-${n}`, url, urls, ...prepared, calls: Math.ceil(calls / urls.length) };
        const caller = await startCaller({ type: 'task', task });
        ends.push(() => caller.kill());
        return caller;
      }),
    );
    const config = loadConfig({}, environment, place.folder);
    return { postgres, nodes, callers, config, bearer: prepared.bearer, limit, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create database keyward');
  await client.end();
}

/** The provider's organization with tokens that stand, and another one with a limit. */
async function prepare(place: Place, environment: NodeJS.ProcessEnv, identities: number) {
  const server = await assembleAt({ place: { folder: place.folder, environment } });
  const { core } = server;
  const plan = (id: string, limits: Parameters<typeof core.putPlan>[1]['limits']) =>
    core.putPlan(systemIn(), { id, name: id, limits, whenUnavailable: 'deny' });
  await plan('limited', [{ limit, windowMs: 2_592_000_000, per: 'organization' }]);
  await register(server, readPermission);
  const { owner } = await addOrganization(server, {
    name: 'acme',
    planId: 'enterprise',
    contributors: 1_000_000,
    isOperator: true,
  });
  const other = await addOrganization(server, { name: 'limited', planId: 'limited' });
  const make = async (who: typeof owner): Promise<Bearer> => {
    const { token, secret } = await core.createApiToken(who, { permissions: [readPermission] });
    return { id: token.id, secret };
  };
  const standing: Bearer[] = [];
  for (let n = 0; n < identities; n += 1) standing.push(await make(owner));
  const limited = await make(other.owner);
  const { secret: bearer } = await core.createApiToken(owner, { permissions: ['*:*'] });
  await server.close();
  return { standing, limited, bearer };
}

async function startNode(environment: NodeJS.ProcessEnv, proxy: DatabaseProxy, workers: number): Promise<BedNode> {
  const place = freshPlace();
  const port = String(await freePort());
  const args = ['--port', port, '--workers', String(workers)];
  const run = (more: NodeJS.ProcessEnv = {}) => start({ place, environment: { ...environment, ...more }, args });
  const node: BedNode = {
    url: `http://127.0.0.1:${port}`,
    proxy,
    workers,
    program: await run(),
    async start(more) {
      node.program = await run(more);
    },
  };
  return node;
}

async function startCaller(task: ToCaller): Promise<BedCaller> {
  const file = join(import.meta.dirname, 'caller-process.ts');
  const child: ChildProcess = fork(file, [], { execArgv: ['--conditions=keyward-source'] });
  let calls = 0;
  const ready = Promise.withResolvers<void>();
  const reported = Promise.withResolvers<CallerReport>();
  reported.promise.catch(() => {});
  child.on('message', (message: FromCaller) => {
    if (message.type === 'progress') calls = message.calls;
    else if (message.type === 'ready') ready.resolve();
    else reported.resolve(message.report);
  });
  once(child, 'exit').then(() => {
    const error = new Error('A caller ended early.');
    ready.reject(error);
    reported.reject(error);
  });
  const tell = (message: ToCaller) => {
    if (child.connected) child.send(message);
  };
  tell(task);
  await ready.promise;
  return {
    calls: () => calls,
    tell,
    report() {
      tell({ type: 'stop' });
      return reported.promise;
    },
    kill: () => child.kill('SIGKILL'),
  };
}
