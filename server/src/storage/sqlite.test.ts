// What only SQLite can show: the file, its lock, its durability, and what becomes of both when the process or the disk
// fails. What every database must do is in conformance.ts.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyChain } from '../core/journal/chain.ts';
import type { Store } from '../core/ports.ts';
import { readsOver } from './changes.ts';
import { describeStore } from './conformance.ts';
import { migrateToLatest } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import { migrate, openStore } from './open.ts';
import { anEntry, anOrganization, populate } from './records.test-support.ts';
import type { Schema } from './schema.ts';
import { assertDurable, openSqlite } from './sqlite.ts';
import { openWriter } from './writer.ts';

const root = mkdtempSync(join(tmpdir(), 'keyward-sqlite-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFile = () => {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  return join(folder, 'keyward.db');
};

describeStore('SQLite', () => openStore({ sqlite: { file: newFile() }, migrate: true }));

describe('a SQLite file', () => {
  it('is refused to a second Keyward, and free again when the first has closed it [S119]', async () => {
    const sqlite = { file: newFile() };
    const first = await openStore({ sqlite, migrate: true });
    await expect(openStore({ sqlite, migrate: true })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Another Keyward is running on this data folder'),
    });
    await expect(migrate({ sqlite })).rejects.toMatchObject({ code: 'conflict' });
    await first.close();
    await (await openStore({ sqlite })).close();
  });

  it('is readable beside a running server, which goes on writing', async () => {
    const sqlite = { file: newFile() };
    const server = await openStore({ sqlite, migrate: true });
    const reader = await openStore({ sqlite, readOnly: true });
    const organization = anOrganization();
    await server.write(async (changes) => {
      await changes.organizations.insert(organization);
      changes.journal(anEntry(organization.id));
    });
    expect(await reader.organizations.find(organization.id)).toEqual(organization);
    expect(await verifyChain(reader.journal)).toMatchObject({ intact: true, entries: 1 });
    await expect(reader.write((changes) => changes.organizations.find('x'))).rejects.toMatchObject({
      code: 'unavailable',
    });
    await reader.close();
    await server.close();
  });

  it('is readable by its owner alone', async () => {
    const file = newFile();
    const store = await openStore({ sqlite: { file }, migrate: true });
    await populate(store);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o077, name).toBe(0);
    await store.close();
  });

  it('is refused when a commit on it would not survive a power cut [S109]', () => {
    const connection = new Sqlite(newFile());
    connection.pragma('journal_mode = wal');
    connection.pragma('synchronous = full');
    expect(() => assertDurable(connection)).not.toThrow();
    connection.pragma('synchronous = normal');
    expect(() => assertDurable(connection)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    connection.pragma('synchronous = full');
    connection.pragma('journal_mode = memory');
    expect(() => assertDurable(connection)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    connection.close();
  });

  it('is refused when its tables are older without leave to migrate, or newer', async () => {
    const sqlite = { file: newFile() };
    await expect(openStore({ sqlite })).rejects.toMatchObject({ code: 'conflict', message: /keyward migrate/ });
    expect(await migrate({ sqlite })).toEqual(Object.keys(migrations));
    expect(await migrate({ sqlite })).toEqual([]);
    await (await openStore({ sqlite })).close();
    const raw = new Sqlite(sqlite.file);
    raw.prepare('insert into schema_migrations values (?, ?)').run('9999-later', new Date().toISOString());
    raw.close();
    for (const options of [{ sqlite }, { sqlite, migrate: true }, { sqlite, readOnly: true }]) {
      await expect(openStore(options)).rejects.toMatchObject({ code: 'conflict', message: /newer Keyward/ });
    }
  });

  it('loses nothing acknowledged and needs no repair after kill -9, and is free at once [S110]', async () => {
    const sqlite = { file: newFile() };
    await migrate({ sqlite });
    for (let round = 0; round < 3; round += 1) {
      const writer = fork(join(import.meta.dirname, 'writer.test-support.ts'), [sqlite.file]);
      const acknowledged: string[] = [];
      writer.on('message', (id) => acknowledged.push(String(id)));
      await once(writer, 'message');
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 100));
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const store = await openStore({ sqlite });
      expect(acknowledged.length).toBeGreaterThan(0);
      for (const id of acknowledged) expect(await store.organizations.find(id)).not.toBeNull();
      const { items } = await store.organizations.list({ limit: 200, sort: 'createdAt', descending: true });
      // A change and its entry stand or fall together.
      for (const { id } of items) expect(await store.journal.latest(id, 2)).toHaveLength(1);
      expect(await verifyChain(store.journal)).toMatchObject({ intact: true });
      await store.close();
    }
  });

  it('answers unavailable while the disk is full, keeps reading, and writes again without a restart [S111]', async () => {
    const database = openSqlite({ file: newFile() });
    await migrateToLatest(database);
    const writer = openWriter(database);
    const store = { ...readsOver(database.reads, Date.now), ...writer } as unknown as Store;
    const { organization } = await populate(store);
    const onWriter = (sql: string) => database.atLeisure((db) => db.executeQuery(CompiledQuery.raw(sql)));
    await onWriter('pragma max_page_count = 1');
    const fill = () =>
      store.write(async (changes) => changes.journal(anEntry(null, { detail: { text: 'x'.repeat(99_999) } })));
    const results = await Promise.allSettled(Array.from({ length: 10 }, fill));
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect(await store.organizations.find(organization.id)).toEqual(organization);
    expect(await store.journal.head()).toBe(0);
    await fill();
    expect(await store.journal.head()).toBe(1);
    await writer.close();
    await database.close();
  });

  it('acknowledges nothing when the commit fails, gives no leave to repeat what may have been saved, and leaves nothing of it behind [S109]', async () => {
    const database = openSqlite({ file: newFile() });
    await migrateToLatest(database);
    let failing = true;
    const begin = async () => {
      const session = await database.begin();
      const commit = () => {
        if (failing) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
        return session.commit();
      };
      return { ...session, commit };
    };
    const writer = openWriter({ ...database, begin });
    const told: unknown[] = [];
    writer.onCommit((entries) => told.push(...entries));
    const organization = anOrganization();
    const insert = () =>
      writer.write(async (changes) => {
        changes.journal(anEntry(organization.id));
        return changes.organizations.insert(organization);
      });
    await expect(insert()).rejects.toMatchObject({ code: 'unavailable', detail: { isOutcomeUnknown: true } });
    expect(await readsOver(database.reads, Date.now).organizations.find(organization.id)).toBeNull();
    expect(told).toEqual([]);
    failing = false;
    expect(await insert()).toBe(true);
    expect(told).toHaveLength(1);
    await writer.close();
    await database.close();
  });

  it('is asked once per credential, found or not [S22]', async () => {
    const file = newFile();
    const store = await openStore({ sqlite: { file }, migrate: true });
    const { token, user, apiUser } = await populate(store);
    await store.close();
    let statements = 0;
    const verbose = () => {
      statements += 1;
    };
    const connection = new Sqlite(file, { verbose });
    const { credentials } = readsOver(
      new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) }),
      Date.now,
    );
    const asked = async (look: () => Promise<unknown>) => {
      statements = 0;
      const found = await look();
      return { found: found !== null, statements };
    };
    for (const [known, unknown] of [
      [() => credentials.byDigest(token.digest), () => credentials.byDigest('x')],
      [
        () => credentials.bySource({ type: 'user', id: user.id }),
        () => credentials.bySource({ type: 'user', id: 'x' }),
      ],
      [
        () => credentials.bySource({ type: 'api_user', id: apiUser.id }),
        () => credentials.bySource({ type: 'api_user', id: 'x' }),
      ],
      [
        () => credentials.bySource({ type: 'api_token', id: token.id }),
        () => credentials.bySource({ type: 'api_token', id: 'x' }),
      ],
    ] as const) {
      expect(await asked(known)).toEqual({ found: true, statements: 1 });
      expect(await asked(unknown)).toEqual({ found: false, statements: 1 });
    }
    connection.close();
  });
});
