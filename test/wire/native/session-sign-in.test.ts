// Signing in with a session: every wrong way looks alike, and nobody is signed in without one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionList } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn } from './calls.ts';
import { openSessionClient, signedIn } from './session-client.ts';

describe('signing in with a session', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  const signInWith = (body: unknown) => openSessionClient(server).ask('POST', '/v1/session', body);
  const seen = ({ status, headers, text }: Awaited<ReturnType<typeof signInWith>>) =>
    JSON.stringify([status, text, [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))]);

  test('refuses every wrong way in the same bytes: absent, wrong, empty, too long, disabled, deleted, a machine [S21]', async () => {
    const person = async (email: string) => {
      const { user, password } = await server.core.createUser(systemIn(server.organization), {
        email,
        name: 'Somebody',
        role: 'member',
      });
      return { id: user.id, email, password };
    };
    const [active, disabled, deleted] = [
      await person('active@people.example'),
      await person('disabled@people.example'),
      await person('deleted@people.example'),
    ];
    await server.core.deactivateUser(server.asOwner, disabled.id);
    await server.core.deleteUser(server.asOwner, deleted.id);
    const machine = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'member' });
    const invited = await server.core.invite(server.asOwner, { email: 'i@people.example', name: 'I', role: 'member' });
    const wrong = await signInWith({ email: active.email, password: 'not the password at all' });
    expectProblem(wrong, 401, 'invalid_credential');
    const others = [
      { email: 'absent@people.example', password: active.password },
      { email: active.email, password: '' },
      { email: active.email, password: '', code: '123456' },
      { email: '', password: active.password },
      { email: active.email, password: 'x'.repeat(60_000) },
      { email: active.email, password: `${active.password}x` },
      { email: disabled.email, password: disabled.password },
      { email: deleted.email, password: deleted.password },
      { email: invited.user.email, password: '!' },
      { email: machine.apiUser.username, password: machine.password },
    ];
    for (const body of others) expect(seen(await signInWith(body)), body.email).toBe(seen(wrong));
    expect((await signInWith({ email: active.email, password: active.password })).status).toBe(200);
  });

  test('takes the same time for every wrong way, within the spread of two that are alike [S22]', {
    timeout: 600_000,
  }, async () => {
    const gone = await server.core.createUser(server.asOwner, { email: 'g@x.example', name: 'G', role: 'member' });
    await server.core.deactivateUser(server.asOwner, gone.user.id);
    const { email, password } = server.member;
    const classes: Record<string, { email: string; password: string }> = {
      control: { email, password: `${password}x` },
      'wrong password': { email, password: `${password}y` },
      'absent user': { email: 'absent@x.example', password },
      'empty password': { email, password: '' },
      'inactive user': { email: gone.user.email, password: gone.password },
    };
    const times = new Map(Object.keys(classes).map((name) => [name, [] as number[]]));
    for (let round = 0; round < 30; round += 1) {
      for (const [name, body] of Object.entries(classes).toSorted(() => Math.random() - 0.5)) {
        const start = performance.now();
        expect((await signInWith(body)).status).toBe(401);
        times.get(name)?.push(performance.now() - start);
      }
    }
    const medians = [...times].map(([name, taken]) => ({ name, ms: median(taken) }));
    const control = medians.find(({ name }) => name === 'control')?.ms ?? 0;
    // A hash left out would be a fifth of the time or less.
    for (const { name, ms } of medians) expect(ms / control, name).toBeGreaterThan(0.6);
    for (const { name, ms } of medians) expect(ms / control, name).toBeLessThan(1.7);
  });

  test('says which field is missing, of another type, or unknown', async () => {
    expectFaults(await signInWith({}), '/body/email', '/body/password');
    expectFaults(await signInWith({ ...server.owner, caller: undefined, id: undefined, role: 'x' }), '/body/role');
    expectFaults(await signInWith({ email: 'a', password: 'b', code: 123456 }), '/body/code');
  });

  test('without a session there is nobody, and a bearer has none', async () => {
    expectProblem(await call(server, 'GET', '/v1/session'), 401, 'unauthenticated');
    expectProblem(await call(server, 'GET', '/v1/session', await signIn(server, server.owner)), 404, 'not_found');
    const token = await bearerOf(server, server.owner);
    expectProblem(await call(server, 'DELETE', '/v1/session', token), 404, 'not_found');
    expectProblem(await call(server, 'GET', '/v1/sessions', token), 403, 'forbidden');
  });

  test('a person with a bearer sees and ends their sessions too', async () => {
    const page = await signedIn(server, server.admin);
    const bearer = await signIn(server, server.admin);
    const listed = await call<SessionList>(server, 'GET', '/v1/sessions', bearer);
    expect(listed.body.items.map(({ current }) => current)).toContain(false);
    expect((await call(server, 'DELETE', '/v1/sessions', bearer)).status).toBe(204);
    expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
    expect((await call(server, 'GET', '/v1/self', bearer)).status).toBe(200);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
