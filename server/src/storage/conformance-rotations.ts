// Conformance: what rotated API tokens and API users had before is kept beside them, one of each at most, and ends for exactly
// one of many; a password that ends at once ends the access tokens that were made with it and no others.

import { describe, expect, it } from 'vitest';
import type { SecretUse } from '../core/caller/use.ts';
import type { PreviousSecret } from '../core/credentials/records.ts';
import type { Changes, Store } from '../core/ports.ts';
import { another, digest, populate } from './records.test-support.ts';

type World = Awaited<ReturnType<typeof populate>>;

const kinds = [
  { noun: 'previousSecrets', type: 'api_token', id: ({ token }: World) => token.id },
  { noun: 'previousPasswords', type: 'api_user', id: ({ apiUser }: World) => apiUser.id },
] as const;

export function describeRotations(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);

  describe.each(kinds)('$noun', ({ noun, type, id }) => {
    const previousOf = (world: World, wanted: Partial<PreviousSecret> = {}): PreviousSecret => ({
      sourceId: id(world),
      organizationId: world.organization.id,
      digest: digest(),
      rotatedAt: 100,
      endsAt: 1000,
      lastUsed: null,
      currentLastUsed: null,
      ...wanted,
    });
    const find = async (world: World) =>
      (await store()[noun].of(world.organization.id, [id(world), 'nobody'])).get(id(world));
    const use = (world: World, wanted: Partial<SecretUse>): SecretUse => ({
      source: { type, id: id(world) },
      organizationId: world.organization.id,
      secret: 'previous',
      inUseUntil: 0,
      at: 200,
      address: null,
      userAgent: 'curl',
      ...wanted,
    });

    it('come back as they were given, one of each, and in their organization only', async () => {
      const [world, other] = [await populate(store()), await populate(store())];
      const lastUsed = { at: 50, address: '192.0.2.1', userAgent: 'curl' };
      const previous = previousOf(world, { lastUsed });
      expect(await change((c) => c[noun].insert(previous))).toBe(true);
      expect(await change((c) => c[noun].insert(previousOf(world)))).toBe(false);
      expect(await find(world)).toEqual(previous);
      expect(await store()[noun].of(other.organization.id, [id(world)])).toEqual(new Map());
      expect(await store()[noun].of(world.organization.id, [])).toEqual(new Map());
      const end = (organizationId: string, text: string) =>
        change((c) => c[noun].delete(organizationId, id(world), text));
      expect(await end(other.organization.id, previous.digest)).toBe(false);
      expect(await end(world.organization.id, digest())).toBe(false);
      const racing = Array.from({ length: 20 }, () => end(world.organization.id, previous.digest));
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await find(world)).toBeUndefined();
    });

    it('remember the later use of each of the two, and none from before the rotation', async () => {
      const world = await populate(store());
      await change((c) => c[noun].insert(previousOf(world)));
      const touch = (...uses: SecretUse[]) => change((c) => c[noun].touch(uses));
      await touch(use(world, { at: 99 }), use(world, { at: 99, secret: 'current' }));
      expect(await find(world)).toMatchObject({ lastUsed: null, currentLastUsed: null });
      await touch(use(world, { at: 300 }), use(world, { at: 200 }), use(world, { at: 250, secret: 'current' }));
      await touch(use(world, { organizationId: 'another', at: 900 }));
      expect(await find(world)).toMatchObject({ lastUsed: { at: 300 }, currentLastUsed: { at: 250 } });
    });

    it('are due when their time is up, or when they are silent while the new one is used', async () => {
      const [over, silent, busy, unused] = [
        await populate(store()),
        await populate(store()),
        await populate(store()),
        await populate(store()),
      ];
      await change(async (c) => {
        await c[noun].insert(previousOf(over, { endsAt: 500 }));
        for (const world of [silent, busy, unused]) await c[noun].insert(previousOf(world, { endsAt: 9000 }));
        await c[noun].touch([
          use(silent, { secret: 'current' }),
          use(busy, { secret: 'current' }),
          use(busy, { inUseUntil: 700 }),
        ]);
      });
      const due = async (now: number, silentSince: number) => {
        const found = (await store()[noun].due(now, silentSince, 1000)).map(({ sourceId }) => sourceId);
        return [over, silent, busy, unused].map((world) => found.includes(id(world)));
      };
      expect(await due(499, 99)).toEqual([false, false, false, false]);
      expect(await due(500, 100)).toEqual([true, true, false, false]);
      expect(await due(500, 700)).toEqual([true, true, false, false]);
      await change((c) => c[noun].touch([use(busy, { secret: 'current', at: 800 })]));
      expect(await due(500, 699)).toEqual([true, true, false, false]);
      expect(await due(500, 700)).toEqual([true, true, true, false]);
    });
  });

  describe('the password of an API user', () => {
    const passwordOf = ({ apiUser }: World) => store().apiUsers.findPassword(apiUser.username);
    const replace = ({ organization, apiUser }: World, expected: string, next: string, endsAccess = false) =>
      change((c) => c.apiUsers.replacePassword(organization.id, apiUser.id, expected, { digest: next, endsAccess }));
    const generationsOf = async ({ apiUser, machineToken }: World) => {
      const [itself, token] = await Promise.all([
        store().credentials.bySource({ type: 'api_user', id: apiUser.id }),
        store().credentials.bySource({ type: 'api_token', id: machineToken.id }),
      ]);
      const of = (record: typeof itself) => [
        record?.owner.lifecycle.generation,
        record?.owner.lifecycle.cutOffGeneration,
      ];
      return [of(itself), of(token)];
    };

    it('is replaced by exactly one of many who knew the one before, and of nobody else', async () => {
      const [world, other] = [await populate(store()), await populate(store())];
      const before = (await passwordOf(world))?.passwordDigest ?? '';
      const racing = await Promise.all(Array.from({ length: 20 }, (_, at) => replace(world, before, `d${at}`)));
      expect(racing.filter(Boolean)).toHaveLength(1);
      const now = `d${racing.indexOf(true)}`;
      expect(await passwordOf(world)).toMatchObject({ passwordDigest: now, previous: null, generation: 0 });
      expect(await store().apiUsers.digestOf(world.organization.id, world.apiUser.id)).toBe(now);
      expect(await store().apiUsers.digestOf(other.organization.id, world.apiUser.id)).toBeNull();
      expect(await replace({ ...world, organization: other.organization }, now, 'stolen')).toBe(false);
      await change((c) => c.apiUsers.delete(world.organization.id, world.apiUser.id, another()));
      expect(await replace(world, now, 'late')).toBe(false);
      expect(await store().apiUsers.digestOf(world.organization.id, world.apiUser.id)).toBeNull();
    });

    it('is found with the one from before the rotation, and that one’s end', async () => {
      const world = await populate(store());
      const previous = { digest: digest(), endsAt: 2000 };
      const { organization, apiUser } = world;
      const kept = { sourceId: apiUser.id, organizationId: organization.id, rotatedAt: 1, ...previous };
      await change((c) => c.previousPasswords.insert({ ...kept, lastUsed: null, currentLastUsed: null }));
      expect(await passwordOf(world)).toMatchObject({ previous });
    });

    it('ends its access tokens with it, also those that outlive a deactivation, and not those of its API tokens', async () => {
      const world = await populate(store());
      const { organization, apiUser } = world;
      const digestOf = async () => (await passwordOf(world))?.passwordDigest ?? '';
      expect(await replace(world, await digestOf(), digest())).toBe(true);
      expect(await generationsOf(world)).toEqual(Array(2).fill([0, 0]));
      expect(await replace(world, await digestOf(), digest(), true)).toBe(true);
      expect(await generationsOf(world)).toEqual([
        [1, 1],
        [0, 0],
      ]);
      expect((await passwordOf(world))?.generation).toBe(1);
      await change((c) => c.apiUsers.deactivate(organization.id, apiUser.id, another()));
      await change((c) => c.apiUsers.activate(organization.id, apiUser.id));
      expect(await generationsOf(world)).toEqual([
        [2, 1],
        [1, 0],
      ]);
      expect(await replace(world, await digestOf(), digest(), true)).toBe(true);
      expect(await generationsOf(world)).toEqual([
        [3, 3],
        [1, 1],
      ]);
    });
  });
}
