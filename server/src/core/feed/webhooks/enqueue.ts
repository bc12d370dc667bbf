// From the journal to what waits to be sent: one cursor, which moves in the transaction that has the messages wait, so that each
// entry makes them once, whichever node does it. Entries that are no events, or nobody's, move it from time to time only.

import type { Clocked } from '../../clock.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { JournalReads, NameReads } from '../../journal/ports.ts';
import type { Writer } from '../../writer.ts';
import { newDelivery, payloadOf } from './delivery.ts';
import { eventOf, everyEvent } from './event-types.ts';
import type { WebhookStoreChanges, WebhookStoreReads } from './ports.ts';
import type { WebhookDelivery, WebhookInterest } from './records.ts';

export interface EnqueuePorts extends Clocked {
  store: Pick<WebhookStoreReads, 'webhooks'> & {
    journal: JournalReads;
    names: NameReads;
  } & Writer<WebhookStoreChanges>;
}

const entriesAtOnce = 500;
/** So many that were of no interest are passed over without a word to the database. */
const mostPassedOver = 5000;

/**
 * Has wait what the journal tells up to `head` that webhooks are to be sent. `passed`: up to which entry this node has found
 * nothing more of interest; answers how far it is now.
 */
export async function enqueueNews({ store, clock }: EnqueuePorts, head: number, passed: number): Promise<number> {
  const cursor = await store.webhooks.cursor();
  if (cursor > head) {
    // The database went back, as it does when a standby that lagged takes over.
    await store.write(({ webhooks }) => webhooks.moveCursor(cursor, head));
    return head;
  }
  for (let from = passed > head ? cursor : Math.max(cursor, passed); from < head; ) {
    const all = await store.webhooks.interests(null);
    const [first, ...others] = all.map(({ fromSeq }) => fromSeq);
    if (first === undefined) return head;
    const start = Math.max(from, Math.min(first, ...others));
    const entries = await store.journal.after(start, entriesAtOnce);
    const last = entries.at(-1)?.seq;
    if (last === undefined) return Math.max(start, head);
    // Asked for once more: whoever was there before the newest of these entries is among them.
    const interests = await store.webhooks.interests([
      ...new Set(entries.flatMap(({ organizationId }) => organizationId ?? [])),
    ]);
    const deliveries = await deliveriesOf(store.names, entries, interests, clock());
    if (deliveries.length > 0 || last - cursor > mostPassedOver) {
      const isMoved = await store.write(async ({ webhooks, webhookDeliveries }) => {
        if (!(await webhooks.moveCursor(cursor, last))) return false;
        const woken = new Map(deliveries.map((one) => [one.webhookId, one]));
        for (const { webhookId, organizationId, createdAt } of [...woken.values()].toSorted(byWebhook)) {
          await webhooks.wake(organizationId, webhookId, createdAt);
        }
        await webhookDeliveries.insert(deliveries);
        return true;
      });
      // Another node was faster, or there is more: the next round begins where the cursor is.
      return isMoved ? last : cursor;
    }
    from = last;
  }
  return head;
}

/** In which every node touches them, so that two never wait for one another. */
function byWebhook(one: WebhookDelivery, other: WebhookDelivery): number {
  return one.webhookId < other.webhookId ? -1 : 1;
}

async function deliveriesOf(
  names: NameReads,
  entries: readonly JournalEntry[],
  interests: readonly WebhookInterest[],
  at: number,
): Promise<WebhookDelivery[]> {
  const wanted = entries.flatMap((entry) => {
    const event = eventOf(entry.action);
    const wanting = event === undefined ? [] : interests.filter((one) => isFor(one, entry, event));
    return event === undefined || wanting.length === 0 ? [] : [{ entry, event, wanting }];
  });
  const known = await namesOf(
    names,
    wanted.map(({ entry }) => entry),
  );
  return wanted.flatMap(({ entry, event, wanting }) => {
    const payload = payloadOf(event, entry.at, dataOf(entry, known));
    return wanting.map((one) => newDelivery(one, event, payload, at, { position: entry.seq }));
  });
}

function isFor(webhook: WebhookInterest, { seq, organizationId, detail }: JournalEntry, event: string): boolean {
  if (webhook.organizationId !== organizationId || seq <= webhook.fromSeq) return false;
  if (event === 'token.expiring' && detail.days !== webhook.expiringDays) return false;
  return webhook.events.includes(everyEvent) || webhook.events.includes(event);
}

/** By `<organization> <type>:<id>`. */
async function namesOf(names: NameReads, entries: readonly JournalEntry[]): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (const [organizationId, its] of Map.groupBy(entries, (entry) => entry.organizationId ?? '')) {
    const found = await names.of(
      organizationId,
      its.flatMap(({ subject, actor }) => [subject, actor]),
    );
    for (const [thing, name] of found) all.set(`${organizationId} ${thing}`, name);
  }
  return all;
}

/** The entry, with what people call those whom it names. */
function dataOf(
  { seq, organizationId, actor, subject, detail }: JournalEntry,
  known: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const named = ({ type, id }: { type: string; id: string }) => ({
    type,
    id,
    name: known.get(`${organizationId} ${type}:${id}`) ?? null,
  });
  return { entry: seq, organizationId, subject: named(subject), actor: named(actor), detail };
}
