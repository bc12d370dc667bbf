// POST /oauth/introspect (RFC 7662): all that a token says to who may verify it, and {"active":false} alone to anybody else.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import {
  apiTokenClient,
  apiUserClient,
  type Client,
  claimsOf,
  exchange,
  type OAuthAnswer,
  post,
  sealedType,
  tokenFor,
} from './clients.ts';

describe.each(['sqlite', 'postgres'] as const)('introspection on %s', (database) => {
  let server: TestServer;
  let client: Client & { username: string };
  let guard: Client;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:funds', 'write:funds'] });
    await server.core.createApi(server.asOwner, {
      handle: 'orders',
      name: 'Orders',
      identifier: 'https://orders.example',
    });
    client = await apiUserClient(server);
    guard = await apiTokenClient(server, { permissions: ['verify:credential'] });
  });
  afterAll(() => server.stop());

  const ask = (token: string, by: Client | null = guard, more: Record<string, string> = {}): Promise<OAuthAnswer> =>
    post(server, '/oauth/introspect', { token, ...more }, by);

  async function expectInactive(token: string, by: Client | null = guard): Promise<void> {
    const { status, body, headers } = await ask(token, by);
    expect([status, JSON.stringify(body)]).toEqual([200, '{"active":false}']);
    expect(headers.get('cache-control')).toBe('no-store');
  }

  it('tells what a JWT and a sealed token say', async () => {
    for (const more of [{}, { requested_token_type: sealedType }] as Record<string, string>[]) {
      const token = await tokenFor(server, client, {
        scope: 'read:funds',
        resource: 'https://orders.example',
        ...more,
      });
      const { status, body, headers } = await ask(token);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        active: true,
        scope: 'read:funds',
        client_id: client.id,
        username: client.username,
        token_type: 'Bearer',
        exp: Math.floor(server.clock.now() / 1000) + 3600,
        sub: client.id,
        aud: 'https://orders.example',
        iss: server.url,
        jti: expect.any(String),
        organization_id: server.organization.id,
      });
    }
  });

  it('tells of an API token, of the tokens of other dialects, and who acts with an exchanged one', async () => {
    const token = await apiTokenClient(server, { permissions: ['read:funds'] });
    expect((await ask(token.secret)).body).toMatchObject({
      active: true,
      client_id: token.id,
      sub: token.tokenId,
      scope: 'read:funds',
    });
    const json = { 'content-type': 'application/json' };
    const made = await fetch(`${server.url}/v1/access-tokens`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ apiToken: token.secret }),
    });
    const { accessToken } = (await made.json()) as { accessToken: string };
    expect((await ask(accessToken)).body).toMatchObject({
      active: true,
      aud: server.url,
      jti: claimsOf(accessToken).jti,
    });
    const other = await apiUserClient(server);
    const { body } = await exchange(server, accessToken, {}, other);
    expect((await ask(body.access_token)).body).toMatchObject({ client_id: other.id, act: { sub: other.id } });
  });

  it('answers {"active":false} alone to whatever does not count [S26, S50]', async () => {
    const gone = await apiTokenClient(server);
    const ofGone = await tokenFor(server, gone);
    await server.core.deleteApiToken(server.asOwner, { id: gone.tokenId });
    const exchangeOnly = await apiTokenClient(server, { use: 'exchange' });
    const bound = await apiTokenClient(server, { addresses: ['203.0.113.7'] });
    const good = await tokenFor(server, client);
    for (const token of [
      'x',
      gone.secret,
      ofGone,
      exchangeOnly.secret,
      bound.secret,
      `${good}x`,
      `${good.slice(0, -6)}AAAAAA`,
      'é',
      ' ',
    ])
      await expectInactive(token);
    const expired = await tokenFor(server, client, { expires_in: '60' });
    server.clock.advance(61_000);
    await expectInactive(expired);
    expect((await ask(bound.secret, guard, { address: '203.0.113.7' })).body.active).toBe(true);
  });

  it('tells a customer of its own tokens alone, and the operator of all [S50]', async () => {
    const customer = await server.addOrganization(`customer-${database}`);
    const theirs = await apiTokenClient(server, { permissions: ['verify:credential'] }, customer.owner.caller);
    await expectInactive(await tokenFor(server, client), theirs);
    const own = await tokenFor(server, await apiUserClient(server, 'admin', customer.owner.caller));
    expect((await ask(own, theirs)).body).toMatchObject({ active: true, organization_id: customer.id });
    expect((await ask(own)).body.active).toBe(true);
  });

  it('tells who is bound to an API of tokens for that one alone [S50, S51]', async () => {
    const ofOrders = await apiTokenClient(server, { permissions: ['verify:credential'], apis: ['orders'] });
    const forOrders = await tokenFor(server, client, { resource: 'https://orders.example' });
    expect((await ask(forOrders, ofOrders)).body.active).toBe(true);
    await expectInactive(await tokenFor(server, client), ofOrders);
    const forOther = await apiTokenClient(server, { apis: ['default'] });
    await expectInactive(forOther.secret, ofOrders);
    // A bearer is bound by its own token.
    const bearer = { authorization: `Bearer ${await tokenFor(server, client, { scope: 'verify:credential' })}` };
    const answer = await post(server, '/oauth/introspect', { token: forOrders }, null, bearer);
    expect(answer.body).toEqual({ active: false });
  });

  it('demands a client or a bearer that may verify [S50]', async () => {
    const token = await tokenFor(server, client);
    const lacking = await apiTokenClient(server, { permissions: ['read:funds'] });
    const weak = await tokenFor(server, client, { scope: 'read:funds' });
    const refused = await ask(token, lacking);
    expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope']);
    expect(refused.headers.get('www-authenticate')).toContain('scope="verify:credential"');
    const asBearer = (text: string) =>
      post(server, '/oauth/introspect', { token }, null, { authorization: `Bearer ${text}` });
    expect((await asBearer(weak)).status).toBe(403);
    const strong = await tokenFor(server, client, { scope: 'verify:credential' });
    expect((await asBearer(strong)).body.active).toBe(true);
    const wrong = await asBearer('wrong');
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_token']);
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyward", error="invalid_token"/);
    for (const by of [null, { ...client, secret: 'wrong' }]) {
      const nobody = await ask(token, by);
      expect([nobody.status, nobody.body.error]).toEqual([401, 'invalid_client']);
      expect(nobody.headers.get('www-authenticate')).toMatch(/^Basic/);
    }
  });

  it('refuses a bearer beside a client that proves itself [S6]', async () => {
    const token = await tokenFor(server, client);
    const headers = { authorization: `Bearer ${guard.secret}` };
    for (const more of [
      { client_id: client.id, client_secret: client.secret },
      { client_assertion: 'x', client_assertion_type: 'x' },
    ] as Record<string, string>[]) {
      const { status, body } = await post(server, '/oauth/introspect', { token, ...more }, null, headers);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    }
    expect((await post(server, '/oauth/introspect', { token }, null, headers)).body.active).toBe(true);
  });

  it('demands one token, as a form [S46]', async () => {
    for (const form of ['', 'token=', 'token=a&token=b', 'token_type_hint=access_token'])
      expect((await post(server, '/oauth/introspect', form, guard)).body.error, form).toBe('invalid_request');
    expect(
      (await ask(await tokenFor(server, client), guard, { token_type_hint: 'refresh_token', x: 'y' })).body.active,
    ).toBe(true);
  });

  it('spends nothing of a budget', async () => {
    const token = await tokenFor(server, client);
    const remaining = async () =>
      /r=(\d+)/.exec(
        (await fetch(`${server.url}/v1/check?cost=0`, { headers: { authorization: `Bearer ${token}` } })).headers.get(
          'ratelimit',
        ) ?? '',
      )?.[1];
    const before = await remaining();
    await ask(token);
    expect(await remaining()).toBe(before);
  });
});
