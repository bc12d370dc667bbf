// What every database must do with authorization codes.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import { populateAuthorized } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { digest } from './records.test-support.ts';

export function describeAuthorizationCodes(store: () => Store): void {
  const { change, race } = changing(store);
  const settle = () => populateAuthorized(store());

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
      const bound = { ...code, digest: digest(), sessionId: randomUUID(), key: 'a-thumbprint' };
      await change((c) => c.authorizationCodes.insert(bound));
      expect(await store().authorizationCodes.find(bound.digest)).toEqual(bound);
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
}
