// Requests that belong together, as a command's that makes many changes: the journal says so of each, and finds them by it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const inRun = (run: string) => ({ 'keyward-run': run });
const found = async (run: string) =>
  (await call<JournalList>(server, 'GET', `/v1/journal?search=${run}`, owner)).body.items.map(({ action, detail }) => ({
    action,
    run: detail.run,
  }));

test('what the requests of a run changed is found by it, and nothing else, for a customer too [S122]', async () => {
  const run = crypto.randomUUID();
  const customer = await server.addOrganization('shop');
  const role = { name: 'reader', permissions: ['read:funds'] };
  expect((await call(server, 'POST', '/v1/roles', owner, role, inRun(run))).status).toBe(201);
  expect((await call(server, 'PATCH', '/v1/roles/reader', owner, { description: 'Reads' })).status).toBe(200);
  expect((await call(server, 'DELETE', '/v1/roles/reader', owner, undefined, inRun(run))).status).toBe(204);
  expect((await call(server, 'POST', '/v1/roles?organization=shop', owner, role, inRun(run))).status).toBe(201);
  expect(await found(run)).toEqual([
    { action: 'role.created', run },
    { action: 'role.deleted', run },
    { action: 'role.created', run },
  ]);
  const theirs = await call<JournalList>(
    server,
    'GET',
    `/v1/journal?search=${run}`,
    await bearerOf(server, customer.owner),
  );
  expect(theirs.body.items.map(({ action }) => action)).toEqual(['role.created']);
});

test.each(['', ' ', 'a b', 'a_b', 'x'.repeat(41), 'kw_1iF6U', 'é'])(
  'a name that is none, or might be a secret, is refused and nothing is changed: %j',
  async (run) => {
    const name = `refused-${Math.random().toString(36).slice(2)}`;
    const body = { name, permissions: ['read:funds'] };
    const sent = await call(server, 'POST', '/v1/roles', owner, body, inRun(encodeLatin(run)));
    const { items } = (await call<{ items: { name: string }[] }>(server, 'GET', '/v1/roles', owner)).body;
    expect(sent.status).toBe(400);
    expect(items.map((one) => one.name)).not.toContain(name);
  },
);

/** As bytes go over the wire. */
function encodeLatin(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
