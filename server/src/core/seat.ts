// The seat of a follower: one connection, what it has been told and what it has said. Who has a seat, and what is done
// with what is said there, is followers.ts's affair.

import { concerns, type JournalTail, type TailEntry } from './journal-tail.ts';
import type { Clock } from './ports.ts';
import { newId } from './secret.ts';

/** What a follower is told next: changes in order, or that everything up to a number has been said. */
export type Told = { changes: readonly TailEntry[] } | { heartbeat: number };

export interface Place {
  organizationId: string;
  /** Whose credential it is; stands for the verifier until that gives its name. */
  principal: { id: string; name: string };
  /** The verifier's name, unique in its organization; null until an acknowledgement brings it. */
  verifier: string | null;
  /** Where it connected from. */
  address: string;
  /** Null: from now on. */
  cursor: number | null;
  /** Asked before each heartbeat. A throw means that it cannot be known now: no heartbeat, but no end either. */
  mayStill(): Promise<boolean>;
  /** Ends the connection of a follower that does not read. */
  cut(): void;
}

export interface Seat {
  readonly id: string;
  readonly place: Place;
  verifier: string | null;
  /** Everything up to this entry has been told. */
  sent: number;
  /** Everything up to this entry has been applied, as far as we know. */
  acknowledged: number;
  /** A heartbeat is due. */
  isDue: boolean;
  isOver: boolean;
  /** When it last took something, and since when its connection is gone; monotonic. */
  tookAt: number;
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

export function newSeat(place: Place, cursor: number, acknowledged: number, { now, clock }: Times): Seat {
  return {
    id: newId(),
    place,
    verifier: null,
    sent: cursor,
    acknowledged,
    isDue: false,
    isOver: false,
    tookAt: now(),
    goneAt: null,
    connectedAt: clock(),
    disconnectedAt: null,
    acknowledgedAt: null,
    wake: () => undefined,
  };
}

export function leave(seat: Seat, { now, clock }: Times): void {
  seat.isOver = true;
  seat.goneAt ??= now();
  seat.disconnectedAt ??= clock();
  seat.wake();
}

/** All that a seat is told until it is over; `prepared` is how far it may be told. */
export async function* tell(
  seat: Seat,
  tail: JournalTail,
  prepared: () => number,
  now: Clock,
): AsyncGenerator<Told, void> {
  while (!seat.isOver) {
    const woken = new Promise<void>((wake) => {
      seat.wake = wake;
    });
    while (seat.sent < prepared() && !seat.isOver) {
      const upTo = prepared();
      const entries = (await tail.after(seat.sent)).filter(({ seq }) => seq <= upTo);
      seat.sent = entries.at(-1)?.seq ?? upTo;
      const changes = entries.filter((entry) => concerns(entry, seat.place.organizationId));
      if (changes.length > 0) yield { changes };
      seat.tookAt = now();
    }
    if (seat.isDue && !seat.isOver) {
      seat.isDue = false;
      yield { heartbeat: seat.sent };
      seat.tookAt = now();
    } else {
      await woken;
    }
  }
}
