// Recent calls, as they are shown: to whom, which of them, and nothing that is nobody's business. On one node and on two.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallList } from '../../sdk/src/wire.ts';
import type { Core } from '../../server/src/core/core.ts';
import { openNodeQuestions } from '../../server/src/storage/node-questions.ts';
import { openPostgres } from '../../server/src/storage/postgres.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const guarded = (upstream: string) =>
  [{ path: '/guarded/orders/:id', methods: ['GET'], permissions: ['read:orders'], dialect: null, upstream }] as const;

const list = async (url: string, query: string, bearer: string): Promise<CallList> =>
  (await call({ url }, 'GET', `/v1/calls${query}`, bearer)).body as CallList;

const get = (url: string, secret: string | null, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { ...(secret !== null && { authorization: `Bearer ${secret}` }), ...headers } });

describe('recent calls', () => {
  let server: TestServer;
  let operator: string;
  let owner: string;
  let other: string;
  let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
  beforeAll(async () => {
    server = await startServer({ routes: guarded });
    globex = await server.addOrganization('globex');
    const initech = await server.addOrganization('initech');
    operator = await bearerOf(server, server.owner);
    owner = await bearerOf(server, globex.owner);
    other = await bearerOf(server, initech.owner);
  });
  afterAll(() => server?.stop());

  const tokenOf = async (more: object = {}) => {
    const made = await server.core.createApiToken(globex.owner.caller, { permissions: ['read:orders'], ...more });
    return { secret: made.secret, id: made.token.id, name: made.token.name };
  };

  test('are shown with their rule, verdict and client, without the path as it was called', async () => {
    const { secret, id, name } = await tokenOf();
    await get(`${server.url}/guarded/orders/4711?q=private`, secret, { 'user-agent': 'till/1.0' });
    const { items, nodes } = await list(server.url, `?credential=api_token:${id}`, owner);
    expect(items).toEqual([
      {
        at: expect.any(String),
        node: nodes[0]?.node,
        credential: { type: 'api_token', id, name },
        organization: { id: globex.id, name: 'globex' },
        start: null,
        method: 'GET',
        route: '/guarded/orders/:id',
        api: 'default',
        verdict: 'allowed',
        address: '127.0.0.1',
        userAgent: 'till/1.0',
        permissions: ['read:orders'],
        refusal: null,
        skipped: 0,
      },
    ]);
    expect(nodes).toEqual([{ node: expect.stringMatching(/^[0-9a-f]{8}$/), answered: true }]);
    expect(JSON.stringify(items)).not.toMatch(/4711|private/);
  });

  test('are narrowed by credential, verdict, time and number', async () => {
    const { secret, id } = await tokenOf();
    await get(`${server.url}/guarded/orders/1`, secret);
    server.clock.advance(60_000);
    const since = new Date(server.clock.now()).toISOString();
    await get(`${server.url}/v1/check?permissions=write:orders`, secret);
    await get(`${server.url}/guarded/orders/2`, secret);
    const of = async (query: string) =>
      (await list(server.url, `?credential=api_token:${id}${query}`, owner)).items.map(({ verdict }) => verdict);
    expect(await of('')).toEqual(['allowed', 'missing_permission', 'allowed']);
    expect(await of('&verdict=refused')).toEqual(['missing_permission']);
    expect(await of('&verdict=allowed')).toEqual(['allowed', 'allowed']);
    expect(await of('&verdict=missing_permission')).toEqual(['missing_permission']);
    expect(await of('&verdict=expired')).toEqual([]);
    expect(await of(`&since=${since}`)).toEqual(['allowed', 'missing_permission']);
    expect(await of('&limit=1')).toEqual(['allowed']);
    for (const wrong of ['limit=0', 'limit=1001', 'verdict=nonsense', 'credential=x', 'since=yesterday']) {
      expect((await call(server, 'GET', `/v1/calls?${wrong}`, owner)).status, wrong).toBe(400);
    }
  });

  test('are an organization’s own: nobody else sees them but who acts for it, and all of them for the operator alone', async () => {
    const { secret, id } = await tokenOf();
    await get(`${server.url}/guarded/orders/1`, secret);
    const has = async (query: string, bearer: string) =>
      (await list(server.url, query, bearer)).items.some(({ credential }) => credential?.id === id);
    expect(await has('', owner)).toBe(true);
    expect(await has('', other)).toBe(false);
    expect(await has(`?credential=api_token:${id}`, other)).toBe(false);
    expect(await has('', operator)).toBe(false);
    expect(await has('?organization=globex', operator)).toBe(true);
    expect(await has('?organization=*', operator)).toBe(true);
    for (const query of ['?organization=*', '?organization=initech']) {
      expect((await call(server, 'GET', `/v1/calls${query}`, owner)).status).toBe(403);
    }
  });

  test('are one’s own alone without the permission to see everyone’s', async () => {
    const member = await server.core.createUser(globex.owner.caller, {
      email: 'member@globex.example',
      name: 'Member',
      role: 'member',
    });
    const caller = await server.callerFor({ type: 'user', id: member.user.id });
    const theirs = await server.core.createApiToken(caller, { permissions: ['manage:own_api_key'] });
    const { secret } = await tokenOf();
    const refusal = (await get(`${server.url}/v1/check?permissions=write:orders`, secret)).headers.get(
      'keyward-refusal',
    );
    const own = (await get(`${server.url}/v1/check?permissions=write:orders`, theirs.secret)).headers.get(
      'keyward-refusal',
    );
    const { items } = await list(server.url, '', theirs.secret);
    expect(items.map(({ credential }) => credential?.id)).toEqual([theirs.token.id]);
    expect((await call(server, 'GET', `/v1/refusals/${own}`, theirs.secret)).status).toBe(200);
    expect((await call(server, 'GET', `/v1/refusals/${refusal}`, theirs.secret)).status).toBe(404);
  });

  test('of credentials that nobody knows, and without one, are the operator’s alone', async () => {
    await get(`${server.url}/guarded/orders/1`, 'nonsense');
    await get(`${server.url}/guarded/orders/1`, null);
    const strangers = async (query: string, bearer: string) =>
      (await list(server.url, query, bearer)).items.filter(({ credential }) => credential === null);
    expect((await strangers('', operator)).slice(0, 2)).toMatchObject([{ verdict: 'missing' }, { verdict: 'unknown' }]);
    for (const [query, bearer] of [
      ['', owner],
      ['', other],
      ['?organization=globex', operator],
    ] as const) {
      expect(await strangers(query, bearer)).toEqual([]);
    }
  });

  test('hold no credential, no query and no path, whatever a client sends [S124]', async () => {
    const { secret } = await tokenOf();
    const path = fc.oneof(
      fc.webPath(),
      fc.constantFrom(`/${secret}`, '/guarded/orders/%00', `/guarded/orders/${secret}`),
    );
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc.constantFrom(`permissions=${secret}`, `permissions=read:${secret}`),
    );
    const credential = fc.constantFrom(secret, `${secret}x`, `x${secret}`, secret.slice(0, -1), secret.toUpperCase());
    const agent = fc.constantFrom(secret, `curl ${secret}`, 'curl/8');
    await fc.assert(
      fc.asyncProperty(path, query, credential, agent, async (where, asked, shown, userAgent) => {
        for (const url of [`/guarded/orders${where}`, '/v1/check']) {
          const answer = await get(`${server.url}${url}?${asked}`, shown, { 'user-agent': userAgent }).catch(
            () => null,
          );
          const refusal = answer?.headers.get('keyward-refusal');
          if (refusal == null) continue;
          const told = await call(server, 'GET', `/v1/refusals/${refusal}`, operator);
          expect(told.text).not.toContain(secret.slice(-36));
        }
      }),
      { numRuns: 60 },
    );
    const { text } = await call(server, 'GET', '/v1/calls?organization=*&limit=1000', operator);
    for (const part of [secret.slice(-36), secret.slice(-36).toUpperCase(), '?', '%00'])
      expect(text).not.toContain(part);
  });

  test('are forgotten when there are more: the oldest first, and none of another organization', async () => {
    const [busy, quiet] = [await tokenOf(), await server.core.createApiToken(server.asOwner, { permissions: [] })];
    await get(`${server.url}/v1/check`, quiet.secret);
    const first = (await get(`${server.url}/v1/check?permissions=write:orders`, busy.secret)).headers.get(
      'keyward-refusal',
    );
    for (let at = 0; at < 1000; at += 1) {
      server.clock.advance(1000);
      await server.core.verify(busy.secret, { permissions: ['write:orders'] });
    }
    const { items } = await list(server.url, '?limit=1000', owner);
    expect(items).toHaveLength(1000);
    expect((await call(server, 'GET', `/v1/refusals/${first}`, owner)).status).toBe(404);
    const theirs = await list(server.url, `?credential=api_token:${quiet.token.id}`, operator);
    expect(theirs.items).toHaveLength(1);
  });
});

describe('on two nodes', () => {
  let server: TestServer;
  let there: Core;
  let far: string;
  beforeAll(async () => {
    server = await startServer({ database: 'postgres', routes: guarded });
    ({ core: there, url: far } = await server.addNode());
  });
  const knowOneAnother = async () => {
    for (const core of [server.core, there]) await expect.poll(async () => (await nodesOf(core)).length).toBe(2);
  };
  afterAll(() => server?.stop());

  const nodesOf = async (core: Core) => {
    const { nodes } = await core.readCalls(server.asOwner, { limit: 1 });
    return nodes.filter(({ answered }) => answered);
  };
  const tokenOf = async () =>
    (await server.core.createApiToken(server.asOwner, { permissions: ['read:orders'] })).secret;
  const verified = async (core: Core, secret: string, permissions: string[]) => {
    await expect.poll(async () => (await core.verify(secret, { cost: 0 })).allowed).toBe(true);
    return core.verify(secret, { permissions });
  };

  test('either shows the calls of both, and says who has answered', async () => {
    await knowOneAnother();
    const secret = await tokenOf();
    for (const core of [server.core, there]) await verified(core, secret, ['read:orders']);
    for (const core of [server.core, there]) {
      const { calls, nodes } = await core.readCalls(server.asOwner, { limit: 100, verdict: 'allowed' });
      expect([...new Set(calls.map(({ node }) => node))].sort()).toEqual(nodes.map(({ node }) => node).sort());
      expect(nodes).toHaveLength(2);
    }
  });

  test('each by its own address, over HTTP', async () => {
    await knowOneAnother();
    expect(far).not.toBe(server.url);
    const bearer = await bearerOf(server, server.owner);
    const secret = await tokenOf();
    for (const [here, elsewhere] of [
      [server.url, far],
      [far, server.url],
    ] as const) {
      await expect.poll(async () => (await get(`${here}/v1/check`, secret)).status).toBe(200);
      const refusal = (await get(`${here}/v1/check?permissions=write:orders`, secret)).headers.get('keyward-refusal');
      const { items, nodes } = await list(elsewhere, '?verdict=refused', bearer);
      expect(nodes.map(({ answered }) => answered)).toEqual([true, true]);
      // It is another node's than the one that was asked, which is named first.
      expect(items.find((one) => one.refusal === refusal)?.node).toBe(nodes[1]?.node);
      expect((await call({ url: elsewhere }, 'GET', `/v1/refusals/${refusal}`, bearer)).status).toBe(200);
    }
  });

  test('either explains what the other has refused', async () => {
    await knowOneAnother();
    const secret = await tokenOf();
    for (const [core, other] of [
      [server.core, there],
      [there, server.core],
    ] as const) {
      const verdict = await verified(core, secret, ['write:orders']);
      const id = verdict.allowed ? '' : (verdict.refusalId ?? '');
      const told = await other.explainRefusal(server.asOwner, id);
      expect(told.call).toMatchObject({ verdict: 'missing_permission', refusalId: id });
    }
    await expect(there.explainRefusal(server.asOwner, '00000000-1')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a node that does not answer is waited for, but not long, and the list says so', async () => {
    const database = await openPostgres({ url: 'postgres' in server.database ? server.database.postgres.url : '' });
    const gone = 'node-gone0000';
    await database.atLeisure(async (db) => {
      const now = Date.now();
      await db
        .insertInto('verifiers')
        .values({
          ...{ id: 'gone', node: gone, organization_id: null, verifier: null, name: gone, address: '' },
          ...{ cursor: 0, connected_at: now, seen_at: now + 60_000, acknowledged_at: null },
        })
        .execute();
    });
    const { nodes } = await server.core.readCalls(server.asOwner, { limit: 1 });
    expect(nodes).toContainEqual({ node: 'gone0000', answered: false });
    expect(nodes.filter(({ answered }) => answered)).toHaveLength(2);
    const left = await database.atLeisure(async (db) => ({
      questions: await db.selectFrom('node_questions').selectAll().execute(),
      answers: await db.selectFrom('node_answers').selectAll().execute(),
    }));
    expect(left).toEqual({ questions: [], answers: [] });
    await database.close();
  });

  test('a question that nobody takes back is removed when it is old, and answered once by each', async () => {
    const database = await openPostgres({ url: 'postgres' in server.database ? server.database.postgres.url : '' });
    await database.atLeisure(async (db) => {
      const questions = openNodeQuestions(db);
      const body = JSON.stringify({ organizationId: 'nobody', isOfNobody: false, limit: 1 });
      await questions.ask({ id: 'q1', node: 'node-dead', body });
      await expect.poll(async () => (await questions.answers('q1')).length).toBe(2);
      const [first] = await questions.answers('q1');
      await questions.answer({ questionId: 'q1', node: first?.node ?? '', body: 'twice' });
      await questions.answer({ questionId: 'nobody asked', node: 'x', body: '[]' });
      expect(new Set((await questions.answers('q1')).map((one) => one.body))).toEqual(new Set(['[]']));
      expect(await questions.answers('nobody asked')).toEqual([]);
      await questions.deleteOlder(60_000);
      expect(await questions.answers('q1')).toHaveLength(2);
      await questions.deleteOlder(-1000);
      expect(await questions.answers('q1')).toEqual([]);
      expect(await questions.open('another', 60_000)).toEqual([]);
    });
    await database.close();
  });
});
