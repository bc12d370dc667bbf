// The upgrade after which permissions belong to APIs: nobody loses what they hold, and the operator's words go with it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import type { GuardedRoute } from '../../server/src/http/gateway/guarded-route.ts';
import { anApiToken, anOrganization, aUser } from '../../server/src/storage/records.test-support.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { beforeApis, onDatabase } from './older-database.ts';

const routes: GuardedRoute[] = [
  { path: '/prices', methods: ['GET'], permissions: ['read:prices', 'read:orders'], dialect: null },
  { path: '/mine', methods: ['GET'], permissions: ['read:user'], dialect: null },
];

describe.each(['sqlite', 'postgres'] as const)('an upgrade of %s', (kind) => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await newPlace(kind, { isEmpty: true });
  });
  afterAll(() => place?.remove());

  test('moves the operator’s registrations and all that is held and required to the default API, journalled once', async () => {
    const operator = anOrganization({ isOperator: true });
    const customer = anOrganization();
    const owner = aUser(customer.id, { role: 'owner' });
    const ended = anApiToken(owner, { permissions: ['read:ended'] });
    const first = await assembleAt({ place, routes });
    await first.store.write(async (changes) => {
      for (const one of [operator, customer]) await changes.organizations.insert(one);
      await changes.users.insert(owner, 'x');
      const held = ['read:orders', 'hold:token', 'read:*', '*:*', 'read:user', 'not a permission'];
      for (const token of [anApiToken(owner, { permissions: held }), ended]) await changes.apiTokens.insert(token);
      await changes.apiTokens.delete(customer.id, ended.id, 1);
      const role = { organizationId: customer.id, name: 'holder', description: '', createdAt: 1 };
      await changes.roles.insert({ ...role, permissions: ['hold:role'] });
    });
    await first.close();
    const registered = (organization: string, name: string, description: string) =>
      `insert into permissions (organization_id, name, description, created_at) values ('${organization}', '${name}', '${description}', 1)`;
    await onDatabase(place, [
      ...beforeApis,
      registered(operator.id, 'read:orders', 'See orders.'),
      registered(operator.id, 'idle:orders', 'Nobody holds it.'),
      registered(customer.id, 'read:orders', 'In their words.'),
      registered(customer.id, 'their:own', 'Nobody holds it.'),
    ]);

    const server = await assembleAt({ place, routes });
    const listed = async () =>
      (await server.core.listPermissions(systemIn()))
        .filter(({ builtIn }) => !builtIn)
        .map(({ name, api, description }) => [name, api, description]);
    const moved = [
      ['hold:role', 'default', ''],
      ['hold:token', 'default', ''],
      ['idle:orders', 'default', 'Nobody holds it.'],
      ['read:ended', 'default', ''],
      ['read:orders', 'default', 'See orders.'],
      ['read:prices', 'default', ''],
    ];
    expect(await listed()).toEqual(moved);
    const journalled = async () =>
      (await server.store.journal.after(0, 1000))
        .filter(({ action }) => action === 'permission.registered')
        .map(({ subject, detail }) => [subject.id, detail.requiredBy ?? detail.moved]);
    const told = await journalled();
    expect(told).toContainEqual(['read:prices', '/prices']);
    expect(told).toContainEqual(['hold:token', true]);
    await server.close();

    const again = await assembleAt({ place, routes });
    expect((await again.core.listApis(systemIn())).map(({ handle }) => handle)).toEqual(['default']);
    expect((await again.store.journal.after(0, 1000)).filter(({ action }) => action === 'api.created')).toHaveLength(2);
    await again.close();
  });
});
