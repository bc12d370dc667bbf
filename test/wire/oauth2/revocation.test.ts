// POST /oauth/revoke (RFC 7009): a single access token ends, with all that was made from it, durably, everywhere.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RevocationSource } from '../../../server/src/core/tokens/records.ts';
import { mostRevoked } from '../../../server/src/core/tokens/revocation.ts';
import { startServer, type TestServer } from '../../server.ts';
import { signedIn } from '../native/session-client.ts';
import { grantedTo, refresh, register } from './application-flow.ts';
import {
  apiTokenClient,
  apiUserClient,
  type Client,
  call,
  claimsOf,
  exchange,
  type OAuthAnswer,
  post,
  revokeMostOf,
  sealedType,
  tokenFor,
} from './clients.ts';

describe.each(['sqlite', 'postgres'] as const)('revocation on %s', (database) => {
  let server: TestServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:funds', 'write:funds'] });
    client = await apiUserClient(server);
  });
  afterAll(() => server.stop());

  const revoke = (token: string, by: Client | null = client): Promise<OAuthAnswer> =>
    post(server, '/oauth/revoke', { token, token_type_hint: 'access_token' }, by);
  const counts = async (token: string) => (await call(server, '/v1/check', token)).status === 200;
  const revokeMost = (source: RevocationSource, ms = 3_600_000) => revokeMostOf(server, source, ms);

  it('ends one token, a JWT or a sealed one, at once, and no other of the same client [S49]', async () => {
    for (const more of [{}, { requested_token_type: sealedType }] as Record<string, string>[]) {
      const [one, other] = [await tokenFor(server, client, more), await tokenFor(server, client, more)];
      expect([await counts(one), await counts(other)]).toEqual([true, true]);
      const { status, body } = await revoke(one);
      expect([status, body]).toEqual([200, null]);
      expect([await counts(one), await counts(other)]).toEqual([false, true]);
      expect((await exchange(server, one)).body.error).toBe('invalid_request');
      expect((await revoke(one)).status).toBe(200);
    }
  });

  it('ends all that was made from it [S47]', async () => {
    const parent = await tokenFor(server, client);
    const child = (await exchange(server, parent)).body.access_token;
    const sealed = (await exchange(server, child, { requested_token_type: sealedType })).body.access_token;
    const sibling = (await exchange(server, parent)).body.access_token;
    await revoke(child);
    expect([await counts(parent), await counts(child), await counts(sealed), await counts(sibling)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    await revoke(parent);
    expect([await counts(parent), await counts(sibling)]).toEqual([false, false]);
  });

  it('is remembered over a restart, and known before anything is decided', async () => {
    const [one, other] = [await tokenFor(server, client), await tokenFor(server, client)];
    await revoke(one);
    await server.restart();
    expect([await counts(one), await counts(other)]).toEqual([false, true]);
  });

  it('is in the journal, by its id and never by its text', async () => {
    const token = await tokenFor(server, client);
    await revoke(token);
    const [newest] = await server.store.journal.latest(server.organization.id, 1);
    expect(newest).toMatchObject({
      action: 'access_token.revoked',
      actor: { type: 'api_user', id: client.id },
      subject: { type: 'access_token', id: claimsOf(token).jti },
      detail: { source: { type: 'api_user', id: client.id } },
    });
    expect(JSON.stringify(newest)).not.toContain(token.split('.')[2]);
  });

  it('leaves another’s token alone, and says 200 to that as to what is no token [S26, S49]', async () => {
    const other = await apiUserClient(server);
    const token = await tokenFor(server, other);
    const customer = await server.addOrganization(`customer-${database}`);
    const stranger = await apiUserClient(server, 'admin', customer.owner.caller);
    for (const by of [client, stranger]) {
      for (const text of [
        token,
        'x',
        `${token}x`,
        'é',
        await tokenFor(server, other, { requested_token_type: sealedType }),
      ]) {
        const { status, body } = await revoke(text, by);
        expect([status, body], text).toEqual([200, null]);
      }
    }
    expect(await counts(token)).toBe(true);
  });

  it('lets the client that acts for another end what it got, and no more', async () => {
    const actor = await apiUserClient(server);
    const subject = await tokenFor(server, client);
    const made = (await exchange(server, subject, {}, actor)).body.access_token;
    await revoke(subject, actor);
    expect(await counts(subject)).toBe(true);
    await revoke(made, actor);
    expect([await counts(subject), await counts(made)]).toEqual([true, false]);
    const again = (await exchange(server, subject, {}, actor)).body.access_token;
    await revoke(again, client);
    expect(await counts(again)).toBe(false);
  });

  it('says on request whom the end has reached, and of what is not the client’s no more than ever [S26, S49]', async () => {
    const [token, other] = [await tokenFor(server, client), await tokenFor(server, await apiUserClient(server))];
    const ask = (text: string, wait: string) => post(server, `/oauth/revoke?receipt=${wait}`, { token: text }, client);
    for (const wait of ['49', '10001', 'soon', '1e3', '']) {
      const refused = await ask(token, wait);
      expect([refused.status, refused.body.error], wait).toEqual([400, 'invalid_request']);
    }
    expect(await counts(token)).toBe(true);
    const { status, body } = await ask(token, '1000');
    const [entry] = await server.store.journal.latest(server.organization.id, 1);
    const receipt = { seq: entry?.seq, effective: 1, of: 1, slowestMs: null, waitingFor: [] };
    expect([status, body]).toEqual([200, receipt]);
    expect((await ask(token, '1000')).body).toEqual(receipt);
    for (const text of [other, 'x']) expect(await ask(text, '1000')).toMatchObject({ status: 200, body: null });
    expect(await counts(other)).toBe(true);
  });

  it('demands a client, and ends no API token [S49]', async () => {
    const token = await apiTokenClient(server);
    const answer = await revoke(token.secret, token);
    expect([answer.status, answer.body.error]).toEqual([400, 'unsupported_token_type']);
    expect(await counts(token.secret)).toBe(true);
    for (const by of [null, { ...client, secret: 'wrong' }]) {
      const nobody = await revoke('x', by);
      expect([nobody.status, nobody.body.error]).toEqual([401, 'invalid_client']);
    }
    for (const form of ['', 'token=', 'token=a&token=b'])
      expect((await post(server, '/oauth/revoke', form, client)).body.error, form).toBe('invalid_request');
  });

  it('ends all tokens of a client that has revoked ten thousand, which then need not be known any more', async () => {
    const busy = await apiUserClient(server);
    await revokeMost({ type: 'api_user', id: busy.id });
    const [one, other] = [await tokenFor(server, busy), await tokenFor(server, busy)];
    await revoke(one, busy);
    expect([await counts(one), await counts(other)]).toEqual([false, false]);
    const own = await server.store.write(({ revokedTokens }) => revokedTokens.livingOf(busy.id, 0, 2));
    expect(own).toBe(0);
    const fresh = await tokenFor(server, busy);
    expect(await counts(fresh)).toBe(true);
    await revoke(fresh, busy);
    expect(await counts(await tokenFor(server, busy))).toBe(true);
  });

  it('ends the session of an application that has revoked ten thousand of its own, and nothing else of its user', async () => {
    const page = await signedIn(server, server.owner);
    const [busy, other] = [await register(server), await register(server)];
    const given = await grantedTo(server, busy, {}, page);
    const [second, others] = [await grantedTo(server, busy, {}, page), await grantedTo(server, other, {}, page)];
    const made = (await exchange(server, given.access)).body.access_token;
    await revokeMost({ type: 'session', id: String(claimsOf(given.access).sid) });
    const client = { id: busy.id, secret: busy.secret ?? '' };
    await revoke(made, client);
    expect([await counts(made), await counts(given.access)]).toEqual([false, false]);
    expect((await refresh(server, busy, given.refresh)).body.error).toBe('invalid_grant');
    expect([await counts(second.access), await counts(others.access)]).toEqual([true, true]);
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
    const sid = String(claimsOf(given.access).sid);
    expect(await server.store.write(({ revokedTokens }) => revokedTokens.livingOf(sid, 0, 2))).toBe(0);
    const [newest] = await server.store.journal.latest(server.organization.id, 1);
    expect(newest).toMatchObject({ action: 'session.ended', subject: { id: sid }, detail: { revoked: mostRevoked } });
  });

  it('never lets a client that acts for another end all that the other has [S49]', async () => {
    const [actor, subject] = [await apiUserClient(server), await apiUserClient(server)];
    const own = await tokenFor(server, subject);
    const made = (await exchange(server, own, {}, actor)).body.access_token;
    await revokeMost({ type: 'api_user', id: subject.id });
    expect((await revoke(made, actor)).status).toBe(200);
    expect([await counts(own), await counts(made)]).toEqual([true, false]);
  });

  it('refuses a client that has revoked ten thousand of others’ tokens, until some of them have ended [S49]', async () => {
    const [actor, subject] = [await apiUserClient(server), await apiUserClient(server)];
    const own = await tokenFor(server, subject);
    const [one, other] = [await exchange(server, own, {}, actor), await exchange(server, own, {}, actor)];
    await revokeMost({ type: 'client', id: `client:${actor.id}` }, 30_000);
    const refused = await revoke(one.body.access_token, actor);
    expect([refused.status, refused.body.error, refused.headers.get('retry-after')]).toEqual([
      429,
      'temporarily_unavailable',
      '60',
    ]);
    const tokens = [own, one.body.access_token, other.body.access_token];
    expect(await Promise.all(tokens.map(counts))).toEqual([true, true, true]);
    expect((await revoke(await tokenFor(server, actor), actor)).status).toBe(200);
    server.clock.advance(31_000);
    expect((await revoke(one.body.access_token, actor)).status).toBe(200);
    expect(await Promise.all(tokens.map(counts))).toEqual([true, false, true]);
  });

  it('ends nothing that had ended, and keeps nothing beyond its end', async () => {
    const token = await tokenFor(server, client, { expires_in: '60' });
    server.clock.advance(61_000);
    const before = await server.store.journal.head();
    expect((await revoke(token)).status).toBe(200);
    expect(await server.store.journal.head()).toBe(before);
  });
});
