// Conformance: what shares a commit stays apart, what is acknowledged is committed, and the journal has no gaps.

import { describe, expect, it } from 'vitest';
import { KeywardError } from '../core/errors.ts';
import { verifyChain } from '../core/journal/chain.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import type { Store } from '../core/ports.ts';
import { anApiToken, anEntry, anOrganization, populate } from './records.test-support.ts';

export function describeWriter(store: () => Store): void {
  describe('the writer', () => {
    it('undoes a change that throws, its entries too, and nothing else of the same commit', async () => {
      const [kept, undone, alsoKept] = [anOrganization(), anOrganization(), anOrganization()];
      const refusal = new KeywardError('conflict', 'no');
      const insert = (organization: typeof kept, refuse: boolean) =>
        store().write(async (changes) => {
          await changes.organizations.insert(organization);
          changes.journal(anEntry(organization.id));
          if (refuse) throw refusal;
          return organization.id;
        });
      const all = await Promise.allSettled([insert(kept, false), insert(undone, true), insert(alsoKept, false)]);
      expect(all).toEqual([
        { status: 'fulfilled', value: kept.id },
        { status: 'rejected', reason: refusal },
        { status: 'fulfilled', value: alsoKept.id },
      ]);
      expect(await store().organizations.find(kept.id)).toEqual(kept);
      expect(await store().organizations.find(undone.id)).toBeNull();
      expect(await store().journal.latest(undone.id, 10)).toEqual([]);
      expect(await store().journal.latest(alsoKept.id, 10)).toHaveLength(1);
    });

    it('undoes a change whose query fails, and nothing else of the same commit', async () => {
      const { user } = await populate(store());
      const orphan = anApiToken({ ...user, organizationId: 'nobody' });
      const kept = anApiToken(user);
      const insert = (token: typeof kept) => store().write((changes) => changes.apiTokens.insert(token));
      const [bad, good] = await Promise.allSettled([insert(orphan), insert(kept)]);
      expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
      expect(await store().credentials.byDigest(kept.digest)).not.toBeNull();
    });

    it('shows a change to itself, and to readers only after the commit', async () => {
      const organization = anOrganization();
      const seen = await store().write(async (changes) => {
        await changes.organizations.insert(organization);
        return [await changes.organizations.find(organization.id), await store().organizations.find(organization.id)];
      });
      expect(seen).toEqual([organization, null]);
      expect(await store().organizations.find(organization.id)).toEqual(organization);
    });

    it('tells listeners after the commit and before the writer is answered', async () => {
      const organization = anOrganization();
      const order: string[] = [];
      let read: Promise<unknown> | undefined;
      store().onCommit((entries) => {
        if (!entries.some(({ organizationId }) => organizationId === organization.id)) return;
        order.push('listener');
        read = store().organizations.find(organization.id);
      });
      await store().write(async (changes) => {
        changes.journal(anEntry(organization.id));
        await changes.organizations.insert(organization);
      });
      order.push('writer');
      expect(order).toEqual(['listener', 'writer']);
      expect(await read).toEqual(organization);
    });

    it('packs changes that wait together into few commits', async () => {
      const { organization } = await populate(store());
      let commits = 0;
      store().onCommit((entries) => {
        if (entries.some(({ organizationId }) => organizationId === organization.id)) commits += 1;
      });
      const write = () => store().write(async (changes) => changes.journal(anEntry(organization.id)));
      await Promise.all(Array.from({ length: 128 }, write));
      expect(commits).toBe(2);
    });
  });

  describe('the journal', () => {
    it('keeps entries as they were given, and gives them by organization, forwards and backwards', async () => {
      const { organization } = await populate(store());
      const detail = { text: 'a "b" \\ ü 🦊 \u0000', list: [1, null, { deep: true }], '10': 'x', '9': 'y' };
      const first = anEntry(organization.id, { detail, actor: { type: 'user', id: 'u' } });
      const second = anEntry(organization.id);
      const foreign = anEntry(null);
      for (const entry of [first, foreign, second]) await store().write(async (changes) => changes.journal(entry));
      const backwards = await store().journal.latest(organization.id, 10);
      expect(backwards.map(strip)).toEqual([second, first]);
      const [newest, oldest] = backwards;
      if (newest === undefined || oldest === undefined) throw new Error('Entries are missing.');
      expect(await store().journal.latest(organization.id, 10, newest.seq)).toEqual([oldest]);
      expect(await store().journal.after(oldest.seq, 10, organization.id)).toEqual([newest]);
      expect((await store().journal.after(oldest.seq, 10)).map(strip)).toEqual([foreign, second]);
      expect(await store().journal.head()).toBe(newest.seq);
    });

    it('has no gaps and an intact chain after many concurrent writers, some of which were refused', async () => {
      const { organization } = await populate(store());
      const head = await store().journal.head();
      const write = (index: number) =>
        store().write(async (changes) => {
          for (let count = 0; count <= index % 3; count += 1) changes.journal(anEntry(organization.id));
          if (index % 5 === 0) throw new KeywardError('conflict', 'no');
        });
      await Promise.allSettled(Array.from({ length: 150 }, (_, index) => write(index)));
      const expected = Array.from({ length: 150 }, (_, index) => (index % 5 === 0 ? 0 : 1 + (index % 3)));
      const added = expected.reduce((sum, count) => sum + count, 0);
      const seqs = (await store().journal.after(head, 1000)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: added }, (_, index) => head + 1 + index));
      expect(await verifyChain(store().journal)).toMatchObject({ intact: true, entries: head + added });
    });
  });
}

function strip({ seq: _seq, hash: _hash, ...entry }: JournalEntry) {
  return entry;
}
