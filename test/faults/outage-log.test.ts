// What the log of a node tells of a database that goes away for good, while probes and calls keep asking.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { addOrganization, assembleAt, createTestLog, newPlace, type TestPlace } from '../assembled-server.ts';
import { startProxy } from './database-proxy.ts';

const log = createTestLog('info');
let place: TestPlace;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let server: Server;

beforeAll(async () => {
  place = await newPlace('postgres');
  const database = new URL(place.databaseUrl ?? '');
  proxy = await startProxy({ host: database.hostname, port: Number(database.port) });
  database.port = String(proxy.port);
  server = await assembleAt({ place, environment: { KEYWARD_DATABASE: database.href }, logger: log.logger });
});
afterAll(async () => {
  await server?.close();
  place?.remove();
});

test('one line when it goes, however many probes and calls are answered 503', async () => {
  const url = await server.listen();
  const { email, password } = await addOrganization(server, { name: 'acme' });
  const body = JSON.stringify({ username: email, password });
  const headers = { 'content-type': 'application/json' };
  const exchange = () => fetch(`${url}/v1/access-tokens`, { method: 'POST', headers, body });
  expect((await exchange()).status).toBe(200);
  await proxy.close();
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  for (let time = 0; time < 20; time += 1) {
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await exchange()).status).toBe(503);
  }
  const lines = log
    .text()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ level }) => level !== 'info').map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^the database is away/),
  ]);
});
