// What the provider sees over all organizations: their usage, and every API token, whose it is and how it is ended.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenList, UsageList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let operator: string;
  let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
  let theirs: string;
  beforeAll(async () => {
    server = await startServer({ database });
    globex = await server.addOrganization('globex');
    operator = await bearerOf(server, server.owner);
    theirs = await bearerOf(server, globex.owner);
  });
  afterAll(() => server?.stop());

  const list = (query = '', bearer = operator) =>
    call<TokenList>(server, 'GET', `/v1/tokens?organization=*${query}`, bearer);

  test('lists the API tokens of all organizations, each with its own and its owner, page by page', async () => {
    const { status, body } = await list('&limit=200');
    expect(status).toBe(200);
    const shown = body.items.map(({ organization, owner }) => [organization?.name, owner.name]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['acme', server.owner.email],
        ['globex', globex.owner.email],
      ]),
    );
    const pages: TokenList['items'] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: TokenList = (await list(`&limit=1${next === '' ? '' : `&cursor=${next}`}`)).body;
      pages.push(...page.items);
      next = page.next;
    }
    // When each was used last may have been written down meanwhile.
    expect(pages.map(({ id }) => id)).toEqual(body.items.map(({ id }) => id));
  });

  test('narrows and ends what it finds', async () => {
    const { token } = await server.core.createApiToken(globex.owner.caller, { name: 'Leaked', permissions: [] });
    const [found] = (await list('&search=leaked')).body.items;
    expect(found).toMatchObject({ id: token.id, organization: { id: globex.id } });
    const ended = await call(server, 'DELETE', `/v1/tokens/${token.id}?organization=${globex.id}`, operator);
    expect(ended.status).toBe(204);
    expect((await list('&search=leaked')).body.items).toEqual([]);
    expect((await list('&search=leaked&deleted=only')).body.items).toMatchObject([{ id: token.id }]);
  });

  test('shows none of an organization that was deleted', async () => {
    const gone = await server.addOrganization('gone');
    await server.core.createApiToken(gone.owner.caller, { name: 'Orphan', permissions: [] });
    expect((await list('&search=orphan')).body.items).toHaveLength(1);
    await server.core.deleteOrganization(server.asOwner, gone.id);
    expect((await list('&search=orphan')).body.items).toEqual([]);
  });

  test('takes act:organization and read:organization_api_key in the operator’s organization', async () => {
    expectForbidden(await list('', theirs), 'act:organization');
    const viewer = await bearerWithRole(server, server.organization, 'viewer');
    expectForbidden(await list('', viewer.secret), 'act:organization');
    const acting = await bearerOf(server, server.owner, ['act:organization']);
    expectForbidden(await list('', acting), 'read:organization_api_key');
  });

  test('comes by when they were made, of everyone; elsewhere * is no organization', async () => {
    expectFaults(await list('&sort=name'), '/query/sort');
    expectFaults(await list('&whose=own'), '/query/whose');
    expectFaults(await call(server, 'GET', '/v1/users?organization=*', operator), '/query/organization');
    expectFaults(await call(server, 'POST', '/v1/tokens?organization=*', operator, {}), '/query/organization');
  });

  test('adds up calls by organization for who may see the customers', async () => {
    const hour = server.clock.now() - (server.clock.now() % 3_600_000);
    const count = { rule: '/x', hour, verdict: 'allowed' } as const;
    await server.store.write(({ usage }) =>
      usage.count([
        { ...count, organizationId: globex.id, source: { type: 'user', id: globex.owner.id }, calls: 900_007 },
        {
          ...count,
          organizationId: server.organization.id,
          source: { type: 'user', id: server.owner.id },
          calls: 500_000,
        },
        {
          ...count,
          organizationId: globex.id,
          source: { type: 'user', id: globex.owner.id },
          verdict: 'rate_limited',
          calls: 31,
        },
      ]),
    );
    const read = (query: string, bearer = operator) => call<UsageList>(server, 'GET', `/v1/usage${query}`, bearer);
    const { status, body } = await read('?by=organization&group=total');
    expect(status).toBe(200);
    const [first, second] = body.items;
    expect(first).toMatchObject({ organization: { id: globex.id, name: 'globex' } });
    expect(first?.calls).toBeGreaterThanOrEqual(900_007);
    expect(second).toMatchObject({ organization: { id: server.organization.id, name: 'acme' } });
    const limited = (await read('?by=organization&group=total&verdict=rate_limited')).body.items;
    expect(limited).toMatchObject([{ organization: { id: globex.id }, calls: 31 }]);
    const allowed = (await read('?by=organization&group=total&verdict=allowed')).body.items;
    expect(first?.calls).toBeGreaterThanOrEqual((allowed[0]?.calls ?? 0) + 31);
    expectFaults(await read('?by=organization&verdict=refused'), '/query/verdict');
    expectForbidden(await read('?by=organization', theirs), 'read:usage');
    const viewer = await bearerWithRole(server, server.organization, 'viewer');
    expectForbidden(await read('?by=organization', viewer.secret), 'act:organization');
    expectForbidden(await read('?by=organization&organization=globex'), 'read:usage');
    expectFaults(await read(`?by=organization&source=user:${globex.owner.id}`), '/query/source');
  });
});
