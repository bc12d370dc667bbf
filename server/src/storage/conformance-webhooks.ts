// Conformance: webhooks and what they are sent are their organization's own; one node at a time delivers each, in order; the cursor
// moves for exactly one of many; a notice is given once.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SigningWebhook, WebhookDelivery } from '../core/feed/webhooks/records.ts';
import type { Changes, Store } from '../core/ports.ts';
import { another, populate } from './records.test-support.ts';

type World = Awaited<ReturnType<typeof populate>>;

const answer = { status: 500, failure: null, body: 'Out of order ✓ \ufffd', durationMs: 12 };

function aWebhook({ organization, user }: World, wanted: Partial<SigningWebhook> = {}): SigningWebhook {
  return {
    id: randomUUID(),
    organizationId: organization.id,
    url: 'https://hooks.example.com/größe?a=b',
    events: ['token.created', 'member.joined'],
    description: 'Channel',
    expiringDays: 7,
    createdAt: another(),
    createdBy: user.id,
    deactivatedAt: null,
    deactivatedFor: null,
    failingSince: null,
    nextTryAt: null,
    sealedSecret: 'sealed',
    previous: null,
    ...wanted,
  };
}

function aDelivery(
  { id, organizationId }: SigningWebhook,
  position: number,
  wanted: Partial<WebhookDelivery> = {},
): WebhookDelivery {
  return {
    id: `msg_${randomUUID()}`,
    webhookId: id,
    organizationId,
    position,
    event: 'token.created',
    payload: '{"type":"token.created"}',
    status: 'waiting',
    tries: 0,
    createdAt: 100,
    giveUpAt: 1000,
    triedAt: null,
    answer: null,
    ...wanted,
  };
}

export function describeWebhooks(store: () => Store): void {
  const change = <T>(work: (changes: Changes) => Promise<T>) => store().write(work);
  const made = async (wanted: Partial<SigningWebhook> = {}, fromSeq = 5) => {
    const world = await populate(store());
    const webhook = aWebhook(world, wanted);
    await change(({ webhooks }) => webhooks.insert(webhook, fromSeq));
    return { ...world, webhook };
  };

  describe('webhooks', () => {
    it('come back as they were given, the oldest first, to their organization alone', async () => {
      const { webhook, organization, ...world } = await made();
      const older = aWebhook({ ...world, organization }, { createdAt: webhook.createdAt - 1 });
      const previous = { sealedSecret: 'sealed before', endsAt: 77 };
      const next: SigningWebhook = { ...webhook, events: ['*'], deactivatedAt: 9, deactivatedFor: 'gone', previous };
      await change(async ({ webhooks }) => {
        await webhooks.insert(older, 5);
        await webhooks.update(next);
        // Of another organization: nothing is changed.
        await webhooks.update({ ...webhook, organizationId: randomUUID(), description: 'taken over' });
      });
      const { webhooks } = store();
      expect(await webhooks.list(organization.id)).toEqual([older, next]);
      expect(await webhooks.find(organization.id, webhook.id)).toEqual(next);
      const other = await made();
      expect(await webhooks.find(other.organization.id, webhook.id)).toBe(null);
      expect(await change((c) => c.webhooks.find(other.organization.id, webhook.id))).toBe(null);
    });

    it('are of interest while they are active, from an entry on, and while their organization is let in', async () => {
      const [one, off, shut, gone] = [await made(), await made({ deactivatedAt: 3 }), await made(), await made()];
      await change(async ({ organizations }) => {
        await organizations.deactivate(shut.organization.id, 9);
        await organizations.delete(gone.organization.id, 9);
      });
      const interest = ({ id, organizationId, events, expiringDays }: SigningWebhook, fromSeq: number) => ({
        ...{ id, organizationId, events, expiringDays, fromSeq },
      });
      const of = (...all: { organization: { id: string } }[]) =>
        store().webhooks.interests(all.map(({ organization }) => organization.id));
      expect(await of(one, off, shut, gone)).toEqual([interest(one.webhook, 5)]);
      expect(await of()).toEqual([]);
      expect((await store().webhooks.interests(null)).map(({ id }) => id)).toContain(one.webhook.id);
      // A change leaves it, being switched on moves it.
      await change(({ webhooks }) => webhooks.update({ ...one.webhook, expiringDays: 3 }));
      expect(await of(one)).toEqual([interest({ ...one.webhook, expiringDays: 3 }, 5)]);
      await change(({ webhooks }) => webhooks.update(one.webhook, 8));
      expect(await of(one)).toEqual([interest(one.webhook, 8)]);
    });

    it('are due when the first of what waits is, the longest due first, and woken no later than they were', async () => {
      const [late, early, never] = [await made({ nextTryAt: 50 }), await made({ nextTryAt: 40 }), await made()];
      const ids = [late, early, never].map(({ webhook }) => webhook.id);
      const due = async (now: number) =>
        (await store().webhooks.due(now, 'node', 10_000)).map(({ id }) => id).filter((id) => ids.includes(id));
      expect(await due(39)).toEqual([]);
      expect(await due(60)).toEqual([early.webhook.id, late.webhook.id]);
      const wake = ({ organization, webhook }: typeof late, at: number) =>
        change(({ webhooks }) => webhooks.wake(organization.id, webhook.id, at));
      await wake(never, 45);
      await wake(late, 44);
      await wake(early, 99);
      await change(({ webhooks }) => webhooks.wake(randomUUID(), early.webhook.id, 1));
      expect(await due(60)).toEqual([early.webhook.id, late.webhook.id, never.webhook.id]);
      expect(await store().webhooks.due(60, 'node', 1)).toHaveLength(1);
    });

    it('are delivered by one node at a time, until it says so, or says nothing for too long', async () => {
      const { organization, webhook } = await made({ nextTryAt: 1 });
      const claim = (node: string, forMs = 60_000, organizationId = organization.id) =>
        change(({ webhooks }) => webhooks.claim(organizationId, webhook.id, node, forMs));
      const release = (node: string) => change(({ webhooks }) => webhooks.release(organization.id, webhook.id, node));
      const isDueFor = async (node: string) =>
        (await store().webhooks.due(1, node, 10_000)).some(({ id }) => id === webhook.id);
      expect(await claim('elsewhere', 60_000, randomUUID())).toBe(null);
      const racing = Array.from({ length: 8 }, (_, at) => claim(`node ${at}`));
      const won = (await Promise.all(racing)).flatMap((one, at) => (one === null ? [] : [`node ${at}`]));
      expect(won).toHaveLength(1);
      const [winner = ''] = won;
      expect(await claim(winner)).toEqual(webhook);
      expect([await isDueFor(winner), await isDueFor('other')]).toEqual([true, false]);
      // Nobody gives away what another has.
      await release('other');
      expect(await claim('other')).toBe(null);
      await release(winner);
      expect(await claim('other', -1)).toEqual(webhook);
      expect(await isDueFor(winner)).toBe(true);
      expect(await claim(winner)).toEqual(webhook);
    });

    it('go with all that they were sent, for exactly one of many, and from their organization alone', async () => {
      const { organization, webhook } = await made();
      const delivery = aDelivery(webhook, 1);
      await change(({ webhookDeliveries }) => webhookDeliveries.insert([delivery]));
      const remove = (organizationId: string) => change(({ webhooks }) => webhooks.delete(organizationId, webhook.id));
      expect(await remove(randomUUID())).toBe(false);
      expect(await store().webhookDeliveries.find(organization.id, delivery.id)).toEqual(delivery);
      const racing = Array.from({ length: 8 }, () => remove(organization.id));
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await store().webhooks.find(organization.id, webhook.id)).toBe(null);
      expect(await store().webhookDeliveries.find(organization.id, delivery.id)).toBe(null);
    });

    it('have one cursor, which moves for exactly one of many', async () => {
      const from = await store().webhooks.cursor();
      const racing = Array.from({ length: 8 }, () => change(({ webhooks }) => webhooks.moveCursor(from, from + 3)));
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await store().webhooks.cursor()).toBe(from + 3);
      expect(await change(({ webhooks }) => webhooks.moveCursor(from, from + 9))).toBe(false);
    });
  });

  describe('what webhooks are sent', () => {
    it('comes in the order of the entries, whatever goes first before it, and what came of a try with it', async () => {
      const { organization, webhook } = await made();
      const other = await made();
      // More than go into one statement, and not in their order.
      const all = Array.from({ length: 120 }, (_, at) => aDelivery(webhook, ((at * 7) % 120) + 1));
      const first = aDelivery(webhook, -5);
      await change(({ webhookDeliveries }) => webhookDeliveries.insert([...all, first, aDelivery(other.webhook, -9)]));
      const next = () => store().webhookDeliveries.next(organization.id, webhook.id);
      expect(await next()).toEqual(first);
      expect(await store().webhookDeliveries.next(other.organization.id, webhook.id)).toBe(null);
      const settle = (delivery: WebhookDelivery, status: WebhookDelivery['status']) =>
        change(({ webhookDeliveries }) => webhookDeliveries.settle(delivery, { status, triedAt: 7, answer }));
      await settle({ ...first, organizationId: other.organization.id }, 'dead');
      expect(await next()).toEqual(first);
      await settle(first, 'waiting');
      expect(await next()).toEqual({ ...first, tries: 1, triedAt: 7, answer });
      await settle({ ...first, tries: 1 }, 'delivered');
      for (const position of [1, 2, 3]) {
        const one = await next();
        expect(one?.position).toBe(position);
        if (one !== null) await settle(one, 'dead');
      }
    });

    it('is listed the newest first, page by page, by its state, to its organization alone', async () => {
      const { organization, webhook } = await made();
      const all = [3, 1, 2, 5, 4].map((position) =>
        aDelivery(webhook, position, {
          createdAt: 100 + Math.floor(position / 2),
          status: position % 2 === 0 ? 'dead' : 'delivered',
        }),
      );
      await change(({ webhookDeliveries }) => webhookDeliveries.insert(all));
      const { webhookDeliveries } = store();
      const positions = async (filter: { status?: WebhookDelivery['status'] } = {}) => {
        const found: number[] = [];
        let page = await webhookDeliveries.list(organization.id, { webhookId: webhook.id, ...filter }, { limit: 2 });
        for (;;) {
          found.push(...page.items.map(({ position }) => position));
          if (page.next === null) return found;
          const after = page.next;
          page = await webhookDeliveries.list(
            organization.id,
            { webhookId: webhook.id, ...filter },
            { limit: 2, after },
          );
        }
      };
      expect(await positions()).toEqual([5, 4, 3, 2, 1]);
      expect(await positions({ status: 'dead' })).toEqual([4, 2]);
      expect(await positions({ status: 'waiting' })).toEqual([]);
      const elsewhere = await webhookDeliveries.list(randomUUID(), { webhookId: webhook.id }, { limit: 9 });
      expect(elsewhere).toEqual({ items: [], next: null });
      expect(await webhookDeliveries.find(randomUUID(), all[0]?.id ?? '')).toBe(null);
    });

    it('waits again where it is repeated: one that does not wait, or all that are dead', async () => {
      const { organization, webhook } = await made();
      const of = (status: WebhookDelivery['status'], at: number) =>
        aDelivery(webhook, at, { status, tries: 3, answer });
      const [waiting, delivered, dead, another] = [of('waiting', 1), of('delivered', 2), of('dead', 3), of('dead', 4)];
      await change(({ webhookDeliveries }) => webhookDeliveries.insert([waiting, delivered, dead, another]));
      const repeat = (what: { id: string } | { webhookId: string }, organizationId = organization.id) =>
        change(({ webhookDeliveries }) => webhookDeliveries.repeat(organizationId, what, 5000));
      const find = ({ id }: WebhookDelivery) => store().webhookDeliveries.find(organization.id, id);
      expect(await repeat({ id: delivered.id }, randomUUID())).toBe(0);
      expect(await repeat({ webhookId: webhook.id }, randomUUID())).toBe(0);
      expect(await repeat({ id: waiting.id })).toBe(0);
      expect(await find(waiting)).toEqual(waiting);
      expect(await repeat({ id: delivered.id })).toBe(1);
      expect(await find(delivered)).toEqual({ ...delivered, status: 'waiting', giveUpAt: 5000 });
      expect(await repeat({ webhookId: webhook.id })).toBe(2);
      expect(await repeat({ webhookId: webhook.id })).toBe(0);
      expect(await find(another)).toEqual({ ...another, status: 'waiting', giveUpAt: 5000 });
    });

    it('goes when it is old, unless it waits, some at a time', async () => {
      const { organization, webhook } = await made();
      const at = (createdAt: number, status: WebhookDelivery['status']) =>
        aDelivery(webhook, createdAt, { createdAt, status });
      const [kept, young, ...old] = [at(-9, 'waiting'), at(-3, 'dead'), at(-8, 'dead'), at(-7, 'delivered')];
      await change(({ webhookDeliveries }) => webhookDeliveries.insert([kept, young, ...old]));
      const remove = (limit: number) => change(({ webhookDeliveries }) => webhookDeliveries.deleteOld(-3, limit));
      expect([await remove(1), await remove(9), await remove(9)]).toEqual([1, 1, 0]);
      const { items } = await store().webhookDeliveries.list(organization.id, { webhookId: webhook.id }, { limit: 9 });
      expect(items.map(({ id }) => id)).toEqual([young.id, kept.id]);
    });
  });

  describe('notices', () => {
    it('are given to exactly one of many until they end, and then once more', async () => {
      const key = `api_token.expiring ${randomUUID()} 7`;
      const give = (expiresAt: number, now: number) => change(({ notices }) => notices.insert(key, expiresAt, now));
      const racing = Array.from({ length: 8 }, () => give(100, 50));
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await give(200, 99)).toBe(false);
      expect(await give(200, 100)).toBe(true);
      expect(await give(300, 150)).toBe(false);
    });

    it('go when they have ended, some at a time', async () => {
      const keys = [1, 2, 3].map((at) => `${randomUUID()} ${at}`);
      await change(async ({ notices }) => {
        for (const [at, key] of keys.entries()) await notices.insert(key, -30 + at, -100);
      });
      const remove = (limit: number) => change(({ notices }) => notices.deleteExpired(-28, limit));
      expect([await remove(1), await remove(9), await remove(9)]).toEqual([1, 1, 0]);
      expect(await change(({ notices }) => notices.insert(keys[2] ?? '', 0, -99))).toBe(false);
    });
  });
}
