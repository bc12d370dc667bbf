// Conformance: API tokens that leaked are marked, found when they are due, and forget it with a new secret; what an organization
// wishes done with them is kept.

import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import { anApiToken, anOrganization, populate } from './records.test-support.ts';

export function describeLeaks(store: () => Store): void {
  describe('leaks', () => {
    it('marks a token of its organization alone, deleted or not, each mark by itself', async () => {
      const { organization, user } = await populate(store());
      const elsewhere = await populate(store());
      const token = anApiToken(user);
      await store().write(async ({ apiTokens }) => {
        await apiTokens.insert(token);
        expect(await apiTokens.markLeaked(elsewhere.organization.id, token.id, { leakedAt: 1 })).toBe(false);
        expect(await apiTokens.markLeaked(organization.id, token.id, { leakedAt: 5 })).toBe(true);
        expect(await apiTokens.markLeaked(organization.id, token.id, { leakEndsAt: 7 })).toBe(true);
        await apiTokens.delete(organization.id, token.id, 8);
        expect(await apiTokens.markLeaked(organization.id, token.id, { leakedAt: 9 })).toBe(true);
      });
      expect(await store().apiTokens.find(organization.id, token.id)).toMatchObject({ leakedAt: 9, leakEndsAt: 7 });
    });

    it('finds those that were to end and did expire, the earliest first, unless they are deactivated or deleted', async () => {
      const { organization, user } = await populate(store());
      const due = (leakEndsAt: number | null, expiresAt: number | null) => anApiToken(user, { leakEndsAt, expiresAt });
      const [late, early, kept, notYet, never, off, gone] = [
        ...[due(20, 20), due(10, 9), due(10, 1000), due(1001, 1001), due(null, 5)],
        ...[due(10, 10), due(10, 10)],
      ];
      const all = [late, early, kept, notYet, never, off, gone].filter((one) => one !== undefined);
      await store().write(async ({ apiTokens }) => {
        for (const one of all) await apiTokens.insert(one);
        await apiTokens.deactivate(organization.id, off?.id ?? '', 11);
        await apiTokens.delete(organization.id, gone?.id ?? '', 11);
      });
      const found = (await store().apiTokens.leakedAndDue(100, 1000)).filter(
        ({ organizationId }) => organizationId === organization.id,
      );
      expect(found.map(({ id }) => id)).toEqual([early?.id, late?.id]);
      expect(await store().apiTokens.leakedAndDue(100, 1)).toHaveLength(1);
    });

    it('says nothing of a new secret that the one before had leaked', async () => {
      const { organization, user } = await populate(store());
      const token = anApiToken(user, { leakedAt: 5, leakEndsAt: 7 });
      const next = {
        digest: 'f'.repeat(64),
        prefix: 'kw',
        lastFour: null,
        sealedSecret: null,
        updatedAt: 9,
        endsAccess: true,
      };
      await store().write(async ({ apiTokens }) => {
        await apiTokens.insert(token);
        expect(await apiTokens.replaceSecret(organization.id, token.id, token.digest, next)).toBe(true);
      });
      expect(await store().apiTokens.find(organization.id, token.id)).toMatchObject({ leakedAt: null, leakEndsAt: 7 });
    });

    it('keeps what an organization wishes', async () => {
      const organization = anOrganization();
      await store().write(({ organizations }) => organizations.insert(organization));
      const leakPolicy = { action: 'shorten', endsAfterMs: 60_000, descendants: false } as const;
      await store().write(({ organizations }) => organizations.update(organization.id, { leakPolicy }));
      expect(await store().organizations.find(organization.id)).toEqual({ ...organization, leakPolicy });
    });
  });
}
