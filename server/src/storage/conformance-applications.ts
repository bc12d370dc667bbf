// What every database must do with applications: how they are kept, changed, stopped and found.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newLifecycle } from '../core/caller/lifecycle.ts';
import type { Store } from '../core/ports.ts';
import { anApplication, populateAuthorized } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { anOrganization, another } from './records.test-support.ts';

export function describeApplications(store: () => Store): void {
  const { change, race } = changing(store);
  const settle = () => populateAuthorized(store());

  describe('applications', () => {
    it('are found in their organization, listed, and known with it wherever they are asked for', async () => {
      const { organization, application } = await settle();
      const other = anApplication(organization.id, {
        type: 'public',
        name: 'Äpfel',
        logoUrl: 'https://a.example/l',
        redirectUris: [],
      });
      await change((c) => c.applications.insert(other, null));
      expect(await store().applications.find(organization.id, application.id)).toEqual(application);
      expect(await store().applications.find('elsewhere', application.id)).toBeNull();
      expect(await store().applications.findKnown(application.id)).toEqual({
        application,
        secretDigest: 'digest of its secret',
        organization: { id: organization.id, name: organization.name, isOperator: false, lifecycle: newLifecycle },
      });
      expect(await change((c) => c.applications.findKnown(other.id))).toMatchObject({ secretDigest: null });
      const page = { limit: 10, sort: 'createdAt', descending: true } as const;
      expect((await store().applications.list(organization.id, page)).items).toEqual([other, application]);
      const found = await store().applications.list(organization.id, { ...page, search: 'REPORTS.' });
      expect(found.items).toEqual([application]);
    });

    it('change and get another secret in their own organization alone', async () => {
      const { organization, application } = await settle();
      const next = { name: 'Monthly', redirectUris: ['app.example:/x'], permissions: ['read:a'], logoUrl: 'https://l' };
      expect(await change((c) => c.applications.update('elsewhere', application.id, next))).toBe(false);
      expect(await change((c) => c.applications.update(organization.id, application.id, next))).toBe(true);
      expect(await store().applications.find(organization.id, application.id)).toEqual({ ...application, ...next });
      expect(await change((c) => c.applications.replaceSecret('elsewhere', application.id, 'b'))).toBe(false);
      expect(await change((c) => c.applications.replaceSecret(organization.id, application.id, 'b'))).toBe(true);
      expect((await store().applications.findKnown(application.id))?.secretDigest).toBe('b');
      const open = anApplication(organization.id, { type: 'public' });
      await change((c) => c.applications.insert(open, null));
      expect(await change((c) => c.applications.replaceSecret(organization.id, open.id, 'b'))).toBe(false);
    });

    it('have keys where they are, or as they are, and others in their place', async () => {
      const { organization } = await settle();
      const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] };
      const keyed = anApplication(organization.id, { jwks });
      await change((c) => c.applications.insert(keyed, 'nobody knows it'));
      expect(await store().applications.findKnown(keyed.id)).toMatchObject({ application: keyed });
      const next = { jwks: null, jwksUri: 'https://reports.example/keys' };
      expect(await change((c) => c.applications.update('elsewhere', keyed.id, next))).toBe(false);
      expect(await change((c) => c.applications.update(organization.id, keyed.id, next))).toBe(true);
      expect(await store().applications.find(organization.id, keyed.id)).toEqual({ ...keyed, ...next });
      await change((c) => c.applications.update(organization.id, keyed.id, { name: 'Weekly' }));
      expect(await store().applications.find(organization.id, keyed.id)).toMatchObject(next);
    });

    it('of the operator are kept once when many racing callers first need one', async () => {
      const { organization } = await settle();
      const provider = { ...organization, id: randomUUID(), name: `Operator ${another()}`, isOperator: true };
      const before = await store().applications.operator();
      if (before === null) await change((c) => c.organizations.insert(provider));
      const found = await store().applications.operator();
      expect(found).toMatchObject({ isOperator: true, lifecycle: newLifecycle });
      expect(await change((c) => c.applications.operator())).toEqual(found);
      const one = anApplication(found?.id ?? '', { type: 'public' });
      const kept = await race((c, n) => c.applications.keep({ ...one, createdAt: n }));
      expect(kept.filter(Boolean)).toHaveLength(1);
      expect(await store().applications.findKnown(one.id)).toMatchObject({
        application: { ...one, createdAt: kept.indexOf(true) },
        secretDigest: null,
        organization: found,
      });
    });

    it('that describe themselves are kept once however many do so, and anew where they were deleted', async () => {
      const { organization } = await settle();
      const metadataUrl = `https://client-${another()}.example/c`;
      const described = anApplication(organization.id, { metadataUrl, type: 'public' });
      await race((c) => c.applications.describe(described));
      expect(await store().applications.findKnown(described.id)).toMatchObject({
        application: described,
        secretDigest: null,
      });
      await change((c) => c.applications.delete(organization.id, described.id, 5));
      const anew = { ...described, name: 'Another', redirectUris: ['https://b.example/'], createdAt: another() };
      await change((c) => c.applications.describe(anew));
      expect(await store().applications.find(organization.id, described.id)).toEqual(anew);
      const elsewhere = (await settle()).organization;
      await change((c) => c.applications.describe({ ...anew, organizationId: elsewhere.id, name: 'Elsewhere' }));
      expect((await store().applications.findKnown(described.id))?.application).toEqual(anew);
      const page = { limit: 10, sort: 'createdAt', descending: true, search: new URL(metadataUrl).host } as const;
      expect((await store().applications.list(organization.id, page)).items).toEqual([anew]);
    });

    it('belong to the operator where they describe themselves', async () => {
      await change((c) => c.organizations.insert(anOrganization({ isOperator: true })));
      const operator = await store().applications.operator();
      const kept = await store().organizations.find(operator?.id ?? '');
      expect(operator).toEqual({ id: kept?.id, name: kept?.name, isOperator: true, lifecycle: newLifecycle });
      expect(kept?.isOperator).toBe(true);
    });

    it('are deactivated and deleted by one of many racing callers', async () => {
      const { organization, application } = await settle();
      const stopped = await race((c, n) => c.applications.deactivate(organization.id, application.id, n + 1));
      expect(stopped.filter(Boolean)).toHaveLength(1);
      expect(await change((c) => c.applications.activate(organization.id, application.id))).toBe(true);
      const deleted = await race((c, n) => c.applications.delete(organization.id, application.id, n + 1));
      expect(deleted.filter(Boolean)).toHaveLength(1);
      const page = { limit: 10, sort: 'createdAt', descending: true } as const;
      expect((await store().applications.list(organization.id, page)).items).toEqual([]);
    });
  });
}
