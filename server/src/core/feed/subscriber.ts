// A subscriber: one connection, what it has been told and what it has said. Who subscribes, and what is done
// with what is said there, belongs to subscribers.ts.

import type { Clock } from '../clock.ts';
import { concerns, type FeedScope, type JournalTail, type TailEntry } from '../journal/tail.ts';
import { newId } from '../secret.ts';

/**
 * What a follower is told next: changes in order, or that everything up to a number has been said; or that it must forget
 * everything, and that what it is told goes on behind a number.
 */
export type FeedMessage = { changes: readonly TailEntry[] } | { heartbeat: number } | { forget: number };

export interface SubscriptionRequest {
  /** Whose verifier it is. */
  organizationId: string;
  /** Whose changes it is told of. */
  scope: FeedScope;
  /** Whose credential it is; stands for the verifier until that gives its name. */
  principal: { id: string; name: string };
  /** The verifier's name, unique in its organization; null until an acknowledgement brings it. */
  verifier: string | null;
  /** Where it connected from. */
  address: string;
  /** Null: from now on. */
  cursor: number | null;
  /** The epoch that the cursor is of, as it was told with it; null where it says none. */
  epoch: string | null;
  /** Asked before each heartbeat. A throw means that it cannot be known now: no heartbeat, but no end either. */
  mayStill(): Promise<boolean>;
  /** Ends the connection of a follower that does not read. */
  cut(): void;
}

export interface Subscriber {
  id: string;
  readonly request: SubscriptionRequest;
  verifier: string | null;
  /** Everything up to this entry has been told. */
  sent: number;
  /** Everything up to this entry has been applied, as far as we know; -1 while that may be of another journal. */
  acknowledged: number;
  /** Where it began: a word that it has come less far was said before. */
  from: number;
  /** A heartbeat is due once everything up to this entry has been told; null if none is. */
  due: number | null;
  /** It must be told to forget everything first. */
  mustForget: boolean;
  isOver: boolean;
  /** Since when it has not taken what it is offered, null while it is offered nothing; and when its connection broke. */
  offeredAt: number | null;
  goneAt: number | null;
  /** For whoever reads of it: milliseconds since the epoch. */
  connectedAt: number;
  disconnectedAt: number | null;
  acknowledgedAt: number | null;
  wake(): void;
}

export interface Times {
  /** Monotonic milliseconds. */
  now: Clock;
  /** Milliseconds since the epoch, for whoever reads of it. */
  clock: Clock;
}

export function newSubscriber(
  request: SubscriptionRequest,
  cursor: number,
  acknowledged: number,
  { now, clock }: Times,
): Subscriber {
  return {
    id: newId(),
    request,
    verifier: null,
    sent: cursor,
    acknowledged,
    from: cursor,
    due: null,
    mustForget: false,
    isOver: false,
    offeredAt: now(),
    goneAt: null,
    connectedAt: clock(),
    disconnectedAt: null,
    acknowledgedAt: null,
    wake: () => undefined,
  };
}

export function leave(subscriber: Subscriber, { now, clock }: Times): void {
  subscriber.isOver = true;
  subscriber.goneAt ??= now();
  subscriber.disconnectedAt ??= clock();
  subscriber.wake();
}

/** True if it waits, was told everything up to `seq`, and is owed nothing. */
export function isUpTo({ sent, offeredAt, due, mustForget, isOver }: Subscriber, seq: number): boolean {
  return sent === seq && offeredAt === null && due === null && !mustForget && !isOver;
}

/** The journal has become another: whatever the subscriber was told, and has said, is of the one before. */
export function resetSubscriber(subscriber: Subscriber, head: number): void {
  // Cursors of a presence never go back.
  subscriber.id = newId();
  subscriber.sent = head;
  subscriber.acknowledged = -1;
  subscriber.from = head;
  subscriber.due = null;
  subscriber.mustForget = true;
  subscriber.wake();
}

/** All that a subscriber is told until it is over; `prepared` is how far it may be told. */
export async function* feedMessages(
  subscriber: Subscriber,
  tail: JournalTail,
  prepared: () => number,
  now: Clock,
): AsyncGenerator<FeedMessage, void> {
  while (!subscriber.isOver) {
    const woken = new Promise<void>((wake) => {
      subscriber.wake = wake;
    });
    if (subscriber.mustForget) {
      subscriber.mustForget = false;
      yield { forget: subscriber.sent };
      subscriber.offeredAt = now();
    }
    while (subscriber.sent < prepared() && !subscriber.isOver) {
      const upTo = prepared();
      const found = await tail.after(subscriber.sent);
      if (subscriber.mustForget) break;
      const entries = found.filter(({ seq }) => seq <= upTo);
      subscriber.sent = entries.at(-1)?.seq ?? upTo;
      const changes = entries.filter((entry) => concerns(entry, subscriber.request.scope));
      if (changes.length > 0) yield { changes };
      subscriber.offeredAt = now();
    }
    const maySay = subscriber.due !== null && subscriber.due <= subscriber.sent && subscriber.sent <= prepared();
    if (maySay && !subscriber.mustForget && !subscriber.isOver) {
      subscriber.due = null;
      yield { heartbeat: subscriber.sent };
      subscriber.offeredAt = now();
    } else {
      subscriber.offeredAt = null;
      await woken;
      subscriber.offeredAt = now();
    }
  }
}
