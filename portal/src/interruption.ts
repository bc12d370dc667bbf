// What may stand between a request and its answer: the person must sign in again, or say their password. Requests wait
// here together; the dialog (interruptions.tsx) settles them all at once.

import { useSyncExternalStore } from 'react';
import { ApiProblem } from './problem.ts';

export type Interruption = 'sign-in' | 'confirmation';

interface Pending {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

const pending = new Map<Interruption, Pending>();
const listeners = new Set<() => void>();

/** Resolves when the person has done it; rejects with the problem `dismissed` when they would not. */
export function ask(kind: Interruption): Promise<void> {
  const known = pending.get(kind);
  if (known !== undefined) return known.promise;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  pending.set(kind, { promise, resolve, reject });
  changed();
  return promise;
}

/** Lets the waiting requests go on, or gives them up. */
export function settle(kind: Interruption, isDone: boolean): void {
  const waiting = pending.get(kind);
  pending.delete(kind);
  changed();
  if (isDone) waiting?.resolve();
  else waiting?.reject(new ApiProblem('dismissed', 0, ''));
}

/** What is being asked for; signing in comes first. */
export function useInterruption(): Interruption | null {
  return useSyncExternalStore(subscribe, current);
}

function current(): Interruption | null {
  if (pending.has('sign-in')) return 'sign-in';
  return pending.has('confirmation') ? 'confirmation' : null;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  for (const listener of listeners) listener();
}
