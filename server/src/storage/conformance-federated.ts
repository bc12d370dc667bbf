// What every database must do with federated credentials, and with outside tokens that were used.

import { describe, expect, it } from 'vitest';
import type { Changes, Store } from '../core/ports.ts';
import { aFederatedCredential, another, populate } from './records.test-support.ts';

export function describeFederatedCredentials(store: () => Store): void {
  const change = <T>(verb: (changes: Changes) => Promise<T>) => store().write(verb);

  describe('federated credentials', () => {
    const world = async () => {
      const { organization } = await populate(store());
      const owner = { id: `machine-${another()}`, organizationId: organization.id };
      return { owner, one: aFederatedCredential(owner, { createdAt: another() }) };
    };
    const kept = (organizationId: string, id: string) => store().federatedCredentials.find(organizationId, id);

    it('are kept as they were made, and found in their organization alone', async () => {
      const { owner, one } = await world();
      const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] };
      const other = aFederatedCredential(owner, { issuer: null, audience: null, conditions: {}, jwks });
      for (const made of [other, one]) expect(await change((c) => c.federatedCredentials.insert(made))).toBe(true);
      expect(await kept(owner.organizationId, one.id)).toEqual(one);
      expect(await kept('elsewhere', one.id)).toBe(null);
      const { federatedCredentials } = store();
      expect(await federatedCredentials.list(owner.organizationId, one.owner)).toEqual([other, one]);
      expect(await federatedCredentials.list('elsewhere', one.owner)).toEqual([]);
    });

    it('of one owner have different names', async () => {
      const { owner, one } = await world();
      await change((c) => c.federatedCredentials.insert(one));
      const twin = aFederatedCredential(owner, { name: one.name });
      expect(await change((c) => c.federatedCredentials.insert(twin))).toBe(false);
      const other = aFederatedCredential(owner);
      await change((c) => c.federatedCredentials.insert(other));
      expect(await change((c) => c.federatedCredentials.update({ ...other, name: one.name }))).toBe(false);
      expect(await kept(owner.organizationId, other.id)).toEqual(other);
      const elsewhere = aFederatedCredential({ ...owner, id: 'another' }, { name: one.name });
      expect(await change((c) => c.federatedCredentials.insert(elsewhere))).toBe(true);
    });

    it('are changed and deleted in their organization alone, and by one of many racing callers', async () => {
      const { owner, one } = await world();
      await change((c) => c.federatedCredentials.insert(one));
      const next = { ...one, name: 'renamed', conditions: { sub: '*/x' }, jwksUri: 'https://keys', lineageId: 'new' };
      expect(await change((c) => c.federatedCredentials.update({ ...next, organizationId: 'elsewhere' }))).toBe(false);
      expect(await change((c) => c.federatedCredentials.update(next))).toBe(true);
      expect(await kept(owner.organizationId, one.id)).toEqual(next);
      expect(await change((c) => c.federatedCredentials.delete('elsewhere', one.id))).toBe(false);
      const remove = () => change((c) => c.federatedCredentials.delete(owner.organizationId, one.id));
      expect((await Promise.all(Array.from({ length: 9 }, remove))).filter(Boolean)).toHaveLength(1);
      expect(await kept(owner.organizationId, one.id)).toBe(null);
    });
  });

  describe('outside tokens', () => {
    it('are used by one of many racing callers, and removed a few at a time after their end', async () => {
      const use = (digest: string, expiresAt: number) => change((c) => c.usedAssertions.insert({ digest, expiresAt }));
      const racing = await Promise.all(Array.from({ length: 20 }, () => use(`racing-${another()}`.slice(0, 7), 10)));
      expect(racing.filter(Boolean)).toHaveLength(1);
      await use(`one ${another()}`, 20);
      await use(`other ${another()}`, 30);
      expect(await change((c) => c.usedAssertions.deleteExpired(30, 1))).toBe(1);
      expect(await change((c) => c.usedAssertions.deleteExpired(30, 9))).toBe(1);
      expect(await change((c) => c.usedAssertions.deleteExpired(31, 9))).toBe(1);
    });
  });
}
