// Conformance: what somebody made is found through any number of makers, of every kind, in whichever organization.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import { anApiToken, anApiUser, aUser, populate } from './records.test-support.ts';

export function describeLineage(store: () => Store): void {
  const narrow = { besides: 'nobody', alive: 'undeleted' } as const;

  describe('lineage', () => {
    it('finds what was made through users, API users and tokens, the oldest first, also through the dead', async () => {
      const { organization, user } = await populate(store());
      const root = anApiToken(user);
      const person = aUser(organization.id, { createdBy: root.id });
      const machine = anApiUser(organization.id, { createdBy: person.id });
      const dead = anApiToken(machine, { createdBy: machine.id });
      const child = anApiToken(machine, { createdBy: dead.id, expiresAt: 7 });
      await store().write(async (changes) => {
        await changes.users.insert(person, 'hash');
        await changes.apiUsers.insert(machine, 'digest');
        for (const each of [root, dead, child]) await changes.apiTokens.insert(each);
        await changes.apiUsers.deactivate(organization.id, machine.id, 5);
        await changes.apiTokens.delete(organization.id, dead.id, 5);
      });
      const of = (id: string, more: Partial<Parameters<Store['lineage']['of']>[2]> = {}, limit = 10) =>
        store().lineage.of(organization.id, id, { ...narrow, ...more }, limit);
      const where = { organization: { id: organization.id, name: organization.name } };
      const shown = [
        {
          type: 'user',
          id: person.id,
          ...where,
          name: person.email,
          createdBy: root.id,
          deactivatedAt: null,
          expiresAt: null,
        },
        {
          type: 'api_user',
          id: machine.id,
          ...where,
          name: machine.username,
          createdBy: person.id,
          deactivatedAt: 5,
          expiresAt: null,
        },
        {
          type: 'api_token',
          id: child.id,
          ...where,
          name: child.name,
          createdBy: dead.id,
          deactivatedAt: null,
          expiresAt: 7,
        },
      ];
      expect(await of(root.id)).toEqual({ items: shown, total: 3 });
      expect(await of(root.id, {}, 1)).toEqual({ items: shown.slice(0, 1), total: 3 });
      expect(await of(root.id, { alive: 'active' })).toEqual({ items: [shown[0], shown[2]], total: 2 });
      expect(await of(root.id, { besides: person.id })).toEqual({ items: [], total: 0 });
      expect(await of(child.id)).toEqual({ items: [], total: 0 });
      const { organization: elsewhere } = await populate(store());
      expect(await store().lineage.of(elsewhere.id, root.id, narrow, 10)).toEqual({ items: [], total: 0 });
      await store().write(async ({ lineage }) => {
        expect((await lineage.of(organization.id, root.id, narrow, 10)).total).toBe(3);
      });
    });

    it('finds what was made in other organizations after its own, and none of one that was deleted', async () => {
      const [{ organization, user }, there, gone] = [
        await populate(store()),
        await populate(store()),
        await populate(store()),
      ];
      const root = anApiToken(user);
      const machine = anApiUser(there.organization.id, { createdBy: root.id, createdAt: 1 });
      const child = anApiToken(machine, { createdBy: machine.id, createdAt: 2 });
      const own = anApiToken(user, { createdBy: child.id, createdAt: 3 });
      const orphan = anApiToken(gone.user, { createdBy: root.id });
      await store().write(async (changes) => {
        await changes.apiUsers.insert(machine, 'digest');
        for (const each of [root, child, own, orphan]) await changes.apiTokens.insert(each);
        await changes.organizations.delete(gone.organization.id, 5);
      });
      const { items, total } = await store().lineage.of(organization.id, root.id, narrow, 10);
      expect(items.map(({ id, organization: { name } }) => [id, name])).toEqual([
        [own.id, organization.name],
        [machine.id, there.organization.name],
        [child.id, there.organization.name],
      ]);
      expect(total).toBe(3);
      expect(await store().lineage.of(there.organization.id, root.id, narrow, 10)).toEqual({ items: [], total: 0 });
    });

    it('finds a chain of a thousand, and comes to an end in a circle', async () => {
      const { organization, user } = await populate(store());
      const first = anApiToken(user);
      const chain = [first];
      for (let made = 0; made < 1000; made += 1) {
        chain.push(anApiToken(user, { createdBy: chain.at(-1)?.id ?? '' }));
      }
      const one = randomUUID();
      const other = anApiToken(user, { createdBy: one });
      await store().write(async (changes) => {
        for (const each of [...chain, other]) await changes.apiTokens.insert(each);
        await changes.apiTokens.insert(anApiToken(user, { id: one, createdBy: other.id }));
      });
      expect((await store().lineage.of(organization.id, first.id, narrow, 10)).total).toBe(1000);
      expect((await store().lineage.of(organization.id, one, narrow, 10)).total).toBe(1);
    });
  });
}
