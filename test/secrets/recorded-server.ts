// A server whose every word is written down: its log at the finest level, its answers, what its upstream was sent, and
// the files or tables that it leaves.

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { Server } from '../../server/src/assemble.ts';
import { demoRoutes } from '../../server/src/cli/demo/data.ts';
import { addOrganization, assembleAt, createTestLog, newPlace } from '../assembled-server.ts';
import { type Call, openConnection, type Reply } from '../bad-input/http-client.ts';

export interface Said {
  call: Call;
  reply: Reply;
}

export interface RecordedServer {
  server: Server;
  owner: { email: string; password: string };
  /** Sends a call and writes its answer down. */
  ask(call: Call): Promise<Reply>;
  said: readonly Said[];
  log(): string;
  /** All that reached the guarded API. */
  upstream(): string;
  /** Files of the data folder, or rows of every table, by name; the sealing keys are not among them. */
  remains(): Promise<Map<string, Buffer>>;
  /** The path of the SQLite file, or the address of the database. */
  place: string;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export async function startRecordedServer(database: 'sqlite' | 'postgres'): Promise<RecordedServer> {
  const at = await newPlace(database);
  const url = at.databaseUrl;
  const folder = join(at.folder, 'data');
  const log = createTestLog('trace');
  const guarded = await startUpstream();
  // Most sign-ins fail here, and none of them may be turned away for their number.
  const settings = { signInFailures: 1_000_000 };
  const server = await assembleAt({ place: at, settings, routes: demoRoutes(guarded.url), logger: log.logger });
  const connection = openConnection(await server.listen());
  const { email, password } = await addOrganization(server, { name: 'acme', isOperator: true });
  const said: Said[] = [];
  return {
    server,
    owner: { email, password },
    said,
    async ask(call) {
      const reply = await connection.send(call);
      said.push({ call, reply });
      return reply;
    },
    log: log.text,
    upstream: guarded.received,
    remains: async () => (url === null ? filesIn(folder) : rowsIn(url)),
    place: url ?? join(folder, 'keyward.db'),
    async stop() {
      connection.close();
      await server.close();
    },
    async remove() {
      await guarded.close();
      at.remove();
    },
  };
}

function filesIn(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder).filter((name) => name !== 'secrets.key');
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

async function rowsIn(url: string): Promise<Map<string, Buffer>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    const rows = new Map<string, Buffer>();
    for (const { name } of tables.rows) {
      const { rows: found } = await client.query<{ row: string }>(`select t::text as row from "${name}" t`);
      rows.set(name, Buffer.from(found.map(({ row }) => row).join('\n')));
    }
    return rows;
  } finally {
    await client.end();
  }
}

async function startUpstream() {
  let received = '';
  const server = createServer((request, response) => {
    received += `${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)}\n`;
    request.on('data', (chunk) => {
      received += chunk;
    });
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
