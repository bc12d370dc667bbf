// Token exchange (RFC 8693): what is made is narrower, never wider, ends no later, and dies with what it was made from.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import {
  accessTokenType,
  apiTokenClient,
  apiUserClient,
  type Client,
  call,
  claimsOf,
  exchange,
  exchangeGrant,
  post,
  sealedType,
  tokenFor,
} from './clients.ts';

const permissions = ['read:funds', 'write:funds', 'read:reports'];

describe.each(['sqlite', 'postgres'] as const)('token exchange on %s', (database) => {
  let server: TestServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer({ database, permissions });
    for (const handle of ['orders', 'bills'])
      await server.core.createApi(server.asOwner, { handle, name: handle, identifier: `https://${handle}.example` });
    client = await apiUserClient(server);
  });
  afterAll(() => server.stop());

  const may = async (token: string, permission: string, api = 'default') =>
    (await call(server, `/v1/check?permissions=${permission}&api=${api}`, token)).status === 200;

  it('makes a narrower token for one API out of an access token and out of an API token', async () => {
    const parent = await tokenFor(server, client, { scope: 'read:funds write:funds' });
    const { status, body, headers } = await exchange(server, parent, { scope: 'read:funds' });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String),
      issued_token_type: accessTokenType,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'read:funds',
    });
    expect(claimsOf(body.access_token)).toMatchObject({ par: [claimsOf(parent).jti], client_id: client.id });
    expect(claimsOf(body.access_token)).not.toHaveProperty('act');
    expect(await may(body.access_token, 'read:funds')).toBe(true);
    expect(await may(body.access_token, 'write:funds')).toBe(false);
    const apiToken = await apiTokenClient(server);
    const made = await exchange(server, apiToken.secret, { scope: 'read:reports', resource: 'https://orders.example' });
    expect(await may(made.body.access_token, 'read:reports', 'orders')).toBe(true);
    expect(await may(made.body.access_token, 'read:reports')).toBe(false);
  });

  it('takes the audience as an identifier or a handle, and refuses two that differ [S51]', async () => {
    const { secret } = await apiTokenClient(server);
    for (const audience of ['orders', 'https://orders.example']) {
      const { body } = await exchange(server, secret, { audience });
      expect(claimsOf(body.access_token).aud).toBe('https://orders.example');
    }
    const both = { audience: 'orders', resource: 'https://bills.example' };
    for (const wrong of [both, { audience: 'nothing' }, { resource: 'orders' }])
      expect((await exchange(server, secret, wrong)).body.error).toBe('invalid_target');
    expect((await exchange(server, secret, { audience: 'bills', resource: 'https://bills.example' })).status).toBe(200);
  });

  it('never widens: neither the scope nor the API, however often it is exchanged [S47]', async () => {
    const parent = await tokenFor(server, client, { scope: 'read:funds', resource: 'https://orders.example' });
    for (const wider of [
      { scope: 'write:funds' },
      { scope: 'read:funds write:funds' },
      { scope: 'read:*' },
      { scope: '*:*' },
      { scope: 'create:user' },
    ])
      expect((await exchange(server, parent, wider)).body.error, wider.scope).toBe('invalid_scope');
    for (const other of ['https://bills.example', server.url])
      expect((await exchange(server, parent, { resource: other })).body.error, other).toBe('invalid_target');
    // Whoever exchanges it adds nothing of its own.
    const by = await exchange(server, parent, { scope: 'write:funds' }, await apiUserClient(server));
    expect(by.body.error).toBe('invalid_scope');
    const kept = await exchange(server, parent);
    expect(kept.body.scope).toBe('read:funds');
    expect(claimsOf(kept.body.access_token).aud).toBe('https://orders.example');
  });

  it('never lasts longer than its parent, however often it is exchanged [S47]', async () => {
    const parent = await tokenFor(server, client, { expires_in: '600' });
    server.clock.advance(300_000);
    let token = parent;
    for (let generation = 0; generation < 3; generation += 1) {
      const { body } = await exchange(server, token, { expires_in: '3600' });
      expect(claimsOf(body.access_token).exp).toBe(claimsOf(parent).exp);
      token = body.access_token;
    }
    server.clock.advance(301_000);
    expect(await may(token, 'read:funds')).toBe(false);
    expect((await exchange(server, token)).body.error).toBe('invalid_request');
  });

  it('never widens by any line of exchanges [S47]', async () => {
    const all = [...permissions, '*:*', 'read:*'];
    const wanted = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(wanted, { minLength: 1, maxLength: 4 }), async (line) => {
        let token = await tokenFor(server, client);
        let held: string[] = permissions;
        for (const scope of line) {
          const { status, body } = await exchange(server, token, { scope: scope.join(' ') });
          const asked = permissions.filter((one) => scope.some((pattern) => reaches(pattern, one)));
          if (status === 200) {
            expect(held).toEqual(expect.arrayContaining(asked));
            held = asked;
            token = body.access_token;
          } else expect(body.error).toBe('invalid_scope');
          for (const one of permissions) expect(await may(token, one), `${scope} ${one}`).toBe(held.includes(one));
        }
      }),
      { numRuns: 8 },
    );
  });

  it('ends with its source, its session and its generation', async () => {
    const machine = await apiUserClient(server);
    const { body } = await exchange(server, await tokenFor(server, machine), { scope: 'read:funds' });
    expect(await may(body.access_token, 'read:funds')).toBe(true);
    await server.core.deactivateApiUser(server.asOwner, machine.id);
    expect(await may(body.access_token, 'read:funds')).toBe(false);
    await server.core.activateApiUser(server.asOwner, machine.id);
    expect(await may(body.access_token, 'read:funds')).toBe(false);

    const json = { 'content-type': 'application/json' };
    const { email, password } = server.admin;
    const login = await fetch(`${server.url}/v1/login`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ email, password }),
    });
    const { accessToken } = (await login.json()) as { accessToken: string };
    const [jwt, sealed] = [
      await exchange(server, accessToken, { scope: 'read:funds' }),
      await exchange(server, accessToken, { scope: 'read:funds', requested_token_type: sealedType }),
    ].map((answer) => answer.body.access_token);
    for (const token of [jwt, sealed]) expect(await may(token, 'read:funds')).toBe(true);
    await fetch(`${server.url}/v1/session`, { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } });
    for (const token of [jwt, sealed]) expect(await may(token, 'read:funds')).toBe(false);
    expect((await exchange(server, accessToken)).body.error).toBe('invalid_request');
  });

  it('names a client that acts for another, and those before it [RFC 8693 section 4.1]', async () => {
    const [first, second] = [await apiUserClient(server), await apiTokenClient(server)];
    const one = await exchange(server, await tokenFor(server, client), {}, first);
    expect(claimsOf(one.body.access_token)).toMatchObject({
      sub: client.id,
      client_id: first.id,
      act: { sub: first.id },
    });
    const two = await exchange(server, one.body.access_token, {}, second);
    expect(claimsOf(two.body.access_token)).toMatchObject({
      sub: client.id,
      client_id: second.id,
      act: { sub: second.tokenId, act: { sub: first.id } },
    });
    const opaque = await exchange(server, one.body.access_token, { requested_token_type: sealedType }, second);
    expect(opaque.body.issued_token_type).toBe(sealedType);
    const three = await exchange(server, opaque.body.access_token, {}, first);
    expect(claimsOf(three.body.access_token).act).toEqual({
      sub: first.id,
      act: { sub: second.tokenId, act: { sub: first.id } },
    });
  });

  it('lets a client of a customer act for nobody else, and the provider’s for its customers', async () => {
    const [one, other] = [
      await server.addOrganization(`one-${database}`),
      await server.addOrganization(`other-${database}`),
    ];
    const theirs = await apiTokenClient(server, { permissions: ['read:funds'] }, one.owner.caller);
    const stranger = await apiUserClient(server, 'admin', other.owner.caller);
    expect((await exchange(server, theirs.secret, {}, stranger)).body.error).toBe('invalid_request');
    expect((await exchange(server, theirs.secret, {}, client)).status).toBe(200);
  });

  it('refuses what is no token, has ended or may not be exchanged: invalid_request, always the same', async () => {
    const gone = await apiTokenClient(server);
    const ofGone = await tokenFor(server, gone);
    await server.core.deleteApiToken(server.asOwner, { id: gone.tokenId });
    const direct = await apiTokenClient(server, { use: 'direct' });
    const bound = await apiTokenClient(server, { addresses: ['203.0.113.7'] });
    const good = await tokenFor(server, client);
    const forged = `${good.slice(0, -4)}AAAA`;
    for (const subject of [
      'x',
      `kw_${'a'.repeat(22)}_${'b'.repeat(36)}`,
      ofGone,
      gone.secret,
      direct.secret,
      bound.secret,
      forged,
    ]) {
      const { status, body } = await exchange(server, subject, {}, client);
      expect(body, subject).toEqual({
        error: 'invalid_request',
        error_description: 'The token that was to be exchanged was not accepted.',
      });
      expect(status).toBe(400);
    }
  });

  it('demands the parameters of RFC 8693, and a client that is right where there is one', async () => {
    const subject = await tokenFor(server, client);
    const whole = { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType };
    const { subject_token: _, ...noToken } = whole;
    const { subject_token_type: __, ...noType } = whole;
    for (const wrong of [
      noToken,
      noType,
      { ...whole, subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      { ...whole, actor_token: subject, actor_token_type: accessTokenType },
      { ...whole, requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    ] as Record<string, string>[])
      expect(await post(server, '/oauth/token', wrong)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    const liar = { id: client.id, secret: 'wrong' };
    expect(await exchange(server, subject, {}, liar)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('makes no endless line of descent', async () => {
    let answer = await exchange(server, await tokenFor(server, client));
    let made = 1;
    while (answer.status === 200 && made < 20) {
      answer = await exchange(server, answer.body.access_token);
      made += 1;
    }
    expect(made).toBe(9);
    expect(answer.body.error).toBe('invalid_request');
  });
});

function reaches(pattern: string, permission: string): boolean {
  const [verb, resource] = pattern.split(':');
  const [ofVerb, ofResource] = permission.split(':');
  return (verb === '*' || verb === ofVerb) && (resource === '*' || resource === ofResource);
}
