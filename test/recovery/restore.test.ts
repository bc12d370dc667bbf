// A backup is restored: what had ended since stays ended, and what is not known stands suspended until the operator releases it.

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Released, Token, TokenList } from '../../sdk/src/wire.ts';
import { backUp, manifestOf } from '../../server/src/assemble/recovery/backup.ts';
import { restoreFile } from '../../server/src/assemble/recovery/restore.ts';
import { openShipping } from '../../server/src/assemble/recovery/ship.ts';
import type { Config } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { call, signIn } from '../wire/native/calls.ts';

const quiet = () => {};

describe('a restored backup', () => {
  let server: TestServer;
  let folder: string;
  beforeEach(async () => {
    server = await startServer();
    folder = mkdtempSync(join(tmpdir(), 'keyward-backup-'));
  });
  afterEach(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const made = (name: string) =>
    server.core.createApiToken(server.asOwner, { name, permissions: ['*:*'], use: 'both' });
  const status = async (secret: string) => (await call(server, 'GET', '/v1/self', secret)).status;
  const data = () => ('sqlite' in server.database ? join(server.database.sqlite.file, '..') : '');
  const backup = async (name = 'one.db') => {
    const file = join(folder, name);
    await backUp({ data: data(), database: null }, file, quiet);
    return file;
  };
  const restored = (file: string, journal: string | null | false = null) =>
    server.restart({}, (config: Config) => restoreFile(config, file, { journal, progress: quiet }));

  test('is made beside a running server, private, and says what it is', async () => {
    await made('before');
    const file = await backup();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(manifestOf(file)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['one.db', 'one.db.manifest.json']);
    await expect(backup()).rejects.toThrow('is there already');
    await made('after');
  });

  test('knows from the database that it replaces what had ended since, and suspends nothing [S117, G19]', async () => {
    const [kept, ended] = [await made('kept'), await made('ended')];
    const session = await signIn(server, server.owner);
    const file = await backup();
    await server.core.deactivateApiToken(server.asOwner, { id: ended.token.id });
    const late = await made('late');

    // As somebody left it who copied it about.
    chmodSync(file, 0o644);
    await restored(file);
    expect(statSync(join(data(), 'keyward.db')).mode & 0o777).toBe(0o600);
    expect(await status(kept.secret)).toBe(200);
    expect(await status(ended.secret)).toBe(401);
    expect(await status(late.secret)).toBe(401);
    expect(await status(session)).toBe(401);
    expect(await signIn(server, server.owner)).toBeTruthy();
    expect(existsSync(join(data(), 'keyward.db'))).toBe(true);
    expect(readdirSync(data()).filter((name) => name.startsWith('keyward.db.before-'))).toHaveLength(1);
    // The journal goes on where it was, so that nothing of what was done is lost from it.
    const entries = await server.store.journal.latest(null, 1000);
    expect(entries.map(({ action }) => action)).toContain('server.restored');
    expect(entries.find(({ subject }) => subject.id === late.token.id)?.action).toBe('api_token.created');
  });

  test('knows it from the journal that was shipped elsewhere, where the database is gone [S117, G19]', async () => {
    const [kept, ended] = [await made('kept'), await made('ended')];
    const file = await backup();
    await server.core.deleteApiToken(server.asOwner, { id: ended.token.id });
    const shipping = await openShipping({ data: data(), database: null }, join(folder, 'journal'));
    await shipping.step();
    await shipping.close();
    await server.restart({}, async (config) => {
      for (const end of ['', '-wal', '-shm']) rmSync(join(config.data, `keyward.db${end}`), { force: true });
      const report = await restoreFile(config, file, { journal: join(folder, 'journal'), progress: quiet });
      expect(report.suspendedBecause).toBeNull();
      expect(report.replayed).not.toBeNull();
    });
    expect(await status(kept.secret)).toBe(200);
    expect(await status(ended.secret)).toBe(401);
  });

  test('leaves the rest of an organization alone whose webhook got another secret since', async () => {
    const { secret } = await made('kept');
    const url = 'https://hooks.example.com/keyward';
    const { webhook } = await server.core.createWebhook(server.asOwner, { url });
    const file = await backup();
    await server.core.rotateWebhookSecret(server.asOwner, webhook.id);
    await restored(file);
    expect(await status(secret)).toBe(200);
    expect(await server.core.readWebhook(server.asOwner, webhook.id)).toMatchObject({
      deactivatedAt: expect.any(Number),
    });
  });

  test('stands suspended without the later journal, until the operator releases it [S117, G19]', async () => {
    const [one, other] = [await made('one'), await made('other')];
    const ended = await made('ended');
    await server.core.deactivateApiToken(server.asOwner, { id: ended.token.id });
    const file = await backup();
    const keys = await server.store.signingKeys.list();

    await server.restart({}, async (config) => {
      const report = await restoreFile(config, file, { journal: false, progress: quiet });
      expect(report.suspendedBecause).toBe('no later journal was given');
      expect(report.suspended).toMatchObject({ api_token: 3, user: 3 });
    });
    for (const { secret } of [one, other, ended]) expect(await status(secret)).toBe(401);
    await expect(signIn(server, server.owner)).rejects.toThrow('401');
    const after = await server.store.signingKeys.list();
    for (const { kid } of keys) expect(after.find((key) => key.kid === kid)?.revokedAt).not.toBeNull();

    // The operator begins with themselves, on the machine of the server.
    const system = systemIn(server.organization);
    const items = [{ type: 'user', id: server.owner.id }] as const;
    await server.core.releaseSuspended(system, { items });
    const bearer = await signIn(server, server.owner);
    const { body: listed } = await call<TokenList>(server, 'GET', '/v1/tokens', bearer);
    for (const { state, stateReason, active } of listed.items)
      expect({ state, stateReason, active }).toEqual({ state: 'suspended', stateReason: 'restored', active: false });
    const refused = await call(server, 'POST', `/v1/tokens/${one.token.id}/activate`, bearer);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('keyward restore release');

    const released = await call<Released>(server, 'POST', '/v1/suspensions/release', bearer, {
      apiTokens: [one.token.id],
    });
    expect(released.body).toMatchObject({ released: { apiTokens: 1 }, left: { apiTokens: 2, users: 2 } });
    expect(await status(one.secret)).toBe(200);
    expect(await status(other.secret)).toBe(401);

    const all = await call<Released>(server, 'POST', '/v1/suspensions/release', bearer, { all: true });
    expect(all.body.left).toEqual({ organizations: 0, users: 0, apiUsers: 0, apiTokens: 0, applications: 0 });
    expect(await status(other.secret)).toBe(200);
    // What somebody had deactivated before the backup is not what the restore did.
    expect(await status(ended.secret)).toBe(401);
    const shown = await call<Token>(server, 'GET', `/v1/tokens/${ended.token.id}`, bearer);
    expect(shown.body).toMatchObject({ state: 'inactive', stateReason: 'deactivated' });
  });

  test('is suspended whole where the journal that was kept ends too early [S117]', async () => {
    const ended = await made('ended');
    const file = await backup();
    const shipping = await openShipping({ data: data(), database: null }, join(folder, 'journal'));
    await shipping.step();
    await shipping.close();
    await server.core.deactivateApiToken(server.asOwner, { id: ended.token.id });
    await server.restart({}, async (config) => {
      const report = await restoreFile(config, file, { journal: join(folder, 'journal'), progress: quiet });
      expect(report.suspendedBecause).toContain('what the rest ended is not known');
    });
    expect(await status(ended.secret)).toBe(401);
  });

  test('what is ended while it stands suspended stays ended after a release', async () => {
    const { token, secret } = await made('doomed');
    const file = await backup();
    await restored(file, false);
    await server.core.deactivateApiToken(systemIn(server.organization), { id: token.id });
    await server.core.releaseSuspended(systemIn(server.organization), { all: true });
    expect(await status(secret)).toBe(401);
    await server.core.activateApiToken(systemIn(server.organization), { id: token.id });
    expect(await status(secret)).toBe(200);
  });
});
