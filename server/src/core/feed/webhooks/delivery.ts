// What webhooks were sent, for who looks after them: seen with what was answered, sent again, and tried. Sending is in deliver.ts.

import { type Caller, demand } from '../../caller/caller.ts';
import { writeAs } from '../../caller/write-as.ts';
import type { Clocked } from '../../clock.ts';
import { KeywardError, notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Page, PageRequest } from '../../page.ts';
import { newId, publicIdOf } from '../../secret.ts';
import { testEvent } from './event-types.ts';
import type { DeliveryStatus, WebhookDelivery } from './records.ts';
import { type Changing, demandThere, type Reading, subjectOf } from './webhook.ts';

/** How long something is tried. */
export const triedMs = 86_400_000;

/** The newest first. Needs `read:webhook`. */
export async function listWebhookDeliveries(
  { store }: Reading,
  caller: Caller,
  webhookId: string,
  page: Pick<PageRequest, 'limit' | 'after'>,
  filter: { status?: DeliveryStatus } = {},
): Promise<Page<WebhookDelivery>> {
  demand(caller, 'read:webhook');
  demandThere(await store.webhooks.find(caller.organization.id, webhookId));
  return store.webhookDeliveries.list(caller.organization.id, { ...filter, webhookId }, page);
}

/** Needs `read:webhook`. */
export async function readWebhookDelivery({ store }: Reading, caller: Caller, id: string): Promise<WebhookDelivery> {
  demand(caller, 'read:webhook');
  return demandDelivery(await store.webhookDeliveries.find(caller.organization.id, id));
}

/**
 * Sends something again that was accepted or given up, ahead of what waits, under the same id. `conflict` if it waits. Needs
 * `update:webhook`.
 */
export async function repeatWebhookDelivery(ports: Changing, caller: Caller, id: string): Promise<WebhookDelivery> {
  demand(caller, 'update:webhook');
  const at = ports.clock();
  const organizationId = caller.organization.id;
  return writeAs(ports, caller, async (changes) => {
    const delivery = demandDelivery(await changes.webhookDeliveries.find(organizationId, id));
    if ((await changes.webhookDeliveries.repeat(organizationId, { id }, at + triedMs)) === 0) {
      throw new KeywardError('conflict', 'This waits to be sent: there is nothing to repeat.');
    }
    await changes.webhooks.wake(organizationId, delivery.webhookId, at);
    const { webhookId, event } = delivery;
    changes.journal(entryOf(caller, at, 'webhook.repeated', subjectOf(webhookId), { delivery: id, event }));
    return demandDelivery(await changes.webhookDeliveries.find(organizationId, id));
  });
}

/** Sends all again that was given up; answers how many. Needs `update:webhook`. */
export async function repeatDeadDeliveries(ports: Changing, caller: Caller, webhookId: string): Promise<number> {
  demand(caller, 'update:webhook');
  const at = ports.clock();
  const organizationId = caller.organization.id;
  return writeAs(ports, caller, async (changes) => {
    demandThere(await changes.webhooks.find(organizationId, webhookId));
    const repeated = await changes.webhookDeliveries.repeat(organizationId, { webhookId }, at + triedMs);
    if (repeated === 0) return 0;
    await changes.webhooks.wake(organizationId, webhookId, at);
    changes.journal(entryOf(caller, at, 'webhook.repeated', subjectOf(webhookId), { deliveries: repeated }));
    return repeated;
  });
}

/**
 * Has a webhook sent a message that tells of nothing, ahead of what waits and once. `conflict` if it is switched off. Needs
 * `update:webhook`.
 */
export async function testWebhook(ports: Changing & Clocked, caller: Caller, id: string): Promise<WebhookDelivery> {
  demand(caller, 'update:webhook');
  const at = ports.clock();
  const organizationId = caller.organization.id;
  const payload = payloadOf(testEvent, at, { webhookId: id, organizationId });
  const delivery = newDelivery({ id, organizationId }, testEvent, payload, at, { position: -at, giveUpAt: at });
  return writeAs(ports, caller, async (changes) => {
    const webhook = demandThere(await changes.webhooks.find(organizationId, id));
    if (webhook.deactivatedAt !== null) {
      throw new KeywardError('conflict', 'This webhook is switched off. Switch it on first.');
    }
    await changes.webhookDeliveries.insert([delivery]);
    await changes.webhooks.wake(organizationId, id, at);
    changes.journal(entryOf(caller, at, 'webhook.tested', subjectOf(id), { delivery: delivery.id }));
    return delivery;
  });
}

/** Something that waits to be sent, under a new id. */
export function newDelivery(
  webhook: { id: string; organizationId: string },
  event: string,
  payload: string,
  at: number,
  { position, giveUpAt = at + triedMs }: { position: number; giveUpAt?: number },
): WebhookDelivery {
  return {
    id: `msg_${publicIdOf(newId())}`,
    webhookId: webhook.id,
    organizationId: webhook.organizationId,
    position,
    event,
    payload,
    status: 'waiting',
    tries: 0,
    createdAt: at,
    giveUpAt,
    triedAt: null,
    answer: null,
  };
}

/** The body of a message, as Standard Webhooks has it. */
export function payloadOf(type: string, at: number, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}

function demandDelivery(delivery: WebhookDelivery | null): WebhookDelivery {
  if (delivery === null) throw notFound('delivery');
  return delivery;
}
