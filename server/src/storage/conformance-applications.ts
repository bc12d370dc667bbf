// What every database must do with applications, with what people let them do, and with codes and refresh tokens.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newLifecycle } from '../core/caller/lifecycle.ts';
import type { User } from '../core/identity/records.ts';
import type { Changes, Store } from '../core/ports.ts';
import type {
  Application,
  ApplicationSession,
  Authorization,
  AuthorizationCode,
} from '../core/tokens/applications/records.ts';
import { anOrganization, another, aSession, digest, populate } from './records.test-support.ts';

export function describeApplications(store: () => Store): void {
  const change = <T>(verb: (changes: Changes) => Promise<T>) => store().write(verb);
  const race = <T>(verb: (changes: Changes, n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 20 }, (_, n) => change((changes) => verb(changes, n))));

  const anApplication = (organizationId: string, wanted: Partial<Application> = {}): Application => ({
    id: randomUUID(),
    metadataUrl: null,
    organizationId,
    name: 'Reports',
    type: 'confidential',
    redirectUris: ['https://reports.example/callback'],
    grants: ['authorization_code', 'refresh_token'],
    permissions: ['read:*'],
    logoUrl: null,
    jwksUri: null,
    jwks: null,
    createdAt: another(),
    createdBy: null,
    lifecycle: newLifecycle,
    ...wanted,
  });
  const anAuthorization = (
    user: User,
    application: Application,
    wanted: Partial<Authorization> = {},
  ): Authorization => ({
    id: randomUUID(),
    organizationId: user.organizationId,
    userId: user.id,
    applicationId: application.id,
    api: 'default',
    scope: ['read:funds'],
    createdAt: another(),
    changedAt: another(),
    lastUsedAt: null,
    ...wanted,
  });

  /** An application that somebody lets act for them, in one session. */
  async function settle(allowed: Pick<Authorization, 'scope' | 'api'> = { scope: ['read:funds'], api: 'default' }) {
    const { organization, user } = await populate(store());
    const application = anApplication(organization.id);
    const authorization = anAuthorization(user, application, allowed);
    const session = aSession(user, { carrier: 'application' });
    const of: ApplicationSession = {
      sessionId: session.id,
      authorizationId: authorization.id,
      applicationId: application.id,
      organizationId: organization.id,
      userId: user.id,
      ...allowed,
      refresh: { familyDigest: digest(), tokenDigest: digest() },
      key: 'a thumbprint',
    };
    const code: AuthorizationCode = {
      digest: digest(),
      authorizationId: authorization.id,
      applicationId: application.id,
      organizationId: organization.id,
      userId: user.id,
      generation: '0.0',
      redirectUri: 'https://reports.example/callback',
      challenge: 'a challenge',
      ...allowed,
      sessionId: randomUUID(),
      givenIn: randomUUID(),
      expiresAt: 5000,
      usedAt: null,
    };
    await change(async (changes) => {
      await changes.applications.insert(application, 'digest of its secret');
      await changes.authorizations.put(authorization);
      await changes.sessions.insert(session);
      await changes.applicationSessions.insert(of);
      await changes.authorizationCodes.insert(code);
    });
    return { organization, user, application, authorization, session, of, code };
  }

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

  describe('a permission or an API that is withdrawn', () => {
    /** All of it, `limit` at a time; answers which applications lost something. */
    async function withdraw(of: { permission: string } | { api: string }, limit: number): Promise<string[]> {
      const touched = new Set<string>();
      for (let isAll = false; !isAll; ) {
        const step = await change((c) => c.holders.withdrawAuthorized(of, 77, limit));
        for (const one of step.touched) touched.add(`${one.applicationId} ${one.organizationId}`);
        isAll = step.isAll;
      }
      return [...touched].sort();
    }
    const namesOf = (all: Awaited<ReturnType<typeof settle>>[]) =>
      all.map(({ application, organization }) => `${application.id} ${organization.id}`).sort();
    const found = ({ user, application, authorization }: Awaited<ReturnType<typeof settle>>) =>
      store().authorizations.find(user.id, application.id, authorization.api);
    const lasts = async ({ session, code }: Awaited<ReturnType<typeof settle>>) => [
      await store().credentials.hasSession(session.id),
      (await change((c) => c.authorizationCodes.take(code.digest, 1))) !== null,
    ];

    it.each([1, 100])(
      'is in nothing that people let applications do any more, taken away %i at a time',
      async (limit) => {
        const name = `read:Gone_${another()}`;
        const whole = await settle({ scope: [name], api: 'default' });
        const part = await settle({ scope: ['read:funds', name, 'write:*'], api: 'default' });
        const others = [
          await settle({ scope: [name.toLowerCase(), `${name}.more`, 'read:*'], api: name }),
          await settle(),
        ];
        expect(await withdraw({ permission: name }, limit)).toEqual(namesOf([whole, part]));
        expect(await found(whole)).toBeNull();
        expect(await found(part)).toEqual({ ...part.authorization, scope: ['read:funds', 'write:*'], changedAt: 77 });
        for (const one of [whole, part]) expect(await lasts(one)).toEqual([false, false]);
        for (const one of others) {
          expect(await found(one)).toEqual(one.authorization);
          expect(await lasts(one)).toEqual([true, true]);
        }
        expect(await withdraw({ permission: name }, limit)).toEqual([]);
      },
    );

    it.each([1, 100])('takes all with it that people let applications do on that API, %i at a time', async (limit) => {
      const api = `api_${another()}`;
      const ended = [await settle({ scope: ['read:funds'], api }), await settle({ scope: ['*:*'], api })];
      const other = await settle({ scope: [`read:${api}`], api: `${api}_2` });
      expect(await withdraw({ api }, limit)).toEqual(namesOf(ended));
      for (const one of ended) expect([await found(one), ...(await lasts(one))]).toEqual([null, false, false]);
      expect(await found(other)).toEqual(other.authorization);
      expect(await lasts(other)).toEqual([true, true]);
    });

    it('is found in the applications that may ask for it in exactly these letters', async () => {
      const { organization } = await populate(store());
      const name = `read:Held_${another()}`;
      const [holder, ended] = [['a:b', name], [name]].map((permissions) =>
        anApplication(organization.id, { permissions }),
      );
      const near = anApplication(organization.id, { permissions: [name.toLowerCase(), `${name}.more`, 'read:*'] });
      for (const one of [holder, ended, near]) await change((c) => c.applications.insert(one as Application, null));
      await change((c) => c.applications.delete(organization.id, ended?.id ?? '', 1));
      const holders = await store().holders.applications(name);
      const { id: organizationId, name: organizationName } = organization;
      const told = { type: 'application', id: holder?.id, name: 'Reports', permissions: ['a:b', name] };
      expect(holders).toEqual([{ ...told, organizationId, organizationName }]);
      for (const one of holders) await change((c) => c.holders.keep(one, ['a:b']));
      expect((await store().applications.find(organizationId, holder?.id ?? ''))?.permissions).toEqual(['a:b']);
      expect((await store().applications.find(organizationId, near.id))?.permissions).toEqual(near.permissions);
    });
  });

  describe('authorization codes', () => {
    it('are used once by one of many racing callers, who are all told what they are', async () => {
      const { code } = await settle();
      const taken = await race((c, n) => c.authorizationCodes.take(code.digest, n + 1));
      expect(taken.filter((one) => one?.usedAt === null)).toEqual([code]);
      expect(taken.filter((one) => one?.usedAt !== null)).toHaveLength(19);
      expect(await change((c) => c.authorizationCodes.take('nobodys', 1))).toBeNull();
    });

    it('are found, used or not, and only looked at by that', async () => {
      const { code } = await settle();
      const find = () => store().authorizationCodes.find(code.digest);
      expect([await find(), await find()]).toEqual([code, code]);
      await change((c) => c.authorizationCodes.take(code.digest, 7));
      expect(await find()).toEqual({ ...code, usedAt: 7 });
      expect(await store().authorizationCodes.find('nobodys')).toBeNull();
    });

    it('are removed a few at a time after their end, and of an application where they were not used', async () => {
      const { application, code } = await settle();
      const used = { ...code, digest: digest(), sessionId: randomUUID() };
      await change((c) => c.authorizationCodes.insert(used));
      await change((c) => c.authorizationCodes.take(used.digest, 1));
      await change((c) => c.authorizationCodes.deleteOf(application.id));
      expect(await change((c) => c.authorizationCodes.take(code.digest, 1))).toBeNull();
      expect(await change((c) => c.authorizationCodes.take(used.digest, 2))).toMatchObject({ usedAt: 1 });
      expect(await change((c) => c.authorizationCodes.deleteExpired(5000, 9))).toBe(0);
      expect(await change((c) => c.authorizationCodes.deleteExpired(5001, 1))).toBe(1);
    });
  });

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
