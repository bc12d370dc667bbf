// API tokens that come over plain HTTP: what becomes of one under each policy, how many are ended at most, and what proves nothing.
// Real servers without --demo, on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { addOrganization, assembleAt, createTestLog, newPlace, type TestPlace } from '../assembled-server.ts';

const patience = { timeout: 60_000, interval: 20 };

describe.each(['sqlite', 'postgres'] as const)('an API token that comes over plain HTTP, on %s', (database) => {
  let place: TestPlace;
  let server: Server;
  let url: string;
  let owner: Caller;
  const log = createTestLog('debug');
  const open = async (inClear: 'revoke' | 'flag' | 'off', trustedProxies: string[] = []) => {
    await server?.close();
    const settings = { leaks: { githubKeys: null, inClear }, trustedProxies };
    server = await assembleAt({ place, settings, demo: false, logger: log.logger });
    url = await server.listen();
  };
  beforeAll(async () => {
    place = await newPlace(database);
    await open('flag');
    ({ owner } = await addOrganization(server, {
      name: 'acme',
      isOperator: true,
      planId: 'enterprise',
      contributors: 10,
    }));
  });
  afterAll(async () => {
    await server?.close();
    place.remove();
  });

  const made = () => server.core.createApiToken(owner, { permissions: ['*:*'] });
  const send = async (secret: string, headers: Record<string, string> = {}, path = '/v1/self') => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${secret}`, ...headers } });
    return { status: answer.status, text: await answer.text() };
  };
  const seen = (id: string) => server.core.readApiToken(owner, { id });
  const isUp = async (secret: string) => (await server.core.inspect(secret)).allowed;
  const entriesOn = async (id: string) =>
    (await server.store.journal.latest(null, 200))
      .filter(({ subject }) => subject.id === id)
      .map(({ action }) => action);
  /** What was sent before it has been told of, if anything is: they are told of in their order. */
  const settled = async () => {
    const { token, secret } = await made();
    await send(secret);
    await expect.poll(async () => (await seen(token.id)).leakedAt, patience).not.toBeNull();
  };

  test('is refused, and told of once, where it is only to be told of [S2]', async () => {
    await open('flag');
    const { token, secret } = await made();
    const [first, unknown] = [await send(secret), await send(`${secret}x`)];
    expect(first.status).toBe(400);
    expect(first).toEqual(unknown);
    await send(secret);
    await expect.poll(async () => (await seen(token.id)).leakedAt, patience).not.toBeNull();
    await send(secret, {}, '/v1/check');
    await settled();
    const entries = await server.store.journal.latest(null, 200);
    const leaks = entries.filter(({ action, subject }) => action === 'api_token.leaked' && subject.id === token.id);
    expect(leaks.map(({ detail }) => detail)).toEqual([
      { reportedBy: 'server', secret: 'current', policy: 'notify', source: 'plain HTTP' },
    ]);
    expect(await isUp(secret)).toBe(true);
    expect(log.text()).not.toContain(secret);
  });

  test('ends where the operator wishes so, on full proof alone [S2]', async () => {
    await open('revoke');
    const { token, secret } = await made();
    const other = await made();
    // Its id and form are public; nobody ends a token by them.
    await send(`${other.secret.slice(0, -1)}${other.secret.endsWith('0') ? '1' : '0'}`);
    expect((await send(secret)).status).toBe(400);
    await expect.poll(() => isUp(secret), patience).toBe(false);
    expect(await entriesOn(token.id)).toEqual(['api_token.deactivated', 'api_token.leaked', 'api_token.created']);
    expect(await isUp(other.secret)).toBe(true);
    expect(await entriesOn(other.token.id)).toEqual(['api_token.created']);
  });

  test('is not looked at where it is off [S2]', async () => {
    await open('off');
    const { token, secret } = await made();
    expect((await send(secret)).status).toBe(400);
    await open('flag');
    await settled();
    expect(await entriesOn(token.id)).toEqual(['api_token.created']);
  });

  test('proves nothing behind a proxy that does not say how its client came [S2]', async () => {
    const clients = { 'x-forwarded-for': '192.0.2.7' };
    const silent = await made();
    await open('revoke', ['127.0.0.1']);
    expect((await send(silent.secret, clients)).status).toBe(400);
    expect((await send(silent.secret)).status).toBe(400);
    const stated = await made();
    expect((await send(stated.secret, { ...clients, 'x-forwarded-proto': 'http' })).status).toBe(400);
    await expect.poll(() => isUp(stated.secret), patience).toBe(false);
    // A proxy that nobody trusts may have been spoken to over HTTPS as well.
    await open('revoke');
    expect((await send(silent.secret, { ...clients, 'x-forwarded-proto': 'http' })).status).toBe(400);
    const direct = await made();
    expect((await send(direct.secret)).status).toBe(400);
    await expect.poll(() => isUp(direct.secret), patience).toBe(false);
    expect(await isUp(silent.secret)).toBe(true);
    expect(await entriesOn(silent.token.id)).toEqual(['api_token.created']);
  });

  test('is only told of once twenty were ended in an hour [S2]', async () => {
    await open('revoke');
    const all = await Promise.all(Array.from({ length: 25 }, made));
    for (const { token, secret } of all) {
      await send(secret);
      await expect.poll(async () => (await seen(token.id)).leakedAt, patience).not.toBeNull();
    }
    const ended = await Promise.all(all.map(async ({ secret }) => !(await isUp(secret))));
    expect(ended.filter((one) => one)).toHaveLength(20);
    expect(ended.slice(20)).toEqual(Array(5).fill(false));
  });
});
