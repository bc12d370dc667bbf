// A whole server moves to another database and back: everything is there, what people and programs hold goes on working, and at
// no time can both databases be served.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MoveTarget, move } from '../../server/src/assemble/recovery/move.ts';
import { assemble } from '../../server/src/assemble.ts';
import type { Config } from '../../server/src/config/config.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { digestOf, generateApiToken } from '../../server/src/core/secret.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { fillWithTokens } from '../bulk-tokens.ts';
import { sharedPostgres } from '../postgres.ts';
import { startServer, type TestServer } from '../server.ts';
import { call, signIn } from '../wire/native/calls.ts';
import { signedIn } from '../wire/native/session-client.ts';
import { grantedTo, refresh, register } from '../wire/oauth2/application-flow.ts';
import { apiUserClient, sealedType, tokenFor } from '../wire/oauth2/clients.ts';
import { newWorld, type World } from './history.ts';
import { randomOf, type Way } from './ways.ts';

const many = Number(process.env.KEYWARD_MOVED ?? 2000);
/** Of every kind of credential. */
const calls = Math.min(10_000, Math.max(400, many / 100));
/** A second factor has another code then, and a code of an application still counts. */
const nextCodeMs = 30_000;
/** For a million rows, and for a machine that is busy. */
const timeout = Math.max(300_000, 4 * many);

describe('a server that moves', () => {
  let server: TestServer;
  let folder: string;
  let data: string;
  beforeEach(async () => {
    server = await startServer({ permissions: ['write:funds'] });
    folder = mkdtempSync(join(tmpdir(), 'keyward-move-'));
    data = 'sqlite' in server.database ? join(server.database.sqlite.file, '..') : '';
  });
  afterEach(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const emptyDatabase = async () => (await sharedPostgres()).createDatabase();
  const secretsOf = () => readFileSync(join(data, 'secrets.key'), 'utf8');
  const moved = (config: Config, to: MoveTarget, more: Partial<Parameters<typeof move>[1]> = {}) =>
    move(config, { to, secrets: null, progress: () => {}, signal: new AbortController().signal, ...more });
  const starting = async (config: Config) => {
    const started = await assemble(config, { demo: true, logger: createLogger('silent') });
    await started.close();
  };

  /** Secrets of so many of the tokens that are there, which a database only has digests of. */
  async function withSecrets(count: number): Promise<string[]> {
    const file = new Sqlite(join(data, 'keyward.db'));
    const ids = file.prepare('select id from api_tokens order by random() limit ?').pluck().all(count) as string[];
    const update = file.prepare('update api_tokens set digest = ? where id = ?');
    const secrets = ids.map((id) => generateApiToken(id));
    file.transaction(() => {
      for (const [at, id] of ids.entries()) update.run(digestOf(secrets[at] ?? ''), id);
    })();
    file.close();
    return secrets;
  }

  /**
   * What random calls are answered: of tokens among the many the verdict and the principal, of what customers hold whether it lets
   * somebody do something. The same calls each time.
   */
  async function answers(secrets: readonly string[], held: readonly Way[]): Promise<unknown[]> {
    const random = randomOf(17);
    const all: unknown[] = [];
    for (let n = 0; n < calls; n += 1) {
      if (held.length > 0 && random.below(3) === 0) {
        const way = random.pick(held);
        all.push(`${way.name} ${await way.ask()}`);
        continue;
      }
      const permissions = random.pick([['read:funds'], ['write:funds'], []]);
      const verdict = await server.core.inspect(random.pick(secrets), { permissions });
      all.push(verdict.allowed ? verdict.principal : [verdict.reason, verdict.organizationId]);
    }
    return all;
  }

  test(`with ${many} tokens to PostgreSQL and back, and answers the same to ${calls} calls`, { timeout }, async () => {
    await fillWithTokens(server, many);
    const secrets = await withSecrets(calls);
    await server.restart();
    // Three customers to whom much has happened, and one to whom nothing has.
    const worlds = await worldsOf(server);
    // What people and programs hold.
    const page = await signedIn(server, server.owner);
    const bearer = await signIn(server, server.owner);
    const robot = await apiUserClient(server);
    const jwt = await tokenFor(server, robot);
    const sealed = await tokenFor(server, robot, { requested_token_type: sealedType });
    const application = await register(server);
    const granted = await grantedTo(server, application);
    const readable = await server.core.createApiToken(server.asOwner, {
      name: 'readable',
      permissions: [],
      readable: true,
    });
    const keys = await server.store.signingKeys.list();
    const all = worlds.flatMap(({ ways }) => ways);
    const lasting = all.filter(({ hasEnded }) => hasEnded === undefined);
    const once = worlds.at(-1)?.ways.filter(({ hasEnded }) => hasEnded !== undefined) ?? [];
    const before = await answers(secrets, lasting);
    expect(new Set(before.map((one) => Array.isArray(one)))).toEqual(new Set([true, false]));
    for (const end of [' true', ' false'])
      expect(before.filter((one) => typeof one === 'string' && one.endsWith(end)).length).toBeGreaterThan(10);
    const head = await server.store.journal.latest(null, 1);

    const holds = async (refreshToken: string) => {
      expect(await answers(secrets, lasting)).toEqual(before);
      expect((await page.ask('GET', '/v1/session')).status).toBe(200);
      for (const held of [bearer, jwt, sealed, granted.access]) {
        const permission = held === granted.access ? '?permissions=read:funds' : '';
        expect((await call(server, 'GET', `/v1/check${permission}`, held)).status).toBe(200);
      }
      expect(await tokenFor(server, robot)).toBeTruthy();
      expect((await server.store.signingKeys.list()).map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid));
      const password = server.owner.password;
      const shown = await server.core.revealApiToken(server.asOwner, { id: readable.token.id }, password);
      expect(shown.secret).toBe(readable.secret);
      const next = await refresh(server, application, refreshToken);
      expect(next.status).toBe(200);
      return next.body.refresh_token as string;
    };

    // The target seals with a newer key, and knows the one of before.
    const database = await emptyDatabase();
    const secretKeys = `${generateSealingKeys()}${secretsOf()}`;
    const tables: string[] = [];
    let source: Config | undefined;
    await server.restart({ database, secrets: secretKeys }, async (config) => {
      source = { ...config, database: null, secrets: null };
      const progress = (table: string) => void tables.push(table);
      const report = await moved(source, { postgres: database }, { secrets: secretKeys, progress });
      expect(report.rows.api_tokens).toBeGreaterThanOrEqual(many);
      expect(report.unopened).toBe(0);
    });
    expect(new Set(tables)).toContain('api_tokens');
    expect((await server.store.journal.latest(null, 1000)).map(({ hash }) => hash)).toContain(head[0]?.hash);
    const refreshed = await holds(granted.refresh);
    server.clock.advance(nextCodeMs);
    const refused: string[] = [];
    for (const { name, ask } of once) if (!(await ask())) refused.push(name);
    expect([once.length > 5, refused]).toEqual([true, []]);
    if (source === undefined) throw new Error('It was not moved.');
    await expect(starting(source)).rejects.toThrow('was moved elsewhere');
    await expect(moved(source, { postgres: await emptyDatabase() })).rejects.toThrow('was moved elsewhere already');

    const home = join(folder, 'data');
    await server.restart({ database: null, secrets: null, data: home }, async (config) => {
      await moved({ ...config, database, secrets: secretKeys, data }, { sqlite: home });
    });
    await holds(refreshed);
  });

  async function worldsOf(at: TestServer): Promise<World[]> {
    const worlds: World[] = [];
    for (let n = 3; n >= 0; n -= 1) {
      const world = await newWorld(at, randomOf(n));
      for (let act = 0; act < 8 * n; act += 1) await world.act();
      worlds.push(world);
    }
    return worlds;
  }

  test('refuses a target that is not empty, and sealing keys that could not open what it holds', async () => {
    const database = await emptyDatabase();
    await server.restart({}, async (config) => {
      await expect(moved(config, { postgres: database }, { secrets: generateSealingKeys() })).rejects.toThrow('lack');
      const other = join(folder, 'other');
      await starting({ ...config, data: other });
      await expect(moved(config, { sqlite: other }, { secrets: secretsOf() })).rejects.toThrow();
      await expect(moved({ ...config, data: join(folder, 'none') }, { postgres: database })).rejects.toThrow(
        'no database',
      );
    });
    expect(await signIn(server, server.owner)).toBeTruthy();
  });

  test('that is stopped in the middle is as it was, and begins anew', { timeout }, async () => {
    await fillWithTokens(server, 1500);
    const database = await emptyDatabase();
    await server.restart({ database, secrets: secretsOf() }, async (config) => {
      const source = { ...config, database: null, secrets: null };
      const target = { ...config, database, secrets: secretsOf() };
      for (const table of ['users', 'api_tokens', 'journal']) {
        const stop = new AbortController();
        const progress = (name: string, done: number) => {
          if (name === table && done > 0) stop.abort(new Error('Ctrl-C'));
        };
        await expect(moved(source, { postgres: database }, { progress, signal: stop.signal })).rejects.toThrow(
          'Ctrl-C',
        );
        await starting(source);
        await expect(starting(target)).rejects.toThrow('was not finished');
      }
      await moved(source, { postgres: database });
    });
    expect(await signIn(server, server.owner)).toBeTruthy();
  });
});
