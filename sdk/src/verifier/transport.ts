// What a verifier asks Keyward, each question once and within a time: a verdict, a lease, the keys, the feed. It has no
// patience of its own, since a call is waiting, and keeps nothing.

import { type Client, type ClientOptions, createClient } from '../client/client.ts';
import { errorFrom, KeywardError } from '../errors.ts';
import type { VerifyRequest, VerifyResponse } from '../wire/checks.ts';
import type { LeaseRequest, LeaseResponse } from '../wire/leases.ts';
import type { Requirement } from './verdict.ts';

export interface Transport {
  /** Rejects with KeywardError `unavailable` if there is no answer, or too many wait for one. */
  verdict(credential: string, requirement: Requirement): Promise<VerifyResponse>;
  lease(request: LeaseRequest): Promise<LeaseResponse>;
  /** The key set as of an entry of the journal, or later. */
  keys(cursor: number | null): Promise<unknown>;
  feed(verifier: string, cursor: number | null, signal: AbortSignal): Promise<Response>;
  acknowledge(verifier: string, cursor: number): Promise<void>;
  /** How many verdicts were asked for. */
  readonly asked: number;
  close(): void;
}

/** So many verdicts are asked for at a time: a flood of unknown credentials must not open a connection for each. */
const mostAtOnce = 64;
const mostWaiting = 4096;

/**
 * `timeoutMs`: how long one answer may take; `heard`: the last change that was heard of, before which no answer may be,
 * whichever node gives it. Throws as `createClient` does.
 */
export function createTransport(
  options: ClientOptions,
  timeoutMs: number,
  newestCursor: () => number | null,
): Transport {
  const client = createClient({ ...options, tries: 1 });
  const { fetch = globalThis.fetch } = options;
  const waiting: (() => void)[] = [];
  let atOnce = 0;
  let asked = 0;

  async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (waiting.length >= mostWaiting) throw new KeywardError('unavailable', 'Too many checks wait for Keyward.');
    if (atOnce >= mostAtOnce) await new Promise<void>((go) => waiting.push(go));
    else atOnce += 1;
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) atOnce -= 1;
      else next();
    }
  }

  async function post<T>(
    path: string,
    body: unknown,
    what: string,
    signal = AbortSignal.timeout(timeoutMs),
  ): Promise<T | undefined> {
    const text = JSON.stringify(body);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text, signal } as const;
    const response = await reached(client, path, { ...init, redirect: 'error' });
    if (!response.ok) throw await errorFrom(response, what);
    return response.status === 204 ? undefined : ((await response.json()) as T);
  }

  const since = () => {
    const cursor = newestCursor();
    return cursor === null ? {} : { cursor };
  };

  return {
    get asked() {
      return asked;
    },
    verdict(credential, { permissions, match, cost, address }) {
      // The time that it waits for its turn counts.
      const signal = AbortSignal.timeout(timeoutMs);
      return inTurn(async () => {
        asked += 1;
        const request: VerifyRequest = {
          credential,
          ...(permissions !== undefined && { permissions: [...permissions] }),
          ...(match !== undefined && { match }),
          ...(cost !== undefined && { cost }),
          ...(address !== undefined && address.length <= 64 && { address }),
          ...since(),
        };
        const answer = await post<VerifyResponse>('/v1/verify', request, 'verify a credential', signal);
        if (typeof answer?.allowed === 'boolean' && (!answer.allowed || answer.principal !== undefined)) return answer;
        throw new KeywardError('unexpected_answer', 'The answer to a verification is no verdict.');
      });
    },
    async lease(request) {
      const answer = await post<LeaseResponse>('/v1/leases', { ...request, ...since() }, 'lease a part of the budget');
      if (Number.isSafeInteger(answer?.granted) && answer !== undefined) return answer;
      throw new KeywardError('unexpected_answer', 'The answer to a request for a lease is none.');
    },
    async keys(cursor) {
      const signal = AbortSignal.timeout(timeoutMs);
      const query = cursor === null ? '' : `?cursor=${cursor}`;
      // Past caches in between: they may still hold a key that was revoked.
      const init = { headers: { 'cache-control': 'no-cache' }, redirect: 'error', signal } as const;
      const response = await reached({ fetch }, new URL(`/.well-known/jwks.json${query}`, options.url), init);
      if (!response.ok) throw await errorFrom(response, 'show its keys');
      return response.json();
    },
    feed(verifier, cursor, signal) {
      const query = new URLSearchParams({ verifier, ...(cursor !== null && { cursor: String(cursor) }) });
      const init = { headers: { accept: 'text/event-stream' }, redirect: 'error', signal } as const;
      return reached(client, `/v1/feed?${query}`, init);
    },
    async acknowledge(verifier, cursor) {
      await post('/v1/feed/acknowledgements', { verifier, cursor }, 'take an acknowledgement');
    },
    close: () => client.close(),
  };
}

/** A connection that fails says nothing about a credential: it must not look like a refusal. */
async function reached(by: Pick<Client, 'fetch'>, input: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await by.fetch(input, init);
  } catch (cause) {
    if (cause instanceof KeywardError) throw cause;
    throw new KeywardError('unavailable', 'Keyward cannot be reached, or does not answer in time.', { cause });
  }
}
