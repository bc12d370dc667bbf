// The same commands, asked of a server over HTTP and of a database with no server: SQLite by --data, PostgreSQL by --local. They
// answer the same, are refused the same, and the journal tells who it was.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../sdk/src/wire.ts';
import type { Server } from '../../server/src/assemble.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { type Ran, runHere } from './place.ts';

/** Run one after the other, so that each finds what the ones before have made. */
const commands: readonly string[] = [
  'orgs create --name acme --plan free --external-id cus_1',
  'orgs add-owner acme --email dora@acme.example --name Dora',
  'orgs update cus_1 --contributors 3',
  'orgs list --sort name',
  'orgs show acme',
  'apis create --handle orders --name Orders --identifier https://orders.example',
  'apis list',
  'permissions create --name read:orders --api orders',
  'permissions create --name write:orders --api orders',
  'permissions list',
  'plans create --id gold --name Gold --limits 100/1h:organization',
  'plans list',
  'roles create --name clerk --permissions read:orders,manage:own_api_key',
  'roles update clerk --permissions read:orders',
  'roles list',
  'users create --email bob@example.com --name Bob --role clerk',
  'users list --sort email',
  'users deactivate bob@example.com',
  'users activate bob@example.com',
  'api-users create --name batch --role clerk',
  'api-users rotate batch --overlap 1h',
  'api-users list',
  'tokens create --name ci --permissions read:orders --owner user:bob@example.com',
  'tokens create --name spare --permissions read:orders --owner api-user:batch --secret-to spare.secret',
  'verify --from spare.secret --permissions read:orders',
  'verify --from spare.secret --permissions write:orders',
  'tokens lookup --from spare.secret',
  'tokens list --sort name',
  'tokens show ci',
  'tokens rename ci builds',
  'tokens narrow builds --expires 30d --addresses 192.0.2.0/24',
  'tokens deactivate builds',
  'tokens activate builds',
  'tokens rotate builds --overlap 1h',
  'tokens delete spare --yes',
  'tokens list --deleted',
  'tokens restore spare',
  'tokens delete spare --dry-run',
  'users list --organization acme',
  'api-users create --name till --role member --organization cus_1',
  'api-users list --organization acme',
  'applications create --name Dashboard --redirect-uris https://dashboard.example/callback --permissions read:orders',
  'applications list',
  'webhooks create --url https://hooks.example.com/keyward --events token.created',
  'webhooks list',
  'keys list',
  'secret-shapes list',
  'import-recipes list',
  'export',
  'journal search --action api_token. --all',
  'journal search --action organization. --all',
  // What is refused.
  'tokens show nothing-so',
  'tokens show bilds',
  'tokens create --name x --permissions read:nothing --owner user:bob@example.com',
  'tokens create --name builds --permissions read:orders --owner user:bob@example.com',
  'tokens narrow builds --permissions write:nothing',
  'tokens list --organization nobody',
  'users delete ann@example.com --yes',
  'roles delete owner --yes',
  'roles delete clerk --yes',
  'plans delete free --yes',
  'orgs deactivate provider --yes',
  'orgs delete provider --yes',
  'permissions delete access:api --yes',
  'api GET /v1/nothing',
];

interface Place {
  run(args: readonly string[], input?: string): Promise<Ran>;
  stop(): Promise<void>;
}

let remote: Place;
let locals: Record<'sqlite' | 'postgres', Place>;
let answers: Record<'remote' | 'sqlite' | 'postgres', Map<string, Ran>>;

beforeAll(async () => {
  const [served, sqlite, postgres] = await Promise.all([serving(), beside('sqlite'), beside('postgres')]);
  remote = served;
  locals = { sqlite, postgres };
  const [first, second, third] = await Promise.all([remote, sqlite, postgres].map(runAll));
  answers = { remote: first ?? new Map(), sqlite: second ?? new Map(), postgres: third ?? new Map() };
}, 120_000);
afterAll(async () => {
  for (const place of [remote, locals?.sqlite, locals?.postgres]) await place?.stop();
});

describe.each(['sqlite', 'postgres'] as const)('with no server, a database of %s', (kind) => {
  test.each(commands)('answers keyward %s as the server does', (command) => {
    const [there, here] = [answers.remote.get(command), answers[kind].get(command)];
    expect(here).toEqual(there);
  });

  test('says in the journal that the system did it', async () => {
    const { output } = await locals[kind].run(['journal', 'search', '--all', '--json']);
    const { items } = JSON.parse(output) as { items: JournalEntry[] };
    const made = items.filter(({ action }) => /^api_token\.|^organization\.(created|changed)/.test(action));
    expect(made.length).toBeGreaterThan(5);
    expect(new Set(made.map(({ actor }) => actor.type))).toEqual(new Set(['system']));
  });

  test.each([
    ['sessions', 'list'],
    ['account', 'rename', 'Somebody'],
    ['authorizations', 'own'],
  ])('has nobody’s own: keyward %s %s is refused in plain words', async (...args) => {
    const { code, output, errors } = await locals[kind].run(args);
    expect([args, code, output]).toEqual([args, 1, '']);
    expect(errors).not.toMatch(/should not have happened|at /);
  });

  test('demands an owner for a token, as the machine owns none', async () => {
    const { code, errors } = await locals[kind].run([
      'tokens',
      'create',
      '--name',
      'y',
      '--permissions',
      'read:orders',
    ]);
    expect([code, errors]).toEqual([2, expect.stringContaining('--owner')]);
  });
});

test('a database that a running server has open is refused in plain words, and nothing is changed', async () => {
  const place = await newPlace();
  const environment = { ...place.environment, HOME: place.folder };
  const run = (args: readonly string[], input = '') => runHere(args, { input, environment, folder: place.folder });
  await init(run);
  const server = await assembleAt({ place });
  try {
    for (const args of [
      ['tokens', 'list'],
      ['orgs', 'create', '--name', 'late'],
    ]) {
      const { code, output, errors } = await run([...args, '--data', 'data']);
      expect([args, code, output]).toEqual([args, 1, '']);
      expect(errors).toMatch(/^A server is running on the data folder .*\nAsk that server: leave out --data/);
    }
  } finally {
    await server.close();
  }
  expect((await run(['orgs', 'list', '--data', 'data'])).output).not.toContain('late');
  place.remove();
});

test('a folder without a database is refused, and none is made in it', async () => {
  const place = await newPlace();
  const environment = { HOME: place.folder };
  const ran = await runHere(['tokens', 'list', '--data', 'mistyped'], { input: '', environment, folder: place.folder });
  expect(ran).toMatchObject({
    code: 1,
    output: '',
    errors: expect.stringMatching(/There is no database in .*mistyped/),
  });
  place.remove();
});

type Run = Place['run'];

async function init(run: Run): Promise<void> {
  const owner = ['--organization', 'provider', '--email', 'ann@example.com', '--name', 'Ann'];
  const made = await run(['init', ...owner, '--password-stdin'], 'plum tree behind the mill');
  expect(made, made.errors).toMatchObject({ code: 0 });
}

async function serving(): Promise<Place> {
  const place = await newPlace();
  const run = runIn(place, []);
  await init(run);
  const server: Server = await assembleAt({ place });
  const url = await server.listen();
  const login = ['login', '--url', url, '--email', 'ann@example.com', '--password-stdin'];
  expect((await run(login, 'plum tree behind the mill')).code).toBe(0);
  return {
    run,
    async stop() {
      await server.close();
      place.remove();
    },
  };
}

async function beside(kind: 'sqlite' | 'postgres'): Promise<Place> {
  const place = await newPlace(kind);
  await init(runIn(place, []));
  const run = runIn(place, kind === 'sqlite' ? ['--data', 'data'] : ['--local']);
  return { run, stop: async () => place.remove() };
}

function runIn({ folder, environment }: TestPlace, flags: readonly string[]): Run {
  const own = mkdtempSync(join(folder, 'home-'));
  return (args, input = '') =>
    runHere([...args, ...flags], { input, environment: { ...environment, HOME: own }, folder });
}

async function runAll({ run }: Place): Promise<Map<string, Ran>> {
  const answers = new Map<string, Ran>();
  const known = new Map<string, string>();
  for (const command of commands) {
    const { code, output, errors } = await run([...command.split(' '), ...(command === 'export' ? [] : ['--json'])]);
    answers.set(command, { code, output: alike(output, known), errors: alike(errors, known) });
  }
  return answers;
}

/** With a name in place of what is new each time, or is of the place: ids, times, secrets, who asked and where. */
function alike(text: string, known: Map<string, string>): string {
  const named = (found: string, what: string) => {
    const name = known.get(found) ?? `<${what} ${known.size + 1}>`;
    known.set(found, name);
    return name;
  };
  return text
    .replace(/"createdBy":"[^"]*"/g, '"createdBy":"<who>"')
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => named(id, 'id'))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replace(/\bkw_\w+/g, '<token>')
    .replace(/"(lastFour|password|secret|kid|hash|previousHash|digest)":"[^"]*"/g, '"$1":"<new>"')
    .replace(/"actor":\{"type":"\w+","id":"[^"]*"(,"name":("[^"]*"|null))?/g, '"actor":{"is":"<who>"')
    .replace(/"(lastUsed|lastRefused)":\{[^}]*\}/g, '"$1":null')
    .replace(/"(number|seq|previousUntil|expiresAt)":\d+/g, '"$1":0')
    .replace(/http:\/\/(127\.0\.0\.1|localhost)(:\d+)?/g, '<server>');
}
