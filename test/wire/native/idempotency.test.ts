// Safe retries: whoever lost the answer to a request that makes something asks again with the same key, and one is made.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takesIdempotencyKey } from '../../../sdk/src/wire.ts';
import { sweep } from '../../../server/src/chores/sweep.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';
import { createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { rows } from './routes.ts';

let made = 0;
const newKey = () => {
  made += 1;
  return `key-${made}`;
};

const keyedRows = rows.filter(({ route }) => {
  const [method, path = ''] = route.split(' ');
  return method === 'POST' && takesIdempotencyKey(path);
});
const isRotation = ({ route }: { route: string }) => route.endsWith('/rotate');
const creating = keyedRows.filter((row) => !isRotation(row));

test('the client knows each route that takes a key, and no act upon one thing', () => {
  expect(keyedRows.map(({ route }) => route).sort()).toEqual([
    'POST /v1/api-users',
    'POST /v1/api-users/:id/federated-credentials',
    'POST /v1/api-users/:id/rotate',
    'POST /v1/api-users/:id/successor',
    'POST /v1/apis',
    'POST /v1/applications',
    'POST /v1/applications/:id/rotate',
    'POST /v1/import-recipes',
    'POST /v1/invitations',
    'POST /v1/organizations',
    'POST /v1/organizations/:id/owners',
    'POST /v1/permissions',
    'POST /v1/plans',
    'POST /v1/roles',
    'POST /v1/signing-keys/rotate',
    'POST /v1/tokens',
    'POST /v1/tokens/:id/rotate',
    'POST /v1/users',
    'POST /v1/webhooks',
    'POST /v1/webhooks/:id/rotate',
  ]);
  for (const path of ['/v1/tokens/bulk', '/v1/tokens/x/reveal', '/v1/login', '/orders', '/v1/tokens/']) {
    expect(takesIdempotencyKey(path)).toBe(false);
  }
});

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let acme: OrganizationFixture;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    acme = await createOrganizationFixture(server, server.organization, server.owner);
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const keyed = (path: string, key: string, body: unknown, bearer = owner) =>
    call(server, 'POST', path, bearer, body, { 'idempotency-key': key });
  const token = (body: object = {}) => ({ permissions: ['read:funds'], ...body });
  const head = () => server.store.journal.head();

  test.each(creating)('$route, sent twice with a key, makes one thing and is answered the same [S118]', async (row) => {
    const [path, body, key] = [row.path(acme), row.body?.(), newKey()];
    const first = await keyed(path, key, body);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    const before = await head();
    const again = await keyed(path, key, body);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.text).toBe(first.text);
    expect(await head()).toBe(before);
    if (body === undefined) return;
    const other = 'name' in body ? { name: 'Other' } : { description: 'Other' };
    expectProblem(await keyed(path, key, { ...body, ...other }), 422, 'idempotency_key_reused');
    expect(await head()).toBe(before);
  });

  test.each(creating)('$route, sent ten times at once with a key, makes one thing [S118]', async (row) => {
    const [path, body, key] = [row.path(acme), row.body?.(), newKey()];
    const before = await head();
    const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(path, key, body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    const entries = await server.store.journal.after(before, 100);
    expect(new Set(entries.map(({ subject }) => subject.id)).size).toBe(1);
  });

  test.each([0, 3600])(
    'a rotation with %i s of overlap, sent ten times at once with a key, is one',
    async (overlapSeconds) => {
      const { body: before } = await call<{ token: { id: string } }>(server, 'POST', '/v1/tokens', owner, token());
      const [path, key] = [`/v1/tokens/${before.token.id}/rotate`, newKey()];
      const head = await server.store.journal.head();
      const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(path, key, { overlapSeconds })));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
      expect(await server.store.journal.after(head, 100)).toHaveLength(1);
      const [{ body }] = answers as [(typeof answers)[number]];
      const { body: shown } = await call(server, 'GET', `/v1/tokens/${before.token.id}`, owner);
      expect(shown).toMatchObject(body.token as object);
      expect((await call(server, 'GET', '/v1/self', String(body.secret))).status).toBe(200);
      expectProblem(await keyed(path, key, { overlapSeconds: 60 }), 422, 'idempotency_key_reused');
    },
  );

  test.each([0, 3600])(
    "a rotation of an API user's password with %i s of overlap, sent ten times at once with a key, is one",
    async (overlapSeconds) => {
      const wanted = { name: 'Till', role: 'member' };
      const { body: before } = await call<{ id: string }>(server, 'POST', '/v1/api-users', owner, wanted);
      const [path, key] = [`/v1/api-users/${before.id}/rotate`, newKey()];
      const head = await server.store.journal.head();
      const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(path, key, { overlapSeconds })));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
      expect(await server.store.journal.after(head, 100)).toHaveLength(1);
      const [{ body }] = answers as [(typeof answers)[number]];
      const { username, password } = body;
      const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { username, password });
      expect(exchanged.status).toBe(200);
      expectProblem(await keyed(path, key, { overlapSeconds: 60 }), 422, 'idempotency_key_reused');
    },
  );

  test('a signing key that is rotated twice with one Idempotency-Key is rotated once', async () => {
    const [path, key] = ['/v1/signing-keys/rotate', newKey()];
    const count = async () => (await server.store.signingKeys.list()).length;
    const before = await count();
    const first = await keyed(path, key, { profile: 'oauth' });
    const again = await keyed(path, key, { profile: 'oauth' });
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(again.text).toBe(first.text);
    expect(await count()).toBe(before + 1);
  });

  test('the key counts for one caller of one organization, whatever credential that came with', async () => {
    const key = newKey();
    const { body } = await keyed('/v1/tokens', key, token());
    const other = await bearerOf(server, server.owner);
    const foreign = await bearerOf(server, (await server.addOrganization(`org-${database}`)).owner);
    for (const bearer of [other, foreign]) {
      const answer = await keyed('/v1/tokens', key, token(), bearer);
      expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([201, null]);
      expect(answer.body.secret).not.toBe(body.secret);
    }
    const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: owner });
    const same = await keyed('/v1/tokens', key, token(), String(exchanged.body.accessToken));
    expect(same.body).toEqual(body);
  });

  test('the key does not count for another path, and neither for a request without one', async () => {
    const key = newKey();
    await keyed('/v1/tokens', key, token());
    const machine = { name: 'M', role: 'viewer' };
    expectProblem(await keyed('/v1/api-users', key, machine), 422, 'idempotency_key_reused');
    expect((await call(server, 'POST', '/v1/tokens', owner, token())).status).toBe(201);
  });

  test('the secret that is told again works, and stands nowhere but sealed [S12]', async () => {
    const key = newKey();
    await keyed('/v1/tokens', key, token());
    const { secret } = (await keyed('/v1/tokens', key, token())).body;
    expect((await call(server, 'GET', '/v1/self', String(secret))).status).toBe(200);
    expect(server.logs()).not.toContain(String(secret).slice(-36));
    expect(server.logs()).not.toContain(key);
  });

  test('what was refused is not kept: mended, it is made with the same key', async () => {
    const [key, name] = [newKey(), `taken ${newKey()}`];
    const { body } = await call<{ token: { id: string } }>(server, 'POST', '/v1/tokens', owner, token({ name }));
    expectProblem(await keyed('/v1/tokens', key, token({ name })), 409, 'conflict');
    expectFaults(await keyed('/v1/tokens', key, token({ name: '' })), '/body/name');
    await call(server, 'DELETE', `/v1/tokens/${body.token.id}`, owner);
    expect((await keyed('/v1/tokens', key, token({ name }))).status).toBe(201);
  });

  test('a key that is none is refused, and says nothing where nothing is made', async () => {
    for (const key of ['', ' ', 'a b', 'x'.repeat(256), 'k\u00e9y']) {
      expectFaults(await keyed('/v1/tokens', key, token()), '/headers/idempotency-key');
    }
    const path = `/v1/tokens/${acme.token}/activate`;
    expect((await keyed(path, 'a b', undefined)).status).toBe(204);
  });

  test('the answer outlives a restart, ends after 24 hours, and is swept', async () => {
    const key = newKey();
    const first = await keyed('/v1/tokens', key, token());
    await server.restart();
    expect((await keyed('/v1/tokens', key, token())).text).toBe(first.text);
    server.clock.advance(24 * 3_600_000 - 1);
    expect((await keyed('/v1/tokens', key, token())).text).toBe(first.text);
    server.clock.advance(1);
    const second = await keyed('/v1/tokens', key, token());
    expect([second.status, second.text === first.text]).toEqual([201, false]);
    server.clock.advance(24 * 3_600_000);
    expect(await sweep(server.store, server.clock.now)).toBeGreaterThan(0);
    expect(await sweep(server.store, server.clock.now)).toBe(0);
  });
});
