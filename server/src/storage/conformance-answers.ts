// Conformance: an answer is kept once for each id, until it has ended.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Changes, Store } from '../core/ports.ts';
import { populate } from './records.test-support.ts';

export function describeKeptAnswers(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);

  describe('kept answers', () => {
    const anAnswer = async (expiresAt = 1000) => {
      const { organization } = await populate(store());
      return { id: randomUUID(), organizationId: organization.id, requestDigest: 'd', sealed: 's', expiresAt };
    };

    it('come back as they were given, and one of many at once is kept', async () => {
      const answer = await anAnswer();
      const racing = Array.from({ length: 10 }, (_, n) =>
        change((c) => c.answers.insert({ ...answer, sealed: `s${n}` }, 999)),
      );
      const won = await Promise.all(racing);
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await store().answers.find(answer.id)).toEqual({ ...answer, sealed: `s${won.indexOf(true)}` });
      expect(await store().answers.find('another')).toBeNull();
    });

    it('give way to others once they have ended, and are removed then', async () => {
      const answer = await anAnswer();
      await change((c) => c.answers.insert(answer, 0));
      expect(await change((c) => c.answers.insert({ ...answer, expiresAt: 2000 }, 999))).toBe(false);
      expect(await change((c) => c.answers.insert({ ...answer, requestDigest: 'e', expiresAt: 2000 }, 1000))).toBe(
        true,
      );
      expect(await store().answers.find(answer.id)).toMatchObject({ requestDigest: 'e', expiresAt: 2000 });
      const other = { ...(await anAnswer(3000)) };
      await change((c) => c.answers.insert(other, 0));
      while ((await change((c) => c.answers.deleteExpired(2000, 2))) > 0);
      expect(await store().answers.find(answer.id)).toBeNull();
      expect(await store().answers.find(other.id)).toEqual(other);
    });

    it('are undone with the change that they belong to', async () => {
      const answer = await anAnswer();
      const failing = change(async (c) => {
        await c.answers.insert(answer, 0);
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
      expect(await store().answers.find(answer.id)).toBeNull();
    });
  });
}
