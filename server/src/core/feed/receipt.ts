// Receipts: whom a change has reached, and how fast. Opened right after the change's commit, closed when the last one has
// answered or when whoever asks has waited long enough. What an answer is worth belongs to subscribers.ts.

import type { Clock } from '../clock.ts';

export interface Receipt {
  /** The change's number in the journal. */
  seq: number;
  /** How many it has reached: this node, other nodes that apply it, and verifiers that have acknowledged it. */
  effective: number;
  of: number;
  /** The slowest of those that have answered, this node aside; null if none has. */
  slowestMs: number | null;
  /** The others, by name or, before they have given one, by that of their credential. */
  waitingFor: string[];
}

/** Somebody whose answer counts. */
export interface Answering {
  /** The same for a verifier on whichever connection and node it is. */
  key: string;
  name: string;
  /** Whose verifier it is; null for a node. */
  organizationId: string | null;
  /** Everything up to this entry has been applied. */
  acknowledged: number;
}

export interface Opened {
  answer: Promise<Receipt>;
  isOver(): boolean;
  /** Waits for these too, but for those that it knows already: what they have said since counts. */
  join(more: readonly Answering[]): void;
  /** Waits for this one no longer, and counts it no more. */
  dismiss(key: string): void;
}

/** Who asks, which decides what the others are called. */
export interface Asker {
  organizationId: string;
  /** Other organizations that the change concerns: customers of the asker's. */
  customers: Pick<ReadonlySet<string>, 'has'>;
}

interface Change {
  seq: number;
  /** Of the same clock. */
  madeAt: number;
}

export interface Receipts {
  /** Answers at once if nobody is to be waited for. */
  open(change: Change, asker: Asker, from: readonly Answering[], until: AbortSignal): Opened;
  acknowledged(one: Answering): void;
  /** Somebody who has given a name: what was waited for under the old key is waited for under the new one. */
  rename(key: string, one: Answering): void;
  /** Answers all as they stand. */
  close(): void;
}

interface Waiting {
  hear(one: Answering): void;
  rename(key: string, one: Answering): void;
  end(): void;
}

/** What customers read in place of the names that the provider gave to verifiers of its own. */
const providersVerifier = 'a verifier of the provider';

export function createReceipts(now: Clock): Receipts {
  const open = new Set<Waiting>();

  function wait({ seq, madeAt }: Change, asker: Asker, until: AbortSignal, resolve: (receipt: Receipt) => void) {
    /** By key: what each is called here, null once it has answered. */
    const all = new Map<string, string | null>();
    let slowestMs: number | null = null;
    /** How many have not answered, counted: thousands answer, one after the other. */
    let missing = 0;

    const endIfDone = () => missing === 0 && waiting.end();
    const set = (key: string, name: string | null) => {
      remove(key);
      all.set(key, name);
      if (name !== null) missing += 1;
    };
    const remove = (key: string) => {
      if (all.get(key) != null) missing -= 1;
      all.delete(key);
    };
    const hearOne = ({ key, acknowledged }: Answering) => {
      if (acknowledged < seq || all.get(key) == null) return;
      set(key, null);
      slowestMs = Math.max(slowestMs ?? 0, Math.round((now() - madeAt) * 10) / 10);
    };
    const waiting = {
      isOver: () => !open.has(waiting),
      hear(one: Answering) {
        hearOne(one);
        endIfDone();
      },
      join(more: readonly Answering[]) {
        for (const one of more) {
          if (!all.has(one.key)) set(one.key, nameOf(one, asker));
          hearOne(one);
        }
        endIfDone();
      },
      dismiss(key: string) {
        remove(key);
        endIfDone();
      },
      rename(key: string, one: Answering) {
        const name = all.get(key);
        if (name === undefined || one.key === key) return;
        remove(key);
        if (!all.has(one.key)) set(one.key, name === null ? null : nameOf(one, asker));
        waiting.hear(one);
      },
      end() {
        if (!open.delete(waiting)) return;
        until.removeEventListener('abort', waiting.end);
        const waitingFor = [...all.values()].filter((name) => name !== null).sort();
        const of = all.size + 1;
        resolve({ seq, effective: of - waitingFor.length, of, slowestMs, waitingFor });
      },
    };
    open.add(waiting);
    until.addEventListener('abort', waiting.end);
    return waiting;
  }

  return {
    open(change, asker, from, until) {
      const { promise: answer, resolve } = Promise.withResolvers<Receipt>();
      const { isOver, join, dismiss, end } = wait(change, asker, until, resolve);
      join(from);
      if (until.aborted) end();
      return { answer, isOver, join, dismiss };
    },
    acknowledged(one) {
      for (const waiting of open) waiting.hear(one);
    },
    rename(key, one) {
      for (const waiting of open) waiting.rename(key, one);
    },
    close() {
      for (const waiting of open) waiting.end();
    },
  };
}

/** Nobody reads the names that somebody else gave. The provider learns whose verifier it is. */
function nameOf({ organizationId, name }: Answering, asker: Asker): string {
  if (organizationId === null || organizationId === asker.organizationId) return name;
  return asker.customers.has(organizationId) ? `a verifier of customer ${organizationId}` : providersVerifier;
}
