// API users of another system: each gets in by the name and password that it has there, in every way, and is then held against the
// native hash. Guessing at them is slowed as guessing at people is, and tells nobody who there is. On both databases.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiUser, ApiUserImportOutcome, Problem, RotatedApiUser } from '../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { register } from '../wire/oauth2/application-flow.ts';
import { commandsAt } from './command-line.ts';
import { type PasswordWay, passwordWaysOf } from './password-ways.ts';
import { hashes, password } from './passwords.ts';

const hour = 3_600_000;
const behindProxy = { trustedProxies: ['127.0.0.1/32'] };

describe.each(['sqlite', 'postgres'] as const)('imported API users on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let ways: [string, PasswordWay][];
  beforeAll(async () => {
    server = await startServer({ database });
    await server.restart(behindProxy);
    owner = await bearerOf(server, server.owner);
    ways = Object.entries(passwordWaysOf(server));
  });
  afterAll(() => server?.stop());

  let addresses = 0;
  /** Another one each time, so that failures of one test slow no other. */
  const somewhere = () => {
    addresses += 1;
    return `198.51.${addresses >> 8}.${addresses & 255}`;
  };
  const send = (rows: object[], bearer = owner, more: object = {}) =>
    call<ApiUserImportOutcome>(server, 'POST', '/v1/imports/api-users', bearer, { rows, ...more });
  const add = async (username: string, make: () => Promise<string> = hashes.bcrypt) => {
    const row = { line: 1, username, role: 'admin', passwordHash: await make() };
    const { status, body, text } = await send([row]);
    expect([status, body], text).toEqual([200, { added: 1, present: 0, rejected: [] }]);
    return (await server.store.apiUsers.findNamed(username.toLowerCase()))?.id ?? '';
  };
  const answers = async (username: string, secret: string, from = somewhere) => {
    const found: Record<string, number> = {};
    for (const [name, way] of ways) found[name] = await way(username, secret, from());
    return found;
  };
  const everywhere = (status: number) => Object.fromEntries(ways.map(([name]) => [name, status]));
  const heldAgainst = async (id: string) => (await server.store.apiUsers.findPasswordById(id))?.passwordDigest ?? '';

  const names = ['robot@machines.example', 'OLD\\Service 7', 'billing', `${'n'.repeat(250)}+/&=%`];
  test.each(Object.entries(hashes).map(([name, make], index) => [name, names[index] ?? '', make] as const))(
    'get in everywhere by %s as %s, and nowhere with another password; the native hash is kept from then on [S13]',
    async (_, username, make) => {
      const id = await add(username, make);
      expect(await answers(username, `${password} `)).toEqual(everywhere(401));
      expect(await answers(username, '')).toMatchObject({ RebelCore: 401, native: 401, 'Basic of OAuth': 401 });
      expect(await heldAgainst(id)).not.toMatch(/\$m=19456,/);
      expect(await answers(username, password)).toEqual(everywhere(200));
      expect(await heldAgainst(id)).toMatch(/^\$argon2id\$v=19\$m=19456,/);
      expect(await answers(username.toUpperCase(), password)).toEqual(everywhere(200));
      // What is kept is no password, and neither is the hash that was.
      expect(await answers(username, await heldAgainst(id))).toEqual(everywhere(401));
    },
  );

  describe('named by a UUID, as client ids often are,', () => {
    const clientWays = ['Basic of OAuth', 'the body of OAuth', 'introspection', 'revocation'];

    test('get in everywhere, in either case, and are known by their own ids only once they were rotated', async () => {
      const name = randomUUID();
      const id = await add(name.toUpperCase());
      expect(await answers(name, `${password} `)).toEqual(everywhere(401));
      expect(await answers(name, password)).toEqual(everywhere(200));
      expect(await answers(name.toUpperCase(), password)).toEqual(everywhere(200));
      expect(await heldAgainst(id)).toMatch(/^\$argon2id\$v=19\$m=19456,/);
      expect(await answers(id, password)).toEqual(everywhere(401));
      const path = `/v1/api-users/${id}/rotate`;
      const { body } = await call<RotatedApiUser>(server, 'POST', path, owner, { overlapSeconds: 0 });
      expect(await answers(name, body.password)).toEqual(everywhere(200));
      expect(await answers(name, password)).toEqual(everywhere(401));
      for (const way of clientWays)
        expect(await passwordWaysOf(server)[way]?.(id, body.password, somewhere())).toBe(200);
    });

    test('take the place of no other client: the id of an API user, of anybody’s, deleted too, or of an application, is not taken', async () => {
      const other = await server.addOrganization(`others-${randomUUID().slice(0, 8)}`);
      const theirs = await server.core.createApiUser(other.owner.caller, { name: 'Theirs', role: 'admin' });
      const gone = await server.core.createApiUser(server.asOwner, { name: 'Gone', role: 'viewer' });
      await server.core.deleteApiUser(server.asOwner, gone.apiUser.id);
      const application = await register(server, { permissions: ['read:funds'] });
      const passwordHash = await hashes.bcrypt();
      const ids = [theirs.apiUser.id, gone.apiUser.id, application.id];
      const rows = ids.map((username, at) => ({ line: at + 1, username, role: 'admin', passwordHash }));
      const { body } = await send(rows);
      expect([body.added, body.rejected.map(({ reason }) => reason)]).toEqual([0, ids.map(() => 'conflict')]);
      expect(body.rejected[0]?.detail).toContain('the id of another client');
      for (const way of clientWays) {
        expect(await passwordWaysOf(server)[way]?.(theirs.apiUser.id, theirs.password, somewhere())).toBe(200);
        expect(await passwordWaysOf(server)[way]?.(theirs.apiUser.id, password, somewhere())).toBe(401);
      }
    });

    test('are guessed at no more often than the limit, which keeps out nobody who has a generated password [S23] [S24]', async () => {
      const name = randomUUID();
      await add(name);
      const made = await server.core.createApiUser(server.asOwner, { name: 'Made here', role: 'viewer' });
      await server.restart({ ...behindProxy, signInFailures: 10 });
      const way = passwordWaysOf(server)['Basic of OAuth'];
      for (const id of [name, made.apiUser.id]) {
        const from = somewhere();
        const statuses = await Promise.all(Array.from({ length: 30 }, (_, at) => way?.(id, `guess ${at}`, from)));
        expect(statuses.filter((status) => status === 401)).toHaveLength(10);
        expect(statuses.filter((status) => status === 429)).toHaveLength(20);
        expect(await way?.(made.apiUser.id, made.password, from)).toBe(200);
      }
      await server.restart(behindProxy);
    });

    test('an id with a wrong password, one that is deactivated, and one that nobody has, ask the same of the database [S22]', async () => {
      const make = () => server.core.createApiUser(server.asOwner, { name: 'Robot', role: 'viewer' });
      const [present, inactive] = [await make(), await make()];
      await server.core.deactivateApiUser(server.asOwner, inactive.apiUser.id);
      const imported = randomUUID();
      await add(imported);
      const watched = watchStore(server);
      for (const name of clientWays) {
        const attempt = async (client: string, secret: string) => {
          watched.asked.length = 0;
          const status = await passwordWaysOf(server)[name]?.(client, secret, somewhere());
          return { status, asked: [...watched.asked] };
        };
        const absent = await attempt(randomUUID(), password);
        expect([absent.status, absent.asked.length > 2], name).toEqual([401, true]);
        for (const [client, secret] of [
          [present.apiUser.id, password],
          [inactive.apiUser.id, inactive.password],
          [imported, 'wrong'],
        ] as const)
          expect(await attempt(client, secret), name).toEqual(absent);
      }
      watched.stop();
    });
  });

  test('are API users as any other: they are shown, narrowed, deactivated, deleted and restored', async () => {
    const id = await add('as any other');
    expect((await call<ApiUser>(server, 'GET', `/v1/api-users/${id}`, owner)).body).toMatchObject({
      username: 'as any other',
      name: 'as any other',
      role: 'admin',
      state: 'active',
    });
    const act = async (method: string, path: string) =>
      (await call(server, method, `/v1/api-users/${id}${path}`, owner)).status;
    expect(await act('POST', '/deactivate')).toBe(204);
    expect(await answers('as any other', password)).toEqual(everywhere(401));
    expect(await act('POST', '/activate')).toBe(204);
    expect(await answers('as any other', password)).toEqual(everywhere(200));
    expect(await act('DELETE', '')).toBe(204);
    expect(await answers('as any other', password)).toEqual(everywhere(401));
    expect(await act('POST', '/restore')).toBe(204);
    expect(await answers('as any other', password)).toEqual(everywhere(200));
  });

  test('of many first uses at once each gets in, and one hash is kept', async () => {
    const id = await add('at once');
    const [, way] = ways[0] ?? [];
    const all = await Promise.all(Array.from({ length: 10 }, () => way?.('at once', password, somewhere())));
    expect(new Set(all)).toEqual(new Set([200]));
    expect(await heldAgainst(id)).toMatch(/^\$argon2id\$v=19\$m=19456,/);
  });

  describe('rotated,', () => {
    const rotate = async (id: string, overlapSeconds: number) => {
      const path = `/v1/api-users/${id}/rotate`;
      const { status, body, text } = await call<RotatedApiUser>(server, 'POST', path, owner, { overlapSeconds });
      expect(status, text).toBe(200);
      return body.password;
    };

    test.each([true, false])('get in with both passwords until the overlap ends (used before: %s)', async (isUsed) => {
      const name = `rotated ${isUsed}`;
      const id = await add(name);
      if (isUsed) expect(await answers(name, password)).toEqual(everywhere(200));
      const next = await rotate(id, 3600);
      expect([await answers(name, password), await answers(name, next)]).toEqual([everywhere(200), everywhere(200)]);
      // What is made from the old password ends with the overlap.
      const sealed = { username: name, password };
      const made = await call<{ expires_at: number }>(server, 'POST', '/api/v1/authorize', undefined, sealed);
      expect(made.body.expires_at * 1000).toBeLessThanOrEqual(server.clock.now() + hour);
      server.clock.advance(hour + 1000);
      owner = await bearerOf(server, server.owner);
      expect([await answers(name, password), await answers(name, next)]).toEqual([everywhere(401), everywhere(200)]);
    });

    test('without an overlap the old password ends at once, and the hash of it is gone', async () => {
      const id = await add('rotated at once');
      const next = await rotate(id, 0);
      expect(await answers('rotated at once', password)).toEqual(everywhere(401));
      expect(await answers('rotated at once', next)).toEqual(everywhere(200));
      expect(await heldAgainst(id)).toMatch(/^[0-9a-f]{64}$/);
      expect((await passwordWaysOf(server)['Basic of OAuth']?.(id, next, somewhere())) ?? 0).toBe(200);
    });
  });

  test('by their id the chosen password is none, so that nobody guesses at it there [S24]', async () => {
    const id = await add('by id');
    const byId = await answers(id, password);
    expect(byId).toEqual(everywhere(401));
  });

  test('100 guesses at once are tried no more often than the limit, in every way, and spellings of a name are one [S23] [S24]', async () => {
    const spellings = ['Guessed', 'guessed', ' GUESSED', 'ｇuessed'];
    await add('guessed');
    await server.restart({ ...behindProxy, signInFailures: 10 });
    const guesses = Array.from({ length: 100 }, (_, index) => {
      // Parsers takes a name with outer spaces for none.
      const [, way] = ways.filter(([name]) => name !== 'Basic of Parsers')[index % (ways.length - 1)] ?? [];
      return way?.(spellings[index % spellings.length] ?? '', `guess ${index}`, '203.0.113.9');
    });
    const statuses = await Promise.all(guesses);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(90);
    const right = await answers('guessed', password, () => '203.0.113.9');
    expect(right).toEqual(everywhere(429));
    expect(await answers('guessed', password)).toEqual(everywhere(200));
    await server.restart(behindProxy);
  });

  test('absent, wrong, deactivated and deleted, and a user’s name, ask the same of the database [S22]', async () => {
    const passwords = { present: password, inactive: password, gone: password };
    for (const name of Object.keys(passwords)) await add(`of one path ${name}`);
    const idOf = async (name: string) => (await server.store.apiUsers.findNamed(`of one path ${name}`))?.id ?? '';
    const [inactive, gone] = [await idOf('inactive'), await idOf('gone')];
    await server.core.deactivateApiUser(server.asOwner, inactive);
    await server.core.deleteApiUser(server.asOwner, gone);
    const watched = watchStore(server);
    const { asked } = watched;
    for (const [name, way] of ways) {
      const attempt = async (username: string, secret: string) => {
        asked.length = 0;
        return { status: await way(username, secret, somewhere()), asked: [...asked] };
      };
      const absent = await attempt('of one path, absent', password);
      expect([absent.status, absent.asked.length], name).toEqual([401, absent.asked.length]);
      expect(absent.asked.length, name).toBeGreaterThan(1);
      for (const [who, secret] of [
        ['of one path present', 'wrong'],
        ['of one path inactive', password],
        ['of one path gone', password],
      ] as const)
        expect(await attempt(who, secret), `${name}, ${who}`).toEqual(absent);
    }
    watched.stop();
  });

  test.each([
    ['a name as they are generated', `${randomUUID()}@api.keyward.local`, 'generated'],
    ['the id of an API token', 'AbCdEfGhIjKlMnOpQrStUv', 'API token'],
    ['an address', 'https://client.example/metadata.json', 'address of a client'],
    ['a look-alike', 'rоbot', 'ASCII'],
    ['nothing', ' ', 'ASCII'],
    ['a line break', 'a\nb', 'ASCII'],
    ['more than 256 characters', 'n'.repeat(257), '256'],
  ])('are refused under %s, by the line [S80]', async (_, username, word) => {
    const passwordHash = await hashes.bcrypt();
    const { status, body } = await send([
      { line: 7, username, role: 'admin', passwordHash },
      { line: 8, username: `beside ${randomUUID().slice(0, 8)}`, role: 'admin', passwordHash },
    ]);
    expect([status, body.added, body.rejected.map(({ line, reason }) => [line, reason])]).toEqual([
      200,
      1,
      [[7, 'invalid']],
    ]);
    expect(body.rejected[0]?.detail).toContain('username');
    expect(body.rejected[0]?.detail).toContain(word);
    expect(JSON.stringify(body)).not.toContain(passwordHash);
  });

  test('a name is one’s alone: a user’s, or another organization’s, is taken, and so is an API user’s for a user [S80]', async () => {
    const passwordHash = await hashes.bcrypt();
    const row = (line: number, username: string, role = 'admin') => ({ line, username, role, passwordHash });
    await add('taken@machines.example');
    const other = await server.addOrganization('other');
    const elsewhere = await bearerOf(server, other.owner);
    const rows = [row(1, server.member.email), row(2, 'Taken@machines.example'), row(3, 'new', 'none')];
    expect((await send(rows)).body).toMatchObject({
      added: 0,
      present: 1,
      rejected: [
        { line: 1, reason: 'conflict' },
        { line: 3, reason: 'invalid' },
      ],
    });
    expect((await send([row(1, 'taken@machines.example')], elsewhere)).body).toMatchObject({
      present: 0,
      rejected: [{ line: 1, reason: 'conflict' }],
    });
    const user = { email: 'taken@machines.example', name: 'X', role: 'member' };
    const made = await call<Problem>(server, 'POST', '/v1/users', owner, user);
    expect([made.status, made.body.detail]).toEqual([409, expect.stringContaining('in use')]);
  });

  test('two names that differ in case alone are told of by the line, in one request and over a whole file [S80]', async () => {
    const passwordHash = await hashes.bcrypt();
    const row = (line: number, username: string) => ({ line, username, role: 'admin', passwordHash });
    const rows = [row(2, 'Case\\One'), row(3, 'CASE\\one'), row(4, 'Case\\One'), row(5, 'ｃase\\one')];
    const other = { ...row(6, 'Case\\One'), passwordHash: await hashes.bcrypt() };
    const { body } = await send([...rows, other]);
    expect([body.added, body.present]).toEqual([1, 1]);
    expect(body.rejected.map(({ line, reason }) => [line, reason])).toEqual(
      [3, 5, 6].map((line) => [line, 'conflict']),
    );
    expect(body.rejected[0]?.detail).toMatch(/^Line 2 has the same name, as upper and lower case are one here/);
    // Sent again it is the same row once more, and the other still is not.
    expect((await send(rows.slice(0, 2))).body).toMatchObject({ added: 0, present: 1, rejected: [{ line: 3 }] });

    const commands = commandsAt(server.url, owner);
    const many = Array.from(
      { length: 600 },
      (_, at) => `{"username":"case file ${at}","passwordHash":"${passwordHash}"}`,
    );
    commands.write('many.jsonl', [...many, many[7]?.replace('case file', 'Case File'), many[8]].join('\n'));
    const ran = await commands.run(['import', 'api-users', 'many.jsonl', '--role', 'admin']);
    expect([ran.code, ran.output]).toEqual([1, '600 API users added, 1 there already, 1 not taken.\n']);
    expect(ran.errors).toMatch(/^line 601: username: line 8 has the same name, as upper and lower case/);
    commands.remove();
  });

  test('a dry run says what would be, and changes nothing', async () => {
    const row = { line: 1, username: 'of a dry run', role: 'admin', passwordHash: await hashes.bcrypt() };
    const head = await server.store.journal.head();
    expect((await send([row], owner, { dryRun: true })).body).toEqual({ added: 1, present: 0, rejected: [] });
    expect([await server.store.apiUsers.findNamed('of a dry run'), await server.store.journal.head()]).toEqual([
      null,
      head,
    ]);
  });

  test('the command takes a CSV, and tells of what is there already', async () => {
    const commands = commandsAt(server.url, owner);
    const rows = `username,passwordHash,externalId\n"csv, robot",${await hashes.bcrypt()},ERP-7\n`;
    commands.write('machines.csv', rows);
    const args = ['import', 'api-users', 'machines.csv', '--role', 'admin'];
    expect((await commands.run([...args, '--dry-run'])).output).toContain('1 API user would be added');
    expect((await commands.run(args)).output).toBe('1 API user added, 0 there already, 0 not taken.\n');
    expect((await commands.run(args)).output).toBe('0 API users added, 1 there already, 0 not taken.\n');
    expect(await answers('csv, robot', password)).toEqual(everywhere(200));
    expect((await server.store.apiUsers.findNamed('csv, robot'))?.externalId).toBe('ERP-7');
    commands.remove();
  });
});

/** What of the lookups of a password was asked, in order. */
function watchStore({ store: { apiUsers, users, credentials } }: TestServer): { asked: string[]; stop(): void } {
  const asked: string[] = [];
  const watch = <Held extends object>(held: Held, verb: keyof Held & string) => {
    const asks = held[verb] as unknown as (...args: unknown[]) => unknown;
    Object.assign(held, {
      [verb]: (...args: unknown[]) => {
        asked.push(verb === 'bySource' ? `record of ${(args[0] as { id: string }).id}` : verb);
        return asks(...args);
      },
    });
    return () => Object.assign(held, { [verb]: asks });
  };
  const undo = [
    watch(apiUsers, 'findPassword'),
    watch(apiUsers, 'findPasswordById'),
    watch(users, 'findPassword'),
    watch(credentials, 'bySource'),
  ];
  return { asked, stop: () => void undo.map((one) => one()) };
}
