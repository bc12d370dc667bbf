// One PostgreSQL for a whole test run, started only when the first test asks for it. `sharedPostgres` is the way to it.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startPostgres, type TestPostgres } from './postgres.ts';

let starter: Server | undefined;
let postgres: Promise<TestPostgres> | undefined;

export async function setup(project: TestProject): Promise<void> {
  const server = createServer((_request, response) => {
    postgres ??= startPostgres();
    postgres.then(
      ({ url }) => response.end(url),
      (error: Error) => response.writeHead(500).end(`${error.message} ${error.cause}`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  starter = server;
  project.provide('postgresStarterUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

export async function teardown(): Promise<void> {
  starter?.closeAllConnections();
  starter?.close();
  await (await postgres)?.stop();
}
