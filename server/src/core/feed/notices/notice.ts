// Notices: entries of the journal about what is no change. Each is given once, whichever nodes think of it, and only where an
// active webhook wants it, so that the journal of who asked for none stays one of changes.

import { systemIn } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Journalled } from '../../journal/ports.ts';
import type { Writer } from '../../writer.ts';
import { eventOf, everyEvent } from '../webhooks/event-types.ts';
import type { WebhookStoreChanges } from '../webhooks/ports.ts';
import type { WebhookInterest } from '../webhooks/records.ts';

export interface Notice {
  organizationId: string;
  action: string;
  subject: { type: string; id: string };
  detail: Readonly<Record<string, unknown>>;
  /** What it is once for: no other notice of this action and subject has the same. */
  once: string;
  /** From then on it may be given again. */
  until: number;
}

export type NoticePorts = Clocked & { store: Writer<Pick<WebhookStoreChanges, 'notices'> & Journalled> };

/** Answers how many were new. */
export async function give({ store, clock }: NoticePorts, notices: readonly Notice[]): Promise<number> {
  if (notices.length === 0) return 0;
  const at = clock();
  return store.write(async (changes) => {
    let given = 0;
    for (const { organizationId, action, subject, detail, once, until } of notices) {
      const isNew = await changes.notices.insert(`${action} ${subject.id} ${once}`, until, at);
      if (!isNew) continue;
      given += 1;
      changes.journal(entryOf(systemIn({ id: organizationId, name: '' }), at, action, subject, detail));
    }
    return given;
  });
}

/** Whether one of these webhooks is sent what an entry of this action tells. */
export function isWanted(interests: readonly Pick<WebhookInterest, 'events'>[], action: string): boolean {
  const event = eventOf(action);
  if (event === undefined) return false;
  return interests.some(({ events }) => events.includes(everyEvent) || events.includes(event));
}
