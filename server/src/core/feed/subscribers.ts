// Who follows the journal from outside through this node: what each has been told, and how far each says it has come.
// In memory of this node; what other nodes know is told by presence (ports.ts). It checks no credential: whoever subscribes
// says whether it still may.

import type { JournalEntry } from '../journal/entry.ts';
import type { JournalReads } from '../journal/ports.ts';
import { concerns, createJournalTail, type FeedScope, mostRemembered } from '../journal/tail.ts';
import { newId } from '../secret.ts';
import { answeringOf, unknownOthers } from './answering.ts';
import { type ConnectedVerifier, connectedVerifierOf } from './connected-verifier.ts';
import type { PresenceEntry, PresenceSync } from './ports.ts';
import { type Answering, createReceipts, type Receipt } from './receipt.ts';
import {
  type FeedMessage,
  feedMessages,
  isUpTo,
  leave,
  newSubscriber,
  resetSubscriber,
  type Subscriber,
  type SubscriptionRequest,
  type Times,
} from './subscriber.ts';
import { createSubscriberIndex } from './subscriber-index.ts';

export type { ConnectedVerifier } from './connected-verifier.ts';
export type { FeedMessage, SubscriptionRequest } from './subscriber.ts';

export interface Subscription {
  /** What is told begins behind this entry. */
  cursor: number;
  /** Of the journal that it is a place in. */
  epoch: string;
  /** True if the wanted cursor is unknown or too old. */
  reset: boolean;
  /** Ends when the server stops, when the right is lost, or with `close`. */
  told: AsyncGenerator<FeedMessage, void>;
  close(): void;
}

export interface SubscriberRegistry {
  /**
   * To be called with every entry at least once. What `prepared` stands for is waited for before followers are told; if
   * it fails, they are told no more.
   */
  apply(entries: readonly JournalEntry[], prepared?: Promise<unknown>): void;
  /**
   * The journal has become another, of which nothing is known up to `head`: whoever follows must forget everything.
   * What comes behind it is told to `apply`. For `prepared` see there.
   */
  startOver(head: number, prepared: Promise<unknown>): void;
  /** Rejects with KeywardError `unavailable` if the journal, or the store of presences, does not answer. */
  open(request: SubscriptionRequest): Promise<Subscription | 'full' | 'stopping'>;
  /** From a verifier without a subscription on any node it changes nothing. */
  acknowledge(from: { organizationId: string; principalId: string }, verifier: string, cursor: number): Promise<void>;
  /**
   * When the newest change of `subject` has reached all nodes, and whoever follows the
   * organization, or another one that the change concerns, on them; `isEverybodys`: it concerns all.
   */
  receipt(
    organizationId: string,
    subject: JournalEntry['subject'],
    until: AbortSignal,
    isEverybodys?: boolean,
  ): Promise<Receipt>;
  /** An organization's own verifiers on all nodes, which follow `scope`; those that came first before the others. */
  list(organizationId: string, scope: FeedScope): Promise<ConnectedVerifier[]>;
  /** Reads the journal's end, asks who may still follow, and sends heartbeats. Rejects when the journal does not answer. */
  heartbeat(): Promise<void>;
  /** Ends all subscriptions and all waiting. */
  close(): Promise<void>;
  /** The newest entry that this node knows of. */
  head(): number;
  /**
   * Resolves when this node answers by everything up to `cursor`; false if the journal does not go so far, or if what it
   * asks for takes too long to load.
   */
  reaches(cursor: number): boolean | Promise<boolean>;
  /** How many follow, and how many entries the slowest of them has not been told. */
  lag(): { connected: number; behind: number };
  /** For presence: this node, and whoever is connected to it. */
  lines(): PresenceEntry[];
  /** For presence: what a line has acknowledged elsewhere. */
  moved(id: string, cursor: number): void;
}

export interface SubscriberRegistryOptions extends Times {
  journal: Pick<JournalReads, 'after'>;
  /** The newest entry that `apply` will not be told of. */
  start: number;
  /** Resolves when `apply` was brought all that had been committed before. */
  catchUp(): Promise<void>;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<unknown>;
  /** Which journal it is. A restore began it, unless it is the first: a cursor that names no epoch may be of another. */
  epoch: { id: string; isFirst: boolean };
  /** What this node is called. */
  node: string;
  /** Null where there are no other nodes. */
  presence: PresenceSync | null;
  /** Told how long each change took from this node to a verifier's acknowledgement, in milliseconds. */
  effective?(ms: number): void;
}

/** What followers are promised; `heartbeat` is to be called this often or a little oftener. */
export const heartbeatMs = 1000;
/** After this long without a heartbeat a verifier no longer trusts its memory, so nobody need wait for it. */
export const goneAfterMs = 3 * heartbeatMs;
/** A follower that reads nothing for so long, or falls behind so far, is cut off. */
const stalledAfterMs = 10_000;
/** Nobody waits longer for what is being loaded; a database that answers does so sooner. */
const preparingMs = 2000;
const mostPerOrganization = 1000;
/** Heartbeats of many are spread over so long, some at a time, so that nobody else waits for all of them. */
const visitedAtOnce = 250;
const spreadMs = heartbeatMs / 2;

export function createSubscriberRegistry(options: SubscriberRegistryOptions): SubscriberRegistry {
  const { journal, start, catchUp, now, pause, node, presence, effective, epoch } = options;
  const tail = createJournalTail(journal, start, now);
  const subscribers = createSubscriberIndex();
  const receipts = createReceipts(now);
  let nodeLine = {
    id: newId(),
    node,
    organizationId: null,
    verifier: null,
    name: node,
    address: '',
    followsAll: false,
  };
  /** The newest entry heard of, which may lie behind a gap. */
  let heard = start;
  /** Up to here this node has done itself what the entries ask for. */
  let prepared = start;
  let preparing: Promise<void> | null = null;
  /** Since the journal became another: where it stood, below which a cursor may be of the old one, and how often it has. */
  let over = { head: start, oldest: 0, times: 0 };
  let isClosed = false;

  const isHere = ({ goneAt }: Subscriber) => goneAt === null;
  const isLost = ({ goneAt }: Subscriber) => goneAt !== null && now() - goneAt > goneAfterMs;
  const connected = () => [...subscribers.all()].filter(isHere);

  /** A verifier subscribes once: an older one of its name has lost its connection, known to us or not. */
  function name(subscriber: Subscriber, verifier: string): void {
    const older = subscribers.named(subscriber.request.organizationId, verifier);
    if (older !== undefined && older !== subscriber) {
      leave(older, options);
      subscribers.delete(older);
    }
    const { key } = answeringOf(lineOf(subscriber));
    subscribers.name(subscriber, verifier);
    receipts.rename(key, answeringOf(lineOf(subscriber)));
    receipts.acknowledged(answeringOf(lineOf(subscriber)));
  }

  function lineOf({ id, request, verifier, acknowledged }: Subscriber): PresenceEntry {
    const { organizationId, principal, address, scope } = request;
    const followsAll = scope === null;
    return { id, node, organizationId, verifier, name: principal.name, address, followsAll, cursor: acknowledged };
  }

  function raise(subscriber: Subscriber, upTo: number): void {
    if (upTo <= subscriber.acknowledged || upTo < subscriber.from) return;
    const { scope } = subscriber.request;
    for (const { entry, heardAt } of subscriber.acknowledged < 0 ? [] : tail.heard(subscriber.acknowledged, upTo)) {
      if (concerns(entry, scope)) effective?.(now() - heardAt);
    }
    subscriber.acknowledged = upTo;
    subscriber.acknowledgedAt = options.clock();
    receipts.acknowledged(answeringOf(lineOf(subscriber)));
  }

  async function visit(subscriber: Subscriber): Promise<void> {
    const isStalled = subscriber.offeredAt !== null && now() - subscriber.offeredAt > stalledAfterMs;
    if (isStalled || prepared - subscriber.sent > mostRemembered) {
      leave(subscriber, options);
      return subscriber.request.cut();
    }
    const may = await subscriber.request.mayStill().catch(() => null);
    if (may === false) leave(subscriber, options);
    if (may === true) {
      subscriber.due = tail.head();
      subscriber.wake();
    }
  }

  /** Whether what was prepared behind an entry concerns a scope, at one look for each; null where that is not remembered. */
  function concernedBehind(before: number): ((scope: FeedScope) => boolean) | null {
    const entries = tail.heard(before, prepared);
    if (entries.length !== prepared - before) return null;
    const known = new Map<FeedScope, boolean>();
    return (scope) => {
      const found = known.get(scope) ?? entries.some(({ entry }) => concerns(entry, scope));
      known.set(scope, found);
      return found;
    };
  }

  /** Raises `prepared` to `upTo` once `what` and all that came before it has been done. */
  function prepare(upTo: number, what: Promise<unknown> | undefined): void {
    const { times } = over;
    const finish = () => {
      if (times !== over.times) return;
      const before = prepared;
      prepared = Math.max(prepared, upTo);
      const concerned = concernedBehind(before);
      for (const subscriber of subscribers.all()) {
        if (concerned?.(subscriber.request.scope) === false && isUpTo(subscriber, before)) subscriber.sent = prepared;
        else subscriber.wake();
      }
      presence?.tellSoon();
    };
    if (what === undefined && preparing === null) {
      finish();
      return;
    }
    const mine = Promise.all([preparing, what]).then(() => {
      finish();
      if (preparing === mine) preparing = null;
    });
    mine.catch(() => {});
    preparing = mine;
  }

  async function loaded(cursor: number): Promise<boolean> {
    if (cursor > prepared && cursor <= tail.head() && preparing !== null)
      await Promise.race([preparing, pause(preparingMs)]);
    return cursor <= prepared;
  }

  /** What was read of the journal may still be loading. */
  async function reach(cursor: number): Promise<boolean> {
    if (cursor > prepared) await catchUp();
    return loaded(cursor);
  }

  /** Which entry tells of the newest change of a subject, and whom that concerns. */
  function changeOf(subject: JournalEntry['subject']): { seq: number; concerned: string[] } {
    const about = tail.about(subject);
    // Behind a gap the change itself may be missing; then whatever was heard of last is not before it.
    const seq = heard > tail.head() ? heard : (about?.newest ?? heard);
    // An organization that ended takes its own verifiers with it.
    return { seq, concerned: [...(about?.organizationIds ?? [])].filter((one) => one !== subject.id) };
  }

  return {
    apply(entries, prepares) {
      heard = Math.max(heard, entries.at(-1)?.seq ?? 0);
      if (!tail.add(entries)) catchUp().catch(() => undefined);
      prepare(tail.head(), prepares);
    },
    startOver(head, prepares) {
      over = { head, oldest: Math.max(heard, head) + 1, times: over.times + 1 };
      tail.startOver(head);
      heard = head;
      prepared = 0;
      preparing = null;
      nodeLine = { ...nodeLine, id: newId() };
      // What they wait for may be no more.
      receipts.close();
      for (const subscriber of subscribers.all()) resetSubscriber(subscriber, head);
      subscribers.renumber();
      prepare(head, prepares);
    },
    async open(request) {
      // Another node may have told more than this one has heard yet.
      await catchUp();
      const wanted = request.cursor ?? -1;
      await loaded(wanted);
      if (isClosed) return 'stopping';
      if (subscribers.ofOrganization(request.organizationId).size >= mostPerOrganization) return 'full';
      const isOfThis = request.epoch === null ? epoch.isFirst : request.epoch === epoch.id;
      const isKnown = isOfThis && wanted >= over.oldest && wanted <= prepared && prepared - wanted <= mostRemembered;
      const cursor = isKnown ? wanted : Math.max(prepared, over.head);
      // What it remembers from before a reset counts until it says that it has forgotten it.
      const subscriber = newSubscriber(request, cursor, isKnown || request.cursor === null ? cursor : -1, options);
      subscribers.add(subscriber);
      if (request.verifier !== null) name(subscriber, request.verifier);
      try {
        // From the first thing that it is told on, a receipt on any node waits for it.
        await presence?.enter(lineOf(subscriber));
        // What was changed before that, nobody waits for it to hear of: its first heartbeat must not pass over it.
        if (presence !== null) await catchUp();
      } catch (error) {
        leave(subscriber, options);
        subscribers.delete(subscriber);
        throw error;
      }
      subscriber.due = tail.head();
      const told = feedMessages(subscriber, tail, () => prepared, now);
      return { cursor, epoch: epoch.id, reset: !isKnown, told, close: () => leave(subscriber, options) };
    },
    async acknowledge({ organizationId, principalId }, verifier, cursor) {
      const isOpen = (subscriber: Subscriber) =>
        subscriber.verifier === null && isHere(subscriber) && subscriber.request.principal.id === principalId;
      const subscriber =
        subscribers.named(organizationId, verifier) ?? [...subscribers.ofOrganization(organizationId)].find(isOpen);
      if (subscriber === undefined) {
        if (presence === null) return;
        await reach(cursor);
        return presence.acknowledge(organizationId, verifier, Math.min(cursor, prepared));
      }
      if (subscriber.verifier === null) name(subscriber, verifier);
      // Nobody can have applied what nobody was told.
      raise(subscriber, Math.min(cursor, subscriber.sent));
      presence?.tellSoon();
    },
    async receipt(organizationId, subject, until, isEverybodys = false) {
      const madeAt = now();
      if (heard > tail.head()) await Promise.race([catchUp().catch(() => undefined), aborted(until)]);
      const { seq, concerned } = changeOf(subject);
      const all = isEverybodys ? null : new Set([organizationId, ...concerned]);
      const lately: Answering[] = subscribers
        .followersOf(all)
        .filter((subscriber) => !isLost(subscriber))
        .map((subscriber) => answeringOf(lineOf(subscriber)));
      const from = presence === null ? lately : [...lately, unknownOthers];
      const customers = { has: (one: string) => one !== organizationId && all?.has(one) !== false };
      const opened = receipts.open({ seq, madeAt }, { organizationId, customers }, from, until);
      presence?.watch(all && [...all], opened);
      if (isClosed) receipts.close();
      return opened.answer;
    },
    async list(organizationId, scope) {
      const others = (await presence?.others(organizationId)) ?? [];
      const found = [
        ...others.map((line) => connectedVerifierOf({ tail, now }, line, scope, { ...line, disconnectedAt: null })),
        ...[...subscribers.ofOrganization(organizationId)]
          .filter((subscriber) => !isLost(subscriber))
          .map((subscriber) => connectedVerifierOf({ tail, now }, lineOf(subscriber), scope, subscriber)),
      ].sort((a, b) => a.follower.connectedAt - b.follower.connectedAt);
      // Of one that has moved to another node, the newest.
      return [...new Map(found.map(({ key, follower }) => [key, follower])).values()];
    },
    async heartbeat() {
      for (const subscriber of subscribers.all()) if (isLost(subscriber)) subscribers.delete(subscriber);
      const here = connected();
      // One that was held back until now would vouch for what was read of the journal too long ago.
      for (const subscriber of here) subscriber.due = null;
      // Who is told that nothing has changed must be known to whoever changes something, from before it is looked up.
      await presence?.tell();
      for (let at = 0; at < here.length; at += visitedAtOnce) {
        if (at > 0) await pause((spreadMs * visitedAtOnce) / here.length);
        // What a heartbeat vouches for is looked up right before it.
        await catchUp();
        await Promise.all(
          here
            .slice(at, at + visitedAtOnce)
            .filter(isHere)
            .map(visit),
        );
      }
    },
    async close() {
      isClosed = true;
      for (const subscriber of subscribers.all()) leave(subscriber, options);
      receipts.close();
      await presence?.close();
    },
    head: () => tail.head(),
    reaches: (cursor) => cursor <= prepared || reach(cursor),
    lag() {
      const here = connected();
      return { connected: here.length, behind: Math.max(0, ...here.map(({ sent }) => tail.head() - sent)) };
    },
    lines: () => [{ ...nodeLine, cursor: prepared }, ...connected().map(lineOf)],
    moved(id, cursor) {
      const subscriber = subscribers.byId(id);
      if (subscriber !== undefined) raise(subscriber, Math.min(cursor, subscriber.sent));
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
