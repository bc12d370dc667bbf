// What sends webhooks through this node, under a name of its own where others share the database: without any, what a process left
// that was killed is taken up at once.

import { randomUUID } from 'node:crypto';
import type { JournalFollower } from '../chores/follow-journal.ts';
import { createWebhookChore, type WebhookChore } from '../chores/webhooks.ts';
import type { Ports } from '../core/ports.ts';

export function openWebhooks(
  ports: Ports,
  follower: Pick<JournalFollower, 'seen'>,
  hasOtherNodes: boolean,
  failed: (error: unknown) => void,
): WebhookChore {
  const node = hasOtherNodes ? `node-${randomUUID()}` : 'node';
  return createWebhookChore({ ports: { ...ports, random: Math.random }, follower, node, failed });
}
