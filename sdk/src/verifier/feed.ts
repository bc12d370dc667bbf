// Follows Keyward's live feed: what has changed, from a cursor on, so that nothing is missed while the connection is
// down; and says back how far it has come. What a change means belongs to the verifier.

import { sleep } from '../client/waiting.ts';
import { errorFrom, KeywardError } from '../errors.ts';
import type { FeedChange, FeedHeartbeat, FeedHello } from '../wire/feed.ts';
import { eventsIn } from './event-stream.ts';

export interface Feed {
  /** When everything was last known to have been heard: monotonic milliseconds, -Infinity if never. */
  readonly freshAt: number;
  /** With no heartbeat for so long, it is late. */
  readonly lateAfterMs: number;
  readonly cursor: number | null;
  readonly isConnected: boolean;
  /** Resolves when it is followed; rejects with KeywardError if Keyward refuses it, or it takes longer than `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  close(): void;
}

/** Where it was, and in which journal; null where that is not known. */
export interface FeedPlace {
  cursor: number | null;
  epoch: string | null;
}

export interface FeedOptions {
  /** Opens the feed from a place on. */
  open(place: FeedPlace, signal: AbortSignal): Promise<Response>;
  acknowledge(cursor: number): Promise<void>;
  /** Everything must be forgotten: what has changed is not known. */
  onReset(cursor: number): void;
  onChange(change: FeedChange): void;
  /** An attempt to follow it has failed. */
  onError(error: unknown): void;
  /** Monotonic milliseconds. */
  clock: () => number;
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
/** After a refusal: more haste would look like guessing. */
const refusedPauseMs = 10_000;
const connectMs = 10_000;

export function createFeed({ open, acknowledge, onReset, onChange, onError, clock }: FeedOptions): Feed {
  const closing = new AbortController();
  const waiting = new Set<{ resolve(): void; reject(error: unknown): void }>();
  let freshAt = Number.NEGATIVE_INFINITY;
  let lateAfterMs = 2000;
  let cursor: number | null = null;
  let epoch: string | null = null;
  let isConnected = false;
  let refusal: unknown = null;
  let failure: unknown = null;
  let acknowledged = -1;
  let isAcknowledging = false;

  function settle(error: unknown): void {
    refusal = error;
    for (const one of waiting) error === null ? one.resolve() : one.reject(error);
    waiting.clear();
  }

  /** Says where it stands, one request at a time; what could not be said is said with the next heartbeat. */
  async function acknowledgeCursor(): Promise<void> {
    if (isAcknowledging) return;
    isAcknowledging = true;
    try {
      while (cursor !== null && acknowledged < cursor && !closing.signal.aborted) {
        const upTo = cursor;
        await acknowledge(upTo);
        acknowledged = Math.max(acknowledged, upTo);
      }
    } catch {
      // The feed itself shows whether Keyward is there.
    } finally {
      isAcknowledging = false;
    }
  }

  function onEvent(event: string, data: string): void {
    if (event === 'hello') onHello(JSON.parse(data) as FeedHello);
    else if (event === 'change') {
      const change = JSON.parse(data) as FeedChange;
      onChange(change);
      cursor = change.seq;
    } else if (event === 'heartbeat') {
      const heartbeat = JSON.parse(data) as FeedHeartbeat;
      cursor = Math.max(cursor ?? 0, heartbeat.cursor);
      freshAt = clock();
    } else return;
    acknowledgeCursor();
  }

  function onHello(hello: FeedHello): void {
    lateAfterMs = 2 * hello.heartbeatMs;
    acknowledged = -1;
    isConnected = true;
    epoch = hello.epoch ?? null;
    if (hello.reset || hello.cursor !== cursor) {
      // Nothing is remembered from before, so nothing that was missed matters. Otherwise only a heartbeat says that all
      // that was missed has been told.
      onReset(hello.cursor);
      cursor = hello.cursor;
      freshAt = clock();
    }
    settle(null);
  }

  async function follow(): Promise<void> {
    const connection = new AbortController();
    const cut = () => connection.abort(new KeywardError('unavailable', 'The feed has fallen silent.'));
    const connectTimer = setTimeout(cut, connectMs).unref();
    let silenceTimer: NodeJS.Timeout | undefined;
    const end = () => connection.abort(closing.signal.reason);
    closing.signal.addEventListener('abort', end, { once: true });
    try {
      const response = await open({ cursor, epoch }, connection.signal);
      if (!response.ok || response.body === null) throw await errorFrom(response, 'follow its feed');
      for await (const { event, data } of eventsIn(response.body)) {
        if (closing.signal.aborted) return;
        onEvent(event, data);
        clearTimeout(silenceTimer);
        silenceTimer = setTimeout(cut, 2 * lateAfterMs).unref();
        clearTimeout(connectTimer);
      }
    } finally {
      isConnected = false;
      clearTimeout(connectTimer);
      clearTimeout(silenceTimer);
      connection.abort();
      closing.signal.removeEventListener('abort', end);
    }
  }

  async function keepFollowing(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!closing.signal.aborted) {
      const before = freshAt;
      const error = await follow().catch((cause: unknown) => cause);
      failure = error ?? failure;
      onError(error);
      const isRefused = error instanceof KeywardError && error.code !== 'unavailable' && error.code !== 'closed';
      if (isRefused) settle(error);
      // What was once followed is tried again soon; what fails over and over, less and less often.
      pauseMs = freshAt > before ? firstPauseMs : Math.min(longestPauseMs, pauseMs * 2);
      const restMs = isRefused ? refusedPauseMs : pauseMs * (0.5 + Math.random() / 2);
      await sleep(restMs, closing.signal).catch(() => {});
    }
  }

  keepFollowing();
  return {
    get freshAt() {
      return freshAt;
    },
    get lateAfterMs() {
      return lateAfterMs;
    },
    get cursor() {
      return cursor;
    },
    get isConnected() {
      return isConnected;
    },
    async ready(timeoutMs) {
      if (isConnected) return;
      if (refusal !== null) throw refusal;
      let timer: NodeJS.Timeout | undefined;
      const late = () => failure ?? new KeywardError('unavailable', 'The feed could not be followed in time.');
      await new Promise<void>((resolve, reject) => {
        waiting.add({ resolve, reject });
        timer = setTimeout(() => reject(late()), timeoutMs);
      }).finally(() => clearTimeout(timer));
    },
    close() {
      freshAt = Number.NEGATIVE_INFINITY;
      const error = new KeywardError('closed', 'The verifier has been closed.');
      closing.abort(error);
      settle(error);
    },
  };
}
