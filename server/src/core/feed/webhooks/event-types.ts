// Of which entries of the journal each event is made that webhooks can be sent. Whom one is sent to is decided in enqueue.ts.

import { type WebhookEvent, webhookEvents } from '@keyward/rules/webhooks/events';

export { everyEvent } from '@keyward/rules/webhooks/events';

/** What a webhook is sent when somebody tries it. */
export const testEvent = 'webhook.test';

/** What the journal calls those whom events call otherwise. */
const subjects: Readonly<Record<string, string>> = { token: 'api_token', member: 'user' };

/** Events that are made of others than the entry of the same name. */
const actionsOf: Partial<Record<WebhookEvent, readonly string[]>> = {
  'token.imported': ['import.tokens_added'],
  'member.joined': ['user.created', 'user.invitation_accepted'],
};

const byAction: ReadonlyMap<string, WebhookEvent> = new Map(
  webhookEvents.flatMap((event) =>
    (actionsOf[event] ?? [usualAction(event)]).map((action) => [action, event] as const),
  ),
);

const names: ReadonlySet<string> = new Set(webhookEvents);

export function isEvent(name: string): name is WebhookEvent {
  return names.has(name);
}

/** The event that an entry of the journal is; undefined where it is none. */
export function eventOf(action: string): WebhookEvent | undefined {
  return byAction.get(action);
}

function usualAction(event: WebhookEvent): string {
  const [noun = '', verb = ''] = event.split('.');
  return `${subjects[noun] ?? noun}.${verb}`;
}
