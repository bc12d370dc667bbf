// Ory Hydra 2: introspection of its opaque tokens and of its JWTs, on SQLite and on PostgreSQL; a process and a database
// for each. It is set up as its documentation does it for trying it out, by environment variables, but says only errors.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '../../test/postgres.ts';
import type { Bench } from '../keyward.ts';
import { freePort } from '../nginx.ts';
import { introspection, post } from './introspection.ts';
import type { Peer, Peers } from './peer.ts';
import { type Program, runProgram, startProgram, whileServing } from './program.ts';

interface Kind {
  strategy: 'opaque' | 'jwt';
  database: 'SQLite' | 'PostgreSQL';
}

const kinds: readonly Kind[] = [
  { strategy: 'opaque', database: 'SQLite' },
  { strategy: 'jwt', database: 'SQLite' },
  { strategy: 'opaque', database: 'PostgreSQL' },
  { strategy: 'jwt', database: 'PostgreSQL' },
];

const of = {
  opaque: { name: 'opaque', requests: 4000, against: [{ own: 'token', marks: [20, 30] }] },
  jwt: { name: 'JWT', requests: 2000, against: [{ own: 'jwt', marks: [50, 70] }] },
} as const;

const secret = 'only-for-measuring-0123456789abcdef';

/** `program` is the binary. */
export async function startHydra(bench: Bench, program: string): Promise<Peers> {
  const postgres = await startPostgres({ isDurable: true });
  const started: Program[] = [];
  const stop = async () => {
    await Promise.all(started.map((one) => one.stop()));
    await postgres.stop();
  };
  try {
    const peers: Peer[] = [];
    for (const kind of kinds) {
      const folder = join(bench.scratch, `hydra-${kind.strategy}-${kind.database}`);
      mkdirSync(folder);
      const dsn =
        kind.database === 'SQLite'
          ? `sqlite://${join(folder, 'hydra.sqlite')}?_fk=true`
          : `${await postgres.createDatabase()}?sslmode=disable`;
      const name = `Ory Hydra introspect ${of[kind.strategy].name}, ${kind.database}`;
      bench.progress(`making tokens: ${name}`);
      peers.push({ name, ...(await startOne(bench, program, folder, kind, dsn, started)) });
    }
    return { peers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOne(
  bench: Bench,
  program: string,
  folder: string,
  { strategy }: Kind,
  dsn: string,
  started: Program[],
): Promise<Omit<Peer, 'name'>> {
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const [publicUrl, adminUrl] = [`http://127.0.0.1:${publicPort}`, `http://127.0.0.1:${adminPort}`];
  const environment = {
    DSN: dsn,
    SECRETS_SYSTEM: secret,
    URLS_SELF_ISSUER: publicUrl,
    SERVE_PUBLIC_HOST: '127.0.0.1',
    SERVE_PUBLIC_PORT: String(publicPort),
    SERVE_ADMIN_HOST: '127.0.0.1',
    SERVE_ADMIN_PORT: String(adminPort),
    STRATEGIES_ACCESS_TOKEN: strategy,
    TTL_ACCESS_TOKEN: '10h',
    LOG_LEVEL: 'error',
  };
  await runProgram({ program, args: ['migrate', 'sql', '-e', '--yes'], environment });
  // Without the second it reports to its makers how it is used.
  const args = ['serve', 'all', '--dev', '--sqa-opt-out'];
  const hydra = await startProgram({ program, args, environment, folder, url: adminUrl, ready: '/health/ready' });
  started.push(hydra);
  const { client_id: id } = await post<{ client_id: string }>(`${adminUrl}/admin/clients`, {
    client_name: 'bench',
    client_secret: secret,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  });
  const { requests, against } = of[strategy];
  const server = {
    tokenUrl: `${publicUrl}/oauth2/token`,
    client: { id, secret },
    introspectionUrl: `${adminUrl}/admin/oauth2/introspect`,
  };
  const work = await whileServing('Ory Hydra', hydra, () => introspection(bench, server, requests));
  return { contestant: hydra, work, against };
}
