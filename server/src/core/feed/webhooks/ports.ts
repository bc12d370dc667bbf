// What webhooks need of the world: where they and what they are sent are kept, and who sends it.

import type { Page, Position } from '../../page.ts';
import type {
  DeliveryAnswer,
  DeliveryStatus,
  SendingFailure,
  SigningWebhook,
  WebhookDelivery,
  WebhookInterest,
} from './records.ts';

export interface WebhookReads {
  find(organizationId: string, id: string): Promise<SigningWebhook | null>;
  /** The oldest first. */
  list(organizationId: string): Promise<SigningWebhook[]>;
  /** The active ones of organizations that are let in; `organizationIds` null for all of them. */
  interests(organizationIds: readonly string[] | null): Promise<WebhookInterest[]>;
  /** Up to which entry of the journal all that was to be sent waits; 0 before the first. */
  cursor(): Promise<number>;
  /** Active ones for which something waits that is due by `now`, and that no other node delivers. The longest due first. */
  due(now: number, node: string, limit: number): Promise<{ id: string; organizationId: string }[]>;
}

export interface WebhookChanges extends WebhookReads {
  /** Nobody else changes it until the commit. */
  find(organizationId: string, id: string): Promise<SigningWebhook | null>;
  insert(webhook: SigningWebhook, fromSeq: number): Promise<void>;
  /** `fromSeq`: where it begins to be sent entries; as before if it is left out. */
  update(webhook: SigningWebhook, fromSeq?: number): Promise<void>;
  /** With all that it was sent. True for one of many racing callers. */
  delete(organizationId: string, id: string): Promise<boolean>;
  /** True for one of many racing callers. */
  moveCursor(from: number, to: number): Promise<boolean>;
  /**
   * From now on this node delivers it, for `forMs` by the database's clock. Null if another does, or if there is no such
   * webhook. Nobody else changes it until the commit.
   */
  claim(organizationId: string, id: string, node: string, forMs: number): Promise<SigningWebhook | null>;
  /** Another node may. */
  release(organizationId: string, id: string, node: string): Promise<void>;
  /** Something waits that is to be tried at this time or, as it may be, sooner. */
  wake(organizationId: string, id: string, at: number): Promise<void>;
}

export interface WebhookDeliveryReads {
  find(organizationId: string, id: string): Promise<WebhookDelivery | null>;
  /** The newest first. */
  list(
    organizationId: string,
    filter: { webhookId: string; status?: DeliveryStatus },
    page: { limit: number; after?: Position },
  ): Promise<Page<WebhookDelivery>>;
  /** The first of those that wait. */
  next(organizationId: string, webhookId: string): Promise<WebhookDelivery | null>;
}

export interface WebhookDeliveryChanges extends WebhookDeliveryReads {
  insert(deliveries: readonly WebhookDelivery[]): Promise<void>;
  /** What came of a try. */
  settle(
    delivery: WebhookDelivery,
    outcome: { status: DeliveryStatus; triedAt: number; answer: DeliveryAnswer },
  ): Promise<void>;
  /** Has what is not waiting wait again: one, or all that are dead of a webhook. Returns how many. */
  repeat(organizationId: string, what: { id: string } | { webhookId: string }, giveUpAt: number): Promise<number>;
  /** At most `limit` that were made before `before` and do not wait; returns how many. */
  deleteOld(before: number, limit: number): Promise<number>;
}

export interface Notices {
  /** True for one of many racing callers on whichever node, once until `expiresAt`; then it may be inserted again. */
  insert(key: string, expiresAt: number, now: number): Promise<boolean>;
  /** At most `limit`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

export interface Message {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export type Sent = DeliveryAnswer & {
  /** What the receiver asks for, of a 429 or 503. */
  retryAfterMs?: number;
};

/** Calls receivers (S126). */
export interface WebhookSender {
  /** Why nothing would ever be sent to this address; null where only sending will tell. */
  refuses(url: string): Extract<SendingFailure, 'not_https' | 'address_not_allowed'> | null;
  /** Never rejects. */
  send(message: Message, until: AbortSignal): Promise<Sent>;
}

/** What the store lets this part read. */
export interface WebhookStoreReads {
  webhooks: WebhookReads;
  webhookDeliveries: WebhookDeliveryReads;
}

/** What may be touched inside a change. */
export interface WebhookStoreChanges {
  webhooks: WebhookChanges;
  webhookDeliveries: WebhookDeliveryChanges;
  notices: Notices;
}
