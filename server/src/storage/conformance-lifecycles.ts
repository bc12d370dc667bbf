// Conformance: lifecycles change for exactly one of many callers and never across organizations, and records tell the
// whole of them in one read.

import { describe, expect, it } from 'vitest';
import type { LifecycleChanges } from '../core/identity/ports.ts';
import type { Changes, Store } from '../core/ports.ts';
import { anApiToken, anApiUser, another, populate } from './records.test-support.ts';

type Noun = 'users' | 'apiUsers' | 'apiTokens';
type World = Awaited<ReturnType<typeof populate>>;

const nouns: { noun: Noun; id: (world: World) => string }[] = [
  { noun: 'users', id: ({ user }) => user.id },
  { noun: 'apiUsers', id: ({ apiUser }) => apiUser.id },
  { noun: 'apiTokens', id: ({ token }) => token.id },
];

export function describeLifecycles(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);
  const winners = async (count: number, verb: (changes: Changes) => Promise<boolean>) =>
    (await Promise.all(Array.from({ length: count }, () => change(verb)))).filter(Boolean).length;

  describe.each(nouns)('the lifecycle of $noun', ({ noun, id }) => {
    const lifecycleOf = async (world: World) => (await store()[noun].find(world.organization.id, id(world)))?.lifecycle;

    it('lets exactly one of many racing deactivations win', async () => {
      const world = await populate(store());
      expect(await winners(50, (c) => c[noun].deactivate(world.organization.id, id(world), 11))).toBe(1);
      expect(await lifecycleOf(world)).toEqual({
        deactivatedAt: 11,
        deletedAt: null,
        generation: 1,
        cutOffGeneration: 0,
      });
      expect(await winners(50, (c) => c[noun].activate(world.organization.id, id(world)))).toBe(1);
      expect((await lifecycleOf(world))?.deactivatedAt).toBeNull();
    });

    it('lets exactly one of many racing deletions win, and nothing but a restore after it', async () => {
      const world = await populate(store());
      expect(await winners(50, (c) => c[noun].delete(world.organization.id, id(world), 12))).toBe(1);
      expect(await lifecycleOf(world)).toEqual({
        deactivatedAt: null,
        deletedAt: 12,
        generation: 1,
        cutOffGeneration: 1,
      });
      expect(await change((c) => c[noun].deactivate(world.organization.id, id(world), 13))).toBe(false);
      expect(await change((c) => c[noun].activate(world.organization.id, id(world)))).toBe(false);
    });

    it('cuts off once, also what is inactive already', async () => {
      const world = await populate(store());
      const cutOff = (c: Changes) => c[noun].deactivate(world.organization.id, id(world), 14, true);
      await change((c) => c[noun].deactivate(world.organization.id, id(world), 11));
      expect(await winners(20, cutOff)).toBe(1);
      expect(await lifecycleOf(world)).toEqual({
        deactivatedAt: 11,
        deletedAt: null,
        generation: 1,
        cutOffGeneration: 1,
      });
      await change((c) => c[noun].activate(world.organization.id, id(world)));
      expect(await winners(20, cutOff)).toBe(1);
      expect(await lifecycleOf(world)).toEqual({
        deactivatedAt: 14,
        deletedAt: null,
        generation: 2,
        cutOffGeneration: 2,
      });
    });

    it('is not touched by any verb from another organization [S58]', async () => {
      const world = await populate(store());
      const foreign = (await populate(store())).organization.id;
      const before = await store()[noun].find(world.organization.id, id(world));
      expect(await store()[noun].find(foreign, id(world))).toBeNull();
      const update = { name: 'taken over', updatedAt: 1 };
      const verbs: ((c: Changes) => Promise<boolean>)[] = [
        (c) => c[noun].deactivate(foreign, id(world), 1),
        (c) => c[noun].deactivate(foreign, id(world), 1, true),
        (c) => c[noun].activate(foreign, id(world)),
        (c) => c[noun].delete(foreign, id(world), 1),
        (c) => c[noun].update(foreign, id(world), update),
        (c) => c.users.setPassword(foreign, id(world), 'x'),
      ];
      for (const verb of verbs) expect(await change(verb)).toBe(false);
      expect(await store()[noun].find(world.organization.id, id(world))).toEqual(before);
    });
  });

  it('restores what was deleted, once, unless its name is taken meanwhile', async () => {
    const { organization, user, apiUser, token } = await populate(store());
    const foreign = (await populate(store())).organization.id;
    const restorable: {
      verbs: (c: Changes) => LifecycleChanges;
      id: string;
      rival: (c: Changes) => Promise<boolean>;
    }[] = [
      {
        verbs: (c) => c.apiTokens,
        id: token.id,
        rival: (c) => c.apiTokens.insert(anApiToken(user, { name: token.name })),
      },
      {
        verbs: (c) => c.apiUsers,
        id: apiUser.id,
        rival: (c) => c.apiUsers.insert(anApiUser(organization.id, { username: apiUser.username }), 'd'),
      },
    ];
    for (const { verbs, id, rival } of restorable) {
      await change((c) => verbs(c).delete(organization.id, id, 3));
      expect(await change((c) => verbs(c).restore(foreign, id))).toBe(false);
      expect(await winners(20, (c) => verbs(c).restore(organization.id, id))).toBe(1);
      await change((c) => verbs(c).delete(organization.id, id, 4));
      expect(await change(rival)).toBe(true);
      const both = await change(async (c) => [
        await verbs(c).restore(organization.id, id),
        await c.plans.find('nobody'),
      ]);
      expect(both).toEqual([false, null]);
    }
  });

  it('deactivates, activates and deletes an organization', async () => {
    const { organization } = await populate(store());
    expect(await winners(20, (c) => c.organizations.deactivate(organization.id, 21))).toBe(1);
    expect(await winners(20, (c) => c.organizations.activate(organization.id))).toBe(1);
    expect(await winners(20, (c) => c.organizations.delete(organization.id, 22))).toBe(1);
    const lifecycle = { deactivatedAt: null, deletedAt: 22, generation: 2, cutOffGeneration: 2 };
    expect((await store().organizations.find(organization.id))?.lifecycle).toEqual(lifecycle);
  });

  it('tells all of a credential in one read, whoever owns the token', async () => {
    const { organization, user, apiUser, token, machineToken } = await populate(store());
    const { id, name, externalId, isOperator, planId, contributors, lifecycle } = organization;
    expect(await store().credentials.byDigest(token.digest)).toEqual({
      source: { type: 'api_token', id: token.id },
      name: token.name,
      externalId: null,
      lifecycle: token.lifecycle,
      expiresAt: null,
      token: {
        permissions: token.permissions,
        use: token.use,
        digest: token.digest,
        previous: null,
        number: token.number,
        addresses: [],
        apis: null,
        limits: [],
        limitedWith: null,
      },
      owner: { type: 'user', ...pick(user), name: user.email },
      rolePermissions: null,
      // There is no plan of this id, which entitles to nothing.
      organization: { id, name, externalId, isOperator, planId, entitlement: [], contributors, lifecycle },
    });
    const machine = await store().credentials.bySource({ type: 'api_token', id: machineToken.id });
    expect(machine?.owner).toEqual({ type: 'api_user', ...pick(apiUser), name: apiUser.username });
    const person = await store().credentials.bySource({ type: 'user', id: user.id });
    expect(person).toMatchObject({ source: { type: 'user', id: user.id }, name: user.email, token: null });
    const itself = await store().credentials.bySource({ type: 'api_user', id: apiUser.id });
    expect(itself).toMatchObject({ name: apiUser.username, owner: machine?.owner, organization: { id } });
    expect(await store().credentials.byDigest('unknown')).toBeNull();
    expect(await store().credentials.bySource({ type: 'user', id: apiUser.id })).toBeNull();
  });

  it('tells what its organization is entitled to: by its own list, else by its plan, and without either to everything', async () => {
    const { organization, token } = await populate(store());
    const entitlement = async () => (await store().credentials.byDigest(token.digest))?.organization.entitlement;
    const rule = { limits: [], whenUnavailable: 'local' } as const;
    const plan = { id: `plan-${another()}`, name: 'Reading', ...rule, entitlement: ['read:*'], observed: null };
    await change((c) => c.plans.insert(plan));
    await change((c) => c.organizations.update(organization.id, { planId: plan.id }));
    expect(await entitlement()).toEqual(['read:*']);
    await change((c) => c.organizations.update(organization.id, { entitlement: ['write:a'] }));
    expect(await entitlement()).toEqual(['write:a']);
    await change((c) => c.organizations.update(organization.id, { entitlement: null, planId: null }));
    expect(await entitlement()).toBeNull();
  });

  it("tells the permissions of an organization's own role, and that a deleted token was deleted", async () => {
    const { organization, apiUser, machineToken } = await populate(store());
    const role = { organizationId: organization.id, name: 'ci', description: '', permissions: ['run:ci'] };
    await change((c) => c.roles.insert({ ...role, createdAt: another() }));
    await change((c) => c.apiUsers.update(organization.id, apiUser.id, { role: 'ci' }));
    await change((c) => c.apiTokens.delete(organization.id, machineToken.id, 31));
    const record = await store().credentials.byDigest(machineToken.digest);
    expect(record?.rolePermissions).toEqual(['run:ci']);
    expect(record?.lifecycle.deletedAt).toBe(31);
  });
}

function pick<T extends { id: string; number: number; role: string; lifecycle: object }>(person: T) {
  const { id, number, role, lifecycle } = person;
  return { id, number, role, lifecycle };
}
