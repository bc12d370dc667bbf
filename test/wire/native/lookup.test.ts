// Whose is this secret? Told to those who may see it, and to nobody else; and nothing of the question is kept.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedToken, JournalList, LookupResult } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, signIn } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
  let operator: string;
  let customer: string;
  let neighbour: string;
  beforeAll(async () => {
    server = await startServer({ database });
    globex = await server.addOrganization('globex');
    const initech = await server.addOrganization('initech');
    operator = await bearerOf(server, server.owner);
    customer = await bearerOf(server, globex.owner);
    neighbour = await bearerOf(server, initech.owner);
  });
  afterAll(() => server?.stop());

  const lookUp = (body: unknown, bearer: string) => call<LookupResult>(server, 'POST', '/v1/lookup', bearer, body);
  const make = async (body: Record<string, unknown> = {}) => {
    const made = await call<CreatedToken>(server, 'POST', '/v1/tokens', customer, { permissions: [], ...body });
    expect(made.status, made.text).toBe(201);
    return made.body;
  };
  const nothing = { items: [], next: null };

  test('tells the provider, and its own organization, whose a token is and what a call would be answered', async () => {
    const { token, secret } = await make({ name: 'Found on a wiki', externalId: 'cus_7' });
    for (const bearer of [operator, customer]) {
      const { status, body } = await lookUp({ secret }, bearer);
      expect(status).toBe(200);
      expect(body).toEqual({
        items: [
          {
            organization: { id: globex.id, name: 'globex', externalId: null },
            type: 'api_token',
            id: token.id,
            name: 'Found on a wiki',
            externalId: 'cus_7',
            owner: { type: 'user', id: globex.owner.id, name: globex.owner.email },
            state: 'active',
            stateReason: null,
            expiresAt: null,
            form: 'current',
            allowed: true,
            reason: null,
          },
        ],
        next: null,
      });
      expect((await lookUp({ start: token.start, lastFour: token.lastFour }, bearer)).body).toEqual(body);
    }
  });

  test('tells others as much of a right guess as of a wrong one: nothing', async () => {
    const { token, secret } = await make();
    const wrong = await lookUp({ secret: secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x') }, operator);
    expect(wrong.body).toEqual(nothing);
    const clues = [{ secret }, { start: token.start, lastFour: token.lastFour }];
    const member = await bearerWithRole(server, globex, 'member');
    const viewer = await bearerWithRole(server, server.organization, 'viewer');
    for (const bearer of [neighbour, member.secret, viewer.secret]) {
      for (const clue of clues) expect((await lookUp(clue, bearer)).text).toBe(wrong.text);
    }
    const wrongEnd = token.lastFour === 'aaaa' ? 'bbbb' : 'aaaa';
    expect((await lookUp({ start: token.start, lastFour: wrongEnd }, customer)).body).toEqual(nothing);
    expect((await lookUp({ start: 'kw_zzzzzzzz', lastFour: 'aaaa' }, operator)).body).toEqual(nothing);
    expect((await lookUp({ start: '%', lastFour: 'aaaa' }, operator)).body).toEqual(nothing);
  });

  test('shows members their own', async () => {
    const member = await bearerWithRole(server, globex, 'member');
    const { body } = await lookUp({ secret: member.secret }, member.secret);
    expect(body.items).toMatchObject([{ type: 'api_token', owner: { id: member.id } }]);
  });

  test('says why a call would be refused: ended, only for exchanges, from elsewhere, overspent', async () => {
    const asked = async (secret: string, more = {}) => (await lookUp({ secret, ...more }, operator)).body.items[0];
    const off = await make();
    await call(server, 'POST', `/v1/tokens/${off.token.id}/deactivate`, customer);
    const inactive = { allowed: false, reason: 'inactive', state: 'inactive', stateReason: 'deactivated' };
    expect(await asked(off.secret)).toMatchObject(inactive);
    await call(server, 'DELETE', `/v1/tokens/${off.token.id}`, customer);
    expect(await asked(off.secret)).toMatchObject({ allowed: false, reason: 'revoked', state: 'deleted' });
    const { secret: exchanged } = await make({ use: 'exchange' });
    expect(await asked(exchanged)).toMatchObject({ allowed: false, reason: 'exchange_only' });
    const { secret: bound } = await make({ addresses: ['192.0.2.7'] });
    expect(await asked(bound)).toMatchObject({ allowed: false, reason: 'address_not_allowed' });
    expect(await asked(bound, { address: '192.0.2.7' })).toMatchObject({ allowed: true, reason: null });
  });

  test('knows the secret from before a rotation, and access tokens', async () => {
    const { token, secret } = await make();
    await call(server, 'POST', `/v1/tokens/${token.id}/rotate`, customer, { overlapSeconds: 60 });
    expect((await lookUp({ secret }, operator)).body.items).toMatchObject([{ form: 'previous', allowed: true }]);
    const accessToken = await signIn(server, globex.owner);
    expect((await lookUp({ secret: accessToken }, operator)).body.items).toMatchObject([
      { type: 'user', id: globex.owner.id, form: 'access_token', allowed: true },
    ]);
    expect((await lookUp({ secret: accessToken }, neighbour)).body).toEqual(nothing);
  });

  test('spends nothing, counts no use, and keeps nothing of what it was shown', async () => {
    const { token, secret } = await make();
    const before = await call(server, 'GET', '/v1/budget', customer);
    const entries = await call<JournalList>(server, 'GET', '/v1/journal?limit=1', customer);
    for (let i = 0; i < 5; i += 1) await lookUp({ secret }, operator);
    expect((await call(server, 'GET', '/v1/budget', customer)).body.remaining).toBe(before.body.remaining);
    expect((await call<JournalList>(server, 'GET', '/v1/journal?limit=1', customer)).body).toEqual(entries.body);
    const shown = await call<{ lastUsed: unknown }>(server, 'GET', `/v1/tokens/${token.id}`, customer);
    expect(shown.body.lastUsed).toBeNull();
    expect(server.logs()).not.toContain(secret);
  });

  test('takes either a secret, or how a token begins and ends', async () => {
    for (const body of [
      {},
      { start: 'kw_12345678' },
      { lastFour: 'aaaa' },
      { secret: 'x', start: 'y', lastFour: 'z' },
    ]) {
      expectFaults(await lookUp(body, operator), '/body/secret');
    }
    const long = await lookUp({ secret: 'x'.repeat(16_385) }, operator);
    expectFaults(long, '/body/secret');
  });
});
