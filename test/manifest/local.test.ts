// The same commands on the database of this machine, while its server is down. The journal says that it was the machine.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { assemble } from '../../server/src/assemble.ts';
import type { Client } from '../../server/src/cli/client/client.ts';
import { openLocal } from '../../server/src/cli/client/local.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { newPlace, type TestPlace } from '../assembled-server.ts';
import { type Bench, benchFor } from './commands.ts';
import { generated } from './generated.ts';

const places: TestPlace[] = [];
const clients: Client[] = [];
let one: Bench;
let two: Bench;

beforeAll(async () => {
  [one, two] = [await emptyServer(), await emptyServer()];
}, 180_000);
afterAll(async () => {
  for (const client of clients) await client.close();
  for (const place of places) place.remove();
});

/** As `keyward init` leaves one, and asked as `--data` asks it. */
async function emptyServer(): Promise<Bench> {
  const place = await newPlace();
  places.push(place);
  const config = loadConfig({}, place.environment, place.folder);
  const server = await assemble(config, { demo: false });
  const owner = {
    organization: 'acme',
    email: 'ann@example.com',
    name: 'Ann',
    password: 'lantern-8264-mossy-kite-xq7',
  };
  await server.core.createFirstOrganization(owner);
  await server.close();
  const client = await openLocal(config);
  clients.push(client);
  return benchFor(client);
}

test('applied to one data folder, exported, and applied to another, it is the same', async () => {
  const wanted = stringify(generated(3, 20));
  expect(await one.apply(wanted)).toMatchObject({ code: 0, errors: '' });
  const exported = await one.export();
  expect(exported).toMatchObject({ code: 0, errors: '' });
  expect(await two.apply(exported.output)).toMatchObject({ code: 0, errors: '' });
  expect(await two.diff(exported.output, { prune: true })).toMatchObject({ code: 0 });
  expect((await two.export()).output).toBe(exported.output);
  const response = await two.client.send('GET', '/v1/journal', {
    query: { action: 'api_token.', organization: 'customer-0' },
  });
  const { items } = (await response.json()) as { items: { actor: { type: string }; detail: { run?: string } }[] };
  expect(items.length).toBeGreaterThan(0);
  expect(items.every(({ actor, detail }) => actor.type === 'system' && detail.run !== undefined)).toBe(true);
}, 120_000);

test('a token of nobody is not made: the machine owns none', async () => {
  const files =
    'organizations:\n  - name: acme\n    operator: true\n    tokens:\n      - { name: a, permissions: [] }\n';
  const { code, output } = await one.apply(files);
  expect(code).toBe(1);
  expect(output).toContain('! acme: API token a needs an owner: say whose it is to be.');
});

test('the schema is printed without a server', async () => {
  const main = join(import.meta.dirname, '../../server/src/main.ts');
  const args = ['--conditions=keyward-source', main, 'apply', '--schema'];
  const output = await new Promise<string>((done, fail) => {
    execFile(process.execPath, args, (error, text) => (error === null ? done(text) : fail(error)));
  });
  expect(JSON.parse(output)).toMatchObject({ $schema: expect.stringContaining('2020-12'), type: 'object' });
  expect(output).not.toContain('"mend"');
});
