// Calls on guarded paths with a Parsers token, and what its refusals say.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { graceMs, sweep } from '../../../server/src/chores/sweep.ts';
import { startServer, type TestServer } from '../../server.ts';
import { apiKey, basic, call, demoFunds, funds, jwtFor, readJwt } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function expectRefusal(response: Response, status: number, challenge: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('www-authenticate')).toBe(challenge);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const error = status === 401 ? 'Unauthorized' : 'Forbidden';
  expect(await response.json()).toEqual({ error, message: expect.stringMatching(/./) });
}

const badToken = 'Bearer error="invalid_token"';

it.each([undefined, 'Bearer', 'Bearer ', 'Something else'])(
  'answers 401 without an error code to Authorization: %s [S7]',
  async (authorization) => {
    await expectRefusal(await call(server, funds, authorization), 401, 'Bearer');
  },
);

it('takes no Basic on a guarded path: the token must be fetched first', async () => {
  const { email, password } = server.owner;
  await expectRefusal(await call(server, funds, basic(email, password)), 401, 'Bearer');
});

it.each(['x', 'a.b.c', 'AT1nonsense', 'kw_nonsense'])('answers 401 to the bearer %s', async (bearer) => {
  await expectRefusal(await call(server, funds, `Bearer ${bearer}`), 401, badToken);
});

it('answers 401 to a token of which one character was changed', async () => {
  const jwt = await jwtFor(server, (await apiKey(server)).secret);
  for (const at of [5, jwt.indexOf('.') + 5, jwt.lastIndexOf('.') + 5, jwt.length - 1]) {
    const changed = jwt.slice(0, at) + (jwt[at] === 'A' ? 'B' : 'A') + jwt.slice(at + 1);
    const response = await call(server, funds, `Bearer ${changed}`);
    expect(await response.clone().text()).not.toContain(changed);
    await expectRefusal(response, 401, badToken);
  }
});

it('answers 403 to a valid token without the permission', async () => {
  const jwt = await jwtFor(server, (await apiKey(server)).secret);
  expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(200);
  await expectRefusal(await call(server, demoFunds, `Bearer ${jwt}`), 403, 'Bearer error="insufficient_scope"');
});

it('answers 400 to two credentials at once [S6]', async () => {
  const jwt = await jwtFor(server, (await apiKey(server)).secret);
  const response = await call(server, `${funds}?apiToken=x`, `Bearer ${jwt}`);
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: 'BadRequest', message: expect.stringMatching(/one/) },
  ]);
});

it('answers 405 to a method that the path does not know', async () => {
  const response = await call(server, funds, undefined, 'DELETE');
  expect([response.status, await response.json()]).toEqual([
    405,
    { error: 'MethodNotAllowed', message: expect.any(String) },
  ]);
});

it('ends with its key: deactivated, the token is refused, and stays so when the key is back', async () => {
  const { token, secret } = await apiKey(server);
  const jwt = await jwtFor(server, secret);
  await server.core.deactivateApiToken(server.asOwner, { id: token.id });
  await expectRefusal(await call(server, funds, `Bearer ${jwt}`), 401, badToken);
  await server.core.activateApiToken(server.asOwner, { id: token.id });
  await expectRefusal(await call(server, funds, `Bearer ${jwt}`), 401, badToken);
  expect((await call(server, funds, `Bearer ${await jwtFor(server, secret)}`)).status).toBe(200);
});

// Last, as it moves the clock on.
it('answers 401 from the very second at which the token ends, and it is removed, and stays 401, also when the clock goes back [S106]', async () => {
  const jwt = await jwtFor(server, server.owner.email, server.owner.password);
  const jti = String(readJwt(jwt).claims.jti);
  server.clock.advance(3_598_000);
  expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(200);
  server.clock.advance(2_000);
  await expectRefusal(await call(server, funds, `Bearer ${jwt}`), 401, badToken);
  expect(await server.store.credentials.isIssued(jti)).toBe(true);
  server.clock.advance(-3_000);
  await expectRefusal(await call(server, funds, `Bearer ${jwt}`), 401, badToken);
  server.clock.advance(3_000);
  server.clock.advance(graceMs + 1);
  expect(await sweep(server.store, server.clock.now)).toBeGreaterThan(0);
  expect(await server.store.credentials.isIssued(jti)).toBe(false);
  await expectRefusal(await call(server, funds, `Bearer ${jwt}`), 401, badToken);
});
