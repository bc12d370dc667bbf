// A run that something comes between: another run, Ctrl-C, a kill, a command that does not take the secrets. Nothing is made
// twice, no new secret is lost, and the same files applied again do the rest.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Client } from '../../server/src/cli/client/client.ts';
import { call } from '../wire/native/calls.ts';
import { benchAs, type ServerBench, startBench } from './commands.ts';

let bench: ServerBench;
beforeAll(async () => {
  bench = await startBench({ permissions: ['read:orders'] });
}, 180_000);
afterAll(() => bench?.server.stop());

const hookOf = (at: number) => `https://hooks.invalid/${at}`;

/** An organization with so many API users, tokens and webhooks. */
function customer(name: string, count: number, hooks = count): string {
  const each = Array.from({ length: count }, (_, at) => at);
  return stringify({
    organizations: [
      {
        name,
        roles: [{ name: 'reader', permissions: ['read:orders'] }],
        apiUsers: each.map((at) => ({ name: `Robot ${at}`, role: 'reader' })),
        tokens: each.map((at) => ({
          name: `Token ${at}`,
          owner: { apiUser: `Robot ${at}` },
          permissions: ['read:orders'],
        })),
        webhooks: each.slice(0, hooks).map((at) => ({ url: hookOf(at), events: ['token.leaked'] })),
      },
    ],
  });
}

const listed = async (name: string, what: string) => {
  const { body } = await call<{ items: { name?: string; url: string }[] }>(
    bench.server,
    'GET',
    `/v1/${what}?organization=${name}&limit=200${what === 'tokens' ? '&whose=all' : ''}`,
    bench.bearer,
  );
  return body.items.map((one) => one.name ?? one.url);
};
const names = (word: string, count: number) => Array.from({ length: count }, (_, at) => `${word} ${at}`).toSorted();
const secretsIn = (path: string) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { name: string; secret: string })
    : [];

/** Each of them once, and it lets in. */
async function expectWhole(name: string, count: number, secrets: readonly { name: string; secret: string }[]) {
  expect((await listed(name, 'tokens')).toSorted()).toEqual(names('Token', count));
  expect((await listed(name, 'api-users')).toSorted()).toEqual(names('Robot', count));
  const hooks = Array.from({ length: count }, (_, at) => hookOf(at)).toSorted();
  expect((await listed(name, 'webhooks')).toSorted()).toEqual(hooks);
  const all = [...names('Robot', count), ...names('Token', count), ...hooks];
  expect(secrets.map((one) => one.name).toSorted()).toEqual(all);
  for (const { secret } of secrets.filter((one) => one.name.startsWith('Token'))) {
    expect((await call(bench.server, 'GET', '/v1/self', secret)).status).toBe(200);
  }
}

test('two people who apply the same at once make everything once, and each new secret is told to one of them', async () => {
  const other = await benchAs(bench.server, bench.server.owner);
  // Webhooks may share an address, so that two at once can make two: the next diff says so.
  const files = customer('both', 12, 0);
  const results = await Promise.all([bench.apply(files), other.apply(files)]);
  for (const { code, errors } of results) expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const secrets = [bench, other].flatMap(({ folder }) => secretsIn(join(folder, 'secrets.jsonl')));
  expect((await listed('both', 'tokens')).toSorted()).toEqual(names('Token', 12));
  expect(
    secrets
      .filter((one) => one.name.startsWith('Token'))
      .map((one) => one.name)
      .toSorted(),
  ).toEqual(names('Token', 12));
  expect((await bench.diff(files)).code).toBe(0);
}, 180_000);

/** The client, which calls back after so many requests that change something. */
function after(count: number, act: () => void): Client {
  let left = count;
  return {
    ...bench.client,
    async send(method, path, options) {
      const response = await bench.client.send(method, path, options);
      if (method !== 'GET') {
        left -= 1;
        if (left === 0) act();
      }
      return response;
    },
  };
}

test.each([1, 4, 13, 20])(
  'Ctrl-C after %i changes ends what was begun, tells its secrets, and the next run goes on',
  async (count) => {
    const [name, secretsTo] = [`stopped-${count}`, `stopped-${count}.jsonl`];
    const files = customer(name, 10);
    const stop = new AbortController();
    const stopped = await bench.apply(
      files,
      { secretsTo },
      { client: after(count, () => stop.abort()), signal: stop.signal },
    );
    expect(stopped.code).toBe(130);
    expect(stopped.errors).toMatch(/^Stopped\. \d+ were not done\.\nRun the command again to go on\./);
    expect((await bench.apply(files, { secretsTo })).code).toBe(0);
    await expectWhole(name, 10, secretsIn(join(bench.folder, secretsTo)));
  },
);

test('an answer that is lost costs no secret: the next run asks the same again [S118]', async () => {
  const files = customer('lost', 4);
  let left = 4;
  const client: Client = {
    ...bench.client,
    async send(method, path, options) {
      const response = await bench.client.send(method, path, options);
      if (method !== 'POST' || (!path.endsWith('tokens') && !path.endsWith('api-users'))) return response;
      left -= 1;
      if (left < 0) return response;
      throw new Error('The connection was lost.');
    },
  };
  const secretsTo = 'lost.jsonl';
  const first = await bench.apply(files, { secretsTo }, { client });
  expect(first.code).toBe(1);
  expect(first.errors).toContain('The connection was lost.');
  const second = await bench.apply(files, { secretsTo });
  expect(second.code).toBe(0);
  expect(second.output).toMatch(/ended before it told all new secrets: \d are told now/);
  await expectWhole('lost', 4, secretsIn(join(bench.folder, secretsTo)));
  expect(readdirSync(join(bench.folder, '.keyward', 'apply'))).toEqual([]);
});

test('a process that is killed at any moment loses nothing, and its next run ends it [S118] [S128]', async () => {
  const files = customer('killed', 12);
  bench.write('killed.yaml', files);
  const run = (killAfterMs: number | null) =>
    new Promise<number | null>((done) => {
      const child = spawn(
        process.execPath,
        [
          '--conditions=keyward-source',
          join(import.meta.dirname, '../../server/src/main.ts'),
          'apply',
          '-f',
          'killed.yaml',
          '--yes',
          '--secrets-to',
          'killed.jsonl',
        ],
        {
          cwd: bench.folder,
          stdio: ['ignore', 'pipe', 'pipe'],
          env: {
            PATH: process.env.PATH,
            HOME: bench.folder,
            KEYWARD_URL: bench.server.url,
            KEYWARD_TOKEN: bench.bearer,
          },
        },
      );
      child.stdout.resume();
      child.stderr.resume();
      // From the first answer on: how long a program takes to start is another matter on each machine.
      const timer =
        killAfterMs === null
          ? null
          : setInterval(() => {
              if (!existsSync(join(bench.folder, 'killed.jsonl'))) return;
              if (timer !== null) clearInterval(timer);
              setTimeout(() => child.kill('SIGKILL'), killAfterMs);
            }, 5);
      child.on('close', (code) => {
        if (timer !== null) clearInterval(timer);
        done(code);
      });
    });
  for (const ms of [30, 80, 5, 150]) await run(ms);
  let code: number | null = 1;
  for (let tries = 0; code !== 0 && tries < 3; tries += 1) code = await run(null);
  expect(code).toBe(0);
  const secrets = secretsIn(join(bench.folder, 'killed.jsonl'));
  // Told twice is not lost: a kill may come between the telling and its being noted.
  const once = [...new Map(secrets.map((one) => [one.name, one])).values()];
  await expectWhole('killed', 12, once);
}, 120_000);

test('a command gets a line for each new secret; what it does not take is kept in a file of its owner alone [S128]', async () => {
  const taken = await bench.apply(customer('command', 3), { secretsTo: 'cat > taken.jsonl' });
  expect(taken).toMatchObject({ code: 0, errors: '' });
  await expectWhole('command', 3, secretsIn(join(bench.folder, 'taken.jsonl')));

  for (const [at, command] of [
    'exit 3',
    'head -n 1 > /dev/null',
    'no-such-program-at-all --now',
    'cat > /dev/null; false',
  ].entries()) {
    const name = `refused-${at}`;
    const refused = await bench.apply(customer(name, 3), { secretsTo: command });
    expect(refused.code).toBe(1);
    const [, kept = ''] = /They are in (\S+), which only you can read\./.exec(refused.errors) ?? [];
    const before = kept === '' ? [] : secretsIn(kept);
    if (kept !== '') expect(statSync(kept).mode & 0o777).toBe(0o600);
    const rest = `rest-${at}.jsonl`;
    expect((await bench.apply(customer(name, 3), { secretsTo: rest })).code).toBe(0);
    const all = [...before, ...secretsIn(join(bench.folder, rest))];
    await expectWhole(name, 3, [...new Map(all.map((one) => [one.name, one])).values()]);
  }
}, 180_000);
