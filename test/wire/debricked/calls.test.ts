// Calls on a guarded path with a JWT, and what its refusals say: clients act on every 401, and stop at a 403.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { call, formats, jwtFor, jwtOf, loginRefresh, longLived, post, signIn } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function expectRefusal(response: Response, message: string, code = 401): Promise<void> {
  const text = await response.text();
  expect(response.status).toBe(code);
  expect(response.headers.get('www-authenticate')).toBe(code === 401 ? 'Bearer' : null);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(JSON.parse(text)).toEqual({ code, message });
}

it.each([undefined, 'Bearer', 'Bearer   ', 'bearer', 'Basic YTpi', 'Something else'])(
  'answers 401 with an integer code, never 400 or 403, to Authorization: %s [S7]',
  async (authorization) => {
    await expectRefusal(await call(server, formats, authorization), 'JWT Token not found');
  },
);

it.each(['x', 'a.b.c', 'AT1nonsense', 'kw_nonsense', 'ey'.repeat(3_000)])(
  'answers 401 to the bearer %s',
  async (jwt) => {
    await expectRefusal(await call(server, formats, `Bearer ${jwt}`), 'Invalid JWT Token');
  },
);

it('answers 401 to a JWT of which one character was changed', async () => {
  const jwt = await jwtFor(server, (await longLived(server)).secret);
  for (const at of [5, jwt.indexOf('.') + 5, jwt.lastIndexOf('.') + 5, jwt.length - 1]) {
    const changed = jwt.slice(0, at) + (jwt[at] === 'A' ? 'B' : 'A') + jwt.slice(at + 1);
    await expectRefusal(await call(server, formats, `Bearer ${changed}`), 'Invalid JWT Token');
  }
});

it('answers 401 to the long-lived token itself: it must be exchanged', async () => {
  const { secret } = await longLived(server);
  const response = await call(server, formats, `Bearer ${secret}`);
  expect(await response.clone().text()).not.toContain(secret);
  await expectRefusal(response, 'Invalid JWT Token');
});

it('answers 403 to a valid JWT without the right', async () => {
  const jwt = await jwtFor(server, (await longLived(server, { permissions: [] })).secret);
  await expectRefusal(await call(server, formats, `Bearer ${jwt}`), 'you do not have access to current operation', 403);
});

it('answers 400 with a message to two credentials at once [S6]', async () => {
  const jwt = await jwtFor(server, (await longLived(server)).secret);
  await expectRefusal(await call(server, `${formats}?apiToken=x`, `Bearer ${jwt}`), expect.any(String), 400);
});

it('never passes the JWT on to the guarded API', async () => {
  const jwt = await jwtFor(server, (await longLived(server)).secret);
  const response = await call(server, formats, `Bearer ${jwt}`);
  expect(response.status).toBe(200);
  expect(await response.text()).not.toContain(jwt);
});

it('lets a permission that the owner lost end at once in a JWT from before [S36]', async () => {
  const { core, asOwner } = server;
  const person = { email: 'moved@acme.example', name: 'Moved', role: 'admin' };
  const { user, password } = await core.createUser(asOwner, person);
  const jwt = await jwtOf(signIn(server, { email: user.email, password }));
  expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(200);
  await core.updateUser(asOwner, user.id, { role: 'member' });
  expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(403);
});

it('carries the official client through its first minutes', async () => {
  const { secret } = await longLived(server);
  const first = await call(server, formats, 'Bearer ');
  expect(first.status).toBe(401);
  const reply = (await (await post(server, loginRefresh, { refresh_token: secret })).json()) as Record<string, string>;
  const again = await call(server, formats, `Bearer ${reply.token}`);
  expect(again.status).toBe(200);
});

it('takes no Debricked JWT while the dialect is off', async () => {
  const other = await startServer({ dialects: { debricked: false } });
  try {
    expect((await post(other, loginRefresh, { refresh_token: 'x' })).status).toBe(404);
    const shape = () => ({ form: 'debricked', lifetimeMs: 3_600_000 }) as const;
    const proof = { kind: 'api_token', secret: (await longLived(other)).secret } as const;
    const made = await other.core.exchange({ proof, shape });
    expect(made.allowed && (await call(other, formats, `Bearer ${made.token}`)).status).toBe(401);
  } finally {
    await other.stop();
  }
});

// Last, as it moves the clock on.
it('answers 401 from the very second at which the JWT ends, and a new one works', async () => {
  const { secret } = await longLived(server);
  const jwt = await jwtFor(server, secret);
  server.clock.advance(3_598_000);
  expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(200);
  server.clock.advance(2_000);
  await expectRefusal(await call(server, formats, `Bearer ${jwt}`), 'Expired JWT Token');
  expect((await call(server, formats, `Bearer ${await jwtFor(server, secret)}`)).status).toBe(200);
});
