// Receipts: whom a change has reached, and how fast. Opened right after the change's commit, closed when the last one has
// answered or when whoever asks has waited long enough. What a verifier's word is worth is followers.ts's affair.

import type { Follower } from './followers.ts';
import type { Clock } from './ports.ts';

export interface Receipt {
  /** The change's number in the journal. */
  seq: number;
  /** How many it has reached: this node, and the verifiers that have acknowledged it. */
  effective: number;
  of: number;
  /** The slowest of the verifiers that have acknowledged it; null if none has. */
  slowestMs: number | null;
  /** The others, by name or, before they have given one, by that of their credential. */
  waitingFor: string[];
}

export interface Receipts {
  open(seq: number, followers: readonly Follower[], until: AbortSignal): Promise<Receipt>;
  /** This follower has come further. */
  acknowledged(follower: Follower): void;
  /** The same verifier on another connection. */
  replace(older: Follower, newer: Follower): void;
  /** Answers all as they stand. */
  close(): void;
}

interface Waiting {
  seq: number;
  for: Set<Follower>;
  answer(follower: Follower): void;
  end(): void;
}

export function createReceipts(now: Clock): Receipts {
  const open = new Set<Waiting>();

  return {
    open: (seq, followers, until) =>
      new Promise((resolve) => {
        const began = now();
        let slowestMs: number | null = null;
        const waiting: Waiting = {
          seq,
          for: new Set(followers),
          answer(follower) {
            if (follower.acknowledged < seq || !waiting.for.delete(follower)) return;
            slowestMs = Math.max(slowestMs ?? 0, Math.round((now() - began) * 10) / 10);
            if (waiting.for.size === 0) waiting.end();
          },
          end() {
            open.delete(waiting);
            until.removeEventListener('abort', waiting.end);
            const of = followers.length + 1;
            const waitingFor = [...waiting.for].map(nameOf).sort();
            resolve({ seq, effective: of - waitingFor.length, of, slowestMs, waitingFor });
          },
        };
        open.add(waiting);
        until.addEventListener('abort', waiting.end);
        for (const follower of followers) waiting.answer(follower);
        if (waiting.for.size === 0 || until.aborted) waiting.end();
      }),
    acknowledged(follower) {
      for (const waiting of open) waiting.answer(follower);
    },
    replace(older, newer) {
      for (const waiting of open) {
        if (!waiting.for.delete(older)) continue;
        waiting.for.add(newer);
        waiting.answer(newer);
      }
    },
    close() {
      for (const waiting of open) waiting.end();
    },
  };
}

function nameOf({ verifier, place }: Follower): string {
  return verifier ?? place.principal.name;
}
