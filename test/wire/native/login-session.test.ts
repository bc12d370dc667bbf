// Signing in without a browser begins a session too, which the access token names: whoever ends it ends every copy of that
// token, and nothing else; on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionList, VerifyResponse } from '../../../sdk/src/wire.ts';
import { type Person, startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem, signIn } from './calls.ts';
import { signedIn } from './session-client.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s, a login', (database) => {
  let server: TestServer;
  let person: Pick<Person, 'id' | 'email' | 'password'>;
  let verifier: string;
  let made = 0;
  beforeAll(async () => {
    server = await startServer({ database });
    verifier = await bearerOf(server, server.owner, ['verify:credential']);
  });
  afterAll(() => server?.stop());

  const another = async () => {
    made += 1;
    const email = `login-${made}@example.com`;
    const { user, password } = await server.core.createUser(server.asOwner, { email, name: 'Lo', role: 'member' });
    return { id: user.id, email, password };
  };
  const answers = async (token: string) => [
    (await call(server, 'GET', '/v1/self', token)).status,
    (await call(server, 'GET', '/v1/check', token)).status,
  ];
  const seen = (items: SessionList['items']) => items.map(({ carrier, current }) => [carrier, current]).sort();
  const verdict = async (credential: string) =>
    (await call<VerifyResponse>(server, 'POST', '/v1/verify', verifier, { credential })).body;

  test('that is signed out of ends at once, wherever its token is shown, and no other does [S36]', async () => {
    person = await another();
    const [token, other] = [await signIn(server, person), await signIn(server, person)];
    expect([await answers(token), await answers(other)]).toEqual([
      [200, 200],
      [200, 200],
    ]);
    expect(await verdict(token)).toMatchObject({ allowed: true });
    const out = await call(server, 'DELETE', '/v1/session', token);
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, null]);
    expect(await answers(token)).toEqual([401, 401]);
    expect(await verdict(token)).toMatchObject({ allowed: false, reason: 'revoked' });
    expectProblem(await call(server, 'DELETE', '/v1/session', token), 401, 'invalid_credential');
    expect(await answers(other)).toEqual([200, 200]);
    await server.restart();
    expect([await answers(token), await answers(other)]).toEqual([
      [401, 401],
      [200, 200],
    ]);
  });

  test('is among the sessions of its user, who may end it from elsewhere', async () => {
    person = await another();
    const token = await signIn(server, person);
    const page = await signedIn(server, person);
    const { items } = (await page.ask<SessionList>('GET', '/v1/sessions')).body;
    expect(seen(items)).toEqual([
      ['access_token', false],
      ['cookie', true],
    ]);
    const own = (await call<SessionList>(server, 'GET', '/v1/sessions', token)).body.items;
    expect(seen(own)).toEqual([
      ['access_token', true],
      ['cookie', false],
    ]);
    expect(
      (await page.ask('DELETE', `/v1/sessions/${items.find(({ carrier }) => carrier === 'access_token')?.id}`)).status,
    ).toBe(204);
    expect(await answers(token)).toEqual([401, 401]);
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
  });

  test('ends with all other sessions, and ends them all but itself', async () => {
    person = await another();
    const [first, second] = [await signIn(server, person), await signIn(server, person)];
    const page = await signedIn(server, person);
    expect([await answers(first), await answers(second)].flat().every((status) => status === 200)).toBe(true);
    expect((await call(server, 'DELETE', '/v1/sessions', first)).status).toBe(204);
    expect([await answers(first), await answers(second)]).toEqual([
      [200, 200],
      [401, 401],
    ]);
    expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
  });

  test('does not end by being idle, and ends with its token', async () => {
    person = await another();
    const token = await signIn(server, person);
    server.clock.advance(11 * 3_600_000);
    expect(await answers(token)).toEqual([200, 200]);
    const { items } = (await call<SessionList>(server, 'GET', '/v1/sessions', token)).body;
    expect(items.map(({ carrier }) => carrier)).toEqual(['access_token']);
    server.clock.advance(3_600_000);
    expectProblem(await call(server, 'GET', '/v1/self', token), 401, 'expired_credential');
  });

  test('is journalled as it begins and ends', async () => {
    person = await another();
    const token = await signIn(server, person);
    await call(server, 'DELETE', '/v1/session', token);
    const entries = await server.store.journal.after(0, 100_000);
    const own = entries.filter(({ actor }) => actor.id === person.id);
    expect(own.map(({ action }) => action)).toEqual(['session.started', 'session.ended']);
  });

  test('is nothing that an API token, or what is made from one, has', async () => {
    const secret = await bearerOf(server, server.owner);
    expectProblem(await call(server, 'DELETE', '/v1/session', secret), 404, 'not_found');
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(200);
  });
});
