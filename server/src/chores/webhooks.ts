// Sees to it that webhooks are sent what the journal tells, and soon: it looks for news and for what is due, and has many webhooks
// delivered at the same time, of one organization a few. What is sent, and when again, belongs to core.

import { type DeliverPorts, deliver } from '../core/feed/webhooks/deliver.ts';
import { type EnqueuePorts, enqueueNews } from '../core/feed/webhooks/enqueue.ts';
import type { WebhookReads } from '../core/feed/webhooks/ports.ts';
import type { JournalFollower } from './follow-journal.ts';

/** How long what happened waits at most, before it is sent. */
export const webhooksMs = 200;
/** How long what becomes due by itself waits: where nothing was due and nothing happened, the database is left in peace. */
const idleMs = 1_000;
const mostAtOnce = 64;
const mostOfOrganization = 8;

export interface WebhookChore {
  run(): Promise<void>;
  /** Breaks off what is being sent, which is sent again, and gives it to other nodes. */
  close(): Promise<void>;
}

export interface WebhookChoreOptions {
  ports: DeliverPorts & EnqueuePorts & { store: { webhooks: WebhookReads } };
  follower: Pick<JournalFollower, 'seen'>;
  /** Unique among those that share the database. */
  node: string;
  failed(error: unknown): void;
}

export function createWebhookChore({ ports, follower, node, failed }: WebhookChoreOptions): WebhookChore {
  const stopping = new AbortController();
  /** By the webhook's id. */
  const underWay = new Map<string, { organizationId: string; done: Promise<void> }>();
  let passed = 0;
  let idleUntil = 0;

  async function startDue(): Promise<void> {
    if (underWay.size === 0 && performance.now() < idleUntil) return;
    const due = await ports.store.webhooks.due(ports.clock(), node, mostAtOnce * 2);
    if (due.length === 0) idleUntil = performance.now() + idleMs;
    for (const webhook of due) {
      if (stopping.signal.aborted || underWay.size >= mostAtOnce) return;
      const { id, organizationId } = webhook;
      const own = [...underWay.values()].filter((one) => one.organizationId === organizationId);
      if (underWay.has(id) || own.length >= mostOfOrganization) continue;
      const done = deliver(ports, webhook, node, stopping.signal)
        .catch(failed)
        .finally(() => underWay.delete(id));
      underWay.set(id, { organizationId, done });
    }
  }

  return {
    async run() {
      if (stopping.signal.aborted) return;
      const head = follower.seen();
      if (head !== passed) {
        passed = await enqueueNews(ports, head, passed);
        idleUntil = 0;
      }
      await startDue();
    },
    async close() {
      stopping.abort();
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
}
