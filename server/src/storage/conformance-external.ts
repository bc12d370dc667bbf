// Conformance: external ids and metadata are kept as they were given, found, and unique as far as they must be.

import { describe, expect, it } from 'vitest';
import type { PageRequest } from '../core/page.ts';
import type { Changes, Store } from '../core/ports.ts';
import { anApiToken, anApiUser, anOrganization, another, populate } from './records.test-support.ts';

const everything: PageRequest = { limit: 200, sort: 'createdAt', descending: false };
const metadata = { a: { deep: [1, null, 'Łódź \u{1F680}'] }, 'a key': true };

export function describeExternalRecords(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);

  describe('external ids', () => {
    it('are unique among organizations, until one is deleted', async () => {
      const externalId = `cus ${another()}`;
      const [first, second] = [anOrganization({ externalId, metadata }), anOrganization({ externalId })];
      expect(await change((c) => c.organizations.insert(first))).toBe(true);
      expect(await change((c) => c.organizations.insert(second))).toBe(false);
      expect(await store().organizations.findByExternalId(externalId)).toEqual(first);
      expect((await store().organizations.list(everything, { externalId })).items).toEqual([first]);
      expect(await change((c) => c.organizations.insert({ ...second, externalId: null }))).toBe(true);
      expect(await change((c) => c.organizations.update(second.id, { externalId }))).toBe(false);
      await change((c) => c.organizations.delete(first.id, 5));
      expect(await store().organizations.findByExternalId(externalId)).toBeNull();
      expect(await change((c) => c.organizations.update(second.id, { externalId, metadata: { b: 1 } }))).toBe(true);
      expect(await store().organizations.find(second.id)).toEqual({ ...second, metadata: { b: 1 } });
      expect(await change((c) => c.organizations.update(second.id, { externalId: null, metadata: null }))).toBe(true);
      expect(await store().organizations.find(second.id)).toEqual({ ...second, externalId: null });
    });

    it('are unique among the API users of one organization, until one is deleted, which then stays deleted', async () => {
      const { organization } = await populate(store());
      const elsewhere = (await populate(store())).organization;
      const wanted = { externalId: 'till', metadata };
      const [first, second] = [anApiUser(organization.id, wanted), anApiUser(organization.id)];
      expect(await change((c) => c.apiUsers.insert(first, 'one'))).toBe(true);
      expect(await change((c) => c.apiUsers.insert(anApiUser(organization.id, wanted), 'two'))).toBe(false);
      expect(await change((c) => c.apiUsers.insert(anApiUser(elsewhere.id, wanted), 'three'))).toBe(true);
      expect(await change((c) => c.apiUsers.insert(second, 'four'))).toBe(true);
      expect(await store().apiUsers.findByExternalId(organization.id, 'till')).toEqual(first);
      const listed = await store().apiUsers.list(organization.id, everything, { externalId: 'till' });
      expect(listed.items).toEqual([first]);
      expect(await change((c) => c.apiUsers.update(organization.id, second.id, { externalId: 'till' }))).toBe(false);
      await change((c) => c.apiUsers.delete(organization.id, first.id, 5));
      expect(await change((c) => c.apiUsers.update(organization.id, second.id, { externalId: 'till' }))).toBe(true);
      expect(await change((c) => c.apiUsers.restore(organization.id, first.id))).toBe(false);
      expect(await change((c) => c.apiUsers.update(organization.id, second.id, { externalId: null }))).toBe(true);
      expect(await change((c) => c.apiUsers.restore(organization.id, first.id))).toBe(true);
      expect(await store().apiUsers.find(organization.id, first.id)).toMatchObject(wanted);
    });

    it('are unique among the API tokens of one organization, and told with the credential', async () => {
      const { organization, user, apiUser } = await populate(store());
      const elsewhere = (await populate(store())).user;
      const wanted = { externalId: 'key', metadata };
      const [first, second] = [anApiToken(user, wanted), anApiToken(apiUser)];
      expect(await change((c) => c.apiTokens.insert(first))).toBe(true);
      expect(await change((c) => c.apiTokens.insert(anApiToken(apiUser, wanted)))).toBe(false);
      expect(await change((c) => c.apiTokens.insert(anApiToken(elsewhere, wanted)))).toBe(true);
      expect(await change((c) => c.apiTokens.insert(second))).toBe(true);
      expect(await store().apiTokens.findByExternalId(organization.id, 'key')).toEqual(first);
      const byName = { ...everything, sort: 'name' } as const;
      const byEnd = { ...everything, sort: 'expiresAt' } as const;
      for (const page of [byName, byEnd]) {
        expect((await store().apiTokens.list(organization.id, page, { externalId: 'key' })).items).toEqual([first]);
      }
      const rename = { externalId: 'key', updatedAt: 7 };
      expect(await change((c) => c.apiTokens.update(organization.id, second.id, rename))).toBe(false);
      await change((c) => c.apiTokens.delete(organization.id, first.id, 5));
      expect(await change((c) => c.apiTokens.update(organization.id, second.id, rename))).toBe(true);
      expect(await change((c) => c.apiTokens.restore(organization.id, first.id))).toBe(false);
      await change((c) => c.apiUsers.update(organization.id, apiUser.id, { externalId: 'owner' }));
      await change((c) => c.organizations.update(organization.id, { externalId: organization.id }));
      const told = { externalId: 'key', organization: { externalId: organization.id } };
      expect(await store().credentials.byDigest(second.digest)).toMatchObject(told);
      expect(await store().credentials.bySource({ type: 'api_token', id: second.id })).toMatchObject(told);
      const machine = await store().credentials.bySource({ type: 'api_user', id: apiUser.id });
      expect(machine).toMatchObject({ externalId: 'owner', organization: { externalId: organization.id } });
      const person = await store().credentials.bySource({ type: 'user', id: user.id });
      expect(person).toMatchObject({ externalId: null, organization: { externalId: organization.id } });
    });
  });
}
