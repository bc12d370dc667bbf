// The journal over HTTP. That it is chained and complete is tested where it is kept.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, time } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const read = (query = '', bearer = owner) => call<JournalList>(server, 'GET', `/v1/journal${query}`, bearer);

test('shows a change as soon as it was answered: who, what, whom, when [S122]', async () => {
  const created = await call<{ token: { id: string } }>(server, 'POST', '/v1/tokens', owner, {
    name: 'Watched',
    permissions: ['read:funds'],
  });
  const { status, body } = await read('?limit=1');
  expect(status).toBe(200);
  expect(body.items).toEqual([
    {
      seq: expect.any(Number),
      at: expect.stringMatching(time),
      organization: null,
      actor: { type: 'api_token', id: expect.any(String), name: expect.stringMatching(/^token-/), organization: null },
      action: 'api_token.created',
      subject: { type: 'api_token', id: created.body.token.id, name: 'Watched' },
      detail: {
        name: 'Watched',
        permissions: ['read:funds'],
        use: 'both',
        addresses: [],
        expiresAt: null,
        ownerId: server.owner.id,
        readable: false,
      },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
});

test('is read backwards, page by page, without a gap or a repetition', async () => {
  for (let i = 0; i < 7; i += 1) await call(server, 'POST', '/v1/permissions', owner, { name: `read:thing${i}` });
  const whole = (await read('?limit=200')).body.items.map(({ seq }) => seq);
  const pages: number[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: JournalList = (await read(`?limit=3${next === '' ? '' : `&before=${next}`}`)).body;
    pages.push(...page.items.map(({ seq }) => seq));
    next = page.next;
  }
  expect(pages).toEqual(whole);
  expect(whole).toEqual([...whole].sort((a, b) => b - a));
});

test("holds the organization's own entries only", async () => {
  const globex = await server.addOrganization('globex');
  const bearer = await bearerOf(server, globex.owner);
  await call(server, 'POST', '/v1/roles', bearer, { name: 'nothing-of-yours', permissions: [] });
  expect((await read('?limit=200', bearer)).text).toContain('nothing-of-yours');
  expect((await read('?limit=200')).text).not.toContain('nothing-of-yours');
  expect((await read('?limit=200', bearer)).text).not.toContain(server.owner.id);
});

test('refuses what it cannot read in its query', async () => {
  expectFaults(await read('?before=first'), '/query/before');
  expectFaults(await read('?limit=all'), '/query/limit');
  expectFaults(await read('?cursor=1'), '/query/cursor');
  expect((await read('?before=1')).body).toEqual({ items: [], next: null });
});
