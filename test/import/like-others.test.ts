// Imported tokens are API tokens like any other, before their first use and after it: they end, change and are told of as those that were
// made here. On both databases.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type {
  CreatedToken,
  Explanation,
  ImportRecipe,
  JournalList,
  LookupResult,
  TokenImportOutcome,
} from '../../sdk/src/wire.ts';
import { digestOf, publicIdOf } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { foreign } from './foreign.ts';
import { type Way, waysOf } from './ways.ts';

const hour = 3_600_000;
/** One that is kept as Keyward's own are, one that is found by another digest, and one by a part of it with a slow hash. */
const kinds = ['sha256', 'sha512', 'bcrypt'] as const;

describe.each(['sqlite', 'postgres'] as const)('an imported token on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let verifier: Verifier;
  let ways: [string, Way][];
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
    await server.restart({ trustedProxies: ['127.0.0.1/32'] });
    verifier = createVerifier({ url: server.url, credential: { apiToken: owner } });
    await verifier.ready();
    for (const kind of kinds) {
      const { status } = await call<ImportRecipe>(server, 'POST', '/v1/import-recipes', owner, foreign[kind]?.recipe);
      expect(status).toBe(201);
    }
    ways = Object.entries(waysOf(server, verifier, owner));
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.stop();
  });

  const importOne = async (kind: (typeof kinds)[number], more: object = {}) => {
    const { secret = '', row } = (await foreign[kind]?.make()) ?? {};
    const name = `like others ${randomUUID()}`;
    const rows = [{ line: 1, name, permissions: ['*:*'], ...row, ...more }];
    const body = { import: 'a file', recipe: kind, rows };
    const answer = await call<TokenImportOutcome>(server, 'POST', '/v1/imports/tokens', owner, body);
    expect(answer.body, answer.text).toMatchObject({ added: 1, rejected: [] });
    const token = await server.store.apiTokens.findByName(server.organization.id, name);
    return { id: token?.id ?? '', secret };
  };
  const isSettled = async ({ id, secret }: { id: string; secret: string }) =>
    (await server.store.apiTokens.find(server.organization.id, id))?.digest === digestOf(secret);
  const use = async (one: { id: string; secret: string }) => {
    expect((await call(server, 'GET', '/v1/check', one.secret)).status).toBe(200);
    await expect.poll(() => isSettled(one)).toBe(true);
  };
  const act = async (method: string, id: string, path = '', body?: object) => {
    const { status, text } = await call(server, method, `/v1/tokens/${id}${path}`, owner, body);
    expect([200, 204], text).toContain(status);
  };
  const everywhere = async ({ id, secret }: { id: string; secret: string }, is: 'in' | 'out', when: string) => {
    for (const [way, present] of ways) {
      // A verifier follows the journal, which takes it a moment.
      await expect.poll(() => present(secret, publicIdOf(id)), { message: `${way}, ${when}` }).toBe(is);
    }
  };
  const checked = (secret: string, query = '') => call(server, 'GET', `/v1/check${query}`, secret);

  const eachKind = kinds.flatMap((kind) => [
    [kind, 'before its first use', false] as const,
    [kind, 'after its first use', true] as const,
  ]);

  test.each(eachKind)('by %s, %s, ends and comes back in every way [S60]', async (kind, _, isUsed) => {
    const one = await importOne(kind);
    if (isUsed) await use(one);
    await act('POST', one.id, '/deactivate');
    await everywhere(one, 'out', 'deactivated');
    await act('POST', one.id, '/activate');
    await everywhere(one, 'in', 'activated');
    await act('DELETE', one.id);
    await everywhere(one, 'out', 'deleted');
    await act('POST', one.id, '/restore');
    await everywhere(one, 'in', 'restored');
  });

  test.each(eachKind)(
    'by %s, %s, is rotated, and both secrets work until the overlap ends',
    async (kind, _, isUsed) => {
      const one = await importOne(kind);
      if (isUsed) await use(one);
      const wanted = { overlapSeconds: 3600 };
      const { body } = await call<CreatedToken>(server, 'POST', `/v1/tokens/${one.id}/rotate`, owner, wanted);
      expect(body.secret).toMatch(/^kw_/);
      await everywhere(one, 'in', 'in the overlap');
      await everywhere({ id: one.id, secret: body.secret }, 'in', 'rotated');
      server.clock.advance(hour + 1000);
      owner = await bearerOf(server, server.owner);
      ways = Object.entries(waysOf(server, verifier, owner));
      expect([(await checked(one.secret)).status, (await checked(body.secret)).status]).toEqual([401, 200]);
      const again = await importOne(kind);
      if (isUsed) await use(again);
      const next = await call<CreatedToken>(server, 'POST', `/v1/tokens/${again.id}/rotate`, owner, {
        overlapSeconds: 0,
      });
      expect([(await checked(again.secret)).status, (await checked(next.body.secret)).status]).toEqual([401, 200]);
    },
  );

  test.each(eachKind)('by %s, %s, is narrowed: permissions, addresses, use and end', async (kind, _, isUsed) => {
    const one = await importOne(kind);
    if (isUsed) await use(one);
    await act('PATCH', one.id, '', { permissions: ['read:funds'] });
    const asks = (permission: string) => checked(one.secret, `?permissions=${permission}`);
    expect([(await asks('read:funds')).status, (await asks('read:user')).status]).toEqual([200, 403]);
    await act('PATCH', one.id, '', { addresses: ['198.51.100.0/24'] });
    const from = (address: string) =>
      call(server, 'GET', '/v1/check', one.secret, undefined, { 'x-forwarded-for': address });
    expect([(await from('198.51.100.7')).status, (await from('203.0.113.7')).status]).toEqual([200, 403]);
    await act('PATCH', one.id, '', { addresses: [], use: 'exchange' });
    expect((await checked(one.secret)).status).toBe(401);
    const until = new Date(server.clock.now() + 60_000).toISOString();
    await act('PATCH', one.id, '', { use: 'both', expiresAt: until });
    expect((await checked(one.secret)).status).toBe(200);
    server.clock.advance(61_000);
    expect((await checked(one.secret)).status).toBe(401);
  });

  test.each(kinds)('by %s, is held to limits, of its row or given later, across its first use', async (kind) => {
    const one = await importOne(kind, { limits: [{ limit: 3, windowMs: hour }] });
    const statuses = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await checked(one.secret)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const other = await importOne(kind);
    await use(other);
    await act('PATCH', other.id, '', { limits: [{ limit: 1, windowMs: hour }] });
    expect([(await checked(other.secret)).status, (await checked(other.secret)).status]).toEqual([200, 429]);
  });

  test.each(kinds)(
    'by %s, is found, explained and shown in the journal, its secret in none of these [G17]',
    async (kind) => {
      const one = await importOne(kind, { permissions: ['read:funds'] });
      const explain = { credential: one.secret, permissions: ['read:user'] };
      for (const when of ['before', 'after']) {
        const told = await call<Explanation>(server, 'POST', '/v1/explain', owner, explain);
        expect(told.body, when).toMatchObject({ reason: 'missing_permission' });
        const found = await call<LookupResult>(server, 'POST', '/v1/lookup', owner, { secret: one.secret });
        expect(found.body.items.map(({ id, allowed }) => [id, allowed])).toEqual([[one.id, true]]);
        for (const text of [told.text, found.text]) expect(text).not.toContain(one.secret);
        await use(one);
      }
      await act('POST', one.id, '/deactivate');
      const refused = await checked(one.secret);
      const refusal = refused.headers.get('keyward-refusal') ?? '';
      const why = await call<Explanation>(server, 'GET', `/v1/refusals/${refusal}`, owner);
      expect(why.body).toMatchObject({ reason: 'inactive', call: { credential: { type: 'api_token', id: one.id } } });
      const { text } = await call<JournalList>(server, 'GET', `/v1/journal?search=${one.id}`, owner);
      expect(text).toContain('api_token.deactivated');
      expect(text + server.logs()).not.toContain(one.secret);
    },
  );
});
