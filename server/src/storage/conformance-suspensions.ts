// Conformance: what stands suspended is counted, found by its organization and released once, and what was deactivated beside that
// stays so.

import { describe, expect, it } from 'vitest';
import type { Lifecycle } from '../core/caller/lifecycle.ts';
import type { Store } from '../core/ports.ts';
import { type Suspendable, suspendables } from '../core/recovery/records.ts';
import { anApplication } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { anApiToken, anApiUser, anOrganization, aUser } from './records.test-support.ts';

/** Suspended while it was active, and while it was not. */
const suspended = { deactivatedAt: 50, deletedAt: null, generation: 0, cutOffGeneration: 0, suspendedAt: 50 };
const inactive = { ...suspended, deactivatedAt: 20 };
const none = { organization: 0, user: 0, api_user: 0, api_token: 0, application: 0 };

export function describeSuspensions(store: () => Store): void {
  const { change, race } = changing(store);
  const count = () => store().suspensions.count();
  const added = (before: Record<Suspendable, number>, after: Record<Suspendable, number>) =>
    Object.fromEntries(suspendables.map((type) => [type, after[type] - before[type]]));

  /** One of each, itself too, in this state. */
  async function settle(lifecycle: Lifecycle) {
    const organization = anOrganization({ lifecycle });
    const user = aUser(organization.id, { lifecycle });
    const apiUser = anApiUser(organization.id, { lifecycle });
    const token = anApiToken(user, { lifecycle });
    const application = anApplication(organization.id, { lifecycle });
    await change(async (c) => {
      await c.organizations.insert(organization);
      await c.users.insert(user, 'hash');
      await c.apiUsers.insert(apiUser, 'digest');
      await c.apiTokens.insert(token);
      await c.applications.insert(application, null);
    });
    const ids = {
      ...{ organization: organization.id, user: user.id, api_user: apiUser.id },
      ...{ api_token: token.id, application: application.id },
    };
    const lifecycles = async () => {
      const { organizations, users, apiUsers, apiTokens, applications } = store();
      const all = await Promise.all([
        organizations.find(organization.id),
        users.find(organization.id, user.id),
        apiUsers.find(organization.id, apiUser.id),
        apiTokens.find(organization.id, token.id),
        applications.find(organization.id, application.id),
      ]);
      return all.map((one) => [one?.lifecycle.deactivatedAt, one?.lifecycle.suspendedAt]);
    };
    return { organizationId: organization.id, ids, lifecycles };
  }

  describe('what a restore has suspended', () => {
    it('is counted, unless it is deleted, and its organizations are found in the order of their ids [S117]', async () => {
      const before = await count();
      const worlds = [await settle(suspended), await settle(inactive)];
      await settle({ ...inactive, deletedAt: 60 });
      await settle({ ...inactive, suspendedAt: undefined } as unknown as Lifecycle);
      expect(added(before, await count())).toEqual({
        ...{ organization: 2, user: 2, api_user: 2, api_token: 2, application: 2 },
      });
      const ids = worlds.map(({ organizationId }) => organizationId).sort();
      const found: string[] = [];
      for (let after = ''; ; ) {
        const some = await store().suspensions.organizations(after, 1);
        found.push(...some);
        if (some[0] === undefined) break;
        after = some[0];
      }
      expect(found).toEqual([...new Set(found)].sort());
      expect(found.filter((id) => ids.includes(id))).toEqual(ids);
    });

    it('is released with its organization, and with no other; what was inactive before stays so', async () => {
      const [one, before, other] = [await settle(suspended), await settle(inactive), await settle(suspended)];
      const each = { organization: 1, user: 1, api_user: 1, api_token: 1, application: 1 };
      expect(await change((c) => c.suspensions.releaseOrganization(one.organizationId))).toEqual(each);
      expect(await change((c) => c.suspensions.releaseOrganization(before.organizationId))).toEqual(each);
      expect(await one.lifecycles()).toEqual(Array(5).fill([null, undefined]));
      expect(await before.lifecycles()).toEqual(Array(5).fill([20, undefined]));
      expect(await other.lifecycles()).toEqual(Array(5).fill([50, 50]));
      expect(await change((c) => c.suspensions.releaseOrganization(one.organizationId))).toEqual(none);
    });

    it.each([...suspendables])(
      'is released alone, an %s by its id, by exactly one of many racing callers',
      async (type) => {
        const { organizationId, ids, lifecycles } = await settle(suspended);
        const answers = await race((c) => c.suspensions.releaseOne(type, ids[type]));
        expect(answers.filter((answer) => answer !== null)).toEqual([organizationId]);
        const expected = suspendables.map((one) => (one === type ? [null, undefined] : [50, 50]));
        expect(await lifecycles()).toEqual(expected);
      },
    );

    it('is not released where it is none, or of another kind, or not there', async () => {
      const { ids } = await settle({ ...suspended, suspendedAt: undefined } as unknown as Lifecycle);
      const other = await settle(suspended);
      expect(await change((c) => c.suspensions.releaseOne('user', ids.user))).toBeNull();
      expect(await change((c) => c.suspensions.releaseOne('user', other.ids.api_user))).toBeNull();
      expect(await change((c) => c.suspensions.releaseOne('api_token', 'missing'))).toBeNull();
      expect(await other.lifecycles()).toEqual(Array(5).fill([50, 50]));
    });

    it('can be ended by itself meanwhile, and then stays so when it is released [S117]', async () => {
      const { organizationId, ids, lifecycles } = await settle(suspended);
      expect(await change((c) => c.apiTokens.activate(organizationId, ids.api_token))).toBe(false);
      expect(await change((c) => c.apiTokens.deactivate(organizationId, ids.api_token, 70))).toBe(true);
      await change((c) => c.suspensions.releaseOrganization(organizationId));
      expect((await lifecycles())[suspendables.indexOf('api_token')]).toEqual([70, undefined]);
    });
  });
}
