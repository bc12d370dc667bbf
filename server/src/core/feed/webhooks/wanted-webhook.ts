// What somebody may ask of a webhook: an address that may be called, events that there are.

import { nearestWord } from '@keyward/rules/nearest-word';
import { webhookEvents } from '@keyward/rules/webhooks/events';
import { invalid } from '../../errors.ts';
import { checkedDescription } from '../../name.ts';
import { everyEvent, isEvent } from './event-types.ts';
import type { WebhookSender } from './ports.ts';
import type { Webhook } from './records.ts';

export interface NewWebhook {
  url: string;
  /** All of them unless told. */
  events?: readonly string[];
  description?: string;
  expiringDays?: number;
}

export interface WebhookChange extends Partial<NewWebhook> {
  active?: boolean;
}

const longestUrl = 2000;
export const usualExpiringDays = 7;
const mostExpiringDays = 365;

/** The members that were given, as they are kept. Throws `invalid_request`. */
export function checkedFields(
  sender: Pick<WebhookSender, 'refuses'>,
  { url, events, description, expiringDays }: Partial<NewWebhook>,
): Partial<Pick<Webhook, 'url' | 'events' | 'description' | 'expiringDays'>> {
  return {
    ...(url !== undefined && { url: checkedUrl(sender, url) }),
    ...(events !== undefined && { events: checkedEvents(events) }),
    ...(description !== undefined && { description: checkedDescription(description) }),
    ...(expiringDays !== undefined && { expiringDays: checkedDays(expiringDays) }),
  };
}

function checkedUrl(sender: Pick<WebhookSender, 'refuses'>, text: string): string {
  if (text.length > longestUrl) throw invalid('url', `An address has at most ${longestUrl} characters.`);
  const url = URL.parse(text);
  if (url === null) throw invalid('url', 'This is no address. Use one such as https://hooks.example.com/keyward.');
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalid(
      'url',
      'The address must hold no user, no password and no fragment (#). Messages are signed instead.',
    );
  }
  const refused = sender.refuses(url.href);
  if (refused === 'not_https') throw invalid('url', 'The address must begin with https://.');
  if (refused !== null) {
    const text =
      'This is a private or reserved address, which the operator would have to allow (outbound.allowPrivate).';
    throw invalid('url', text);
  }
  return url.href;
}

function checkedEvents(events: readonly string[]): readonly string[] {
  if (events.length === 0) throw invalid('events', `Name at least one event, or "${everyEvent}" for all.`);
  for (const [at, one] of events.entries()) {
    if (one === everyEvent || isEvent(one)) continue;
    const nearest = nearestWord(one, webhookEvents);
    const meant = nearest === undefined ? '' : ` Do you mean ${nearest}?`;
    throw invalid(['body', 'events', at], `There is no such event.${meant} All are in docs/webhooks.md.`);
  }
  return events.includes(everyEvent) ? [everyEvent] : [...new Set(events)];
}

function checkedDays(days: number): number {
  if (Number.isInteger(days) && days >= 1 && days <= mostExpiringDays) return days;
  throw invalid('expiringDays', `Use a whole number of days from 1 to ${mostExpiringDays}.`);
}
