// The tables of webhooks and of notices, as the queries see them. The column rule is that of schema.ts.

export interface WebhookRow {
  id: string;
  organization_id: string;
  url: string;
  /** JSON. */
  events: string;
  description: string;
  expiring_days: number;
  sealed_secret: string;
  /** Both null but after a rotation. */
  previous_sealed_secret: string | null;
  previous_ends_at: number | null;
  created_at: number;
  created_by: string;
  deactivated_at: number | null;
  deactivated_for: 'gone' | null;
  /** It is sent entries behind this one. */
  from_seq: number;
  failing_since: number | null;
  next_try_at: number | null;
  /** The node that delivers it, and until when by the database's clock. */
  leased_by: string | null;
  leased_until: number | null;
}

export interface WebhookDeliveryRow {
  id: string;
  webhook_id: string;
  organization_id: string;
  position: number;
  event: string;
  payload: string;
  status: 'waiting' | 'delivered' | 'dead';
  tries: number;
  created_at: number;
  give_up_at: number;
  tried_at: number | null;
  /** JSON. */
  answer: string | null;
}

/** One row: up to which entry of the journal all that is to be sent waits. */
export interface WebhookCursorRow {
  id: number;
  seq: number;
}

export interface NoticeRow {
  key: string;
  expires_at: number;
}
