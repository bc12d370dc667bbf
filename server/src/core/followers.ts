// Who follows the journal from outside through this node: what each has been told, and how far each says it has come.
// In memory of this node alone. It checks no credential: whoever opens a place says whether it may still be held.

import type { JournalEntry } from './journal.ts';
import { concerns, createJournalTail, mostRemembered, type TailEntry } from './journal-tail.ts';
import type { Clock, JournalReads } from './ports.ts';
import { createReceipts, type Receipt } from './receipt.ts';

/** What a follower is told next: changes in order, or that everything up to a number has been said. */
export type Told = { changes: readonly TailEntry[] } | { heartbeat: number };

export interface Following {
  /** What is told begins behind this entry. */
  cursor: number;
  /** True if the wanted cursor is unknown or too old. */
  reset: boolean;
  /** Ends when the server stops, when the right is lost, or with `close`. */
  told: AsyncGenerator<Told, void>;
  close(): void;
}

export interface Place {
  organizationId: string;
  /** Whose credential it is; stands for the verifier until that gives its name. */
  principal: { id: string; name: string };
  /** The verifier's name, unique in its organization; null until an acknowledgement brings it. */
  verifier: string | null;
  /** Null: from now on. */
  cursor: number | null;
  /** Asked before each heartbeat. A throw means that it cannot be known now: no heartbeat, but no end either. */
  mayStill(): Promise<boolean>;
  /** Ends the connection of a follower that does not read. */
  cut(): void;
}

/** A place that is or was held lately. */
export interface Follower {
  readonly place: Place;
  verifier: string | null;
  /** Everything up to this entry has been told. */
  sent: number;
  /** Everything up to this entry has been applied, as far as we know. */
  acknowledged: number;
}

export interface Followers {
  /** To be called with every entry at least once. What `prepared` stands for is waited for before followers are told. */
  apply(entries: readonly JournalEntry[], prepared?: Promise<unknown>): void;
  /** Rejects only as `catchUp` does. */
  open(place: Place): Promise<Following | 'full' | 'stopping'>;
  /** From a verifier without a place it changes nothing. */
  acknowledge(from: { organizationId: string; principalId: string }, verifier: string, cursor: number): void;
  /** When the newest change of `subject` has reached the organization's verifiers. */
  receipt(organizationId: string, subject: JournalEntry['subject'], until: AbortSignal): Promise<Receipt>;
  /** Reads the journal's end, asks who may still follow, and sends heartbeats. Rejects when the journal does not answer. */
  beat(): Promise<void>;
  /** Ends all places and all waiting. */
  close(): void;
  /** The newest entry that this node knows of. */
  head(): number;
  /** How many follow, and how many entries the slowest of them has not been told. */
  lag(): { connected: number; behind: number };
}

export interface FollowersOptions {
  journal: Pick<JournalReads, 'after'>;
  /** The newest entry that `apply` will not be told of. */
  start: number;
  /** Resolves when `apply` was brought all that had been committed before. */
  catchUp(): Promise<void>;
  /** Monotonic milliseconds. */
  now: Clock;
  /** Told how long each change took from this node to a verifier's acknowledgement, in milliseconds. */
  effective?(ms: number): void;
}

/** What followers are promised; `beat` is to be called this often or a little oftener. */
export const heartbeatMs = 1000;
/** After this long without a heartbeat a verifier no longer trusts its memory, so nobody need wait for it. */
const goneAfterMs = 3 * heartbeatMs;
/** A follower that reads nothing for so long, or falls behind so far, is cut off. */
const stalledAfterMs = 10_000;
const mostPerOrganization = 1000;

interface Seat extends Follower {
  isDue: boolean;
  isOver: boolean;
  /** When it last took something, and since when its connection is gone. */
  tookAt: number;
  goneAt: number | null;
  wake(): void;
}

export function createFollowers({ journal, start, catchUp, now, effective }: FollowersOptions): Followers {
  const tail = createJournalTail(journal, start, now);
  const seats = new Set<Seat>();
  const receipts = createReceipts(now);
  /** The newest entry heard of, which may lie behind a gap. */
  let heard = start;
  /** Up to here this node has done itself what the entries ask for. */
  let prepared = start;
  let preparing: Promise<unknown> | null = null;
  let isClosed = false;

  const wakeAll = () => {
    for (const seat of seats) seat.wake();
  };
  const connected = () => [...seats].filter(({ goneAt }) => goneAt === null);
  const inOrganization = (id: string) => [...seats].filter(({ place }) => place.organizationId === id);

  function leave(seat: Seat): void {
    seat.isOver = true;
    seat.goneAt ??= now();
    seat.wake();
  }

  /** A verifier has one place: an older one of its name has lost its connection, known to us or not. */
  function name(seat: Seat, verifier: string): void {
    for (const older of inOrganization(seat.place.organizationId)) {
      if (older === seat || older.verifier !== verifier) continue;
      leave(older);
      seats.delete(older);
      receipts.replace(older, seat);
    }
    seat.verifier = verifier;
  }

  async function* tell(seat: Seat): AsyncGenerator<Told, void> {
    while (!seat.isOver) {
      const woken = new Promise<void>((wake) => {
        seat.wake = wake;
      });
      while (seat.sent < prepared && !seat.isOver) {
        const entries = (await tail.after(seat.sent)).filter(({ seq }) => seq <= prepared);
        seat.sent = entries.at(-1)?.seq ?? prepared;
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

  async function visit(seat: Seat): Promise<void> {
    const isStalled = seat.isDue && now() - seat.tookAt > stalledAfterMs;
    if (isStalled || prepared - seat.sent > mostRemembered) {
      leave(seat);
      return seat.place.cut();
    }
    const may = await seat.place.mayStill().catch(() => null);
    if (may === false) leave(seat);
    if (may === true) {
      seat.isDue = true;
      seat.wake();
    }
  }

  return {
    apply(entries, prepares) {
      heard = Math.max(heard, entries.at(-1)?.seq ?? 0);
      if (!tail.add(entries)) catchUp().catch(() => undefined);
      const upTo = tail.head();
      const finish = () => {
        prepared = Math.max(prepared, upTo);
        wakeAll();
      };
      if (prepares === undefined && preparing === null) return finish();
      const mine = Promise.allSettled([preparing, prepares]).then(() => {
        finish();
        if (preparing === mine) preparing = null;
      });
      preparing = mine;
    },
    async open(place) {
      // Another node may have told more than this one has heard yet.
      if ((place.cursor ?? 0) > prepared) await catchUp();
      if (isClosed) return 'stopping';
      if (inOrganization(place.organizationId).length >= mostPerOrganization) return 'full';
      const wanted = place.cursor ?? -1;
      const isKnown = wanted >= 0 && wanted <= prepared && prepared - wanted <= mostRemembered;
      const cursor = isKnown ? wanted : prepared;
      const seat: Seat = {
        place,
        verifier: null,
        sent: cursor,
        // What it remembers from before a reset counts until it says that it has forgotten it.
        acknowledged: isKnown || place.cursor === null ? cursor : -1,
        isDue: false,
        isOver: false,
        tookAt: now(),
        goneAt: null,
        wake: () => undefined,
      };
      seats.add(seat);
      if (place.verifier !== null) name(seat, place.verifier);
      return { cursor, reset: !isKnown, told: tell(seat), close: () => leave(seat) };
    },
    acknowledge({ organizationId, principalId }, verifier, cursor) {
      const all = inOrganization(organizationId);
      const isOpen = ({ verifier: name, goneAt, place }: Seat) =>
        name === null && goneAt === null && place.principal.id === principalId;
      const seat = all.find((one) => one.verifier === verifier) ?? all.find(isOpen);
      if (seat === undefined) return;
      if (seat.verifier === null) name(seat, verifier);
      // Nobody can have applied what nobody was told.
      const upTo = Math.min(cursor, seat.sent);
      if (upTo <= seat.acknowledged) return;
      for (const { entry, heardAt } of seat.acknowledged < 0 ? [] : tail.heard(seat.acknowledged, upTo)) {
        if (concerns(entry, organizationId)) effective?.(now() - heardAt);
      }
      seat.acknowledged = upTo;
      receipts.acknowledged(seat);
    },
    receipt(organizationId, subject, until) {
      const lately = inOrganization(organizationId).filter(({ goneAt }) => !isGone(goneAt, now()));
      // Behind a gap the change itself may be missing; then whatever was heard of last is not before it.
      const seq = heard > tail.head() ? heard : (tail.newestAbout(subject) ?? heard);
      const waiting = receipts.open(seq, lately, until);
      if (isClosed) receipts.close();
      return waiting;
    },
    async beat() {
      for (const seat of seats) if (isGone(seat.goneAt, now())) seats.delete(seat);
      const here = connected();
      if (here.length === 0) return;
      await catchUp();
      await Promise.all(here.map(visit));
    },
    close() {
      isClosed = true;
      for (const seat of seats) leave(seat);
      receipts.close();
    },
    head: () => tail.head(),
    lag() {
      const here = connected();
      return { connected: here.length, behind: Math.max(0, ...here.map(({ sent }) => tail.head() - sent)) };
    },
  };
}

function isGone(goneAt: number | null, now: number): boolean {
  return goneAt !== null && now - goneAt > goneAfterMs;
}
