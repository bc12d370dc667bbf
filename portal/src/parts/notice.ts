// Short words at the edge of the page about something that was done, or could not be. What shows them is overlays.tsx.

import { useSyncExternalStore } from 'react';
import { problemOf } from '../problem.ts';

export interface Notice {
  id: number;
  text: string;
  isProblem: boolean;
}

const shownMs = { done: 4_000, problem: 10_000 } as const;
let notices: readonly Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();

export function showDone(text: string): void {
  show(text, false);
}

/** For what was asked outside a form; a form shows its problem itself. What the person dismissed is not mentioned. */
export function showProblem(error: unknown): void {
  const problem = problemOf(error);
  if (problem.code !== 'dismissed') show(problem.message, true);
}

export function dropNotice(id: number): void {
  notices = notices.filter((notice) => notice.id !== id);
  for (const listener of listeners) listener();
}

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}

function show(text: string, isProblem: boolean): void {
  last += 1;
  const id = last;
  notices = [...notices.filter((notice) => notice.text !== text).slice(-3), { id, text, isProblem }];
  for (const listener of listeners) listener();
  setTimeout(() => dropNotice(id), isProblem ? shownMs.problem : shownMs.done);
}
