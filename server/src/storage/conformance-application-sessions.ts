// What every database must do with the sessions of applications, and with their refresh tokens.

import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import { populateAuthorized } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { aSession } from './records.test-support.ts';

export function describeApplicationSessions(store: () => Store): void {
  const { change, race } = changing(store);
  const settle = () => populateAuthorized(store());

  describe('sessions of applications', () => {
    it('are found by their family, and rotate for one of many who show the same refresh token', async () => {
      const { of, session } = await settle();
      const { familyDigest = '', tokenDigest = '' } = of.refresh ?? {};
      const { generation, createdAt, expiresAt } = session;
      const known = { ...of, generation, createdAt, expiresAt };
      expect(await store().applicationSessions.findFamily(familyDigest)).toEqual(known);
      expect(await change((c) => c.applicationSessions.findFamily(familyDigest))).toEqual(known);
      const rotated = await race((c, n) => c.applicationSessions.rotate(familyDigest, tokenDigest, `next ${n}`));
      expect(rotated.filter(Boolean)).toHaveLength(1);
      const next = (await store().applicationSessions.findFamily(familyDigest))?.refresh?.tokenDigest;
      expect(next).toBe(`next ${rotated.indexOf(true)}`);
    });

    it('go with the session, and all of an authorization or of an application at once', async () => {
      const first = await settle();
      const { organization, user, session, of } = first;
      const families = () => store().applicationSessions.findFamily(of.refresh?.familyDigest ?? '');
      await change((c) => c.sessions.delete(organization.id, user.id, session.id));
      expect(await families()).toBeNull();

      for (const which of ['authorizationId', 'applicationId'] as const) {
        const next = await settle();
        const plain = aSession(next.user);
        await change((c) => c.sessions.insert(plain));
        const end = () =>
          change((c) =>
            c.applicationSessions.endOf(
              which === 'authorizationId' ? { authorizationId: next.of[which] } : { applicationId: next.of[which] },
            ),
          );
        expect(await end()).toEqual([next.organization.id]);
        expect(await end()).toEqual([]);
        expect(await store().credentials.hasSession(next.session.id)).toBe(false);
        expect(await store().credentials.hasSession(plain.id)).toBe(true);
      }
    });

    it('of one authorization end but for those that were used last', async () => {
      const { user, of, session } = await settle();
      const { seenAt } = session;
      const others = [3, 1, 2].map((later) => aSession(user, { carrier: 'application', seenAt: seenAt + later }));
      for (const one of others) {
        await change((c) => c.sessions.insert(one));
        await change((c) => c.applicationSessions.insert({ ...of, sessionId: one.id, refresh: null }));
      }
      const [last, , second] = others.map(({ id }) => id);
      const end = (id: string, kept: number, within = user.organizationId) =>
        change((c) => c.applicationSessions.endUnused(within, id, kept));
      expect(await end('nobodys', 0)).toEqual([]);
      expect(await end(of.authorizationId, 0, 'elsewhere')).toEqual([]);
      expect(await end(of.authorizationId, 4)).toEqual([]);
      expect((await end(of.authorizationId, 2)).toSorted()).toEqual([session.id, others[1]?.id].toSorted());
      const lasts = (id = '') => store().credentials.hasSession(id);
      expect([await lasts(last), await lasts(second), await lasts(session.id)]).toEqual([true, true, false]);
    });

    it('last longer with each use', async () => {
      const { session } = await settle();
      const use = { seenAt: 5, expiresAt: 9_000_000_000_000, address: '192.0.2.9', userAgent: 'tool' };
      await change((c) => c.applicationSessions.extend(session.id, use));
      expect(await store().sessions.find(session.digest)).toMatchObject(use);
    });
  });
}
