// Conformance: lists come in the same order and searches find the same on every database, as a model in memory says.

import { describe, expect, it } from 'vitest';
import { fold, sortKeyOf } from '../core/collation.ts';
import type { ApiToken } from '../core/credentials/records.ts';
import type { Page, PageRequest, SortKey } from '../core/page.ts';
import type { Store } from '../core/ports.ts';
import { anApiToken, anOrganization, populate } from './records.test-support.ts';

const names = [
  ...['a', 'A', 'b', 'B', 'ä', 'Ä', 'z', 'Z', 'é', 'e\u0301x', 'ﬁne', 'fine', 'Straße', 'STRASSE', 'İstanbul', 'ı'],
  ...[
    '100%',
    '100 percent',
    'a_b',
    'axb',
    'a\\b',
    'a/b',
    "o'clock",
    '"quoted"',
    '日本語',
    '🦊',
    '\ue000',
    '-',
    '_',
    '~',
  ],
  ...['item 1', 'item 10', 'item 2', 'Item 3', 'ＷＩＤＥ', 'wide', 'x y', 'x-y', 'xy', 'ß', 'ſ', 'Σίσυφος', 'σίσυφοσ'],
];

const columns: Record<SortKey, (token: ApiToken) => string | number> = {
  createdAt: (token) => token.createdAt,
  name: (token) => sortKeyOf(token.name),
  description: (token) => sortKeyOf(token.description.slice(0, 100)),
  permissions: (token) => JSON.stringify(token.permissions),
};

export function describeLists(store: () => Store): void {
  const filled = async () => {
    const world = await populate(store());
    const { organization, user, apiUser } = world;
    const own = [...names].sort().map((name, index) =>
      anApiToken(index % 3 === 0 ? apiUser : user, {
        name,
        description: names[(index * 7) % names.length] ?? '',
        permissions: [`read:${index % 4}`],
        // Many were made in the same millisecond, so that the id has to settle their order.
        createdAt: 1000 + (index % 5),
      }),
    );
    await store().write(async (c) => {
      for (const token of own) await c.apiTokens.insert(token);
    });
    return { ...world, all: [...own, world.token, world.machineToken], organizationId: organization.id };
  };

  /** Follows `next` from page to page. */
  const walk = async <T>(request: PageRequest, list: (request: PageRequest) => Promise<Page<T>>): Promise<T[]> => {
    const items: T[] = [];
    for (let page = await list(request); ; page = await list({ ...request, after: page.next })) {
      items.push(...page.items);
      if (page.next === null) return items;
    }
  };

  describe('lists', () => {
    it('come in the same order page by page, by every key and both ways', async () => {
      const { all, organizationId } = await filled();
      for (const sort of Object.keys(columns) as SortKey[]) {
        for (const descending of [false, true]) {
          const request = { limit: 7, sort, descending };
          const found = await walk(request, (page) => store().apiTokens.list(organizationId, page));
          const expected = all.toSorted((a, b) => compare(columns[sort](a), columns[sort](b)) || compare(a.id, b.id));
          if (descending) expected.reverse();
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        }
      }
    });

    it('find what was searched for anywhere in name or description, with no letter standing for others', async () => {
      const { all, organizationId } = await filled();
      for (const search of [...names, '%', '_', '\\', '\\\\', 'ITEM', ' ', '0%', '%0', 'no such']) {
        const request: PageRequest = { limit: 5, sort: 'name', descending: false, search, counted: true };
        const found = await walk(request, (page) => store().apiTokens.list(organizationId, page));
        const has = (text: string) => fold(text).includes(fold(search));
        const expected = all.filter(({ name, description }) => has(name) || has(description));
        expect(found.map(({ id }) => id).sort(), search).toEqual(expected.map(({ id }) => id).sort());
        expect((await store().apiTokens.list(organizationId, request)).total).toBe(expected.length);
      }
    });

    it('skip, count, and keep to one owner', async () => {
      const { all, organizationId, apiUser } = await filled();
      const request: PageRequest = { limit: 4, sort: 'createdAt', descending: true, offset: 3, counted: true };
      const page = await store().apiTokens.list(organizationId, request);
      const whole = await store().apiTokens.list(organizationId, { ...request, limit: 200, offset: 0 });
      expect(page.items).toEqual(whole.items.slice(3, 7));
      expect([page.total, whole.total, whole.next]).toEqual([all.length, all.length, null]);
      const own = await store().apiTokens.list(
        organizationId,
        { ...request, limit: 200, offset: 0 },
        {
          ownerId: apiUser.id,
        },
      );
      expect(own.total).toBe(all.filter(({ owner }) => owner.id === apiUser.id).length);
      expect(new Set(own.items.map(({ owner }) => owner.id))).toEqual(new Set([apiUser.id]));
    });

    it('show what is deleted only when asked for it', async () => {
      const { organizationId, token } = await filled();
      await store().write((c) => c.apiTokens.delete(organizationId, token.id, 5));
      const request: PageRequest = { limit: 200, sort: 'name', descending: false };
      const kept = await store().apiTokens.list(organizationId, request);
      expect(kept.items.map(({ id }) => id)).not.toContain(token.id);
      const deleted = await store().apiTokens.list(organizationId, { ...request, deleted: 'only' });
      expect(deleted.items.map(({ id }) => id)).toEqual([token.id]);
    });

    it('never show another organization', async () => {
      const { organizationId } = await filled();
      const other = await populate(store());
      const request: PageRequest = { limit: 200, sort: 'name', descending: false };
      const foreign = await store().apiTokens.list(other.organization.id, request, undefined);
      expect(foreign.items.every((token) => token.organizationId !== organizationId)).toBe(true);
      expect(foreign.items).toHaveLength(2);
    });

    it('list users by e-mail, API users by username and organizations by name', async () => {
      const { organization, user, apiUser } = await populate(store());
      const request: PageRequest = { limit: 10, sort: 'name', descending: false };
      const byEmail = await store().users.list(organization.id, { ...request, search: user.email.toUpperCase() });
      expect(byEmail.items).toEqual([user]);
      const byName = await store().apiUsers.list(organization.id, { ...request, search: apiUser.username.slice(0, 9) });
      expect(byName.items).toEqual([apiUser]);
      const other = anOrganization();
      await store().write((c) => c.organizations.insert(other));
      expect((await store().organizations.list({ ...request, search: other.name.slice(3) })).items).toEqual([other]);
    });
  });
}

/** By bytes of UTF-8, which is not the order of JavaScript's own comparison. */
function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`));
}
