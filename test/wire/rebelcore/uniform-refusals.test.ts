// Whoever may not authorize learns nothing from the work that is done or the time that it takes.

import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { hash as bcrypt } from '@node-rs/bcrypt';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { slowness } from '../../machine-time.ts';
import { startServer, type TestServer } from '../../server.ts';
import { addApiUser, type Credentials, oneConnection, rawAuthorize } from './api-user.ts';

let server: TestServer;
/** Names as they are generated, and any others: which of both a name is, is seen of it. */
let classes: Record<string, Credentials>;
let others: Record<string, Credentials>;
beforeAll(async () => {
  server = await startServer();
  const right = await addApiUser(server);
  const inactive = await addApiUser(server);
  await server.core.deactivateApiUser(server.asOwner, inactive.id);
  const { username, password } = right;
  const wrong = { username, password: 'x'.repeat(password.length) };
  classes = {
    control: wrong,
    'wrong password': { ...wrong },
    'wrong username': { username: username.replace(/^.{8}/, '00000000'), password },
    'inactive API user': { username: inactive.username, password: inactive.password },
  };
  const used = await addImported('used robot');
  const deactivated = await addImported('inactive robot');
  await server.core.deactivateApiUser(server.asOwner, deactivated.id);
  others = {
    control: { ...used, password: 'wrong' },
    'wrong password': { ...used, password: 'wrong too' },
    'wrong username': { ...used, username: 'another robot' },
    'inactive API user': deactivated,
    'no API user': { username: server.member.email, password: server.member.password },
  };
});
afterAll(() => server.stop());

/** Under a name of another system, and held against the native hash by now. */
async function addImported(username: string): Promise<Credentials & { id: string }> {
  const password = 'a password from elsewhere';
  const row = { line: 1, username, role: 'viewer', passwordHash: await bcrypt(password, { cost: 4 }) };
  await server.core.importApiUsers(server.asOwner, { rows: [row] });
  const agent = oneConnection();
  await rawAuthorize(server, { username, password }, agent);
  agent.destroy();
  return { username, password, id: (await server.store.apiUsers.findNamed(username))?.id ?? '' };
}

it.each([
  ['generated names', () => classes],
  ['other names', () => others],
])('takes as many hashes and statements for every class of wrong credentials, of %s [S22]', async (_, all) => {
  const classes = all();
  const agent = oneConnection();
  const work: Record<string, { hashes: number; statements: number }> = {};
  for (const [name, credentials] of Object.entries(classes)) {
    await rawAuthorize(server, credentials, agent);
    // Whatever the server does beside it, such as checking the journal, can only add to a count.
    const counts: Awaited<ReturnType<typeof counted>>[] = [];
    for (let times = 0; times < 3; times += 1)
      counts.push(await counted(() => rawAuthorize(server, credentials, agent)));
    const least = (what: 'hashes' | 'statements') => Math.min(...counts.map((one) => one[what]));
    work[name] = { hashes: least('hashes'), statements: least('statements') };
  }
  agent.destroy();
  const { control: reference } = work;
  expect(reference?.hashes).toBeGreaterThan(0);
  expect(reference?.statements).toBeGreaterThan(0);
  expect(work).toEqual(Object.fromEntries(Object.keys(classes).map((name) => [name, reference])));
});

// Of other names sixty, as each makes a slow hash.
it.each([
  [5000, 'generated names', () => classes],
  [300, 'other names', () => others],
] as const)(
  'takes the same time for every class, over %d interleaved calls with a control, of %s [S22]',
  {
    timeout: 600_000,
  },
  async (calls, _, all) => {
    const classes = all();
    const agent = oneConnection();
    const times = new Map(Object.keys(classes).map((name) => [name, [] as number[]]));
    const warm = calls / 100;
    for (let round = 0; round < warm + calls / Object.keys(classes).length; round += 1) {
      for (const [name, credentials] of shuffled(Object.entries(classes))) {
        const { status, tookMs } = await rawAuthorize(server, credentials, agent);
        if (status !== 401) throw new Error(`${name} was answered ${status}.`);
        if (round >= warm) times.get(name)?.push(tookMs);
      }
    }
    agent.destroy();
    const medians = Object.fromEntries([...times].map(([name, taken]) => [name, median(taken)]));
    const { control = 0, 'wrong password': same = 0 } = medians;
    // A tenth of a millisecond on the machine of the figures, or of a slow hash what it varies by itself.
    const bound = Math.max(0.1 * (await slowness()), 0.1 * control, 3 * Math.abs(control - same));
    for (const [name, one] of Object.entries(medians)) {
      expect(Math.abs(one - control), `${name}: ${JSON.stringify(medians)}`).toBeLessThanOrEqual(bound);
    }
  },
);

/** Counts the hashes and the SQL statements of this process while `work` runs. */
async function counted(work: () => Promise<unknown>): Promise<{ hashes: number; statements: number }> {
  const count = { hashes: 0, statements: 0 };
  const { hash } = crypto;
  const statement = Object.getPrototypeOf(new Sqlite(':memory:').prepare('select 1'));
  const { get, all, run, iterate } = statement;
  const counting = (original: (...args: unknown[]) => unknown) =>
    function (this: unknown, ...args: unknown[]) {
      count.statements += 1;
      return original.apply(this, args);
    };
  Object.assign(statement, { get: counting(get), all: counting(all), run: counting(run), iterate: counting(iterate) });
  Object.assign(crypto, {
    hash: (...args: Parameters<typeof hash>) => {
      count.hashes += 1;
      return hash(...args);
    },
  });
  syncBuiltinESMExports();
  try {
    await work();
    return { ...count };
  } finally {
    Object.assign(statement, { get, all, run, iterate });
    Object.assign(crypto, { hash });
    syncBuiltinESMExports();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
