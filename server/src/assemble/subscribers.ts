// Who follows the journal through this node, and, where the database has other nodes, what each says of its own followers.

import { setTimeout as pause } from 'node:timers/promises';
import type { followJournal } from '../chores/follow-journal.ts';
import { createPresenceSync } from '../chores/presence.ts';
import type { Clock } from '../core/clock.ts';
import type { PresenceSync } from '../core/feed/ports.ts';
import { createSubscriberRegistry, goneAfterMs, type SubscriberRegistry } from '../core/feed/subscribers.ts';
import type { ServerState } from '../core/recovery/records.ts';
import type { OpenStore } from '../storage/open.ts';

export interface SubscriberParts {
  /** What this node is called: a name that no other has, or had. */
  node: string;
  store: OpenStore;
  /** Which journal it has. */
  state: ServerState;
  follower: Awaited<ReturnType<typeof followJournal>>;
  clock: Clock;
  monotonic: Clock;
  /** Told how long a change took to reach a follower. */
  effective(ms: number): void;
}

/** A registry under this node's name. */
export function openSubscribers({
  node,
  store,
  state,
  follower,
  clock,
  monotonic,
  effective,
}: SubscriberParts): SubscriberRegistry {
  const presence: PresenceSync | null =
    store.presence === null
      ? null
      : createPresenceSync({
          presence: store.presence,
          node,
          lines: () => subscribers.lines(),
          moved: (id, cursor) => subscribers.moved(id, cursor),
          goneAfterMs,
        });
  const subscribers = createSubscriberRegistry({
    journal: store.journal,
    start: follower.seen(),
    catchUp: () => follower.catchUp(),
    now: monotonic,
    clock,
    pause: (ms) => pause(ms, undefined, { ref: false }),
    node,
    epoch: { id: state.epoch, isFirst: state.restoredAt === null },
    presence,
    effective,
  });
  return subscribers;
}
