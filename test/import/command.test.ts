// `keyward import tokens`: files of rows, taken over as they are, with the bad ones told of by their lines; run again it does nothing
// twice. Against a real server.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { type Commands, commandsAt } from './command-line.ts';
import { foreign } from './foreign.ts';

let server: TestServer;
let commands: Commands;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  commands = commandsAt(server.url, owner);
});
afterAll(async () => {
  commands?.remove();
  await server?.stop();
});

const newKey = () => `sk_${randomBytes(18).toString('base64url')}`;
const isIn = async (secret: string) => (await call(server, 'GET', '/v1/check', secret)).status === 200;
const recipe = (name: string, more = '') =>
  commands.write(
    `${name}.yaml`,
    `name: ${name}\nalgorithm: raw\nshape: { prefix: sk_ }\ndefaults: { permissions: ['read:funds'] }\n${more}`,
  );

test('a CSV of raw keys is taken over, and each key works; a second run adds nothing [S118]', async () => {
  recipe('plain');
  const keys = Array.from({ length: 2500 }, newKey);
  commands.write('keys.csv', `name,secret\n${keys.map((key, index) => `"key, no. ${index}",${key}`).join('\r\n')}\r\n`);
  const first = await commands.run(['import', 'tokens', 'keys.csv', '--recipe', 'plain.yaml']);
  expect(first).toEqual({ code: 0, output: '2,500 tokens added, 0 there already, 0 not taken.\n', errors: '' });
  for (const key of [keys[0], keys[1000], keys[2499]]) expect(await isIn(key ?? '')).toBe(true);
  const again = await commands.run(['import', 'tokens', 'keys.csv', '--recipe', 'plain.yaml', '--json']);
  expect(JSON.parse(again.output)).toEqual({ rows: 2500, added: 0, present: 2500, rejected: 0 });
  const entries = await server.store.journal.matching(
    server.organization.id,
    { from: 0, before: Number.MAX_SAFE_INTEGER },
    { action: 'import.tokens_added' },
    100,
  );
  // One for each batch that was sent, and no more.
  expect(entries.map(({ detail }) => Number(detail.added)).reduce((sum, one) => sum + one, 0)).toBe(2500);
  expect(entries).toHaveLength(10);
});

test('no raw key leaves the machine that has it: the server is sent digests [S12] [G17]', async () => {
  recipe('hidden');
  const key = newKey();
  const seen: string[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    seen.push(String(init?.body ?? ''));
    return fetch(input, init);
  };
  try {
    const { code } = await commands.run(['import', 'tokens', '-', '--recipe', 'hidden.yaml'], [`secret\n${key}\n`]);
    expect(code).toBe(0);
  } finally {
    globalThis.fetch = fetch;
  }
  expect(await isIn(key)).toBe(true);
  expect(seen.join('\n')).toContain('"hash"');
  expect(seen.join('\n')).not.toContain(key);
  expect(server.logs()).not.toContain(key);
});

test('a bad row is told of by its line, on the screen and in a file without its secret, and the others are taken', async () => {
  recipe('mixed');
  const [good, twin] = [newKey(), newKey()];
  const rows = [
    'name,secret,permissions',
    `good,${good},`,
    `other shape,pk_${'x'.repeat(20)},`,
    `good,${twin},`,
    `too much,${newKey()},read:nothing-like-it`,
    `"unclosed,${newKey()},`,
  ];
  commands.write('mixed.csv', rows.join('\n'));
  const ran = await commands.run([
    'import',
    'tokens',
    'mixed.csv',
    '--recipe',
    'mixed.yaml',
    '--rejects',
    'rejects.jsonl',
  ]);
  expect(ran.code).toBe(1);
  expect(ran.output).toBe('1 token added, 0 there already, 4 not taken.\n');
  expect(
    ran.errors
      .split('\n')
      .map((line) => line.slice(0, 7))
      .sort(),
  ).toEqual(['', 'line 3:', 'line 4:', 'line 5:', 'line 6:']);
  const told = commands
    .read('rejects.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ line, reason }) => [line, reason]).sort()).toEqual([
    [3, 'invalid'],
    [4, 'conflict'],
    [5, 'invalid'],
    [6, 'invalid'],
  ]);
  expect(commands.read('rejects.jsonl') + ran.errors).not.toContain(twin);
  expect([await isIn(good), await isIn(twin)]).toEqual([true, false]);
});

describe.each(Object.keys(foreign))('of secrets by %s', (name) => {
  test('a dry run with samples proves the recipe and changes nothing', async () => {
    const { recipe: rules, make } = foreign[name] ?? { recipe: null, make: null };
    if (rules === null || make === null) throw new Error('There is no such recipe.');
    const made = await Promise.all([make(), make(), make()]);
    const { pepper, ...others } = rules;
    commands.write('pepper', `${pepper?.secret}\n`);
    const file = { ...others, name: `try-${name}`, ...(pepper && { pepper: { as: pepper.as, file: 'pepper' } }) };
    commands.write(`try-${name}.yaml`, JSON.stringify({ ...file, defaults: { permissions: [] } }));
    commands.write(`try-${name}.jsonl`, made.map(({ row }) => JSON.stringify(row)).join('\n'));
    commands.write('samples', `${made[2]?.secret}\n`);
    const before = await server.store.journal.head();
    const args = [
      'import',
      'tokens',
      `try-${name}.jsonl`,
      '--recipe',
      `try-${name}.yaml`,
      '--dry-run',
      '--samples',
      'samples',
    ];
    const ran = await commands.run(args);
    expect(ran).toEqual({
      code: 0,
      output: 'Sample 1 is the key of line 3.\n3 tokens would be added, 0 there already, 0 not taken.\n',
      errors: '',
    });
    // What the test before it has used may only now come into the native form.
    const since = await server.store.journal.after(before, 100);
    expect(since.filter(({ action }) => action !== 'import.secrets_settled')).toEqual([]);
    expect(await isIn(made[2]?.secret ?? '')).toBe(false);
    commands.write('samples', `${made[2]?.secret.slice(0, -1)}#\n`);
    expect((await commands.run(args)).code).toBe(1);
    expect((await commands.run(args.slice(0, -3))).code).toBe(0);
    expect(await isIn(made[2]?.secret ?? '')).toBe(true);
  });
});

test.each([
  ['a member that no recipe has', 'name: a\nalgorithm: raw\nalgorythm: raw\n', 2, 'algorythm'],
  ['another algorithm', 'name: a\nalgorithm: md5\n', 2, 'algorithm'],
  ['no YAML', 'name: [', 2, 'no YAML'],
  ['a pepper in the recipe itself', 'name: a\nalgorithm: hmac-sha256\npepper: { as: key, secret: x }\n', 2, 'file'],
])('a recipe with %s is refused in plain words', async (_, content, code, word) => {
  commands.write('wrong.yaml', content);
  commands.write('keys.jsonl', '{"secret":"sk_0123456789abcdef"}\n');
  const ran = await commands.run(['import', 'tokens', 'keys.jsonl', '--recipe', 'wrong.yaml']);
  expect([ran.code, ran.output]).toEqual([code, '']);
  expect(ran.errors).toContain(word);
  expect(ran.errors).not.toContain('This should not have happened');
});
