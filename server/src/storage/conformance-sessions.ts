// What every database must do with sessions, links that work once and second factors.

import { describe, expect, it } from 'vitest';
import type { OneTimeLink } from '../core/identity/records.ts';
import type { Changes, Store } from '../core/ports.ts';
import { aSession, aUser, digest, populate } from './records.test-support.ts';

export function describeSessions(store: () => Store): void {
  const change = <T>(verb: (changes: Changes) => Promise<T>) => store().write(verb);
  const race = async (verb: (c: Changes) => Promise<boolean>) =>
    (await Promise.all(Array.from({ length: 20 }, () => change(verb)))).filter(Boolean).length;

  describe('sessions', () => {
    it('are found by digest, and listed for their user alone, the newest first, without those that expired', async () => {
      const { organization, user } = await populate(store());
      const other = aUser(organization.id);
      await change((c) => c.users.insert(other, 'x'));
      const [older, newer] = [aSession(user), aSession(user, { carrier: 'access_token' })];
      const expired = aSession(user, { expiresAt: 5 });
      for (const one of [older, newer, expired, aSession(other)]) await change((c) => c.sessions.insert(one));
      expect(await store().sessions.find(older.digest)).toEqual(older);
      expect(await store().sessions.find(digest())).toBeNull();
      expect(await store().sessions.list(organization.id, user.id, 5)).toEqual([newer, older]);
      expect(await store().sessions.list('elsewhere', user.id, 5)).toEqual([]);
    });

    it('note a use unless a later one is known, and move to another digest for one of many racing callers', async () => {
      const { organization, user } = await populate(store());
      const session = aSession(user);
      await change((c) => c.sessions.insert(session));
      const use = { seenAt: session.seenAt + 90, address: '2001:db8::1', userAgent: 'other' };
      const touch = (before: number, within = organization.id) =>
        change((c) => c.sessions.touch(within, session.id, use, before));
      expect(await touch(session.seenAt - 1)).toBe(false);
      expect(await touch(session.seenAt, 'elsewhere')).toBe(false);
      expect(await touch(session.seenAt)).toBe(true);
      expect(await store().sessions.find(session.digest)).toEqual({ ...session, ...use });
      const next = { digest: digest(), generation: '1.0', confirmedAt: 7 };
      expect(await change((c) => c.sessions.renew('elsewhere', session.digest, next))).toBe(false);
      expect(await race((c) => c.sessions.renew(organization.id, session.digest, next))).toBe(1);
      expect(await store().sessions.find(session.digest)).toBeNull();
      expect(await store().sessions.find(next.digest)).toEqual({ ...session, ...use, ...next });
    });

    it('end one by one for one of many racing callers, all others at once, and expired ones a few at a time', async () => {
      const { organization, user } = await populate(store());
      const all = Array.from({ length: 5 }, (_, at) => aSession(user, { expiresAt: 10 + at }));
      const [first, , third] = all;
      await change((c) => c.sessions.deleteExpired(10, 100));
      for (const one of all) await change((c) => c.sessions.insert(one));
      const lasts = () => store().credentials.hasSession(first?.id ?? '');
      expect(await lasts()).toBe(true);
      const ids = async () => (await store().sessions.list(organization.id, user.id, 0)).map(({ id }) => id);
      expect(await change((c) => c.sessions.delete(organization.id, 'nobody', first?.id ?? ''))).toBe(false);
      expect(await race((c) => c.sessions.delete(organization.id, user.id, first?.id ?? ''))).toBe(1);
      expect(await lasts()).toBe(false);
      expect(await change((c) => c.sessions.claim(first?.id ?? ''))).toBe(false);
      expect(await change((c) => c.sessions.claim(third?.id ?? ''))).toBe(true);
      expect(await change((c) => c.sessions.deleteExpired(13, 1))).toBe(1);
      expect(await ids()).toHaveLength(3);
      expect(await change((c) => c.sessions.deleteOthers(organization.id, user.id, third?.id ?? ''))).toBe(2);
      expect(await ids()).toEqual([third?.id]);
    });

    it('tell when their user was seen last, and never go back behind that', async () => {
      const { organization, user } = await populate(store());
      expect(await change((c) => c.users.seen(organization.id, user.id, 20))).toBe(true);
      expect(await change((c) => c.users.seen(organization.id, user.id, 10))).toBe(false);
      expect((await store().users.find(organization.id, user.id))?.lastSeenAt).toBe(20);
    });
  });

  describe('links that work once', () => {
    it('are used up by exactly one of many racing callers [S20]', async () => {
      const { organization, user } = await populate(store());
      const whom = { organizationId: organization.id, id: user.id, generation: 3 };
      const link: OneTimeLink = { digest: digest(), purpose: 'reset', user: whom, createdAt: 1, expiresAt: 2 };
      await change((c) => c.oneTimeLinks.insert(link));
      expect(await store().oneTimeLinks.find(link.digest)).toEqual(link);
      expect(await race((c) => c.oneTimeLinks.take(link.digest))).toBe(1);
      expect(await store().oneTimeLinks.find(link.digest)).toBeNull();
    });

    it('end for a user, for a set-up, or when they are old', async () => {
      const { organization, user } = await populate(store());
      const whom = { organizationId: organization.id, id: user.id, generation: 0 };
      const make = async (purpose: OneTimeLink['purpose'], expiresAt: number) => {
        const link = { digest: digest(), purpose, user: purpose === 'set_up' ? null : whom, createdAt: 1, expiresAt };
        await change((c) => c.oneTimeLinks.insert(link));
        return link.digest;
      };
      await change((c) => c.oneTimeLinks.deleteExpired(6, 100));
      const [theirs, setUp, old] = [await make('invitation', 90), await make('set_up', 90), await make('reset', 5)];
      const left = async () => Promise.all([theirs, setUp, old].map((one) => store().oneTimeLinks.find(one)));
      expect(await change((c) => c.oneTimeLinks.deleteExpired(6, 10))).toBe(1);
      expect(await change((c) => c.oneTimeLinks.deleteSetUps())).toBe(1);
      expect((await left()).map((one) => one?.purpose)).toEqual(['invitation', undefined, undefined]);
      expect(await change((c) => c.oneTimeLinks.deleteFor('elsewhere', user.id))).toBe(0);
      expect(await change((c) => c.oneTimeLinks.deleteFor(organization.id, user.id))).toBe(1);
    });

    it('find out of an invitation once that it was accepted', async () => {
      const { organization } = await populate(store());
      const invited = aUser(organization.id, { invitedAt: 5 });
      await change((c) => c.users.insert(invited, 'x'));
      expect(await store().users.find(organization.id, invited.id)).toEqual(invited);
      expect(await race((c) => c.users.welcome(organization.id, invited.id))).toBe(1);
      expect((await store().users.find(organization.id, invited.id))?.invitedAt).toBeNull();
    });
  });

  describe('second factors', () => {
    it('count when they are confirmed, once, and take a prepared one in place of another until then', async () => {
      const { organization, user } = await populate(store());
      const made = { userId: user.id, organizationId: organization.id, lastStep: 0, createdAt: 1, confirmedAt: null };
      expect(await change((c) => c.secondFactors.prepare({ ...made, sealedSecret: 'a' }))).toBe(true);
      expect(await change((c) => c.secondFactors.prepare({ ...made, sealedSecret: 'b' }))).toBe(true);
      expect(await race((c) => c.secondFactors.confirm(organization.id, user.id, 9, 100))).toBe(1);
      expect(await change((c) => c.secondFactors.prepare({ ...made, sealedSecret: 'c' }))).toBe(false);
      const kept = { ...made, sealedSecret: 'b', lastStep: 100, confirmedAt: 9 };
      expect(await store().secondFactors.find(organization.id, user.id)).toEqual(kept);
      expect(await store().secondFactors.find('elsewhere', user.id)).toBeNull();
      await change((c) => c.users.setSecondFactor(organization.id, user.id, 9));
      expect((await store().users.findPassword(user.email))?.secondFactorAt).toBe(9);
    });

    it('accept each step once and none from before, for exactly one of many racing callers [S24]', async () => {
      const { organization, user } = await populate(store());
      const made = { userId: user.id, organizationId: organization.id, lastStep: 0, createdAt: 1, confirmedAt: null };
      await change((c) => c.secondFactors.prepare({ ...made, sealedSecret: 'a' }));
      const advance = (step: number) => (c: Changes) => c.secondFactors.advance(organization.id, user.id, step);
      expect(await change(advance(5))).toBe(false);
      await change((c) => c.secondFactors.confirm(organization.id, user.id, 9, 100));
      expect(await change(advance(100))).toBe(false);
      expect(await race(advance(101))).toBe(1);
      expect(await change(advance(99))).toBe(false);
    });

    it('have recovery codes that work once, and are gone with them', async () => {
      const { organization, user } = await populate(store());
      const made = { userId: user.id, organizationId: organization.id, lastStep: 0, createdAt: 1, confirmedAt: null };
      await change((c) => c.secondFactors.prepare({ ...made, sealedSecret: 'a' }));
      await change((c) => c.secondFactors.addRecoveryCodes(organization.id, user.id, ['m1', 'm2']));
      expect(await race((c) => c.secondFactors.useRecoveryCode(organization.id, user.id, 'm1'))).toBe(1);
      expect(await store().secondFactors.recoveryCodes(organization.id, user.id)).toEqual(['m2']);
      expect(await change((c) => c.secondFactors.delete('elsewhere', user.id))).toBe(false);
      expect(await store().secondFactors.recoveryCodes(organization.id, user.id)).toEqual(['m2']);
      expect(await race((c) => c.secondFactors.delete(organization.id, user.id))).toBe(1);
      expect(await store().secondFactors.recoveryCodes(organization.id, user.id)).toEqual([]);
    });
  });
}
