// Least privilege over real servers, on both databases: what a token really used is what is proposed, no sooner than that is
// known, and applied as it is proposed it refuses nothing that was done.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const day = 24 * 3_600_000;

describe.each(['sqlite', 'postgres'] as const)('advice on %s', (database) => {
  let server: TestServer;
  let secret: string;

  beforeAll(async () => {
    server = await startServer({
      database,
      flushMs: 50,
      permissions: ['read:funds', 'write:funds', 'read:loans'],
    });
    ({ secret } = await server.core.createApiToken(server.asOwner, { name: 'adviser', permissions: ['*:*'] }));
  }, 60_000);
  afterAll(() => server.stop());

  const ask = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { headers, method: 'PATCH', body: JSON.stringify(body) };
    const response = await fetch(`${server.url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const check = async (bearer: string, permission: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    return (await fetch(`${server.url}/v1/check?permissions=${permission}`, { headers })).status;
  };
  const until = (read: () => Promise<unknown>, expected: object) =>
    vi.waitFor(async () => expect(await read()).toMatchObject(expected), { timeout: 60_000, interval: 200 });

  it('knows what was used, proposes nothing too soon, then exactly that, which refuses nothing that was done', async () => {
    const { token, secret: wide } = await server.core.createApiToken(server.asOwner, {
      name: 'wide',
      permissions: ['*:*'],
    });
    const advice = async () => (await ask(`/v1/tokens/${token.id}/advice`)).body;
    expect(await check(wide, 'read:funds')).toBe(200);
    expect(await check(wide, 'read:loans')).toBe(200);
    await until(advice, { usedPermissions: ['read:funds', 'read:loans'], usedApis: ['default'], proposal: null });
    expect(await advice()).toMatchObject({ why: expect.stringContaining('too short'), unusedPermissions: [] });

    server.clock.advance(8 * day);
    expect(await check(wide, 'read:funds')).toBe(200);
    await until(advice, { proposal: { permissions: ['read:funds', 'read:loans'] } });
    const { proposal } = (await advice()) as { proposal: object };
    const observe = { until: new Date(server.clock.now() + 14 * day).toISOString() };
    expect((await ask(`/v1/tokens/${token.id}`, { ...proposal, observe })).status).toBe(200);
    // Said anew every week, it would never come to count.
    await until(advice, { proposal: null, why: expect.stringContaining(observe.until) });
    const findings = (await ask('/v1/advice?limit=200')).body.items as { finding: string; token: { id: string } }[];
    expect(findings.filter((one) => one.token.id === token.id && one.finding === 'wider_than_used')).toEqual([]);
    server.clock.advance(14 * day);
    expect([await check(wide, 'read:funds'), await check(wide, 'read:loans')]).toEqual([200, 200]);
    expect(await check(wide, 'write:funds')).toBe(403);
  });

  it('proposes more again where what is observed would refuse something that was used meanwhile', async () => {
    const made = await server.core.createApiToken(server.asOwner, { name: 'busier', permissions: ['*:*'] });
    const advice = async () => (await ask(`/v1/tokens/${made.token.id}/advice`)).body;
    server.clock.advance(8 * day);
    expect(await check(made.secret, 'read:funds')).toBe(200);
    await until(advice, { proposal: { permissions: ['read:funds'] } });
    const observe = { until: new Date(server.clock.now() + 14 * day).toISOString() };
    await ask(`/v1/tokens/${made.token.id}`, { permissions: ['read:funds'], observe });
    await until(advice, { proposal: null });
    expect(await check(made.secret, 'read:loans')).toBe(200);
    await until(advice, { proposal: { permissions: ['read:funds', 'read:loans'] } });
  });

  it('keeps what a token needs of Keyward itself', async () => {
    const permissions = ['verify:credential', 'read:journal', 'read:usage'];
    const made = await server.core.createApiToken(server.asOwner, { name: 'asker', permissions });
    const headers = { authorization: `Bearer ${made.secret}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ credential: 'nonsense' });
    for (let call = 0; call < 2; call += 1) {
      expect((await fetch(`${server.url}/v1/verify`, { method: 'POST', headers, body })).status).toBe(200);
    }
    expect((await fetch(`${server.url}/v1/journal`, { headers })).status).toBe(200);
    const advice = async () => (await ask(`/v1/tokens/${made.token.id}/advice`)).body;
    await until(advice, { usedPermissions: ['read:journal', 'verify:credential'], unusedPermissions: ['read:usage'] });
  });

  it('counts what was used in the last 30 days alone', async () => {
    const made = await server.core.createApiToken(server.asOwner, { name: 'seasonal', permissions: ['*:*'] });
    const advice = async () => (await ask(`/v1/tokens/${made.token.id}/advice`)).body;
    expect(await check(made.secret, 'write:funds')).toBe(200);
    await until(advice, { usedPermissions: ['write:funds'] });
    server.clock.advance(32 * day);
    expect(await check(made.secret, 'read:funds')).toBe(200);
    await until(advice, { usedPermissions: ['read:funds'] });
  });

  it('finds over an organization what is riskiest first, page by page, with what mends it', async () => {
    const expiring = await server.core.createApiToken(server.asOwner, {
      name: 'never used',
      permissions: ['read:funds'],
    });
    server.clock.advance(31 * day);
    // What asks is found itself, as soon as it is known what it asked.
    const own = { finding: 'wider_than_used', token: expect.objectContaining({ name: 'adviser' }) };
    await until(async () => (await ask('/v1/advice?limit=200')).body, {
      items: expect.arrayContaining([expect.objectContaining(own)]),
    });
    const all = (await ask('/v1/advice?limit=200')).body as { items: { risk: string; finding: string }[]; next: null };
    const risks = all.items.map(({ risk }) => ['high', 'medium', 'low'].indexOf(risk));
    expect(risks).toEqual(risks.toSorted());
    expect(all.next).toBeNull();
    expect(all.items).toContainEqual(
      expect.objectContaining({
        finding: 'never_used',
        risk: 'medium',
        token: expect.objectContaining({ id: expiring.token.id, name: 'never used' }),
        mend: expect.objectContaining({ method: 'POST', path: `/v1/tokens/${expiring.token.id}/deactivate` }),
      }),
    );
    const paged: unknown[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await ask(`/v1/advice?limit=2${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`);
      paged.push(...(body.items as unknown[]));
      next = body.next as string | null;
    }
    expect(paged).toEqual(all.items);
  });

  it('tells nobody of the tokens of others', async () => {
    const { owner } = await server.addOrganization(`other-${database}`);
    const stranger = await server.core.createApiToken(owner.caller, { name: 'stranger', permissions: ['*:*'] });
    const mine = await server.core.createApiToken(server.asOwner, { name: 'mine', permissions: [] });
    const headers = { authorization: `Bearer ${stranger.secret}` };
    expect((await fetch(`${server.url}/v1/tokens/${mine.token.id}/advice`, { headers })).status).toBe(404);
    const { items } = (await (await fetch(`${server.url}/v1/advice`, { headers })).json()) as {
      items: { token: { name: string } }[];
    };
    expect(items.map(({ token }) => token.name)).not.toContain('mine');
  });
});
