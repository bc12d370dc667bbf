// Users of another system: each signs in with the password that it has there, whose hash is then replaced by the native one. On both
// databases.

import { hash as bcrypt } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserImportOutcome } from '../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { commandsAt } from './command-line.ts';
import { hashes, password } from './passwords.ts';

describe.each(['sqlite', 'postgres'] as const)('imported users on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const send = (rows: object[], bearer = owner) =>
    call<UserImportOutcome>(server, 'POST', '/v1/imports/users', bearer, { rows });
  const signIn = async (email: string, secret: string) =>
    (await call(server, 'POST', '/v1/login', undefined, { email, password: secret })).status;

  test.each(Object.entries(hashes))(
    'sign in by %s, and have the native hash from then on [S13]',
    async (name, make) => {
      const plain = name.replaceAll(' ', '-').toLowerCase();
      for (const username of [`${plain}@people.example`, `plain.${plain}`]) {
        const stored = await make();
        const row = { line: 1, username, role: 'member', passwordHash: stored };
        expect((await send([row])).body).toEqual({ added: 1, present: 0, rejected: [] });
        expect((await send([row])).body).toEqual({ added: 0, present: 1, rejected: [] });
        expect(await signIn(username, `${password} `)).toBe(401);
        expect(await signIn(username, password)).toBe(200);
        const kept = (await server.store.users.findPassword(username))?.passwordHash ?? '';
        expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,/);
        expect(await signIn(username, password)).toBe(200);
      }
    },
  );

  test('bcrypt cuts nothing: a password of more than 72 bytes is refused, as is one that ends differently [S14]', async () => {
    const long = 'x'.repeat(80);
    await send([
      { line: 1, username: 'long@people.example', role: 'member', passwordHash: await bcrypt(long, { cost: 4 }) },
    ]);
    expect([await signIn('long@people.example', long), await signIn('long@people.example', 'x'.repeat(72))]).toEqual([
      401, 200,
    ]);
  });

  test('a row that is wrong is told of by its line, and the others are taken', async () => {
    const passwordHash = await hashes.bcrypt();
    const { body } = await send([
      { line: 3, username: 'good@people.example', role: 'member', passwordHash },
      { line: 4, username: 'no role@people.example', role: 'member', passwordHash },
      { line: 5, username: 'role@people.example', role: 'nothing', passwordHash },
      { line: 6, username: 'hash@people.example', role: 'member', passwordHash: 'md5$x' },
      { line: 7, username: 'cost@people.example', role: 'member', passwordHash: passwordHash.replace('$04$', '$31$') },
    ]);
    expect(body.added).toBe(1);
    expect(body.rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'invalid'],
      [5, 'invalid'],
      [6, 'invalid'],
      [7, 'invalid'],
    ]);
    expect(JSON.stringify(body)).not.toContain(passwordHash);
  });

  test('the command takes a CSV, and tells of what is there already', async () => {
    const commands = commandsAt(server.url, owner);
    commands.write('people.csv', `email,passwordHash\ncsv@people.example,${await hashes.bcrypt()}\n`);
    const args = ['import', 'users', 'people.csv', '--role', 'viewer'];
    expect((await commands.run([...args, '--dry-run'])).output).toContain('1 user would be added');
    expect((await commands.run(args)).output).toBe('1 user added, 0 there already, 0 not taken.\n');
    expect((await commands.run(args)).output).toBe('0 users added, 1 there already, 0 not taken.\n');
    expect(await signIn('csv@people.example', password)).toBe(200);
    commands.remove();
  });
});
