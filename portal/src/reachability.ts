// Whether the server answers: told by every request, and while it does not, asked of /healthz until it does again.
// It asks without a credential, so that waiting keeps no session alive.

import { useSyncExternalStore } from 'react';

const everyMs = 2_000;
let isReachable = true;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();
const whenBack = new Set<() => void>();

export function reached(): void {
  if (isReachable) return;
  isReachable = true;
  clearInterval(timer);
  changed();
  for (const act of whenBack) act();
}

export function unreachable(): void {
  if (!isReachable) return;
  isReachable = false;
  timer = setInterval(probe, everyMs);
  changed();
}

/** Asks at once whether the server is back. */
export async function probe(): Promise<void> {
  await fetch('/healthz', { method: 'HEAD', credentials: 'omit', cache: 'no-store' }).then(reached, () => undefined);
}

/** Does `act` each time the server is back. */
export function onReturn(act: () => void): void {
  whenBack.add(act);
}

export function useReachable(): boolean {
  return useSyncExternalStore(subscribe, () => isReachable);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  for (const listener of listeners) listener();
}
