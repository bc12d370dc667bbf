// What every database must do with what people let applications do.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import type { Authorization } from '../core/tokens/applications/records.ts';
import { anApplication, anAuthorization, populateAuthorized } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { another } from './records.test-support.ts';

export function describeAuthorizations(store: () => Store): void {
  const { change, race } = changing(store);
  const settle = () => populateAuthorized(store());

  describe('what people let applications do', () => {
    it('is kept once for a user, an application and an API, and widened', async () => {
      const { organization, user, application, authorization } = await settle();
      const next = { ...authorization, id: randomUUID(), scope: ['read:a', 'read:b'], changedAt: another() };
      expect(await change((c) => c.authorizations.put(next))).toEqual(authorization);
      const kept = { ...authorization, scope: next.scope, changedAt: next.changedAt };
      await change((c) => c.authorizations.widen('elsewhere', authorization.id, [], 1));
      await change((c) => c.authorizations.widen(organization.id, authorization.id, next.scope, next.changedAt));
      expect(await store().authorizations.find(user.id, application.id, 'default')).toEqual(kept);
      expect(await store().authorizations.find(user.id, application.id, 'orders')).toBeNull();
      await change((c) => c.authorizations.touch(kept.id, 77));
      const { items } = await store().authorizations.list(organization.id, { userId: user.id }, { limit: 5 });
      expect(items).toEqual([
        {
          ...kept,
          lastUsedAt: 77,
          user: { id: user.id, email: user.email },
          application: {
            id: application.id,
            metadataUrl: null,
            name: 'Reports',
            logoUrl: null,
            organization: { id: organization.id, name: organization.name },
          },
        },
      ]);
    });

    it('is listed page by page, and by user or application', async () => {
      const { organization, user, application, authorization } = await settle();
      const others = [anApplication(organization.id), anApplication(organization.id)];
      const more = others.map((one) => anAuthorization(user, one));
      for (const [index, one] of others.entries()) {
        await change((c) => c.applications.insert(one, null));
        await change((c) => c.authorizations.put(more[index] as Authorization));
      }
      const newest = [...more.map(({ id }) => id).reverse(), authorization.id];
      const first = await store().authorizations.list(organization.id, {}, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(newest.slice(0, 2));
      const after = first.next ?? undefined;
      const second = await store().authorizations.list(organization.id, {}, { limit: 2, ...(after && { after }) });
      expect(second).toMatchObject({ items: [{ id: newest[2] }], next: null });
      const one = await store().authorizations.list(organization.id, { applicationId: application.id }, { limit: 9 });
      expect(one.items.map(({ id }) => id)).toEqual([authorization.id]);
      expect((await store().authorizations.list('elsewhere', {}, { limit: 9 })).items).toEqual([]);
      expect((await store().authorizations.list(organization.id, { userId: 'nobody' }, { limit: 9 })).items).toEqual(
        [],
      );
    });

    it('is counted by people for each application of an organization, with the last use', async () => {
      const { organization, user, application, authorization } = await settle();
      const elsewhere = await settle();
      const unused = anApplication(organization.id);
      await change((c) => c.applications.insert(unused, null));
      // Of the same person on another API, and of a person of another organization.
      await change((c) => c.authorizations.put({ ...anAuthorization(user, application), api: 'orders' }));
      const guest = anAuthorization(elsewhere.user, application);
      await change((c) => c.authorizations.put(guest));
      await change((c) => c.authorizations.touch(authorization.id, 77));
      await change((c) => c.authorizations.touch(guest.id, 99));
      const all = [application.id, unused.id, elsewhere.application.id];
      const uses = () => store().authorizations.usesOf(organization.id, all);
      expect([...(await uses())]).toEqual([[application.id, { people: 2, lastUsedAt: 99 }]]);
      expect([...(await store().authorizations.usesOf(organization.id, []))]).toEqual([]);
      await change((c) => c.users.delete(elsewhere.organization.id, elsewhere.user.id, 1));
      expect([...(await uses())]).toEqual([[application.id, { people: 1, lastUsedAt: 77 }]]);
    });

    it('is ended in its own organization, by its user alone where one is named, once, with its codes', async () => {
      const { organization, user, authorization, code } = await settle();
      const { id } = authorization;
      expect(await change((c) => c.authorizations.delete('elsewhere', id))).toBeNull();
      expect(await change((c) => c.authorizations.delete(organization.id, id, 'nobody'))).toBeNull();
      const ended = await race((c) => c.authorizations.delete(organization.id, id, user.id));
      expect(ended.filter((one) => one !== null)).toEqual([authorization]);
      expect(await change((c) => c.authorizationCodes.take(code.digest, 1))).toBeNull();
    });
  });
}
