// Reports of leaked tokens: who may send them, what becomes of the token and of what it made, and what nobody learns; on both
// databases.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CreatedApiUser,
  CreatedToken,
  JournalEntry,
  JournalList,
  LeakOutcome,
  Organization,
  Token,
} from '../../sdk/src/wire.ts';
import { endDueLeaks } from '../../server/src/core/credentials/leaks/end-due.ts';
import { usualLeakPolicy } from '../../server/src/core/identity/leak-policy.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn } from '../wire/native/calls.ts';

const notInForce = { result: 'not_in_force', endsAt: null, token: null };

describe.each(['sqlite', 'postgres'] as const)('a leaked API token, on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const create = async (bearer = owner, more: object = {}) =>
    (await call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['*:*'], ...more })).body;
  const report = (tokens: string[], bearer?: string, more: object = {}) =>
    call<LeakOutcome>(server, 'POST', '/v1/leaks', bearer, { tokens, ...more });
  const show = async (id: string) => (await call<Token>(server, 'GET', `/v1/tokens/${id}`, owner)).body;
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/self', bearer)).status;
  const setPolicy = (leakPolicy: object) =>
    call<Organization>(server, 'PATCH', `/v1/organizations/${server.organization.id}`, owner, { leakPolicy });
  const entriesOn = async (id: string) => {
    const { items } = (await call<JournalList>(server, 'GET', `/v1/journal?limit=100&search=${id}`, owner)).body;
    return items.filter(({ subject }: JournalEntry) => subject.id === id);
  };

  test('ends at once when whoever has it shows it, with no other credential, and says why', async () => {
    const { token, secret } = await create();
    const answer = await report([secret], undefined, {
      url: 'https://user:pw@git.example/acme/app/blob/main/a.ts?key=1#L3',
      source: 'ci',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.items).toEqual([{ result: 'ended', endsAt: expect.any(String), token: null }]);
    expect(await statusWith(secret)).toBe(401);
    const shown = await show(token.id);
    expect(shown).toMatchObject({ state: 'inactive', stateReason: 'leaked', active: false });
    expect(shown.leakedAt).toBe(shown.deactivatedAt);
    const entries = await entriesOn(token.id);
    expect(entries.map(({ action }) => action)).toEqual([
      'api_token.deactivated',
      'api_token.leaked',
      'api_token.created',
    ]);
    expect(entries[1]).toMatchObject({
      actor: { type: 'system' },
      detail: {
        reportedBy: 'holder',
        secret: 'current',
        policy: 'deactivate',
        url: 'https://git.example/acme/app/blob/main/a.ts',
        source: 'ci',
      },
    });
  });

  test('what nobody made, and what had ended, is one answer to whoever has no credential', async () => {
    const { token, secret } = await create();
    await call(server, 'POST', `/v1/tokens/${token.id}/deactivate`, owner);
    const { token: deleted, secret: deletedSecret } = await create();
    await call(server, 'DELETE', `/v1/tokens/${deleted.id}`, owner);
    const { secret: expired } = await create(owner, { expiresAt: new Date(server.clock.now() + 60_000).toISOString() });
    server.clock.advance(120_000);
    const before = await server.store.journal.head();
    for (const text of ['nonsense', generateApiToken(newId()), secret, deletedSecret, expired]) {
      const answer = await report([text]);
      expect(answer.text).toBe(JSON.stringify({ items: [notInForce] }));
    }
    expect(await server.store.journal.head()).toBe(before);
    expect((await show(token.id)).leakedAt).toBeNull();
  });

  test('of a token that had ended a caller is told, and it is remembered, so that nobody revives it unawares', async () => {
    const { token, secret } = await create();
    await call(server, 'POST', `/v1/tokens/${token.id}/deactivate`, owner);
    const { items } = (await report([secret], owner)).body;
    expect(items).toEqual([
      {
        result: 'not_in_force',
        endsAt: null,
        token: {
          id: token.id,
          name: token.name,
          organization: { id: server.organization.id, name: 'acme' },
          owner: { type: 'user', id: server.owner.id, name: server.owner.email },
        },
      },
    ]);
    expect(await show(token.id)).toMatchObject({ stateReason: 'deactivated', leakedAt: expect.any(String) });
    expect((await entriesOn(token.id))[0]).toMatchObject({
      action: 'api_token.leaked',
      actor: { type: 'api_token' },
      detail: { reportedBy: 'caller', policy: 'none' },
    });
  });

  test('takes with it what it made, of every kind, and whatever that made', async () => {
    const root = await create();
    const child = await create(root.secret);
    const machine = (
      await call<CreatedApiUser>(server, 'POST', '/v1/api-users', child.secret, { name: 'X', role: 'viewer' })
    ).body;
    const { body: person } = await call<{ id: string }>(server, 'POST', '/v1/users', child.secret, {
      email: `made-${Math.random()}@example.com`,
      name: 'Made',
      role: 'admin',
    });
    const bystander = await create();
    expect((await report([root.secret])).body.items[0]?.result).toBe('ended');
    expect([await statusWith(root.secret), await statusWith(child.secret)]).toEqual([401, 401]);
    expect(await statusWith(bystander.secret)).toBe(200);
    expect(await show(child.token.id)).toMatchObject({ state: 'inactive', stateReason: 'leaked', leakedAt: null });
    for (const path of [`/v1/api-users/${machine.id}`, `/v1/users/${person.id}`]) {
      expect((await call(server, 'GET', path, owner)).body).toMatchObject({ state: 'inactive' });
    }
    const [ended] = await entriesOn(machine.id);
    expect(ended).toMatchObject({
      action: 'api_user.deactivated',
      detail: { descendantOf: root.token.id, because: 'leaked' },
    });
  });

  test('is let work again by a person who signs in, and by no token, not even the owner’s', async () => {
    const { token, secret } = await create();
    await report([secret]);
    const path = `/v1/tokens/${token.id}/activate`;
    expectProblem(await call(server, 'POST', path, owner), 403, 'forbidden');
    expect(await statusWith(secret)).toBe(401);
    expect((await call(server, 'POST', path, await signIn(server, server.owner))).status).toBe(204);
    expect(await statusWith(secret)).toBe(200);
    const shown = await show(token.id);
    expect([shown.state, shown.leakedAt !== null]).toEqual(['active', true]);
    // Deactivated by hand afterwards, it says so.
    server.clock.advance(1);
    await call(server, 'POST', `/v1/tokens/${token.id}/deactivate`, owner);
    expect((await show(token.id)).stateReason).toBe('deactivated');
  });

  test('whose secret is from before a rotation loses that one alone; the new one has not leaked', async () => {
    const { token, secret: old } = await create();
    const rotated = await call<CreatedToken>(server, 'POST', `/v1/tokens/${token.id}/rotate`, owner, {
      overlapSeconds: 3600,
    });
    expect((await report([old])).body.items[0]?.result).toBe('ended');
    expect([await statusWith(old), await statusWith(rotated.body.secret)]).toEqual([401, 200]);
    expect(await show(token.id)).toMatchObject({ state: 'active', leakedAt: null, rotation: null });
  });

  test('is only told of where the organization wishes so, once an hour to whoever has no credential', async () => {
    expect((await setPolicy({ action: 'notify' })).body.leakPolicy).toEqual({
      action: 'notify',
      endsAfterMs: null,
      descendants: true,
    });
    const { token, secret } = await create();
    for (let at = 0; at < 3; at += 1) {
      expect((await report([secret])).body.items).toEqual([{ result: 'reported', endsAt: null, token: null }]);
    }
    expect(await statusWith(secret)).toBe(200);
    expect(await show(token.id)).toMatchObject({ state: 'active', leakedAt: expect.any(String) });
    const leaks = (await entriesOn(token.id)).filter(({ action }) => action === 'api_token.leaked');
    expect(leaks).toHaveLength(1);
    await setPolicy(usualLeakPolicy);
  });

  test('lives on for a time where the organization wishes so; then it ends with what it made, unless somebody kept it', async () => {
    const hour = 3_600_000;
    await setPolicy({ action: 'shorten', endsAfterMs: hour });
    const [lost, kept] = [await create(), await create()];
    const child = await create(lost.secret);
    const until = new Date(server.clock.now() + hour).toISOString();
    expect((await report([lost.secret, kept.secret])).body.items).toEqual(
      Array(2).fill({ result: 'shortened', endsAt: until, token: null }),
    );
    expect((await show(lost.token.id)).expiresAt).toBe(until);
    await call(server, 'PATCH', `/v1/tokens/${kept.token.id}`, await signIn(server, server.owner), { expiresAt: null });
    await endDueLeaks({ store: server.store, clock: server.clock.now });
    expect([await statusWith(lost.secret), await statusWith(child.secret)]).toEqual([200, 200]);
    server.clock.advance(hour);
    expect([await statusWith(lost.secret), await statusWith(kept.secret)]).toEqual([401, 200]);
    await endDueLeaks({ store: server.store, clock: server.clock.now });
    expect([await statusWith(child.secret), await statusWith(kept.secret)]).toEqual([401, 200]);
    for (const { token } of [lost, child]) expect((await show(token.id)).stateReason).toBe('leaked');
    await setPolicy(usualLeakPolicy);
  });

  test('is not kept past that time by what it made, nor by itself [S56]', async () => {
    await setPolicy({ action: 'shorten', endsAfterMs: 3_600_000 });
    const { token, secret } = await create();
    const child = await create(secret);
    await report([secret]);
    const { expiresAt } = await show(token.id);
    for (const bearer of [secret, child.secret]) {
      const answer = await call(server, 'PATCH', `/v1/tokens/${token.id}`, bearer, { expiresAt: null });
      expectProblem(answer, 403, 'forbidden');
    }
    expect(await show(token.id)).toMatchObject({ expiresAt, active: true });
    await setPolicy(usualLeakPolicy);
  });

  test('leaves what it made alone where the organization wishes so', async () => {
    await setPolicy({ action: 'deactivate', descendants: false });
    const root = await create();
    const child = await create(root.secret);
    await report([root.secret]);
    expect([await statusWith(root.secret), await statusWith(child.secret)]).toEqual([401, 200]);
    await setPolicy(usualLeakPolicy);
  });

  test('of another organization is ended by the policy there, and nothing of it is told to a stranger', async () => {
    const other = await server.addOrganization(`other-${Math.random().toString(36).slice(2)}`);
    const theirs = await bearerOf(server, other.owner);
    const { secret } = await create(theirs, { permissions: ['read:user'] });
    const { token, secret: ours } = await create();
    // The operator sees whose it is; whoever reports ours from there does not, and is nobody here.
    expect((await report([secret], owner)).body.items[0]).toMatchObject({
      result: 'ended',
      token: { organization: { id: other.id } },
    });
    expect((await report([ours], theirs)).body.items).toEqual([
      { result: 'ended', endsAt: expect.any(String), token: null },
    ]);
    expect((await entriesOn(token.id)).map(({ actor }) => actor.type)).toEqual(['system', 'system', 'api_token']);
  });

  test('is ended with many at once, each answered in its place', async () => {
    const some = await Promise.all([create(), create(), create()]);
    const secrets = some.map(({ secret }) => secret);
    const { items } = (await report([secrets[0] ?? '', 'x', ...secrets])).body;
    expect(items.map(({ result }) => result)).toEqual(['ended', 'not_in_force', 'ended', 'ended', 'ended']);
  });

  test('ends once, of many reports at the same time', async () => {
    const { token, secret } = await create();
    await Promise.all(Array.from({ length: 8 }, () => report([secret])));
    const actions = (await entriesOn(token.id)).map(({ action }) => action);
    expect(actions.filter((one) => one === 'api_token.deactivated')).toHaveLength(1);
    expect(await statusWith(secret)).toBe(401);
  });

  test('that was imported may be reported as well, whatever it looks like', async () => {
    const recipe = {
      name: `old-${Math.random().toString(36).slice(2)}`,
      algorithm: 'sha256',
      shape: { prefix: 'sk_live_', alphabet: 'base62', minLength: 24, maxLength: 40 },
    };
    expect((await call(server, 'POST', '/v1/import-recipes', owner, recipe)).status).toBe(201);
    const key = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const rows = [{ line: 1, name: `imported ${recipe.name}`, hash }];
    const defaults = { permissions: ['read:user'] };
    await call(server, 'POST', '/v1/imports/tokens', owner, {
      import: recipe.name,
      recipe: recipe.name,
      defaults,
      rows,
    });
    expect(await statusWith(key)).toBe(200);
    expect((await report([`${key}x`])).body.items).toEqual([notInForce]);
    expect((await report([key])).body.items[0]?.result).toBe('ended');
    expect(await statusWith(key)).toBe(401);
  });

  test('may be reported by itself', async () => {
    const { token, secret } = await create();
    const { items } = (await report([secret], secret)).body;
    expect(items[0]).toMatchObject({ result: 'ended', token: { id: token.id } });
    expect(await statusWith(secret)).toBe(401);
  });

  test('is in no log and no journal, whatever was sent with it [S124] [G17]', async () => {
    const { secret } = await create();
    await report([secret], owner, { url: `https://paste.example/${secret}/x`, source: secret.slice(0, 60) });
    await report([secret], owner, { url: `${secret}@host/a`, source: 'chat' });
    const { text } = await call(server, 'GET', '/v1/journal?limit=100', owner);
    const part = secret.slice(26, 56);
    expect([text, server.logs()].map((place) => place.includes(part))).toEqual([false, false]);
  });

  test('is refused in a report that is none: too many, none, fields that are not known', async () => {
    expectFaults(await report([]), '/body/tokens');
    expectFaults(await report(Array(101).fill('x')), '/body/tokens');
    expectFaults(await report(['x'], undefined, { end: true }), '/body/end');
    expectProblem(await report(['x'], 'kw_nobody'), 401, 'invalid_credential');
  });
});

describe('what an organization wishes done with leaked tokens', () => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer();
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());
  const path = () => `/v1/organizations/${server.organization.id}`;

  test('is to deactivate them, with what they made, until it says otherwise; each change is in the journal', async () => {
    expect((await call(server, 'GET', path(), owner)).body).toMatchObject({ leakPolicy: usualLeakPolicy });
    const made = await call<Organization>(server, 'POST', '/v1/organizations', owner, {
      name: 'wishful',
      leakPolicy: { action: 'shorten', endsAfterMs: 86_400_000, descendants: false },
    });
    const leakPolicy = { action: 'shorten', endsAfterMs: 86_400_000, descendants: false };
    expect(made.body).toMatchObject({ leakPolicy });
    await call(server, 'PATCH', path(), owner, { leakPolicy });
    const { items } = (await call<JournalList>(server, 'GET', '/v1/journal?action=organization.changed', owner)).body;
    expect(items[0]?.detail).toEqual({ leakPolicy });
  });

  test('is refused where it cannot be meant, with the field', async () => {
    for (const [leakPolicy, at] of [
      [{ action: 'shorten' }, '/body/leakPolicy/endsAfterMs'],
      [{ action: 'shorten', endsAfterMs: 1 }, '/body/leakPolicy/endsAfterMs'],
      [{ action: 'notify', endsAfterMs: 3_600_000 }, '/body/leakPolicy/endsAfterMs'],
      [{ action: 'delete' }, '/body/leakPolicy/action'],
    ] as const) {
      expectFaults(await call(server, 'PATCH', path(), owner, { leakPolicy }), at);
    }
  });

  test('keeps whoever has no credential to a few reports that end nothing, by address', async () => {
    await server.restart({ signInFailures: 1 });
    const report = (secret: string) => call(server, 'POST', '/v1/leaks', undefined, { tokens: [secret] });
    for (let at = 0; at < 6; at += 1) expect((await report(generateApiToken(newId()))).status).toBe(200);
    const refused = await report(generateApiToken(newId()));
    expectProblem(refused, 429, 'too_many_requests');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // It is nobody's sign-in, and callers are not held to it.
    expect((await call(server, 'POST', '/v1/leaks', owner, { tokens: ['x'] })).status).toBe(200);
    expect(await signIn(server, server.owner)).not.toBe('');
  });
});
