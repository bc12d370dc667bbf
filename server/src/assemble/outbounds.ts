// What calls other servers: for issuers' keys, which users of the API have named, for clients' own documents, which anybody can have
// read, and for webhooks. None waits for another.

import type { Config } from '../config/config.ts';
import type { WebhookSender } from '../core/feed/webhooks/ports.ts';
import type { Outbound } from '../core/outbound.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { createWebhookSender } from '../outbound/webhook-sender.ts';
import { readAuthorities } from '../startup/certificate-authorities.ts';

export interface Outbounds {
  outbound: Outbound;
  clientOutbound: Outbound;
  webhookSender: WebhookSender;
}

/** Where every host may describe clients, none of them is private: a stranger would have this server call its neighbours. */
export function openOutbounds(
  { outbound: { allowPrivate, ca: file }, clientMetadata: { hosts } }: Pick<Config, 'outbound' | 'clientMetadata'>,
  allowPlainLoopback: boolean,
): Outbounds {
  const ca = file === null ? null : readAuthorities(file);
  return {
    outbound: createOutbound({ allowPrivate, ca }),
    clientOutbound: createOutbound({ allowPrivate: hosts.includes('*') ? [] : allowPrivate, ca }),
    webhookSender: createWebhookSender({ allowPrivate, ca, allowPlainLoopback }),
  };
}
