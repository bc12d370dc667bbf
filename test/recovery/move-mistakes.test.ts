// What keyward move says where it cannot: which database, what is wrong with it and what to do; and that nothing has happened then.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../server/src/cli/program.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { sharedPostgres } from '../postgres.ts';
import { startServer, type TestServer } from '../server.ts';

interface Mistake {
  name: string;
  to?: () => Promise<string> | string;
  args?: readonly string[];
  environment?: () => NodeJS.ProcessEnv;
  says: RegExp;
  mend: RegExp;
}

/** Stopped, so that it could be moved; and one that runs on each database. */
let folder: string;
const running: TestServer[] = [];
let other: { sqlite: string; postgres: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-mistaken-'));
  const stopped = await startServer();
  await stopped.restart({}, async ({ data }) => cpSync(data, join(folder, 'data'), { recursive: true }));
  await stopped.stop();
  running.push(await startServer(), await startServer({ database: 'postgres' }));
  const [sqlite, postgres] = running.map(({ database }) => database);
  other = {
    sqlite: sqlite !== undefined && 'sqlite' in sqlite ? join(sqlite.sqlite.file, '..') : '',
    postgres: postgres !== undefined && 'postgres' in postgres ? postgres.postgres.url : '',
  };
  cpSync(join(folder, 'data'), join(folder, 'full'), { recursive: true });
  writeFileSync(join(folder, 'other.key'), generateSealingKeys());
}, 120_000);
afterAll(async () => {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const empty = async () => (await sharedPostgres()).createDatabase();
const secrets = () => readFileSync(join(folder, 'data', 'secrets.key'), 'utf8');

const mistakes: readonly Mistake[] = [
  { name: 'nowhere to move to', says: /Where to is missing/, mend: /--to|KEYWARD_MOVE_TO/ },
  { name: 'a word for a database', to: () => 'backup', says: /no database to move to/, mend: /postgres:\/\/.*sqlite:/ },
  {
    name: 'a password in the arguments',
    args: ['--to', 'postgres://me:hunter2@127.0.0.1/keyward'],
    says: /password is no argument/,
    mend: /PGPASSWORD/,
  },
  {
    name: 'a target that nobody listens at',
    to: () => 'postgres://me@127.0.0.1:9/keyward',
    says: /keyward at 127\.0\.0\.1:9 \(--to\) cannot be used: nobody listens/,
    mend: /PostgreSQL running/,
  },
  {
    name: 'a target on a host that there is not',
    to: () => 'postgres://me@nowhere.invalid/keyward',
    says: /no host nowhere\.invalid/,
    mend: /KEYWARD_MOVE_TO/,
  },
  {
    name: 'a target database that there is not',
    to: async () => (await empty()).replace(/[^/]+$/, 'missing'),
    says: /no database named missing/,
    mend: /KEYWARD_MOVE_TO.*createdb/,
  },
  { name: 'a PostgreSQL that is not empty', to: () => other.postgres, says: /not empty: its table/, mend: /empty one/ },
  {
    name: 'a folder that is not empty',
    to: () => `sqlite:${join(folder, 'full')}`,
    says: /not empty: its table/,
    mend: /empty one/,
  },
  {
    name: 'the folder of another server',
    to: () => `sqlite:${other.sqlite}`,
    says: /sealing keys \(.*secrets\.key\) lack/,
    mend: /empty folder/,
  },
  {
    name: 'the place where it is',
    to: () => `sqlite:${join(folder, 'data')}`,
    says: /is in .*data already/,
    mend: /--to/,
  },
  {
    name: 'a folder below a file',
    to: () => `sqlite:${join(folder, 'other.key', 'x')}`,
    says: /other\.key\/x .*file/,
    mend: /folder/,
  },
  {
    name: 'a source that is served',
    to: empty,
    args: ['--data', 'SERVED'],
    says: /Another Keyward is running/,
    mend: /Stop it/,
  },
  {
    name: 'a source on PostgreSQL that is served',
    to: () => `sqlite:${join(folder, 'new')}`,
    environment: () => ({ KEYWARD_DATABASE: other.postgres, KEYWARD_SECRETS: secrets() }),
    says: /still runs on this database/,
    mend: /Stop all nodes/,
  },
  {
    name: 'a source that is not there',
    to: empty,
    args: ['--data', 'none'],
    says: /no database in .*none/,
    mend: /--data/,
  },
  {
    name: 'sealing keys that cannot open what it holds',
    to: empty,
    args: ['--secrets-file', 'other.key'],
    says: /target's sealing keys lack [0-9a-f]{8}/,
    mend: /below the new key/,
  },
  {
    name: 'a file of sealing keys that is not there',
    to: empty,
    args: ['--secrets-file', 'none.key'],
    says: /none\.key does not exist/,
    mend: /run the command again/,
  },
];

async function move({ to, args = [], environment }: Mistake) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const target = await to?.();
  const terminal = {
    ...{ input: Readable.from(['']), output, errors, folder },
    environment: {
      KEYWARD_LOG_LEVEL: 'silent',
      ...environment?.(),
      ...(target !== undefined && { KEYWARD_MOVE_TO: target }),
    },
  };
  const code = await run(['move', '--yes', ...args.map((one) => (one === 'SERVED' ? other.sqlite : one))], terminal);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

describe('keyward move with', () => {
  test.each([...mistakes])('$name says what is wrong and what to do', async (mistake) => {
    const { code, output, errors } = await move(mistake);
    expect(errors).toMatch(mistake.says);
    expect(errors).toMatch(mistake.mend);
    expect([code === 1 || code === 2, output]).toEqual([true, '']);
    expect(errors).not.toMatch(/^\s+at |should not have happened|hunter2|undefined/m);
  });

  test('none of these is possible afterwards, as nothing has changed', async () => {
    const target = await empty();
    const done = await move({ name: '', to: () => target, says: /x/, mend: /x/ });
    expect(done, done.errors).toMatchObject({ code: 0 });
    const again = await move({ name: '', to: empty, says: /x/, mend: /x/ });
    expect(again.errors).toMatch(/was moved elsewhere already.*Serve that one; if it is lost/);
  });
});
