// The secret that a receiver knows a webhook's messages by, and the signatures made with it (Standard Webhooks 1.0). It is kept
// sealed: whoever signs must have it as it is.

import { createHmac } from 'node:crypto';
import type { Sealer } from '../../sealer.ts';
import { drawRandom } from '../../secret.ts';
import type { SigningWebhook, WebhookDelivery } from './records.ts';

const prefix = 'whsec_';
const secretBytes = 32;

/** `whsec_` and 32 random bytes in base64. */
export function generateWebhookSecret(): string {
  return prefix + Buffer.from(drawRandom(secretBytes)).toString('base64');
}

export function sealSecret(sealer: Pick<Sealer, 'seal'>, webhookId: string, secret: string): string {
  return sealer.seal('webhook', secret, webhookId);
}

/**
 * The headers of one try at `at`, signed with every secret that counts; null where these were sealed with a key that this
 * server does not have.
 */
export function signedHeaders(
  sealer: Pick<Sealer, 'open'>,
  { id: webhookId, sealedSecret, previous }: Pick<SigningWebhook, 'id' | 'sealedSecret' | 'previous'>,
  { id, payload }: Pick<WebhookDelivery, 'id' | 'payload'>,
  at: number,
): Record<string, string> | null {
  const sealed = [sealedSecret, ...(previous !== null && previous.endsAt > at ? [previous.sealedSecret] : [])];
  const secrets = sealed.map((one) => sealer.open('webhook', one, webhookId));
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.flatMap((secret) => (secret === null ? [] : signature(secret, id, timestamp, payload)));
  if (signatures.length === 0) return null;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function signature(secret: string, id: string, timestamp: string, payload: string): string {
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest('base64')}`;
}
