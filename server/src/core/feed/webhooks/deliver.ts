// Sends what waits, one webhook by one node at a time and one message after the other: the next goes out when the one before
// was accepted or given up. A node that dies leaves a lease that ends, and the message that it was sending is sent again.

import { systemIn } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Journalled } from '../../journal/ports.ts';
import type { Sealer } from '../../sealer.ts';
import type { Writer } from '../../writer.ts';
import { testEvent } from './event-types.ts';
import type { Sent, WebhookSender, WebhookStoreChanges } from './ports.ts';
import type { DeliveryStatus, SigningWebhook, WebhookDelivery } from './records.ts';
import { subjectOf } from './webhook.ts';
import { signedHeaders } from './webhook-secret.ts';

type Changes = WebhookStoreChanges & Journalled;

export interface DeliverPorts extends Clocked {
  store: Writer<Changes>;
  sealer: Pick<Sealer, 'open'>;
  webhookSender: Pick<WebhookSender, 'send'>;
  /** Between 0 and 1. */
  random(): number;
}

/** For so long a node that says nothing keeps a webhook to itself. */
export const leaseMs = 10_000;
/** Then others of the organization get their turn. */
const mostInARow = 100;

interface Step {
  webhook: SigningWebhook;
  delivery: WebhookDelivery;
}

/** Sends what is due of one webhook, if no other node does. `node`: who this is. Ends early when `stopping` aborts. */
export async function deliver(
  ports: DeliverPorts,
  { id, organizationId }: { id: string; organizationId: string },
  node: string,
  stopping: AbortSignal,
): Promise<void> {
  const { store, clock } = ports;
  const claim = (changes: Changes) => changes.webhooks.claim(organizationId, id, node, leaseMs);
  let step = await store.write(async (changes) => stepOf(changes, await claim(changes), clock(), node));
  for (let sent = 0; step !== null; sent += 1) {
    if (stopping.aborted || sent === mostInARow) break;
    const { webhook, delivery } = step;
    const answer = await send(ports, step, node, stopping);
    if (answer === null) break;
    step = await store.write(async (changes) => {
      // Whoever has it now sends this again, and says what came of it.
      if ((await claim(changes)) === null) return null;
      const next = await settle(changes, webhook.id, delivery, answer, { at: clock(), random: ports.random() });
      return stepOf(changes, next, clock(), node);
    });
  }
  if (step !== null) await store.write(({ webhooks }) => webhooks.release(organizationId, id, node));
}

/** What is to be sent now; null, and the webhook free for any node, where that is nothing. */
async function stepOf(
  { webhooks, webhookDeliveries }: Changes,
  webhook: SigningWebhook | null,
  now: number,
  node: string,
): Promise<Step | null> {
  if (webhook === null) return null;
  const { id, organizationId } = webhook;
  const delivery = webhook.deactivatedAt === null ? await webhookDeliveries.next(organizationId, id) : null;
  if (delivery !== null && (webhook.nextTryAt ?? now) <= now) return { webhook, delivery };
  if (delivery === null && webhook.nextTryAt !== null) await webhooks.update({ ...webhook, nextTryAt: null });
  await webhooks.release(organizationId, id, node);
  return null;
}

/** Null where it was broken off, as this node is stopping or has lost the webhook to another. */
async function send(ports: DeliverPorts, step: Step, node: string, stopping: AbortSignal): Promise<Sent | null> {
  const { store, sealer, clock, webhookSender } = ports;
  const { webhook, delivery } = step;
  const headers = signedHeaders(sealer, webhook, delivery, clock());
  if (headers === null) return { status: null, failure: 'sealed_otherwise', body: '', durationMs: 0 };
  const lost = new AbortController();
  const keep = setInterval(() => {
    const { organizationId, id } = webhook;
    const kept = store.write(({ webhooks }) => webhooks.claim(organizationId, id, node, leaseMs));
    kept.then((one) => one === null && lost.abort()).catch(() => lost.abort());
  }, leaseMs / 3);
  try {
    const until = AbortSignal.any([stopping, lost.signal]);
    const message = {
      url: webhook.url,
      headers: { 'content-type': 'application/json', ...headers },
      body: delivery.payload,
    };
    const sent = await webhookSender.send(message, until);
    return until.aborted ? null : sent;
  } finally {
    clearInterval(keep);
  }
}

/** Says what came of a try, and when the next one is. */
async function settle(
  changes: Changes,
  webhookId: string,
  delivery: WebhookDelivery,
  { retryAfterMs, ...answer }: Sent,
  { at, random }: { at: number; random: number },
): Promise<SigningWebhook | null> {
  const { organizationId } = delivery;
  const isAccepted = answer.failure === null && answer.status !== null && answer.status >= 200 && answer.status < 300;
  const isGone = answer.status === 410 && answer.failure === null;
  const isOver = isGone || at >= delivery.giveUpAt;
  const status: DeliveryStatus = isAccepted ? 'delivered' : isOver ? 'dead' : 'waiting';
  await changes.webhookDeliveries.settle(delivery, { status, triedAt: at, answer });
  const webhook = await changes.webhooks.find(organizationId, webhookId);
  if (webhook === null) return null;
  const wait = Math.max(retryAfterMs ?? 0, backOffMs(delivery.tries + 1, random));
  const isTest = delivery.event === testEvent;
  const next: SigningWebhook = {
    ...webhook,
    failingSince: isAccepted ? null : isTest ? webhook.failingSince : (webhook.failingSince ?? at),
    nextTryAt: status === 'waiting' ? Math.min(at + wait, delivery.giveUpAt) : at,
    ...(isGone && { deactivatedAt: at, deactivatedFor: 'gone' as const }),
  };
  await changes.webhooks.update(next);
  if (isGone) {
    const organization = { id: organizationId, name: '' };
    const detail = { why: 'The receiver answered 410.' };
    changes.journal(entryOf(systemIn(organization), at, 'webhook.switched_off', subjectOf(webhookId), detail));
  }
  return next;
}

const firstWaitMs = 5000;
const longestWaitMs = 2 * 3_600_000;

/** 5 s, 20 s, 80 s … 2 h after so many tries, a fifth more or less. `random`: between 0 and 1. */
export function backOffMs(tries: number, random: number): number {
  return Math.round(Math.min(longestWaitMs, firstWaitMs * 4 ** (tries - 1)) * (0.8 + 0.4 * random));
}
