// What every database must do with devices that ask for access by a code.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import type { AllowedDevice, DeviceCode } from '../core/tokens/applications/device/records.ts';
import { anApplication, anAuthorization } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { another, digest, populate } from './records.test-support.ts';

export function describeDeviceCodes(store: () => Store): void {
  const { change, race } = changing(store);

  const aCode = (wanted: Partial<DeviceCode> = {}): DeviceCode => ({
    digest: digest(),
    userCodeMac: digest(),
    clientId: 'as it calls itself',
    applicationId: randomUUID(),
    api: 'default',
    scope: ['read:funds'],
    key: null,
    address: '192.0.2.7',
    place: `place ${another()}`,
    expiresAt: 5000,
    intervalMs: 5000,
    polledAt: 0,
    answer: null,
    usedAt: null,
    ...wanted,
  });

  async function kept(wanted: Partial<DeviceCode> = {}): Promise<DeviceCode> {
    const code = aCode(wanted);
    expect(await change((c) => c.deviceCodes.insert(code))).toBe(true);
    return code;
  }

  /** Somebody's answer, by what they let that application do. */
  async function allowed(applicationId: string): Promise<AllowedDevice> {
    const { organization, user } = await populate(store());
    const grants = ['urn:ietf:params:oauth:grant-type:device_code'] as const;
    const application = anApplication(organization.id, { id: applicationId, type: 'public', redirectUris: [], grants });
    const authorization = anAuthorization(user, application);
    await change(async (c) => {
      await c.applications.insert(application, null);
      await c.authorizations.put(authorization);
    });
    return {
      authorizationId: authorization.id,
      organizationId: organization.id,
      userId: user.id,
      generation: '0.0',
      scope: ['read:funds'],
      sessionId: randomUUID(),
      givenIn: randomUUID(),
    };
  }

  describe('device codes', () => {
    it('are found by either code, as they were kept, and no code is kept twice', async () => {
      const code = await kept({ scope: null, key: 'a thumbprint' });
      expect(await store().deviceCodes.find(code.digest)).toEqual(code);
      expect(await store().deviceCodes.findByUserCode(code.userCodeMac)).toEqual(code);
      expect(await store().deviceCodes.find(code.userCodeMac)).toBeNull();
      expect(await store().deviceCodes.findByUserCode('nobodys')).toBeNull();
      expect(await change((c) => c.deviceCodes.insert(aCode({ userCodeMac: code.userCodeMac })))).toBe(false);
      expect(await change((c) => c.deviceCodes.insert(aCode({ digest: code.digest })))).toBe(false);
    });

    it('are counted by where they were asked for from, as long as they wait', async () => {
      const { place, digest: first } = await kept();
      await kept({ place });
      await kept({ place, expiresAt: 9 });
      const waiting = () => change((c) => c.deviceCodes.waitingFrom(place, 10));
      expect(await waiting()).toBe(2);
      await change((c) => c.deviceCodes.answer(first, 20, null));
      expect(await waiting()).toBe(1);
    });

    it('are answered by one of many racing callers, once, and not after their end', async () => {
      const code = await kept();
      const said = await race((c, n) => c.deviceCodes.answer(code.digest, n + 1, null));
      expect(said.filter(Boolean)).toHaveLength(1);
      const at = said.indexOf(true) + 1;
      expect(await store().deviceCodes.find(code.digest)).toEqual({ ...code, answer: { at, allowed: null } });
      const late = await kept();
      expect(await change((c) => c.deviceCodes.answer(late.digest, late.expiresAt, null))).toBe(false);
    });

    it('are polled by one of many racing callers who know of the same poll before, until they are answered', async () => {
      const code = await kept();
      const polled = await race((c, n) => c.deviceCodes.poll(code.digest, 0, { at: n + 1, intervalMs: 10_000 }));
      expect(polled.filter(Boolean)).toHaveLength(1);
      const polledAt = polled.indexOf(true) + 1;
      expect(await store().deviceCodes.find(code.digest)).toMatchObject({ polledAt, intervalMs: 10_000 });
      await change((c) => c.deviceCodes.answer(code.digest, 30, null));
      const next = { at: 40, intervalMs: 10_000 };
      expect(await change((c) => c.deviceCodes.poll(code.digest, polledAt, next))).toBe(false);
    });

    it('are used once, by one of many racing callers, where they were allowed', async () => {
      const code = await kept();
      expect(await change((c) => c.deviceCodes.take(code.digest, 1))).toBe(false);
      const given = await allowed(code.applicationId);
      await change((c) => c.deviceCodes.answer(code.digest, 2, given));
      const taken = await race((c, n) => c.deviceCodes.take(code.digest, n + 3));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const usedAt = taken.indexOf(true) + 3;
      const answer = { at: 2, allowed: given };
      expect(await store().deviceCodes.find(code.digest)).toEqual({ ...code, answer, usedAt });
      const denied = await kept();
      await change((c) => c.deviceCodes.answer(denied.digest, 2, null));
      expect(await change((c) => c.deviceCodes.take(denied.digest, 3))).toBe(false);
    });

    it('go with what they were allowed by, and with their application where they were not used', async () => {
      const code = await kept();
      const given = await allowed(code.applicationId);
      await change((c) => c.deviceCodes.answer(code.digest, 2, given));
      await change((c) => c.authorizations.delete(given.organizationId, given.authorizationId ?? ''));
      expect(await store().deviceCodes.find(code.digest)).toBeNull();

      const own = await kept();
      const used = await kept({ applicationId: own.applicationId });
      const other = await kept();
      await change(async (c) => {
        await c.deviceCodes.answer(used.digest, 2, { ...given, authorizationId: null });
        await c.deviceCodes.take(used.digest, 3);
        await c.deviceCodes.deleteOf(own.applicationId);
      });
      expect(await store().deviceCodes.find(own.digest)).toBeNull();
      expect(await store().deviceCodes.find(used.digest)).toMatchObject({ usedAt: 3 });
      expect(await store().deviceCodes.find(other.digest)).toEqual(other);
    });

    it.each([1, 100])('go with a permission that they were allowed or their API, %i at a time', async (limit) => {
      const [permission, api] = [`read:Gone_${another()}`, `api_${another()}`];
      const [first, second] = [await kept(), await kept()];
      for (const [one, scope] of [
        [first, ['read:funds', permission]],
        [second, [`${permission}.more`]],
      ] as const) {
        const given = await allowed(one.applicationId);
        await change((c) => c.deviceCodes.answer(one.digest, 2, { ...given, scope }));
      }
      const waiting = [await kept({ api }), await kept({ api })];
      const end = async (of: { permission: string } | { api: string }) => {
        for (let isAll = false; !isAll; ) {
          ({ isAll } = await change((c) => c.holders.withdrawAuthorized(of, 77, limit)));
        }
      };
      await end({ permission });
      expect(await store().deviceCodes.find(first.digest)).toBeNull();
      expect(await store().deviceCodes.find(second.digest)).not.toBeNull();
      await end({ api });
      for (const { digest } of waiting) expect(await store().deviceCodes.find(digest)).toBeNull();
      expect(await store().deviceCodes.find(second.digest)).not.toBeNull();
    });

    it('are removed a few at a time after their end', async () => {
      const ended = await Promise.all([kept({ expiresAt: 2 }), kept({ expiresAt: 2 }), kept({ expiresAt: 3 })]);
      expect(await change((c) => c.deviceCodes.deleteExpired(3, 1))).toBe(1);
      expect(await change((c) => c.deviceCodes.deleteExpired(3, 9))).toBe(1);
      const left = await Promise.all(ended.map((one) => store().deviceCodes.find(one.digest)));
      expect(left.filter((one) => one !== null)).toHaveLength(1);
    });
  });
}
