// Last use and usage counts through a whole server: what is counted, that a normal stop keeps it, and how much a kill
// takes with it.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Token, TokenList } from '@keyward/sdk/wire';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flushMs } from '../../server/src/chores/last-used.ts';
import { keptWaitingMs, watchMachine } from '../machine-time.ts';
import { startServer, type TestServer } from '../server.ts';
import { startDemo } from './program.ts';

describe.each(['sqlite', 'postgres'] as const)('usage on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = (await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] })).secret;
  });
  afterAll(() => server?.stop());

  const get = (path: string, credential: string, headers = {}) =>
    fetch(server.url + path, {
      headers: { authorization: `Bearer ${credential}`, 'user-agent': 'test/1', ...headers },
    });
  const shown = async (id: string) => (await (await get(`/v1/tokens/${id}`, owner)).json()) as Token;
  const counted = async () => {
    const all = await server.store.usage.counts(server.organization.id, { from: 0, until: server.clock.now() + 1 });
    return (id: string) => {
      const own = all.filter(({ source }) => source.id === id);
      return Object.fromEntries(own.map(({ rule, verdict, calls }) => [`${verdict} ${rule}`.trim(), calls]));
    };
  };

  test('shows when, from where and with what a token was last let in, and keeps it over a restart', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    expect((await shown(token.id)).lastUsed).toBeNull();
    expect((await get('/v1/check?permissions=read:funds', secret)).status).toBe(200);
    const at = new Date(server.clock.now()).toISOString();
    server.clock.advance(1000);
    expect((await get('/v1/check?permissions=write:funds', secret)).status).toBe(403);
    await server.restart();
    const lastUsed = { at, address: '127.0.0.1', userAgent: 'test/1' };
    expect((await shown(token.id)).lastUsed).toEqual(lastUsed);
    const list = (await (await get('/v1/tokens?limit=200', owner)).json()) as TokenList;
    expect(list.items.find(({ id }) => id === token.id)?.lastUsed).toEqual(lastUsed);
    expect((await counted())(token.id)).toEqual({ allowed: 1, missing_permission: 1 });
  });

  test('counts for a token what an access token made from it did, and calls that a dead token still makes', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    const shape = () => ({ form: 'sealed', lifetimeMs: 60_000 }) as const;
    const exchanged = await server.core.exchange({ proof: { kind: 'api_token', secret }, shape });
    if (!exchanged.allowed) throw new Error(exchanged.reason);
    for (let call = 0; call < 3; call += 1) await get('/v1/check', exchanged.token);
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    expect((await get('/v1/check', secret)).status).toBe(401);
    await server.restart();
    expect((await counted())(token.id)).toEqual({ 'allowed exchange': 1, allowed: 3, inactive: 1 });
  });

  test('says nothing of a token to whoever may not see it', async () => {
    const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    expect((await server.core.lastUsesOf(server.member.caller, [token])).size).toBe(0);
    const stranger = await server.addOrganization('elsewhere');
    expect((await server.core.lastUsesOf(stranger.owner.caller, [token])).size).toBe(0);
  });
});

test('a kill takes no more calls with it than those of the last five seconds, and a stop none', async () => {
  const program = await startDemo();
  const { bearer } = program.demo.bluebricks;
  const at = async () => {
    await (await fetch(`${program.url}/v1/check`, { headers: { authorization: `Bearer ${bearer}` } })).body?.cancel();
    return performance.now();
  };
  await watchMachine();
  const answered: number[] = [];
  for (const until = performance.now() + flushMs + 3000; performance.now() < until; await pause(20))
    answered.push(await at());
  const killed = performance.now();
  await program.stop('SIGKILL');
  const counted = () => {
    const file = new Sqlite(join(program.folder, 'keyward.db'), { readonly: true });
    const { calls } = file.prepare("select sum(calls) as calls from usage_counts where rule = ''").get() as {
      calls: number;
    };
    file.close();
    return calls;
  };
  const kept = counted();
  // The flush itself takes a moment.
  const lastKept = killed - flushMs - 1500 - keptWaitingMs(answered[0] ?? 0, killed);
  expect(kept).toBeGreaterThanOrEqual(answered.filter((time) => time < lastKept).length);
  expect(kept).toBeLessThanOrEqual(answered.length);
  expect(kept).toBeGreaterThan(0);
  const again = await startDemo({ place: program.place });
  for (let call = 0; call < 10; call += 1) {
    await fetch(`${again.url}/v1/check`, { headers: { authorization: `Bearer ${bearer}` } });
  }
  expect(await again.stop()).toBe(0);
  expect(counted()).toBe(kept + 10);
  await again.kill();
});
