// What is kept of webhooks and of what they are sent. Secrets are sealed; a delivery holds none.

export interface Webhook {
  id: string;
  organizationId: string;
  url: string;
  /** Names of event-types.ts, or `*` alone. */
  events: readonly string[];
  description: string;
  /** How many days before a credential expires it is told. */
  expiringDays: number;
  createdAt: number;
  /** The id of who made it. */
  createdBy: string;
  /** Nothing is sent since; null while it is active. */
  deactivatedAt: number | null;
  /** `gone`: its receiver said so. Null where somebody switched it off, and while it is active. */
  deactivatedFor: 'gone' | null;
  /** Nothing was accepted since, though it was tried; null while all is well. */
  failingSince: number | null;
  /** When the first of what waits is tried next; null where nothing waits. */
  nextTryAt: number | null;
}

/** With what its messages are signed with. */
export interface SigningWebhook extends Webhook {
  sealedSecret: string;
  /** The secret from before a rotation, which signs too until then. */
  previous: { sealedSecret: string; endsAt: number } | null;
}

/** Which entries of the journal a webhook is sent. */
export interface WebhookInterest extends Pick<Webhook, 'id' | 'organizationId' | 'events' | 'expiringDays'> {
  /** Those behind this one. */
  fromSeq: number;
}

export type DeliveryStatus = 'waiting' | 'delivered' | 'dead';

export interface WebhookDelivery {
  /** The message's id, the same in every try: what receivers know repetitions by. */
  id: string;
  webhookId: string;
  organizationId: string;
  /** Of one webhook they are sent in this order: the number of the entry, below 0 for what goes first. */
  position: number;
  event: string;
  /** The body as it is sent: JSON. */
  payload: string;
  status: DeliveryStatus;
  tries: number;
  createdAt: number;
  /** What fails at this time or later is not tried again. */
  giveUpAt: number;
  triedAt: number | null;
  answer: DeliveryAnswer | null;
}

/** What came of the newest try. */
export interface DeliveryAnswer {
  /** Null where there was no answer. */
  status: number | null;
  /** Why not, or why it does not count; null for an answer like any other. */
  failure: SendingFailure | null;
  /** Its first kilobyte. */
  body: string;
  durationMs: number;
}

/** Why nothing was sent, or no answer came. */
export type SendingFailure =
  | 'not_https'
  | 'address_not_allowed'
  | 'not_resolved'
  | 'unreachable'
  | 'redirected'
  | 'too_slow'
  | 'sealed_otherwise';
