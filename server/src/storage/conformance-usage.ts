// Conformance: last uses and usage counts add up whatever comes in what order, and digests are listed without gaps.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewLastUse, UsageCount } from '../core/checking/records.ts';
import type { Store } from '../core/ports.ts';
import { anApiToken, populate } from './records.test-support.ts';

const hour = 3_600_000;

export function describeUsage(store: () => Store): void {
  const source = () => ({ type: 'api_token', id: randomUUID() }) as const;
  const use = (wanted: Partial<NewLastUse>): NewLastUse => ({
    ...{ source: source(), organizationId: 'o', at: 1, address: '192.0.2.1', userAgent: 'curl' },
    ...wanted,
  });
  const count = (wanted: Partial<UsageCount>): UsageCount => ({
    ...{ source: source(), organizationId: 'o', rule: '/items', verdict: 'allowed', hour, calls: 1 },
    ...wanted,
  });

  describe('usage', () => {
    it('remembers the latest use of each credential, whatever comes last', async () => {
      const [one, other] = [source(), { ...source(), type: 'user' as const }];
      const organizationId = randomUUID();
      const touch = (uses: NewLastUse[]) => store().write(({ usage }) => usage.touch(uses));
      await touch([use({ source: one, organizationId, at: 5 }), use({ source: other, organizationId, at: 5 })]);
      await touch([use({ source: one, organizationId, at: 7, address: null, userAgent: 'later' })]);
      await touch([use({ source: one, organizationId, at: 6, userAgent: 'between' })]);
      const found = await store().usage.lastUses(organizationId, 'api_token', [one.id, other.id, 'nobody']);
      expect([...found]).toEqual([[one.id, { at: 7, address: null, userAgent: 'later' }]]);
      expect(await store().usage.lastUses('another', 'api_token', [one.id])).toEqual(new Map());
      expect(await store().usage.lastUses(organizationId, 'user', [])).toEqual(new Map());
    });

    it('adds up calls by credential, rule, verdict and hour, also when many add at once', async () => {
      const organizationId = randomUUID();
      const one = source();
      const counts = [
        count({ source: one, organizationId, calls: 3 }),
        count({ source: one, organizationId, rule: '' }),
        count({ source: one, organizationId, verdict: 'rate_limited' }),
        count({ source: one, organizationId, hour: 2 * hour }),
        count({ organizationId, hour: 2 * hour }),
      ];
      await Promise.all(Array.from({ length: 20 }, () => store().write(({ usage }) => usage.count(counts))));
      const found = await store().usage.counts(organizationId, { from: 0, until: 9 * hour });
      const key = ({ source: { id }, rule, verdict, hour: at, calls }: UsageCount) =>
        [at, id, rule, verdict, calls].join();
      expect(found.map(key).sort()).toEqual(counts.map((each) => key({ ...each, calls: each.calls * 20 })).sort());
      expect(await store().usage.counts(organizationId, { from: 2 * hour, until: 3 * hour, source: one })).toEqual([
        { ...counts[3], calls: 20 },
      ]);
      expect(await store().usage.counts(organizationId, { from: 3 * hour, until: 9 * hour })).toEqual([]);
    });

    it('takes batches of any size, and none', async () => {
      const organizationId = randomUUID();
      const sizes = [0, 1, 31, 32, 33, 200];
      for (const size of sizes) {
        const sources = Array.from({ length: size }, source);
        await store().write(async ({ usage }) => {
          await usage.touch(sources.map((each) => use({ source: each, organizationId })));
          await usage.count(sources.map((each) => count({ source: each, organizationId })));
        });
      }
      const all = await store().usage.counts(organizationId, { from: 0, until: 9 * hour });
      expect(all).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
      const ids = all.map(({ source: { id } }) => id);
      expect((await store().usage.lastUses(organizationId, 'api_token', ids)).size).toBe(ids.length);
    });

    it('forgets the oldest hours, a few at a time', async () => {
      const organizationId = randomUUID();
      const hours = [1, 2, 3, 4].map((each) => count({ organizationId, hour: each * hour }));
      await store().write(({ usage }) => usage.count(hours));
      const remove = (before: number, limit: number) => store().write(({ usage }) => usage.deleteBefore(before, limit));
      while ((await remove(3 * hour, 1)) === 1);
      const left = await store().usage.counts(organizationId, { from: 0, until: 9 * hour });
      expect(left.map((each) => each.hour / hour)).toEqual([3, 4]);
    });
  });

  describe('digests', () => {
    it('are listed in order, page by page, each once, with those of deleted tokens', async () => {
      const { organization, user, token } = await populate(store());
      const more = Array.from({ length: 20 }, () => anApiToken(user));
      await store().write(async (changes) => {
        for (const each of more) await changes.apiTokens.insert(each);
        await changes.apiTokens.delete(organization.id, token.id, 5);
      });
      const listed: string[] = [];
      for (let after = ''; ; ) {
        const page = await store().digests.page(after, 7);
        listed.push(...page);
        if (page.length < 7) break;
        after = page.at(-1) ?? '';
      }
      expect(listed).toEqual([...new Set(listed)].sort());
      expect(listed).toEqual(expect.arrayContaining([token, ...more].map(({ digest }) => digest)));
      const ids = [
        ...more.map(({ id }) => id),
        'nobody',
        ...Array.from({ length: 1000 }, (_, index) => `nobody ${index}`),
      ];
      expect((await store().digests.of(ids)).sort()).toEqual(more.map(({ digest }) => digest).sort());
      expect(await store().digests.of([])).toEqual([]);
    });
  });
}
