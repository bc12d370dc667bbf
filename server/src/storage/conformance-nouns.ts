// Conformance: every noun is kept as it was given, is unique where it must be, and stays within its organization.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PageRequest } from '../core/page.ts';
import type { Changes, Store } from '../core/ports.ts';
import { anApiToken, anApiUser, anOrganization, another, aUser, populate } from './records.test-support.ts';

const everything: PageRequest = { limit: 200, sort: 'createdAt', descending: false };

export function describeNouns(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);

  describe('organizations', () => {
    it('come back as they were given, by id and by name', async () => {
      const organization = anOrganization({
        isOperator: true,
        contributors: 7,
        planId: 'premium',
        entitlement: ['read:a'],
      });
      expect(await change((c) => c.organizations.insert(organization))).toBe(true);
      expect(await store().organizations.find(organization.id)).toEqual(organization);
      expect(await store().organizations.findByName(organization.name)).toEqual(organization);
      expect(await store().organizations.find('nobody')).toBeNull();
    });

    it('keep their names apart, until one is deleted', async () => {
      const first = anOrganization();
      const second = anOrganization({ name: first.name });
      const third = anOrganization();
      await change((c) => c.organizations.insert(first));
      await change((c) => c.organizations.insert(third));
      expect(await change((c) => c.organizations.insert(second))).toBe(false);
      expect(await change((c) => c.organizations.update(third.id, { name: first.name }))).toBe(false);
      expect(await change((c) => c.organizations.delete(first.id, 5))).toBe(true);
      expect(await change((c) => c.organizations.insert(second))).toBe(true);
      expect(await store().organizations.findByName(first.name)).toEqual(second);
      expect((await store().organizations.find(first.id))?.lifecycle.deletedAt).toBe(5);
    });

    it('change only what is asked', async () => {
      const organization = anOrganization();
      await change((c) => c.organizations.insert(organization));
      expect(await change((c) => c.organizations.update(organization.id, { contributors: 12, entitlement: [] }))).toBe(
        true,
      );
      expect(await change((c) => c.organizations.update(organization.id, {}))).toBe(true);
      expect(await change((c) => c.organizations.update('nobody', {}))).toBe(false);
      expect(await store().organizations.find(organization.id)).toEqual({
        ...organization,
        contributors: 12,
        entitlement: [],
      });
    });
  });

  describe('users', () => {
    it('come back as they were given, and their hash only by e-mail', async () => {
      const { organization, user } = await populate(store());
      expect(await store().users.find(organization.id, user.id)).toEqual(user);
      const found = {
        id: user.id,
        organizationId: organization.id,
        passwordHash: 'hash of ada',
        secondFactorAt: null,
        generation: 0,
      };
      expect(await store().users.findPassword(user.email)).toEqual(found);
      expect(await store().users.findPassword('nobody@example.com')).toBeNull();
    });

    it('have an e-mail that nobody else on the server has, until they are deleted', async () => {
      const { organization, user } = await populate(store());
      const elsewhere = aUser((await populate(store())).organization.id, { email: user.email });
      expect(await change((c) => c.users.insert(elsewhere, 'x'))).toBe(false);
      await change((c) => c.users.delete(organization.id, user.id, 9));
      expect(await store().users.findPassword(user.email)).toBeNull();
      expect(await change((c) => c.users.insert(elsewhere, 'x'))).toBe(true);
    });

    it('get a new password only over the expected one, and a new generation with it', async () => {
      const { organization, user } = await populate(store());
      const set = (hash: string, expected?: string) =>
        change((c) => c.users.setPassword(organization.id, user.id, hash, expected));
      expect(await set('new', 'not the hash')).toBe(false);
      expect(await set('new', 'hash of ada')).toBe(true);
      expect(await set('newer')).toBe(true);
      expect(await change((c) => c.users.renewPasswordHash(user.id, 'stronger', 'new'))).toBe(false);
      expect(await change((c) => c.users.renewPasswordHash(user.id, 'stronger', 'newer'))).toBe(true);
      expect((await store().users.findPassword(user.email))?.passwordHash).toBe('stronger');
      expect((await store().users.find(organization.id, user.id))?.lifecycle.generation).toBe(2);
    });

    it('are counted by role while they are active and have come, not merely been invited', async () => {
      const { organization, user } = await populate(store());
      const second = aUser(organization.id);
      const third = aUser(organization.id, { role: 'viewer' });
      const invited = aUser(organization.id, { invitedAt: 1 });
      await change(async (c) => {
        for (const one of [second, third, invited]) await c.users.insert(one, 'x');
      });
      expect(await store().users.countAbleToSignIn(organization.id, 'owner')).toBe(2);
      await change((c) => c.users.update(organization.id, third.id, { role: 'owner' }));
      await change((c) => c.users.deactivate(organization.id, user.id, 1));
      await change((c) => c.users.delete(organization.id, second.id, 1));
      expect(await change((c) => c.users.countAbleToSignIn(organization.id, 'owner'))).toBe(1);
    });
  });

  describe('API users', () => {
    it('come back as they were given, with their digest only by username', async () => {
      const { organization } = await populate(store());
      const apiUser = anApiUser(organization.id, { createdBy: 'somebody' });
      await change((c) => c.apiUsers.insert(apiUser, 'd1'));
      expect(await store().apiUsers.find(organization.id, apiUser.id)).toEqual(apiUser);
      const found = {
        id: apiUser.id,
        organizationId: organization.id,
        passwordDigest: 'd1',
        previous: null,
        generation: 0,
      };
      expect(await store().apiUsers.findPassword(apiUser.username)).toEqual(found);
      expect(await change((c) => c.apiUsers.update(organization.id, apiUser.id, { name: 'Ünï' }))).toBe(true);
      expect(await store().apiUsers.find(organization.id, apiUser.id)).toEqual({ ...apiUser, name: 'Ünï' });
    });

    it('are found by username over all organizations until they are deleted, active or not', async () => {
      const { organization } = await populate(store());
      const apiUser = anApiUser(organization.id, { username: `named ${randomUUID()}` });
      const named = () => store().apiUsers.findNamed(apiUser.username);
      expect(await named()).toBeNull();
      await change((c) => c.apiUsers.insert(apiUser, '$2b$04$x'));
      expect(await named()).toEqual(apiUser);
      await change((c) => c.apiUsers.deactivate(organization.id, apiUser.id, 1));
      expect([(await named())?.id, await store().apiUsers.findPassword(apiUser.username)]).toEqual([apiUser.id, null]);
      await change((c) => c.apiUsers.delete(organization.id, apiUser.id, 2));
      expect(await named()).toBeNull();
    });

    it('get one username for exactly one of 100 parallel creates [S80]', async () => {
      const { organization } = await populate(store());
      const username = `${randomUUID()}@api.keyward.local`;
      const tries = Array.from({ length: 100 }, () =>
        change((c) => c.apiUsers.insert(anApiUser(organization.id, { username }), 'd')),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    });
  });

  describe('API tokens', () => {
    it('come back as they were given, by id, name, number and digest', async () => {
      const { organization, user } = await populate(store());
      const token = anApiToken(user, {
        description: 'für „alles“ \\ 100 %',
        number: Number.MAX_SAFE_INTEGER,
        sealedSecret: 'AT1sealed',
        expiresAt: 253_402_300_799_000,
        updatedAt: 3,
        use: 'exchange',
      });
      expect(await change((c) => c.apiTokens.insert(token))).toBe(true);
      expect(await store().apiTokens.find(organization.id, token.id)).toEqual(token);
      expect(await store().apiTokens.findByName(organization.id, token.name)).toEqual(token);
      expect(await store().apiTokens.findByNumber(organization.id, token.number)).toEqual(token);
      expect((await store().credentials.byDigest(token.digest))?.source).toEqual({ type: 'api_token', id: token.id });
    });

    it('have a name of their own in their organization, and only there', async () => {
      const { organization, user, token } = await populate(store());
      const other = await populate(store());
      expect(await change((c) => c.apiTokens.insert(anApiToken(user, { name: token.name })))).toBe(false);
      expect(await change((c) => c.apiTokens.insert(anApiToken(other.user, { name: token.name })))).toBe(true);
      const second = anApiToken(user);
      await change((c) => c.apiTokens.insert(second));
      const rename = { name: token.name, updatedAt: 4 };
      expect(await change((c) => c.apiTokens.update(organization.id, second.id, rename))).toBe(false);
      expect(await store().apiTokens.find(organization.id, second.id)).toEqual(second);
    });

    it('change only what is asked, and are found by what they are called now', async () => {
      const { organization, token } = await populate(store());
      const update = { name: 'Neuer Name', permissions: ['read:a'], updatedAt: 8 };
      expect(await change((c) => c.apiTokens.update(organization.id, token.id, update))).toBe(true);
      expect(await store().apiTokens.find(organization.id, token.id)).toEqual({ ...token, ...update });
      const page = await store().apiTokens.list(organization.id, { ...everything, search: 'neuer n' });
      expect(page.items.map(({ id }) => id)).toEqual([token.id]);
    });
  });

  describe('permissions, roles and plans', () => {
    it('keep permissions by name, registered once', async () => {
      const [a, b] = ['a', 'b'].map((side) => `read:${side}-${another()}`) as [string, string];
      const permission = { name: b, api: 'default', description: '', group: '', createdAt: another() };
      const earlier = { ...permission, name: a, api: 'other' };
      await change((c) => c.permissions.insert(permission));
      expect(await change((c) => c.permissions.insert({ ...permission, api: 'other' }))).toBe(false);
      expect(await change((c) => c.permissions.insert(earlier))).toBe(true);
      const told = { description: 'reads b', group: 'Reading' };
      expect(await change((c) => c.permissions.update(b, told))).toBe(true);
      expect(await store().permissions.list()).toEqual(expect.arrayContaining([earlier, { ...permission, ...told }]));
      expect(await store().permissions.namesOf('other', 1)).toEqual([a]);
      expect(await store().permissions.namesOf('none', 1)).toEqual([]);
      expect(await store().permissions.find(b)).toEqual({ ...permission, ...told });
      expect(await store().permissions.find(b.toUpperCase())).toBeNull();
      expect(await change((c) => c.permissions.delete(b))).toBe(true);
      expect(await change((c) => c.permissions.delete(b))).toBe(false);
    });

    it('keep APIs by handle', async () => {
      const handle = `api-${another()}`;
      const signed = { signingAlgorithm: 'EdDSA', createdAt: another() } as const;
      const api = { handle, name: 'Orders', identifier: null, description: '', ...signed };
      expect(await change((c) => c.apis.insert(api))).toBe(true);
      expect(await change((c) => c.apis.insert(api))).toBe(false);
      const next = { name: 'Orders 2', identifier: 'urn:acme:orders', signingAlgorithm: 'RS256' } as const;
      expect(await change((c) => c.apis.update(handle, next))).toBe(true);
      expect(await store().apis.find(handle)).toEqual({ ...api, ...next });
      expect(await store().apis.list()).toContainEqual({ ...api, ...next });
      expect(await change((c) => c.apis.delete(handle))).toBe(true);
      expect(await change((c) => c.apis.delete(handle))).toBe(false);
      expect(await store().apis.find(handle)).toBeNull();
    });

    it('tell which roles and API tokens hold a permission in exactly these letters', async () => {
      const { organization, user, token } = await populate(store());
      const name = `read:Held_${another()}`;
      const near = [name.toLowerCase(), name.replace('_', 'x'), `${name}.more`];
      const holder = anApiToken(user, { permissions: ['a:b', name] });
      const ended = anApiToken(user, { permissions: [name] });
      const role = { organizationId: organization.id, description: '', createdAt: another() };
      await change(async (c) => {
        for (const one of [holder, ended, anApiToken(user, { permissions: near })]) await c.apiTokens.insert(one);
        await c.apiTokens.delete(organization.id, ended.id, 1);
        await c.roles.insert({ ...role, name: 'holder', permissions: [name] });
        await c.roles.insert({ ...role, name: 'near', permissions: near });
      });
      const { holders } = store();
      const narrow = { permission: name };
      const page = { after: '', limit: 10 };
      expect((await holders.roles(narrow)).map(({ id }) => id)).toEqual(['holder']);
      expect((await holders.apiTokens(narrow, page)).map(({ id }) => id)).toEqual([holder.id]);
      expect(await holders.countApiTokens(name)).toBe(1);
      const all = await holders.apiTokens(narrow, { ...page, withDeleted: true });
      expect(all.map(({ id }) => id).sort()).toEqual([holder.id, ended.id].sort());
      expect(await store().upgradeSteps.heldPermissions()).toEqual(expect.arrayContaining([name, ...near]));
      for (const one of [...(await holders.roles(narrow)), ...all]) await change((c) => c.holders.keep(one, ['a:b']));
      expect((await store().apiTokens.find(organization.id, ended.id))?.permissions).toEqual(['a:b']);
      expect((await store().roles.find(organization.id, 'holder'))?.permissions).toEqual(['a:b']);
      const patterned = await holders.apiTokens('patterns', { after: '', limit: 1000 });
      expect(patterned.map(({ id }) => id)).toContain(token.id);
      expect(patterned.map(({ id }) => id)).not.toContain(holder.id);
    });

    it('delete a role only when nobody has it', async () => {
      const { organization, apiUser } = await populate(store());
      const createdAt = another();
      const role = {
        organizationId: organization.id,
        name: 'auditor',
        description: '',
        permissions: ['read:*'],
        createdAt,
      };
      expect(await change((c) => c.roles.insert(role))).toBe(true);
      expect(await change((c) => c.roles.insert(role))).toBe(false);
      await change((c) => c.apiUsers.update(organization.id, apiUser.id, { role: 'auditor' }));
      expect(await change((c) => c.roles.delete(organization.id, 'auditor'))).toBe(false);
      await change((c) => c.roles.update(organization.id, 'auditor', { permissions: ['read:a'] }));
      expect(await store().roles.list(organization.id)).toEqual([{ ...role, permissions: ['read:a'] }]);
      await change((c) => c.apiUsers.delete(organization.id, apiUser.id, 1));
      expect(await change((c) => c.roles.delete(organization.id, 'auditor'))).toBe(true);
      expect(await store().roles.find(organization.id, 'auditor')).toBeNull();
    });

    it('put a plan, new or again', async () => {
      const rule = { limit: 5, windowMs: 60_000, per: 'contributor', cap: 10 } as const;
      const limits = [rule, { ...rule, limit: 2, per: 'api_token', cap: null } as const];
      const shared = { id: 'tiny', name: 'Tiny', observed: null } as const;
      const plan = { ...shared, limits, whenUnavailable: 'allow', entitlement: ['read:*'] } as const;
      await change((c) => c.plans.put({ ...plan, limits: [], whenUnavailable: 'local', entitlement: ['*:*'] }));
      expect(await store().plans.find('tiny')).toMatchObject({ limits: [] });
      await change((c) => c.plans.put(plan));
      expect(await store().plans.find('tiny')).toEqual(plan);
      expect(await store().plans.list()).toContainEqual(plan);
    });
  });

  describe('signing keys and issued tokens', () => {
    it('retire and revoke a signing key for exactly one of many racing callers', async () => {
      const key = {
        kid: randomUUID(),
        profile: 'oauth',
        algorithm: 'ES256',
        publicJwk: '{}',
        sealedPrivateJwk: 'sealed',
        createdAt: another(),
        signsFrom: another(),
        retiredAt: null,
        verifiesUntil: null,
        revokedAt: null,
      } as const;
      await change((c) => c.signingKeys.insert(key));
      const race = async (verb: (c: Changes) => Promise<boolean>) =>
        (await Promise.all(Array.from({ length: 20 }, () => change(verb)))).filter(Boolean).length;
      expect(await race((c) => c.signingKeys.retire(key.kid, 7, 8))).toBe(1);
      expect(await race((c) => c.signingKeys.revoke(key.kid, 9))).toBe(1);
      const kept = { ...key, retiredAt: 7, verifiesUntil: 8, revokedAt: 9 };
      expect(await store().signingKeys.list()).toContainEqual(kept);
    });

    it('remember issued tokens until they are deleted, and delete expired ones a few at a time', async () => {
      const { organization, token } = await populate(store());
      const source = { type: 'api_token', id: token.id } as const;
      const record = (jti: string, expiresAt: number) => ({
        ...{ jti, organizationId: organization.id, source, issuedAt: 1, expiresAt },
      });
      const jtis = [10, 20, 30, 40].map((expiresAt) => ({ jti: randomUUID(), expiresAt }));
      for (const { jti, expiresAt } of jtis) await change((c) => c.issuedTokens.insert(record(jti, expiresAt)));
      const remembered = async () => Promise.all(jtis.map(({ jti }) => store().credentials.isIssued(jti)));
      expect(await remembered()).toEqual([true, true, true, true]);
      expect(await change((c) => c.issuedTokens.deleteExpired(30, 1))).toBe(1);
      expect(await remembered()).toEqual([false, true, true, true]);
      expect(await change((c) => c.issuedTokens.deleteExpired(30, 100))).toBe(1);
      expect(await change((c) => c.issuedTokens.delete([jtis[2]?.jti ?? '', 'nobody']))).toBe(1);
      expect(await remembered()).toEqual([false, false, false, true]);
    });
  });
}
