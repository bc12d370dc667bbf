// What every database must do with access tokens that were revoked one by one, and with generations that end all at once.

import { describe, expect, it } from 'vitest';
import type { Changes, Store } from '../core/ports.ts';
import type { RevokedToken } from '../core/tokens/records.ts';
import { populate } from './records.test-support.ts';

export function describeRevokedTokens(store: () => Store): void {
  const change = <T>(verb: (changes: Changes) => Promise<T>) => store().write(verb);
  let made = 0;

  describe('revoked access tokens', () => {
    const revokedOf = (organizationId: string, sourceId: string, expiresAt: number): RevokedToken => {
      made += 1;
      return {
        jti: `jti-${String(made).padStart(6, '0')}`,
        organizationId,
        source: { type: 'api_user', id: sourceId },
        expiresAt,
      };
    };

    it('are kept once for one of many racing callers, and known by their id', async () => {
      const { organization, user } = await populate(store());
      const token = revokedOf(organization.id, user.id, 1000);
      expect(await store().revokedTokens.isRevoked(token.jti)).toBe(false);
      const won = await Promise.all(Array.from({ length: 20 }, () => change((c) => c.revokedTokens.insert(token))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await store().revokedTokens.isRevoked(token.jti)).toBe(true);
    });

    it('are read page by page, of one organization or of all, without those that have ended', async () => {
      const [one, other] = [await populate(store()), await populate(store())];
      const tokens = [2000, 3000, 4000, 1500].map((end) => revokedOf(one.organization.id, one.user.id, end));
      const foreign = revokedOf(other.organization.id, other.user.id, 5000);
      for (const token of [...tokens, foreign]) await change((c) => c.revokedTokens.insert(token));
      const own = { organizationId: one.organization.id, after: '', limit: 2 };
      const first = await store().revokedTokens.living(1500, own);
      const kept = tokens.slice(0, 3).map(({ jti, source, expiresAt }) => ({ jti, sourceId: source.id, expiresAt }));
      expect(first).toEqual(kept.slice(0, 2));
      expect(await store().revokedTokens.living(1500, { ...own, after: first[1]?.jti ?? '' })).toEqual(kept.slice(2));
      const all = await store().revokedTokens.living(1500, { organizationId: null, after: '', limit: 1000 });
      expect(all.map(({ jti }) => jti)).toEqual(expect.arrayContaining([...kept.map(({ jti }) => jti), foreign.jti]));
    });

    it('concern everybody where they were made by the operator’s federated credentials', async () => {
      const [operator, customer] = [await populate(store(), { isOperator: true }), await populate(store())];
      const of = ({ organization, user }: typeof operator, type: RevokedToken['source']['type']) => ({
        ...revokedOf(organization.id, user.id, 9000),
        source: { type, id: `${type} ${user.id}` },
      });
      const tokens = [
        of(operator, 'federated_credential'),
        of(operator, 'client'),
        of(customer, 'federated_credential'),
        of(await populate(store()), 'federated_credential'),
      ] as const;
      for (const token of tokens) await change((c) => c.revokedTokens.insert(token));
      const page = { organizationId: customer.organization.id, after: '', limit: 1000 };
      const found = (await store().revokedTokens.living(1500, page)).map(({ jti }) => jti);
      expect(found).toEqual([tokens[0].jti, tokens[2].jti]);
    });

    it('are counted and ended by source, and removed a few at a time after their end', async () => {
      const { organization, user } = await populate(store());
      const tokens = [10, 20, 30].map((end) => revokedOf(organization.id, user.id, end));
      for (const token of tokens) await change((c) => c.revokedTokens.insert(token));
      expect(await change((c) => c.revokedTokens.livingOf(user.id, 10, 9))).toBe(2);
      expect(await change((c) => c.revokedTokens.livingOf(user.id, 0, 2))).toBe(2);
      expect(await change((c) => c.revokedTokens.livingOf('nobody', 0, 2))).toBe(0);
      expect(await change((c) => c.revokedTokens.deleteExpired(21, 1))).toBe(1);
      expect(await change((c) => c.revokedTokens.deleteExpired(21, 9))).toBe(1);
      expect(await change((c) => c.revokedTokens.deleteOf(user.id))).toBe(1);
    });

    it('of a session are counted and ended by that, and not by whose they are', async () => {
      const { organization, user } = await populate(store());
      const token = revokedOf(organization.id, user.id, 30);
      const source = { type: 'session', id: `session of ${user.id}` } as const;
      const ofSession = { ...revokedOf(organization.id, user.id, 30), source };
      for (const one of [token, ofSession]) await change((c) => c.revokedTokens.insert(one));
      for (const id of [user.id, source.id]) {
        expect(await change((c) => c.revokedTokens.livingOf(id, 0, 9))).toBe(1);
        expect(await change((c) => c.revokedTokens.deleteOf(id))).toBe(1);
      }
    });

    it('end all at once with their generation, also what outlives a deactivation', async () => {
      const { organization, user } = await populate(store());
      const { generation } = user.lifecycle;
      expect(await change((c) => c.users.endAccessTokens('elsewhere', user.id))).toBe(false);
      expect(await change((c) => c.users.endAccessTokens(organization.id, user.id))).toBe(true);
      const after = (await store().users.find(organization.id, user.id))?.lifecycle;
      expect(after).toEqual({ ...user.lifecycle, generation: generation + 1, cutOffGeneration: generation + 1 });
    });
  });
}
