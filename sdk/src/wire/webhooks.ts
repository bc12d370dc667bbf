// Webhooks: where an organization has what happens sent, and what was sent there.

import { type Static, Type } from 'typebox';
import { change, closed, listOf, Overlap, TextOrNull, Time, TimeOrNull } from './parts.ts';

/** Names of events, or `*` alone for all. */
const Events = Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 100 });
const Url = Type.String({ maxLength: 2000 });

export const Webhook = Type.Object({
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.String(),
  /** How many days before a credential expires `token.expiring` is sent. */
  expiringDays: Type.Integer(),
  active: Type.Boolean(),
  /** Why it was switched off by Keyward: `gone` where its receiver answered 410. */
  deactivatedFor: Type.Union([Type.Literal('gone'), Type.Null()]),
  deactivatedAt: TimeOrNull,
  /** Nothing was accepted since, though it was tried. */
  failingSince: TimeOrNull,
  /** When the first of what waits is tried next; null where nothing waits. */
  nextTryAt: TimeOrNull,
  createdAt: Time,
  /** The id of who made it. */
  createdBy: Type.String(),
});
export type Webhook = Static<typeof Webhook>;

/** The newest first unless said otherwise. `search` matches anywhere in an address or a description, in either case. */
export const WebhookListQuery = Type.Object(
  {
    limit: Type.Optional(Type.String()),
    cursor: Type.Optional(Type.String()),
    search: Type.Optional(Type.String({ maxLength: 200 })),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
  },
  closed,
);
export type WebhookListQuery = Static<typeof WebhookListQuery>;

export const WebhookList = listOf(Webhook);
export type WebhookList = Static<typeof WebhookList>;

/** Without `events` it is sent all of them. */
export const NewWebhook = Type.Object(
  {
    url: Url,
    events: Type.Optional(Events),
    description: Type.Optional(Type.String()),
    expiringDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
  },
  closed,
);
export type NewWebhook = Static<typeof NewWebhook>;

/** The secret is said this once. */
export const CreatedWebhook = Type.Object({ ...Webhook.properties, secret: Type.String() });
export type CreatedWebhook = Static<typeof CreatedWebhook>;

export const WebhookChange = Type.Partial(
  Type.Object({
    url: Url,
    events: Events,
    description: Type.String(),
    expiringDays: Type.Integer({ minimum: 1, maximum: 365 }),
    active: Type.Boolean(),
  }),
  change,
);
export type WebhookChange = Static<typeof WebhookChange>;

/** For so long messages are signed with the secret from before too; a day unless told. */
export const WebhookRotation = Type.Partial(Overlap, closed);
export type WebhookRotation = Static<typeof WebhookRotation>;

const Status = Type.Enum(['waiting', 'delivered', 'dead']);

export const WebhookDelivery = Type.Object({
  /** The `webhook-id` of the message, the same in every try. */
  id: Type.String(),
  webhook: Type.String(),
  event: Type.String(),
  /** `dead`: it was given up, and can be repeated. */
  status: Status,
  tries: Type.Integer(),
  createdAt: Time,
  triedAt: TimeOrNull,
  /** The body as it was sent. */
  request: Type.String(),
  /** What came of the newest try; null before the first. */
  answer: Type.Union([
    Type.Object({
      /** Null where there was no answer. */
      status: Type.Union([Type.Integer(), Type.Null()]),
      /** Why not, or why it does not count. */
      failure: TextOrNull,
      /** Its first kilobyte. */
      body: Type.String(),
      durationMs: Type.Integer(),
    }),
    Type.Null(),
  ]),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookDeliveryList = listOf(WebhookDelivery);
export type WebhookDeliveryList = Static<typeof WebhookDeliveryList>;

export const WebhookDeliveryQuery = Type.Object(
  { status: Type.Optional(Status), limit: Type.Optional(Type.String()), cursor: Type.Optional(Type.String()) },
  closed,
);
export type WebhookDeliveryQuery = Static<typeof WebhookDeliveryQuery>;

/** How many that were given up are sent again. */
export const Repeated = Type.Object({ repeated: Type.Integer() });
export type Repeated = Static<typeof Repeated>;
